"""The two-plan difference: 210 patches of 677.90 ha, 41 of them definitional, 320 slivers, and what changed in 2017.

Most patches are parcels of the towns' lattices; per group one more, in the countryside, brings the exact total.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely

from server.demo.controls import GREEN, SCALE, UDB
from server.demo.lattice import Patch
from server.demo.metres import Points, area, to_degrees
from server.demo.plans import (
    FARMLAND,
    FOREST,
    PLAN,
    TOWN_LAND,
    TUGUI,
    VILLAGE_LAND,
    Difference,
    Sheet,
    add_both,
    construction_cells,
)
from server.demo.plots import Plot, hectares, shares
from server.demo.world import LAST_PLAN, PLAN_2014, PLAN_2016, World
from server.demo.zoning import FIELD, VILLAGE, Parcel

PLANNED_ONLY, TUGUI_ONLY = "城规建设土规非建设", "土规建设城规非建设"
GROUPS = {
    "real-planned-only": (PLANNED_ONLY, None, 91, 326.90),
    "real-tugui-only": (TUGUI_ONLY, None, 78, 212.80),
    "green": (PLANNED_ONLY, "绿地", 22, 74.60),
    "reservoir": (TUGUI_ONLY, "水库水面", 3, 48.90),
    "rural-road": (PLANNED_ONLY, "农村道路", 9, 6.30),
    "edge-planned-only": (PLANNED_ONLY, "边线偏移", 4, 4.80),
    "edge-tugui-only": (TUGUI_ONLY, "边线偏移", 3, 3.60),
}
"""Direction, definitional cause (None: real competition), patches, hectares; together 126 / 412.60 and 84 / 265.30."""

MOVED, NEW, SOLVED = 3, 7, 26
SLIVERS, SLIVER_AREA = 320, 19_000.0


@dataclass(frozen=True, slots=True)
class Candidate:
    sheet: int
    block: tuple[int, int]
    patch: Patch
    hectares: float
    kind: str


def candidates(sheets: list[Sheet]) -> Iterator[Candidate]:
    """Parcels that could carry a difference: built parcels, parks, and pairs of fields, of 1.6 to 6 ha."""
    for number, sheet in enumerate(sheets):
        for parcel in sheet.zoned.parcels:
            if parcel.block is None or parcel.zone in ("centre", "water"):
                continue
            kind, patch = _kind(parcel), parcel.patch
            if kind == "field":
                height = 1 + (parcel.block[0] + parcel.block[1]) % 2
                patch = Patch(patch.west, patch.west + 1, patch.south, patch.south + height)
            size = hectares(sheet.zoned.lattice.polygon(patch))
            if kind and 1.6 < size < 6.0:
                yield Candidate(number, parcel.block, patch, size, kind)


def _kind(parcel: Parcel) -> str:
    if parcel.code == FIELD and not parcel.urban and parcel.patch.east - parcel.patch.west == 3:
        return "field"
    if parcel.code.startswith("G"):
        return "park"
    return "built" if parcel.construction and parcel.urban else ""


def choose(
    rng: np.random.Generator, pool: list[Candidate], number: int, wanted: float, taken: set[tuple[int, tuple[int, int]]]
) -> list[Candidate]:
    """`number` candidates, no two of one block, whose areas sum up to a little less than `wanted` ha.

    Larger and smaller ones in turn, whichever brings the running mean back; the last two fit the rest.
    """
    order = [pool[k] for k in rng.permutation(len(pool)).tolist()]
    chosen: list[Candidate] = []
    mean = wanted / number
    for left in range(number, 0, -1):
        rest = wanted - sum(one.hectares for one in chosen)
        free = [one for one in order if (one.sheet, one.block) not in taken]
        if left > 2:
            larger = rest / left >= mean
            one = next(one for one in free if (one.hectares >= mean) == larger)
        else:
            fitting = [one for one in free if one.hectares <= rest / left]
            one = max(fitting or free, key=lambda one: one.hectares if fitting else -one.hectares)
        chosen.append(one)
        taken.add((one.sheet, one.block))
    return chosen


def plan_differences(world: World, sheets: list[Sheet]) -> dict[str, list[Candidate]]:
    """Chooses the lattice patches of each group and notes them in the sheets, before 土规 is drawn."""
    pool = list(candidates(sheets))
    built = [one for one in pool if one.kind == "built"]
    fields = [one for one in pool if one.kind == "field"]
    parks = [one for one in pool if one.kind == "park"]
    taken: set[tuple[int, tuple[int, int]]] = set()
    groups = {
        "green": choose(world.rng, parks, 21, 71.4, taken),
        "real-planned-only": choose(world.rng, built, 87, 313.0, taken),
        "real-tugui-only": choose(world.rng, fields, 77, 210.0, taken),
        "solved": choose(world.rng, built, SOLVED, 80.0, taken),
    }
    for one in groups["green"]:
        sheets[one.sheet].differences.append(Difference(one.patch, FOREST, FOREST))
    for number, one in enumerate(groups["real-planned-only"]):
        before = TOWN_LAND if number < NEW else FARMLAND
        sheets[one.sheet].differences.append(Difference(one.patch, before, FARMLAND))
    for one in groups["real-tugui-only"]:
        sheets[one.sheet].differences.append(Difference(one.patch, VILLAGE_LAND, VILLAGE_LAND))
    for one in groups["solved"]:
        sheets[one.sheet].differences.append(Difference(one.patch, FARMLAND, TOWN_LAND))
    return groups


Node = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Edge:
    """A lattice edge between built land and a field; `field` names the field's block and the edge's direction, so that
    no pair of features gets two slivers."""

    sheet: int
    start: Node
    end: Node
    field: tuple[int, int, int]


def plan_slivers(world: World, sheets: list[Sheet]) -> None:
    """Edges between built land and fields along which 土规 is drawn a few decimetres off."""
    edges = [edge for number, sheet in enumerate(sheets) for edge in _class_edges(number, sheet)]
    used: set[tuple[int, Node] | tuple[int, tuple[int, int, int]]] = set()
    chosen: list[Edge] = []
    for k in world.rng.permutation(len(edges)).tolist():
        edge = edges[k]
        keys = {(edge.sheet, edge.start), (edge.sheet, edge.end), (edge.sheet, edge.field)}
        if not keys & used and len(chosen) < SLIVERS:
            used |= keys
            chosen.append(edge)
    wanted = np.array(shares(SLIVER_AREA / 100, SLIVERS, world.rng, 0.6)) * 100
    for edge, size in zip(chosen, wanted.tolist(), strict=True):
        sheet = sheets[edge.sheet]
        side = 1.0 if world.rng.uniform() < 0.5 else -1.0
        sheet.inserted[edge.start, edge.end] = _offset(sheet, edge.start, edge.end, side * size)


def _class_edges(number: int, sheet: Sheet) -> Iterator[Edge]:
    """Long edges between a built cell and a field's cell, away from every planted patch."""
    lattice = sheet.zoned.lattice
    built = construction_cells(sheet.zoned)
    near = np.zeros(built.shape, dtype=bool)
    for one in sheet.differences:
        near[max(one.patch.west - 2, 0) : one.patch.east + 2, max(one.patch.south - 2, 0) : one.patch.north + 2] = True
    for axis in (0, 1):
        step = (1, 0) if axis == 0 else (0, 1)
        first, last = (slice(-1), slice(1, None)) if axis == 0 else (np.s_[:, :-1], np.s_[:, 1:])
        differ = (built[first] != built[last]) & ~near[first] & ~near[last]
        for column, row in np.argwhere(differ).tolist():
            cell = (column, row) if not built[column, row] else (column + step[0], row + step[1])
            block = (int(lattice.across[cell[0]]), int(lattice.up[cell[1]]))
            start = (column + step[0], row + step[1])
            end = (column + 1, row + 1)
            length = float(np.hypot(*(lattice.plane[end] - lattice.plane[start])))
            if min(block) >= 0 and length > 100.0:
                yield Edge(number, start, end, (*block, axis))


