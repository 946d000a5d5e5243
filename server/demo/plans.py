"""The two plans that must agree: 城规 `plan-land-use` (GB 50137) and 土规 `plan-land-use-tugui`, drawn separately.

Both follow the same lattice where built land ends, so that they differ there only where a difference is planted;
elsewhere the second department's digitising is off by half a metre to three metres.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from server.demo.lattice import Patch
from server.demo.metres import Points, to_degrees
from server.demo.world import LAST_PLAN, World
from server.demo.zoning import FIELD, RIVER, VILLAGE, Parcel, Zoned

PLAN, TUGUI = "plan-land-use", "plan-land-use-tugui"
FARMLAND, FOREST, TOWN_LAND, VILLAGE_LAND, FIELD_ROAD, WATERCOURSE = "1120", "1310", "2110", "2120", "1520", "3110"
_FIELD_CODES = (FARMLAND, "1110", "1130", "1200", FOREST, "1540", "1530")
_FIELD_ODDS = (0.71, 0.03, 0.08, 0.06, 0.07, 0.02, 0.03)


@dataclass(frozen=True, slots=True)
class Difference:
    """A lattice patch whose 土规 code is not what 城规 says, before and from 2017-12-31 (equal: no version)."""

    patch: Patch
    before: str
    after: str


@dataclass(slots=True)
class Sheet:
    """What the planting adds to one town: differences, and points inserted into edges of the 土规 drawing."""

    zoned: Zoned
    differences: list[Difference] = field(default_factory=list)
    inserted: dict[tuple[tuple[int, int], tuple[int, int]], Points] = field(default_factory=dict)
    plan_ids: dict[Patch, str] = field(default_factory=dict)
    tugui_ids: dict[Patch, str] = field(default_factory=dict)


def construction_cells(zoned: Zoned) -> NDArray[np.bool_]:
    """Of each cell: whether 城规 plans construction there."""
    lattice = zoned.lattice
    cells = np.zeros((len(lattice.across), len(lattice.up)), dtype=bool)
    for parcel in zoned.parcels:
        if parcel.construction:
            cells[parcel.patch.west : parcel.patch.east, parcel.patch.south : parcel.patch.north] = True
    return cells


def add_plan(world: World, sheet: Sheet) -> None:
    """城规: every parcel of the town."""
    lattice, parcels = sheet.zoned.lattice, sheet.zoned.parcels
    shapes = [lattice.polygon(parcel.patch) for parcel in parcels]
    columns = [{"land_use_code": parcel.code} for parcel in parcels]
    ids = world.add(PLAN, shapes, columns)
    sheet.plan_ids.update(zip((parcel.patch for parcel in parcels), ids, strict=True))


def add_tugui(world: World, sheet: Sheet) -> None:
    """土规: towns as whole blocks, fields one by one, drawn over again with digitising noise."""
    nodes = _noisy_nodes(world, sheet)
    drawn = list(_tugui_parcels(world, sheet))
    changed = {one.patch: one.after for one in sheet.differences if one.after != one.before}
    shapes = [shapely.Polygon(_ring(patch, nodes, sheet)) for patch, _ in drawn]
    ids = world.add(TUGUI, shapes, [{"land_use_code": code} for _, code in drawn])
    for (patch, _), shape, id in zip(drawn, shapes, ids, strict=True):
        sheet.tugui_ids[patch] = id
        if patch in changed:
            values = {"land_use_code": changed[patch], "division_code": id[:6]}
            world.change(TUGUI, id, shape, values, day=LAST_PLAN)


def _noisy_nodes(world: World, sheet: Sheet) -> Points:
    """The 土规 nodes: moved where all cells around them are of one class and none is part of a difference."""
    lattice = sheet.zoned.lattice
    classes = construction_cells(sheet.zoned).astype(np.int64)
    for number, one in enumerate(sheet.differences):
        classes[one.patch.west : one.patch.east, one.patch.south : one.patch.north] = number + 2
    around = np.stack([classes[:-1, :-1], classes[1:, :-1], classes[:-1, 1:], classes[1:, 1:]])
    free = (around == around[0]).all(axis=0)
    distance = world.rng.uniform(0.5, 3.0, free.shape)
    angle = world.rng.uniform(0, 2 * np.pi, free.shape)
    plane = lattice.plane.copy()
    moved = np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=-1)
    plane[1:-1, 1:-1] += np.where(free[..., None], moved, 0.0)
    nodes = lattice.degrees.copy()
    nodes[1:-1, 1:-1][free] = to_degrees(plane[1:-1, 1:-1][free])
    return nodes


def _ring(patch: Patch, nodes: Points, sheet: Sheet) -> Points:
    columns, rows = patch.nodes()
    ring = nodes[columns, rows]
    if not sheet.inserted:
        return ring
    keys = list(zip(columns.tolist(), rows.tolist(), strict=True))
    pieces = []
    for start, end, point in zip(keys, [*keys[1:], keys[0]], ring, strict=True):
        pieces.append(point[None])
        if (start, end) in sheet.inserted:
            pieces.append(sheet.inserted[start, end])
        elif (end, start) in sheet.inserted:
            pieces.append(sheet.inserted[end, start][::-1])
    return np.concatenate(pieces)


def _tugui_parcels(world: World, sheet: Sheet) -> Iterator[tuple[Patch, str]]:
    """Patches with their 土规 code of 2014."""
    planted = {one.patch: one.before for one in sheet.differences}
    by_block: dict[tuple[int, int], list[Parcel]] = {}
    for parcel in sheet.zoned.parcels:
        if parcel.block is not None:
            by_block.setdefault(parcel.block, []).append(parcel)
        elif parcel.code == RIVER:
            yield parcel.patch, WATERCOURSE
        else:
            yield parcel.patch, TOWN_LAND if parcel.construction else FIELD_ROAD
    for block, parcels in by_block.items():
        whole = sheet.zoned.lattice.block(*block)
        cuts = [patch for patch in planted if _within(patch, whole)]
        if not parcels[0].urban:
            yield from _rural(world, parcels, [(patch, planted[patch]) for patch in cuts])
        elif cuts or not all(parcel.construction for parcel in parcels):
            for parcel in parcels:
                yield parcel.patch, planted.get(parcel.patch, counterpart(parcel.code))
        else:
            yield whole, TOWN_LAND


def _rural(world: World, parcels: list[Parcel], cuts: list[tuple[Patch, str]]) -> Iterator[tuple[Patch, str]]:
    """Fields cell by cell, villages whole, planted patches whole."""
    yield from cuts
    for parcel in parcels:
        if parcel.code == VILLAGE:
            yield parcel.patch, VILLAGE_LAND
            continue
        cells = [
            Patch(column, column + 1, row, row + 1)
            for column in range(parcel.patch.west, parcel.patch.east)
            for row in range(parcel.patch.south, parcel.patch.north)
        ]
        codes = world.rng.choice(_FIELD_CODES, size=len(cells), p=_FIELD_ODDS).tolist()
        for cell, code in zip(cells, codes, strict=True):
            if not any(_within(cell, patch) for patch, _ in cuts):
                yield cell, code


def _within(inner: Patch, outer: Patch) -> bool:
    return (
        outer.west <= inner.west
        and inner.east <= outer.east
        and outer.south <= inner.south
        and inner.north <= outer.north
    )


def counterpart(code: str) -> str:
    """The 土规 code that agrees with a 城规 code."""
    if code == FIELD:
        return FARMLAND
    if code.startswith("E1"):
        return WATERCOURSE
    return VILLAGE_LAND if code in (VILLAGE, "H13") else {"H22": "2220", "H5": "2130"}.get(code, TOWN_LAND)


def add_both(world: World, shape: shapely.Geometry, code: str, *, tugui: str | None = None) -> tuple[str, str]:
    """One parcel that both plans draw alike, outside the towns; ids in 城规 and 土规."""
    plan = world.add_one(PLAN, shape, land_use_code=code)
    return plan, world.add_one(TUGUI, shape, land_use_code=tugui or counterpart(code))
