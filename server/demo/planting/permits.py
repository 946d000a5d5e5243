"""5,000 permits of which 37 alert; the approval chains A01 to A04 by 供地方式."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely

from server.demo.controls import BLUE, GREEN, PROHIBITED, PURPLE, REDLINE, RESTRICTED, UDB, YELLOW
from server.demo.metres import to_degrees
from server.demo.plans import Sheet
from server.demo.planting.township import hit, miss, pair
from server.demo.plots import Plot, hectares
from server.demo.sense.approvals import WORKS_TYPES
from server.demo.today import bilinear
from server.demo.world import PLAN_2016, World
from server.demo.zoning import Parcel

PERMITS, ALERTS = 5_000, 37
DAY = date(2016, 12, 31)
ENTERED = date(2015, 12, 31)
"""From when the projects of the permits are known."""
ALERT_ROWS = {PROHIBITED: 4, RESTRICTED: 4, UDB: 8, GREEN: 5, BLUE: 4, PURPLE: 3, YELLOW: 3}
"""With the six inside C04's overlaps (redline) these are the 37 permits that alert, each for one line."""
IN_REDLINE = 6
CHAIN = ("approval-project-generation", "approval-siting-area", "approval-land-redline", "approval-works-redline")
SUPPLY = "approval-land-supply-redline"
BEFORE = {
    1: {"generation": 0},
    2: {"generation": 0, "siting": 1},
    3: {"generation": 0, "land_redline": 2},
    4: {"generation": 0, "land_redline": 2},
}
"""What each step of the chain refers to, by its place in it."""
SURVEY_USES = {"R": "0701", "A": "0801", "A33": "0803", "A51": "0805", "B": "0501", "M": "0601", "W": "0604"}
"""What the supply of land is for, by class of GB 50137, as GB/T 21010 calls it."""


@dataclass(frozen=True, slots=True)
class Project:
    """A building project on one outline; granted land needs no siting opinion."""

    outline: shapely.Geometry
    code: str
    granted: bool
    issued: date


def documents(world: World, project: Project, *, kinds: tuple[str, ...] = ("siting", "land", "works")) -> list[str]:
    """The project's permits in order; without a siting opinion where the land is granted."""
    ids: list[str] = []
    number = f"2015-1309-{world.count('permit') + 1:06d}"
    entered = world.add_one(
        "project",
        project.outline,
        day=ENTERED,
        project_code=number,
        project_name=f"模拟项目{number[-6:]}",
        works_type=WORKS_TYPES.get(project.code[:1], "public"),
        land_use_code=project.code,
        supply_mode="grant" if project.granted else "allocation",
        state="approved",
        entered_on=project.issued - timedelta(days=400),
    )
    for step, kind in enumerate(kinds):
        if kind == "siting" and project.granted:
            continue
        ids.append(
            world.add_one(
                "permit",
                project.outline,
                day=DAY,
                permit_type=kind,
                project_code=number,
                project_name=f"模拟项目{number[-6:]}",
                project=entered,
                earlier=ids[-1] if ids else None,
                land_use_code=project.code,
                supply_mode="grant" if project.granted else "allocation",
                contract_number=f"模拟合同{number[-6:]}" if project.granted else None,
                issue_date=project.issued - timedelta(days=90 * (len(kinds) - 1 - step)),
                state="valid",
            )
        )
    return ids


def plant_permits(world: World, sheets: list[Sheet], plots: Iterator[Plot], taken: set[tuple[int, Parcel]]) -> None:
    """Alerts first, then projects in parcels that nothing touches until there are exactly 5,000 permits."""
    alerts = [*_in_redline(world), *(_alert(world, next(plots), layer) for layer in _rows())]
    near = _moved_redline(world)
    _fill_up(world, sheets, taken)
    world.truth["permits"] = {
        "layer": "permit",
        "count": PERMITS,
        "alerts": alerts,
        "layers": [REDLINE, *ALERT_ROWS],
        "moving_a_redline": near,
    }


def _rows() -> Iterator[str]:
    for layer, number in ALERT_ROWS.items():
        yield from [layer] * number