def _offset(sheet: Sheet, start: tuple[int, int], end: tuple[int, int], signed: float) -> Points:
    """Two points beside the edge, so that the strip between them and the edge has the area |signed| m2."""
    lattice = sheet.zoned.lattice
    first, last = lattice.plane[start], lattice.plane[end]
    along = last - first
    normal = np.array([-along[1], along[0]]) / np.hypot(*along)
    width = signed / (0.95 * float(np.hypot(*along)))
    for _ in range(4):
        points = to_degrees(np.stack([first + 0.05 * along, first + 0.95 * along]) + width * normal)
        strip = shapely.Polygon(np.vstack([lattice.degrees[start], points, lattice.degrees[end]]))
        width *= abs(signed) / area(strip)
    return points


def record(world: World, sheets: list[Sheet], groups: dict[str, list[Candidate]], plots: Iterator[Plot]) -> None:
    """The patches in the countryside, and the truth of them all."""
    truth: list[dict[str, Any]] = []
    for name, chosen in groups.items():
        for number, one in enumerate(chosen):
            new = name == "real-planned-only" and number < NEW
            truth.append(_entry(sheets, one, name, "new" if new else "solved" if name == "solved" else "kept"))
    left = {name: GROUPS[name][3] - sum(one.hectares for one in groups.get(name, ())) for name in GROUPS}
    for number in range(MOVED):
        left["real-planned-only"] -= 3.5
        truth.append(_moved(world, next(plots), number))
    truth.append(_single(world, next(plots), "real-planned-only", left["real-planned-only"]))
    truth.append(_single(world, next(plots), "real-tugui-only", left["real-tugui-only"]))
    truth.append(_park(world, next(plots), left["green"]))
    reservoirs, roads = shares(48.90, 3, world.rng, 0.7), shares(6.30, 9, world.rng, 0.85)
    truth += [_single(world, next(plots), "reservoir", size, 420.0) for size in reservoirs]
    truth += [_single(world, next(plots), "rural-road", size, 9.0) for size in roads]
    for name in ("edge-planned-only", "edge-tugui-only"):
        sizes = shares(GROUPS[name][3], GROUPS[name][2], world.rng, 0.93)
        truth += [_edge(world, next(plots), name, size) for size in sizes]
    _write(world, truth)


