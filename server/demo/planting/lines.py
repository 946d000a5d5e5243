"""C01 to C05 and C08 to C17: for each rule hits of exact area, and what touches, is exempt or is only a sliver."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import shapely

from server.demo.controls import BLUE, GREEN, PBF, PURPLE, REDLINE, SCALE, UDB, YELLOW
from server.demo.planting.township import (
    coming,
    grazing,
    hit,
    leaving,
    miss,
    overlapping,
    pair,
    settle,
    standing,
    touching,
)
from server.demo.plots import Plot, hectares, shares
from server.demo.world import PLAN_2014, PLAN_2016, World

Add = Callable[[World, Plot, shapely.Geometry], str]


def line(layer: str, **values: Any) -> Add:
    """Adds a control line and gives its id."""
    day = PLAN_2016 if layer in (UDB, PBF) else PLAN_2014

    def add(world: World, _: Plot, shape: shapely.Geometry) -> str:
        return world.add_one(layer, shape, day=day, **values)

    return add


def parcel(code: str) -> Add:
    return lambda world, plot, shape: settle(world, plot, shape, code)


def conservation(core: bool) -> Add:
    """A purple line and the conservation area that it follows; gives the purple line's id."""

    def add(world: World, _: Plot, shape: shapely.Geometry) -> str:
        zone = "core" if core else "control"
        world.add_one("plan-historic-conservation-area", shape, protection_zone=zone)
        return world.add_one(PURPLE, shape, protection_zone=zone)

    return add


@dataclass(frozen=True, slots=True)
class Clash:
    """A forbid-overlap rule: what stands on either side, the areas of its hits, and who is exempt."""

    rule: str
    left: Add
    right: Add
    areas: tuple[float, ...]
    exempt: tuple[Add, Add] | None = None


def clashes(world: World) -> list[Clash]:
    def split(total: float, number: int) -> tuple[float, ...]:
        return tuple(shares(total, number, world.rng, 0.6))

    housing, village = parcel("R21"), parcel("H14")
    forest = line("current-forest", forest_category="national-public")
    flood = line("current-flood-detention-area")
    return [
        Clash("C01", village, line(PBF), split(18.60, 12)),
        Clash("C02", parcel("H5"), line(REDLINE), split(7.40, 5)),
        Clash("C03", line(UDB), line(PBF), split(9.10, 3)),
        Clash("C04", line(UDB), line(REDLINE), split(3.30, 2)),
        Clash("C05", line(PBF), line(REDLINE), split(11.20, 4)),
        Clash("C10", housing, line(GREEN), split(3.60, 6), (parcel("G1"), line(GREEN))),
        Clash("C11", parcel("B11"), line(BLUE), split(4.10, 5), (parcel("U32"), line(BLUE))),
        Clash("C12", housing, conservation(False), (0.62, 0.84), (parcel("A7"), conservation(False))),
        Clash("C12", housing, conservation(True), (0.47,)),
        Clash("C13", parcel("B13"), line(YELLOW), split(2.20, 4), (parcel("U12"), line(YELLOW))),
        Clash("C14", parcel("H9"), line("plan-scenic-area"), (1.35, 2.05), (parcel("E2"), line("plan-scenic-area"))),
        Clash("C15", housing, line("current-geohazard-area"), (0.90, 1.45), (parcel("M1"), flood)),
        Clash("C15", parcel("A33"), flood, (1.10,)),
        Clash("C16", village, forest, (0.75, 1.60), (village, line("current-forest", forest_category="commercial"))),
    ]


def plant_clashes(world: World, plots: Iterator[Plot]) -> None:
    for clash in clashes(world):
        for size in clash.areas:
            plot = next(plots)
            left = standing(plot)
            entry = _both(world, plot, clash, (left, overlapping(plot, left, size)))
            hit(world, clash.rule, entry)
            world.marks.setdefault(f"{clash.rule}-hits", []).append((plot, entry["left"], entry["right"]))
        for why in ("touching", "sliver"):
            plot = next(plots)
            left = standing(plot)
            right = touching(plot, left) if why == "touching" else grazing(plot)
            entry = _both(world, plot, clash, (left, right))
            miss(world, clash.rule, why, entry)
            world.marks.setdefault(f"{clash.rule}-{why}", []).append((plot, entry["left"], entry["right"]))
        if clash.exempt:
            plot = next(plots)
            exempt = Clash(clash.rule, *clash.exempt, ())
            miss(world, clash.rule, "exempt", _both(world, plot, exempt, (standing(plot), coming(plot, 40.0))))


