"""Which block is urban and what it is planned for: a commercial centre, dwellings around it, industry to the
southeast, green wedges, and fields with villages outside.

Codes are those of GB 50137-2011 (`plan-land-use`).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from server.demo.lattice import ACROSS, NO_BLOCK, UP, WATER, Lattice, Patch
from server.demo.places import Town

FIELD, VILLAGE, ROAD, RIVER = "E2", "H14", "S1", "E11"

_MIX: dict[str, tuple[tuple[str, ...], tuple[float, ...]]] = {
    "centre": (
        ("B11", "B13", "B14", "B21", "B29", "B31", "A1", "A21", "A22", "R21", "G3", "S42", "U15"),
        (22, 6, 6, 10, 12, 4, 8, 3, 4, 14, 5, 4, 2),
    ),
    "dwellings": (
        (
            *("R21", "R22", "R11", "A33", "A51", "A6", "A41", "B11", "B12", "G1"),
            *("S41", "U11", "U12", "U13", "U14", "U21", "U22", "U31", "A31", "A9"),
        ),
        (48, 6, 4, 6, 2, 1.5, 1.5, 6, 2, 8, 2, 1, 1, 1, 1, 1, 1, 1, 2, 0.5),
    ),
    "industry": (
        ("M1", "M2", "M3", "W1", "W2", "G2", "S41", "U12", "U13", "U14", "U21", "U32", "B41"),
        (30, 30, 8, 12, 4, 6, 2, 1.5, 1, 1, 1.5, 1, 2),
    ),
    "works": (
        ("M2", "M3", "W2", "W3", "G2", "U12", "U13", "U21", "U31", "S41"),
        (30, 38, 8, 6, 6, 2, 1, 3, 2, 2),
    ),
    "wedge": (("G1", "G2", "E2"), (45, 20, 35)),
}
_SPLITS = (
    ((0, 3, 0, 2),),
    ((0, 2, 0, 2), (2, 3, 0, 2)),
    ((0, 1, 0, 2), (1, 3, 0, 1), (1, 3, 1, 2)),
    ((0, 3, 0, 1), (0, 1, 1, 2), (1, 3, 1, 2)),
    ((0, 1, 0, 1), (1, 2, 0, 1), (2, 3, 0, 1), (0, 3, 1, 2)),
    ((0, 1, 0, 1), (0, 1, 1, 2), (1, 2, 0, 2), (2, 3, 0, 1), (2, 3, 1, 2)),
    ((0, 1, 0, 1), (1, 2, 0, 1), (2, 3, 0, 1), (0, 1, 1, 2), (1, 2, 1, 2), (2, 3, 1, 2)),
)
_SPLIT_ODDS = np.array([3, 6, 14, 16, 22, 24, 15]) / 100


@dataclass(frozen=True, slots=True)
class Parcel:
    """A planned parcel: its cells, its code, its block (None for a street or the canal), its zone."""

    patch: Patch
    code: str
    block: tuple[int, int] | None
    zone: str
    urban: bool

    @property
    def construction(self) -> bool:
        return not self.code.startswith("E")


@dataclass(frozen=True, slots=True)
class Zoned:
    """A town with its parcels; `urban` says of each cell whether it lies within the development boundary."""

    lattice: Lattice
    parcels: tuple[Parcel, ...]
    urban: NDArray[np.bool_]


def zone(lattice: Lattice, rng: np.random.Generator) -> Zoned:
    town = lattice.town
    inside = _urban_blocks(town, rng)
    cells = _urban_cells(lattice, inside)
    parcels = [*_streets(lattice, cells)]
    for column in range(town.blocks[0]):
        for row in range(town.blocks[1]):
            whole = lattice.block(column, row)
            if inside[column, row]:
                parcels.extend(_urban_block(town, (column, row), whole, rng))
            else:
                parcels.extend(_rural_block((column, row), whole, rng))
    return Zoned(lattice, tuple(parcels), cells)


def _offsets(town: Town) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of each block: distance east and north of the centre in kilometres, and the distance."""
    columns, rows = town.blocks
    east = (np.arange(columns) - (columns - 1) / 2)[:, None] * 0.424 + np.zeros(rows)
    north = (np.arange(rows) - (rows - 1) / 2)[None, :] * 0.344 + np.zeros((columns, 1))
    return east, north, np.hypot(east, north)


