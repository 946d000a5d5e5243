"""Small settings in the countryside in which one situation is planted, without breaking any other rule."""

from collections.abc import Callable
from typing import Any

import shapely

from server.demo.controls import SCALE, UDB
from server.demo.metres import area
from server.demo.plans import add_both, counterpart
from server.demo.plots import Plot
from server.demo.world import PLAN_2016, World
from server.demo.zoning import VILLAGE

SLIVER_DEPTH = 0.4
"""Metres: a strip of this depth is a sliver (mean width under one metre)."""


def township(world: World, plot: Plot, reach: float = 246.0) -> shapely.Geometry:
    """A development boundary with its equal construction-scale boundary."""
    shape = plot.rect(-reach, -170.0, reach, 170.0)
    world.add_one(UDB, shape, day=PLAN_2016, name="乡镇开发边界")
    world.add_one(SCALE, shape, name="乡镇规模边界")
    return shape


def settle(world: World, plot: Plot, shape: shapely.Geometry, code: str, *, bounded: bool = True) -> str:
    """A parcel of 城规 (and of 土规, alike); urban codes get a township, other built land a scale boundary."""
    plan, _ = add_both(world, shape, code, tugui=counterpart(code))
    if bounded and code[0] in "RABMWSUG":
        township(world, plot)
    elif bounded and code.startswith("H"):
        world.add_one(SCALE, shape, name="村庄规模边界")
    return plan


def standing(plot: Plot) -> shapely.Geometry:
    """The usual left side: 230 m wide, 300 m high, its eastern edge in the middle of the plot."""
    return plot.rect(-230.0, -150.0, 0.0, 150.0)


def coming(plot: Plot, depth: float) -> shapely.Geometry:
    """The usual right side: from the east, `depth` metres into the left side."""
    return plot.rect(-depth, -120.0, 240.0, 120.0)


def overlapping(plot: Plot, left: shapely.Geometry, hectares: float) -> shapely.Geometry:
    """A right side that covers exactly so much of the left."""
    return plot.reaching(left, lambda depth: coming(plot, depth), hectares * 10_000, 229.0)


def touching(plot: Plot, left: shapely.Geometry) -> shapely.Geometry:
    """A right side that shares the left's eastern edge, to the last digit."""
    corners = shapely.get_coordinates(left)
    far = plot.place([(240.0, -150.0), (240.0, 150.0)])
    return shapely.Polygon([corners[1], far[0], far[1], corners[2]])


def grazing(plot: Plot) -> shapely.Geometry:
    """A right side whose overlap is only a sliver."""
    return coming(plot, SLIVER_DEPTH)


def leaving(left: shapely.Geometry, make: Callable[[float], shapely.Geometry], hectares: float) -> shapely.Geometry:
    """The `make(depth)` outside of which exactly so much of the left lies."""
    low, high = 0.05, 200.0
    for _ in range(60):
        middle = (low + high) / 2
        found = area(shapely.difference(left, make(middle)))
        if abs(found - hectares * 10_000) < 0.01:
            break
        low, high = (middle, high) if found < hectares * 10_000 else (low, middle)
    return make(middle)


def pair(left: str, right: str, shared: float, **more: Any) -> dict[str, Any]:
    """A truth entry: two feature ids and what they share (or what lies outside), in hectares."""
    return {"left": left, "right": right, "area_ha": round(shared, 6), **more}


def hit(world: World, rule: str, entry: dict[str, Any]) -> None:
    _rule(world, rule)["hits"].append({**entry, "verdict": "conflict"})


def miss(world: World, rule: str, why: str, entry: dict[str, Any]) -> None:
    """A near-miss: `why` is touching, exempt or sliver."""
    _rule(world, rule)["near_misses"].append({**entry, "why": why, "verdict": "none" if why != "sliver" else "dropped"})


def _rule(world: World, rule: str) -> dict[str, Any]:
    entry: dict[str, Any] = world.truth.setdefault("rules", {}).setdefault(rule, {"hits": [], "near_misses": []})
    return entry


def village(world: World, plot: Plot, shape: shapely.Geometry) -> str:
    return settle(world, plot, shape, VILLAGE)