def _both(world: World, plot: Plot, clash: Clash, shapes: tuple[shapely.Geometry, shapely.Geometry]) -> dict[str, Any]:
    first, second = clash.left(world, plot, shapes[0]), clash.right(world, plot, shapes[1])
    return pair(first, second, hectares(shapely.intersection(*shapes)))


def plant_windows(world: World, plots: Iterator[Plot]) -> None:
    """开天窗: farmland wholly inside a development boundary, cut out of it as a hole. No conflict (C03)."""
    for _ in range(2):
        plot = next(plots)
        ring = [(-90.0, -80.0), (90.0, -80.0), (90.0, 80.0), (-90.0, 80.0)]
        boundary = plot.polygon([(-250.0, -190.0), (250.0, -190.0), (250.0, 190.0), (-250.0, 190.0)], ring)
        left = world.add_one(UDB, boundary, day=PLAN_2016, name="开天窗城镇开发边界")
        right = world.add_one(PBF, plot.polygon(ring), day=PLAN_2016)
        miss(world, "C03", "touching", pair(left, right, 0.0, window=True))


def plant_outsides(world: World, plots: Iterator[Plot]) -> None:
    """C08 and C09: built land that leaves its boundary."""
    for rule, code, sizes in (("C08", "H14", (0.66, 1.24)), ("C09", "R21", (0.58, 0.97))):
        for size in (*sizes, 0.0, 0.012):
            _leave(world, next(plots), (rule, code), size)
    plot = next(plots)
    village = settle(world, plot, standing(plot), "H14")
    miss(world, "C09", "exempt", {"left": village, "right": "", "area_ha": round(hectares(standing(plot)), 6)})
    plot = next(plots)
    field = settle(world, plot, standing(plot), "E2", bounded=False)
    miss(world, "C08", "exempt", {"left": field, "right": "", "area_ha": round(hectares(standing(plot)), 6)})


def _leave(world: World, plot: Plot, rule_and_code: tuple[str, str], size: float) -> None:
    rule, code = rule_and_code
    left = standing(plot)
    corners = shapely.get_coordinates(left)

    def bounded(depth: float) -> shapely.Geometry:
        return plot.rect(-250.0, -170.0, -depth, 170.0)

    plan = settle(world, plot, left, code, bounded=False)
    if size:
        boundary = leaving(left, bounded, size)
    else:
        west = plot.place([(-250.0, -150.0), (-250.0, 150.0)])
        boundary = shapely.Polygon([west[0], corners[0], corners[1], corners[2], corners[3], west[1]])
    if rule == "C09":
        world.add_one(SCALE, plot.rect(-255.0, -175.0, 10.0, 175.0))
        bound = world.add_one(UDB, boundary, day=PLAN_2016)
    else:
        bound = world.add_one(SCALE, boundary)
    outside = pair(plan, bound, hectares(shapely.difference(left, boundary)) if size else 0.0)
    if size > 0.1:
        hit(world, rule, outside)
    else:
        miss(world, rule, "sliver" if size else "touching", outside)


def plant_hazard_sources(world: World, plots: Iterator[Plot]) -> None:
    """C15: dwellings near a hazard source; 500 m is the distance that counts."""
    for gap in (260.0, 430.0, 540.0):
        plot = next(plots)
        left = standing(plot)
        home = settle(world, plot, left, "R21")
        source = world.add_one("current-hazard-source", plot.point(gap, 0.0), safety_distance=500.0, source_type="tank")
        entry = pair(home, source, 0.0, distance_m=gap, buffer_m=500.0)
        if gap < 500:
            hit(world, "C15", entry)
        else:
            miss(world, "C15", "apart", entry)


def plant_road_redlines(world: World, plots: Iterator[Plot]) -> None:
    """C17: a road's red line through a parcel that is no road."""
    layer = "plan-road-redline"
    for kind in ("hit", "hit", "touching", "exempt"):
        plot = next(plots)
        shape = standing(plot)
        home = settle(world, plot, shape, "S1" if kind == "exempt" else "R21")
        corners = shapely.get_coordinates(shape)
        along = shapely.LineString([corners[1], corners[2]])
        through = plot.line([(-80.0, -165.0), (-80.0, 165.0)])
        road = along if kind == "touching" else through
        entry = pair(home, world.add_one(layer, road), 0.0)
        entry["length_m"] = 0.0 if kind == "touching" else 300.0
        if kind == "hit":
            hit(world, "C17", entry)
        else:
            miss(world, "C17", kind, entry)


def plant_lines(world: World, plots: Iterator[Plot]) -> None:
    plant_clashes(world, plots)
    plant_windows(world, plots)
    plant_outsides(world, plots)
    plant_hazard_sources(world, plots)
    plant_road_redlines(world, plots)