def _entry(sheets: list[Sheet], one: Candidate, group: str, history: str) -> dict[str, Any]:
    sheet = sheets[one.sheet]
    parcel = next(p for p in sheet.zoned.parcels if _covers(p.patch, one.patch))
    return _planted(group, sheet.plan_ids[parcel.patch], sheet.tugui_ids[one.patch], one.hectares, history)


def _covers(outer: Patch, inner: Patch) -> bool:
    across = outer.west <= inner.west and inner.east <= outer.east
    return across and outer.south <= inner.south and inner.north <= outer.north


def _planted(group: str, plan: str, tugui: str, size: float, history: str = "kept") -> dict[str, Any]:
    direction, cause = ("", None) if group == "solved" else GROUPS[group][:2]
    return {
        "group": group,
        "direction": direction or PLANNED_ONLY,
        "cause": cause,
        "history": history,
        PLAN: plan,
        TUGUI: tugui,
        "area_ha": round(size, 6),
    }


_CODES = {
    "real-planned-only": (VILLAGE, FARMLAND),
    "real-tugui-only": (FIELD, VILLAGE_LAND),
    "reservoir": ("E12", "2260"),
    "rural-road": ("H22", "1520"),
}
"""What 城规 and 土规 say of a difference in the countryside."""


def _single(world: World, plot: Plot, group: str, size: float, height: float = 170.0) -> dict[str, Any]:
    code, tugui = _CODES[group]
    shape = plot.sized(-size * 5000 / height, -height / 2, height / 2, size * 10_000)
    plan, other = add_both(world, shape, code, tugui=tugui)
    _scale(world, shape, code)
    return _planted(group, plan, other, hectares(shape))


def _scale(world: World, shape: shapely.Geometry, code: str) -> None:
    """Built land in the countryside lies within a construction-scale boundary of its own."""
    if not code.startswith("E"):
        world.add_one(SCALE, shape)


def _park(world: World, plot: Plot, size: float) -> dict[str, Any]:
    """A park that 土规 calls forest, in a township with its own boundaries."""
    shape = plot.sized(-size * 5000 / 170, -85.0, 85.0, size * 10_000)
    plan, other = add_both(world, shape, "G1", tugui=FOREST)
    for layer in (SCALE, UDB, GREEN):
        world.add_one(layer, shape, day=PLAN_2016 if layer == UDB else PLAN_2014)
    return _planted("green", plan, other, hectares(shape))