def _single(world: World, shape: shapely.Geometry) -> str:
    return documents(world, Project(shape, "R21", True, date(2015, 6, 1)), kinds=("works",))[0]


def _in_redline(world: World) -> Iterator[dict[str, Any]]:
    """Inside a development boundary that a redline overlaps (C04)."""
    for plot, _, redline in world.marks["C04-hits"]:
        for k in range(IN_REDLINE // 2):
            permit = _single(world, plot.rect(-25.0, -60.0 + 40 * k, -5.0, -40.0 + 40 * k))
            yield {"permit": permit, "layer": REDLINE, "feature": redline, "verdict": "alert"}


def _moved_redline(world: World) -> dict[str, Any]:
    """A permit 15 m west of a redline that touches the boundary: 40 m of movement make it the 38th."""
    plot, _, redline = world.marks["C04-touching"][0]
    permit = _single(world, plot.rect(-35.0, -20.0, -15.0, 20.0))
    west = np.array(plot.place([(-40.0, 0.0)])[0]) - np.array(plot.place([(0.0, 0.0)])[0])
    return {
        "redline": redline,
        "shift_degrees": np.round(west, 9).tolist(),
        "permit": permit,
        "alerts_then": ALERTS + 1,
    }


def _alert(world: World, plot: Plot, layer: str) -> dict[str, Any]:
    """A permit that one line touches, in a small boundary of its own."""
    outline = plot.rect(-40.0, -30.0, 40.0, 30.0)
    if layer == UDB:
        line = world.add_one(UDB, plot.rect(-60.0, -60.0, 20.0, 60.0), day=PLAN_2016)
    else:
        world.add_one(UDB, plot.rect(-60.0, -60.0, 60.0, 60.0), day=PLAN_2016)
        line = world.add_one(layer, plot.rect(15.0, -25.0, 58.0, 25.0))
    return {"permit": _single(world, outline), "layer": layer, "feature": line, "verdict": "alert"}


def inset(sheet: Sheet, parcel: Parcel, box: tuple[float, float, float, float]) -> shapely.Geometry:
    """A part of a parcel, given in shares of its width and height."""
    corners = sheet.zoned.lattice.corners(parcel.patch)[None]
    return shapely.Polygon(to_degrees(bilinear(corners, np.array([box])))[0])


def buildable(parcel: Parcel) -> bool:
    return parcel.urban and parcel.block is not None and parcel.code[0] in "RABMW"


def free_parcels(sheets: list[Sheet], taken: set[tuple[int, Parcel]]) -> list[tuple[Sheet, Parcel]]:
    """Parcels to build on that nothing else needs."""
    return [
        (sheet, parcel)
        for number, sheet in enumerate(sheets)
        for parcel in sheet.zoned.parcels
        if buildable(parcel) and (number, parcel) not in taken
    ]


def _fill_up(world: World, sheets: list[Sheet], taken: set[tuple[int, Parcel]]) -> None:
    pool = free_parcels(sheets, taken)
    start = date(2012, 3, 1)
    for k in world.rng.permutation(len(pool)).tolist():
        left = PERMITS - world.count("permit")
        if left == 0:
            break
        sheet, parcel = pool[k]
        kinds = ("works",) if left < 3 else ("siting", "land", "works")
        issued = start + timedelta(days=int(world.rng.integers(250, 1_600)))
        granted = bool(world.rng.uniform() < 0.6) or left < 3
        documents(
            world, Project(inset(sheet, parcel, (0.08, 0.08, 0.92, 0.92)), parcel.code, granted, issued), kinds=kinds
        )
    if world.count("permit") != PERMITS:
        raise ValueError(f"only {world.count('permit')} permits found a parcel")


def plant_chains(world: World, sheets: list[Sheet], plots: Iterator[Plot], taken: set[tuple[int, Parcel]]) -> None:
    """Whole chains in the towns, and in the countryside one that breaks at each link, twice."""
    pool = free_parcels(sheets, taken)
    for k in world.rng.permutation(len(pool))[:240].tolist():
        sheet, parcel = pool[k]
        insets = [inset(sheet, parcel, (i, i, 1 - i, 1 - i)) for i in (0.04, 0.06, 0.09, 0.16)]
        add_chain(world, insets, insets[2], granted=bool(world.rng.uniform() < 0.5), code=parcel.code)
    for rule, link in (("A01", 1), ("A02", 2), ("A03", 3), ("A04", 4)):
        for size in (0.12, 0.31):  # 1,200 m2: the allocated project that leaves its siting area
            _broken(world, next(plots), rule, link, size)
        _touching(world, next(plots), rule, link)
    for _ in range(2):
        nested = _nested(next(plots))
        ids = add_chain(world, nested, nested[2], granted=True, code="B11")
        miss(world, "A02", "exempt", {"left": ids[2], "right": "", "area_ha": 0.0, "supply_mode": "grant"})


def _nested(plot: Plot) -> list[shapely.Geometry]:
    return [plot.rect(-100.0 + i, -80.0 + i, 100.0 - i, 80.0 - i) for i in (0.0, 5.0, 10.0, 25.0)]


def add_chain(
    world: World, shapes: list[shapely.Geometry], supply: shapely.Geometry, *, granted: bool, code: str
) -> dict[int, str]:
    """Project generation, siting (allocated land only), land, works and supply red lines; ids by place in the chain."""
    number = f"2016-1309-{world.count(CHAIN[0]) + 1:06d}"
    common: dict[str, Any] = {"project_code": number, "project_name": f"模拟审批项目{number[-6:]}"}
    mode = "grant" if granted else "allocation"
    ids: dict[int, str] = {}
    for place, (layer, shape) in enumerate(zip(CHAIN, shapes, strict=True)):
        if place == 1 and granted:
            continue
        more: dict[str, Any] = {} if place == 0 else {"supply_mode": mode, "issue_date": date(2016, 2 + 2 * place, 1)}
        if place < 3:
            more["land_use_code"] = code
        more |= {name: ids[before] for name, before in BEFORE.get(place, {}).items() if before in ids}
        ids[place] = world.add_one(layer, shape, day=DAY, **common, **more)
    use = SURVEY_USES.get(code, SURVEY_USES[code[0]])
    given = date(2016, 5, 1)
    before = {name: ids[place] for name, place in BEFORE[4].items()}
    made = {**common, **before, "supply_mode": mode, "supplied_on": given, "land_use_code": use}
    ids[4] = world.add_one(SUPPLY, supply, day=DAY, **made)
    return ids


def _broken(world: World, plot: Plot, rule: str, link: int, size: float) -> None:
    """The inner of one link leaves the outer eastward by `size` hectares; everything further in follows it."""
    shapes = _nested(plot)
    outer = shapes[2] if link == 4 else shapes[link - 1]
    inset_by = (0.0, 5.0, 10.0, 25.0, 10.0)[link]

    def inner(depth: float) -> shapely.Geometry:
        return plot.rect(-60.0, -80.0 + inset_by + 8.0, 60.0 + depth, 80.0 - inset_by - 8.0)

    low, high = 0.0, 120.0
    for _ in range(60):
        middle = (low + high) / 2
        found = hectares(shapely.difference(inner(middle), outer))
        low, high = (middle, high) if found < size else (low, middle)
    leaving = inner(middle)
    supply = leaving if link == 4 else shapes[2]
    if link < 4:
        shapes[link] = leaving
        for further in range(link + 1, 4):
            shapes[further] = plot.rect(-50.0, -30.0 + further, 40.0, 30.0 - further)
        supply = shapes[2]
    ids = add_chain(world, shapes, supply, granted=False, code="A33")
    outer_id = ids[2] if link == 4 else ids[link - 1]
    hit(world, rule, pair(ids[link], outer_id, hectares(shapely.difference(leaving, outer)), supply_mode="allocation"))


def _touching(world: World, plot: Plot, rule: str, link: int) -> None:
    """The inner has the same outline as the outer, to the last digit."""
    shapes = _nested(plot)
    if link < 4:
        shapes[link] = shapes[link - 1]
    ids = add_chain(world, shapes, shapes[2], granted=False, code="A33")
    miss(world, rule, "touching", pair(ids[link], ids[2] if link == 4 else ids[link - 1], 0.0))
