"""Where tiles lie: a tile matrix set with its system, a tile's bounds, and the limits of what a layer has in it.

Bounds are x (east), y (north) in the units of the set's CRS, whatever the order of its axes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from config import matrixsets
from config.errors import DefinitionError, Fault, ParameterError
from config.matrixsets import Matrix, MatrixSet
from store.criteria import Box
from store.crs import MERCATOR_LIMIT, Crs, resolve, to_box

EXTENT = 4096
"""Units of a tile's side in the vector tiles of this program."""

RADIUS = 6378137.0
"""Of Web Mercator's sphere, in metres."""
SCALE_OF_ZOOM_0 = 559082264.0287178
_REACH = 12.0  # degrees beside the central meridian where a Gauss-Krueger set still has tiles
_STEPS = 21

type Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Limits:
    """The tiles of one matrix that a layer can have: rows and columns, both ends included."""

    matrix: str
    min_row: int
    max_row: int
    min_col: int
    max_col: int

    def holds(self, row: int, col: int) -> bool:
        return self.min_row <= row <= self.max_row and self.min_col <= col <= self.max_col


@dataclass(frozen=True)
class Grid:
    """A tile matrix set whose system this program computes."""

    set: MatrixSet
    crs: Crs

    @property
    def id(self) -> str:
        return self.set.id

    def limits(self, extent: Box | None) -> Mapping[str, Limits]:
        """What an extent (degrees) can have in each matrix, by its id; empty where the set does not reach it."""
        around = None if extent is None else _around(extent, self.crs)
        if around is None:
            return {}
        made = [_limits(self, matrix, around) for matrix in self.set.matrices.values()]
        return {one.matrix: one for one in made if one is not None}

    def limit(self, matrix: Matrix, extent: Box) -> Limits | None:
        """What an extent can have in one matrix; None where the set does not reach it."""
        around = _around(extent, self.crs)
        return None if around is None else _limits(self, matrix, around)


@dataclass(frozen=True)
class Tile:
    """One tile of a grid."""

    grid: Grid
    matrix: Matrix
    row: int
    col: int

    @property
    def zoom(self) -> int:
        """The zoom of WebMercatorQuad that has about this scale."""
        return zoom_of(self.matrix)

    @cached_property
    def bounds(self) -> Bounds:
        """West, south, east, north in the CRS's units."""
        x, y = _origin(self.grid, self.matrix)
        width, height = _sizes(self.matrix)
        return (x + self.col * width, y - (self.row + 1) * height, x + (self.col + 1) * width, y - self.row * height)

    def place(self, buffer: int) -> Box | None:
        """The tile with a buffer (in units of EXTENT) in degrees; None where nothing can lie."""
        west, south, east, north = self.bounds
        across, along = (east - west) * buffer / EXTENT, (north - south) * buffer / EXTENT
        low, high = (west - across, south - along), (east + across, north + along)
        crs = self.grid.crs
        if crs.projected and crs.meridian is None:
            return _mercator(low, high)
        ordered = (*low[::-1], *high[::-1]) if crs.swap else (*low, *high)
        return to_box(ordered, crs)


def _mercator(low: tuple[float, float], high: tuple[float, float]) -> Box | None:
    """A box of Web Mercator in degrees, without asking PROJ for two points."""
    sides = [min(max(one, -MERCATOR_LIMIT), MERCATOR_LIMIT) / RADIUS for one in (*low, *high)]
    west, south, east, north = sides
    if west >= east or south >= north:
        return None
    ends = [math.degrees(math.atan(math.sinh(one))) for one in (south, north)]
    return Box(math.degrees(west), ends[0], math.degrees(east), ends[1])


def zoom_of(matrix: Matrix) -> int:
    """The zoom of WebMercatorQuad that has about the scale of a matrix."""
    return max(0, round(math.log2(SCALE_OF_ZOOM_0 / matrix.scale)))


def grids(sets: Mapping[str, MatrixSet]) -> Mapping[str, Grid]:
    """The grids of tile matrix sets by id, the registered ones first.

    Raises:
        DefinitionError: a set in a system that this program does not compute.
    """
    made = {}
    for one in sorted(sets.values(), key=lambda one: (one.uri is None, one.id)):
        try:
            made[one.id] = Grid(one, resolve(one.crs))
        except ParameterError as err:
            where = f"{matrixsets.FOLDER}/{one.id}.json"
            raise DefinitionError("A tile matrix set cannot be served", Fault(where, str(err), err.remedy)) from err
    return made


def _origin(grid: Grid, matrix: Matrix) -> tuple[float, float]:
    first, second = matrix.origin
    return (second, first) if grid.crs.swap else (first, second)


def _sizes(matrix: Matrix) -> tuple[float, float]:
    return matrix.cell * matrix.tile_width, matrix.cell * matrix.tile_height


@cache
def _around(extent: Box, crs: Crs) -> Bounds | None:
    """The box in the system's units around one in degrees."""
    west, south, east, north = extent.west, extent.south, extent.east, extent.north
    if west > east:
        west, east = -180.0, 180.0
    if crs.meridian is not None:
        west, east = max(west, crs.meridian - _REACH), min(east, crs.meridian + _REACH)
        if west > east:
            return None
    if not crs.projected:
        return west, south, east, north
    x, y = np.linspace(west, east, _STEPS), np.linspace(south, north, _STEPS)
    points = np.array([(one, other) for one in x for other in y])
    moved = crs.forward(points)
    moved = moved[:, ::-1] if crs.swap else moved
    if crs.meridian is None:
        moved = np.clip(moved, -MERCATOR_LIMIT, MERCATOR_LIMIT)
    moved = moved[np.isfinite(moved).all(axis=1)]
    if not len(moved):
        return None
    (left, bottom), (right, top) = moved.min(axis=0).tolist(), moved.max(axis=0).tolist()
    return left, bottom, right, top


def _limits(grid: Grid, matrix: Matrix, around: Bounds) -> Limits | None:
    x, y = _origin(grid, matrix)
    width, height = _sizes(matrix)
    west, south, east, north = around
    rows = math.floor((y - north) / height), math.floor((y - south) / height)
    cols = math.floor((west - x) / width), math.floor((east - x) / width)
    # The southern and the eastern edge of the set itself belong to its last tiles.
    if rows[1] < 0 or cols[1] < 0 or rows[0] > matrix.height or cols[0] > matrix.width:
        return None
    last_row, last_col = matrix.height - 1, matrix.width - 1
    return Limits(
        matrix.id,
        min(max(rows[0], 0), last_row),
        min(max(rows[1], 0), last_row),
        min(max(cols[0], 0), last_col),
        min(max(cols[1], 0), last_col),
    )