def _urban_blocks(town: Town, rng: np.random.Generator) -> NDArray[np.bool_]:
    """The `town.urban` blocks nearest to the centre, by a distance that varies with direction; never at the rim."""
    east, north, distance = _offsets(town)
    azimuth = np.arctan2(east, north)
    shape = 1 + 0.12 * np.cos(3 * azimuth + rng.uniform(0, 6)) + 0.06 * np.cos(5 * azimuth + rng.uniform(0, 6))
    rank = distance * shape + rng.uniform(0, 0.12, distance.shape)
    rank[[0, -1], :] = np.inf
    rank[:, [0, -1]] = np.inf
    chosen = np.zeros(rank.size, dtype=bool)
    chosen[np.argsort(rank, axis=None, kind="stable")[: town.urban]] = True
    return chosen.reshape(rank.shape)


def _urban_cells(lattice: Lattice, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A street is urban where a block beside it is."""
    padded = np.pad(inside, 1)

    def neighbours(kinds: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Per line: the padded index of the block at or before it, and of the one at or after it."""
        before = np.maximum.accumulate(np.where(kinds >= 0, kinds, -1))
        street = kinds < 0
        return np.where(street, before, kinds) + 1, np.where(street, before + 1, kinds) + 1

    west, east = neighbours(lattice.across)
    south, north = neighbours(lattice.up)
    cells = np.zeros((len(west), len(south)), dtype=bool)
    for column in (west, east):
        for row in (south, north):
            cells |= padded[np.ix_(column, row)]
    return cells


def _streets(lattice: Lattice, urban: NDArray[np.bool_]) -> list[Parcel]:
    """Streets from west to east in whole runs, those from south to north between them, and the canal."""
    parcels: list[Parcel] = []
    water = int(np.argmax(lattice.across == WATER)) if (lattice.across == WATER).any() else None
    rows, columns = len(lattice.up), len(lattice.across)
    if water is not None:
        for south, north, inside in _runs(urban[water], range(rows)):
            parcels.append(Parcel(Patch(water, water + 1, south, north), RIVER, None, "water", inside))
    halves = [range(columns)] if water is None else [range(water), range(water + 1, columns)]
    for row in np.flatnonzero(lattice.up == NO_BLOCK).tolist():
        for half in halves:
            for west, east, inside in _runs(urban[:, row], half):
                parcels.append(
                    Parcel(Patch(west, east, row, row + 1), ROAD if inside else FIELD, None, "street", inside)
                )
    for column in np.flatnonzero(lattice.across == NO_BLOCK).tolist():
        for row in np.flatnonzero(np.diff(lattice.up, prepend=NO_BLOCK) > 0).tolist():
            inside = bool(urban[column, row])
            patch = Patch(column, column + 1, row, row + UP)
            parcels.append(Parcel(patch, ROAD if inside else FIELD, None, "street", inside))
    return parcels


def _runs(flags: NDArray[np.bool_], where: range) -> list[tuple[int, int, bool]]:
    """Stretches of equal flags within `where`."""
    part = flags[where.start : where.stop]
    cuts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(part)]
    return [(where.start + a, where.start + b, bool(part[a])) for a, b in pairwise(cuts)]


def _zone_of(town: Town, block: tuple[int, int]) -> str:
    east, north, distance = (values[block] for values in _offsets(town))
    extent = np.sqrt(town.urban * 0.424 * 0.344 / np.pi)
    relative = distance / extent
    azimuth = np.degrees(np.arctan2(east, north)) % 360
    if town.industrial:
        return "works"
    if relative < 0.2:
        return "centre"
    if 95 < azimuth < 165 and relative > 0.45:
        return "industry"
    if relative > 0.45 and min(abs(azimuth - 35), abs(azimuth - 205), abs(azimuth - 295)) < 7:
        return "wedge"
    return "dwellings"


def _urban_block(town: Town, block: tuple[int, int], whole: Patch, rng: np.random.Generator) -> list[Parcel]:
    name = _zone_of(town, block)
    codes, odds = _MIX[name]
    split = _SPLITS[int(rng.choice(len(_SPLITS), p=_SPLIT_ODDS))]
    drawn = rng.choice(len(codes), size=len(split), p=np.array(odds) / sum(odds))
    return [
        Parcel(Patch(whole.west + a, whole.west + b, whole.south + c, whole.south + d), codes[k], block, name, True)
        for (a, b, c, d), k in zip(split, drawn.tolist(), strict=True)
    ]


def _rural_block(block: tuple[int, int], whole: Patch, rng: np.random.Generator) -> list[Parcel]:
    if rng.uniform() > 0.22:
        return [Parcel(whole, FIELD, block, "field", False)]
    village = whole.west + int(rng.integers(ACROSS))
    parts = [(whole.west, village, FIELD), (village, village + 1, VILLAGE), (village + 1, whole.east, FIELD)]
    return [
        Parcel(Patch(west, east, whole.south, whole.north), code, block, "field", False)
        for west, east, code in parts
        if east > west
    ]
