"""A town's street net as a lattice: blocks of three by two cells between streets, gently bent and turned.

Every parcel is a rectangle of cells and its ring visits every lattice node on its edge: parcels that touch share
their border to the last digit, because both take it from the same rounded nodes.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from server.demo.metres import Points, to_degrees, to_plane
from server.demo.places import Town

STREET, ARTERIAL, CANAL = 26.0, 48.0, 70.0
ACROSS, UP = 3, 2
"""Cells of a block from west to east and from south to north."""

NO_BLOCK, WATER = -1, -2


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of cells: columns `west` to `east`, rows `south` to `north`, half-open."""

    west: int
    east: int
    south: int
    north: int

    def nodes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The lattice nodes around it, counterclockwise, the first one not repeated."""
        right, up = np.arange(self.west, self.east), np.arange(self.south, self.north)
        columns = np.concatenate([right, np.full(len(up), self.east), right[::-1] + 1, np.full(len(up), self.west)])
        rows = np.concatenate([np.full(len(right), self.south), up, np.full(len(right), self.north), up[::-1] + 1])
        return columns, rows


@dataclass(frozen=True, slots=True)
class Lattice:
    """`plane` and `degrees` are nodes of shape (columns + 1, rows + 1, 2); `across` and `up` name each column's and
    row's block, NO_BLOCK for a street, WATER for the canal."""

    town: Town
    plane: Points
    degrees: Points
    across: NDArray[np.int64]
    up: NDArray[np.int64]

    def ring(self, patch: Patch, nodes: Points | None = None) -> Points:
        columns, rows = patch.nodes()
        return (self.degrees if nodes is None else nodes)[columns, rows]

    def polygon(self, patch: Patch) -> shapely.Geometry:
        return shapely.Polygon(self.ring(patch))

    def corners(self, patch: Patch) -> Points:
        """Plane corners (south-west, south-east, north-east, north-west)."""
        columns = [patch.west, patch.east, patch.east, patch.west]
        return self.plane[columns, [patch.south, patch.south, patch.north, patch.north]]

    def block(self, column: int, row: int) -> Patch:
        west, south = int(np.argmax(self.across == column)), int(np.argmax(self.up == row))
        return Patch(west, west + ACROSS, south, south + UP)

    @property
    def hull(self) -> shapely.Geometry:
        """Its outline in the plane."""
        return shapely.Polygon(self.plane[Patch(0, len(self.across), 0, len(self.up)).nodes()])


def draw(town: Town, rng: np.random.Generator) -> Lattice:
    columns, rows = town.blocks
    canal = columns // 2 - 3 if town.canal else -1
    widths, across = _lines(columns, ACROSS, 132.0, canal, rng)
    heights, up = _lines(rows, UP, 158.0, -1, rng)
    x = np.concatenate([[0.0], np.cumsum(widths)])
    y = np.concatenate([[0.0], np.cumsum(heights)])
    flat = np.stack(np.meshgrid(x - x[-1] / 2, y - y[-1] / 2, indexing="ij"), axis=-1)
    bent = flat + 35.0 * np.stack([np.sin(flat[..., 1] / 1300.0), np.sin(flat[..., 0] / 1700.0)], axis=-1)
    angle = np.radians(town.angle)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    centre = to_plane(np.array([town.lon, town.lat]))
    plane = bent @ turn + centre
    return Lattice(town, plane, to_degrees(plane), across, up)


def _lines(
    blocks: int, cells: int, size: float, canal: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Widths of streets and cells in turn, and the block of each; a street lies before each block and at the end."""
    widths: list[float] = []
    kinds: list[int] = []
    for block in range(blocks + 1):
        water = block == canal
        widths.append(CANAL if water else ARTERIAL if block % 4 == 0 else STREET)
        kinds.append(WATER if water else NO_BLOCK)
        if block < blocks:
            widths.extend((size * rng.uniform(0.85, 1.15, cells)).tolist())
            kinds.extend([block] * cells)
    return np.array(widths), np.array(kinds)