def _moved(world: World, plot: Plot, number: int) -> dict[str, Any]:
    """A village extension whose 土规 farmland moves east by a third: 3.5 ha before and after."""
    height = 200.0
    first = plot.sized(-300.0, -100.0, 100.0, 35_000)
    step = 60.0 + 10 * number
    east = -300.0 + 35_000 / height
    after = plot.sized(-300.0 + step, -100.0, 100.0, 35_000)
    corners = shapely.get_coordinates(first), shapely.get_coordinates(after)
    end = plot.rect(-300.0, -100.0, east + step + 120.0, 100.0)
    outer = shapely.get_coordinates(end)
    before_rest = shapely.Polygon([corners[0][1], outer[1], outer[2], corners[0][2]])
    after_rest = shapely.MultiPolygon(
        [
            shapely.Polygon([outer[0], corners[1][0], corners[1][3], outer[3]]),
            shapely.Polygon([corners[1][1], outer[1], outer[2], corners[1][2]]),
        ]
    )
    plan = world.add_one(PLAN, end, land_use_code=VILLAGE)
    _scale(world, end, VILLAGE)
    tugui = world.add_one(TUGUI, first, land_use_code=FARMLAND)
    rest = world.add_one(TUGUI, before_rest, land_use_code=VILLAGE_LAND)
    world.change(TUGUI, tugui, after, {"land_use_code": FARMLAND, "division_code": tugui[:6]}, day=LAST_PLAN)
    world.change(TUGUI, rest, after_rest, {"land_use_code": VILLAGE_LAND, "division_code": rest[:6]}, day=LAST_PLAN)
    return _planted("real-planned-only", plan, tugui, hectares(after), "moved")


def _edge(world: World, plot: Plot, group: str, size: float) -> dict[str, Any]:
    """A long village edge that the two plans draw about ten metres apart."""
    strip = plot.sized(-10 * size / 2.4, -600.0, 600.0, size * 10_000)
    corner = shapely.get_coordinates(strip)
    far_west, far_east = plot.place([(-240.0, -600.0), (-240.0, 600.0)]), plot.place([(240.0, -600.0), (240.0, 600.0)])
    west = shapely.Polygon([far_west[0], corner[0], corner[3], far_west[1]])
    east = shapely.Polygon([corner[1], far_east[0], far_east[1], corner[2]])
    with_strip_west = shapely.Polygon([far_west[0], corner[1], corner[2], far_west[1]])
    with_strip_east = shapely.Polygon([corner[0], far_east[0], far_east[1], corner[3]])
    village_wide = group == "edge-planned-only"
    plan_village, plan_field = (with_strip_west, east) if village_wide else (west, with_strip_east)
    tugui_village, tugui_field = (west, with_strip_east) if village_wide else (with_strip_west, east)
    plan = [
        world.add_one(PLAN, plan_village, land_use_code=VILLAGE),
        world.add_one(PLAN, plan_field, land_use_code=FIELD),
    ]
    tugui = [
        world.add_one(TUGUI, tugui_village, land_use_code=VILLAGE_LAND),
        world.add_one(TUGUI, tugui_field, land_use_code=FARMLAND),
    ]
    _scale(world, plan_village, VILLAGE)
    pair = (plan[0], tugui[1]) if village_wide else (plan[1], tugui[0])
    return _planted(group, *pair, hectares(strip))


def _write(world: World, truth: list[dict[str, Any]]) -> None:
    current = [one for one in truth if one["history"] != "solved"]

    def total(entries: list[dict[str, Any]]) -> dict[str, Any]:
        return {"count": len(entries), "area_ha": round(sum(one["area_ha"] for one in entries), 4)}

    world.truth["two-plan-difference"] = {
        "rule": "C07",
        "layers": [PLAN, TUGUI],
        "datetime": str(LAST_PLAN),
        "total": total(current),
        "directions": {
            name: total([one for one in current if one["direction"] == name]) for name in (PLANNED_ONLY, TUGUI_ONLY)
        },
        "definitional": {
            "total": total([one for one in current if one["cause"]]),
            **{cause: total([one for one in current if one["cause"] == cause]) for cause in _causes()},
        },
        "slivers": {"count": SLIVERS, "area_ha": SLIVER_AREA / 10_000, "verdict": "dropped"},
        "edge_offset_width_m": 12.0,
        "patches": current,
    }
    world.truth["versions"] = {
        "rule": "C07",
        "from": str(date(2016, 12, 31)),
        "to": str(LAST_PLAN),
        "solved": [one for one in truth if one["history"] == "solved"],
        "new": [one for one in truth if one["history"] == "new"],
        "moved": [one for one in truth if one["history"] == "moved"],
        "counts": {"solved": SOLVED, "new": NEW, "moved": MOVED},
    }


def _causes() -> list[str]:
    return list(dict.fromkeys(cause for _, cause, _, _ in GROUPS.values() if cause))
