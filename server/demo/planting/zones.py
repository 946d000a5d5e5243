"""C06 (three zones that must cover and not overlap) and U01 to U04 (upper plan: quotas, farmland, redlines)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import shapely

from server.demo.controls import PBF, REDLINE, UDB
from server.demo.metres import area
from server.demo.places import CITY, RECORDED
from server.demo.planting.township import SLIVER_DEPTH, hit, miss, pair
from server.demo.plots import Plot, hectares
from server.demo.scenes import Scenes
from server.demo.world import LAST_PLAN, PLAN_2016, World

ZONES = "plan-three-zones"
CITY_QUOTA, CITY_AREA = 180.00, 183.60


def plant_zones(world: World, towns: list[shapely.Geometry], scenes: Scenes, plots: Iterator[Plot]) -> None:
    """Agricultural space is the city with holes; urban and ecological space fill the holes, but for two gaps."""
    holes = [shape.exterior for shape in towns] + [scenes.wetland.exterior]
    fills: list[tuple[shapely.Geometry, str]] = [(shapely.Polygon(ring), "urban") for ring in holes[:-1]]
    fills.append((shapely.Polygon(holes[-1]), "ecological"))
    gaps, slivers = [], []
    for size in (1.40, 2.30):
        hole = next(plots).sized(-100.0, -60.0, 60.0, size * 10_000)
        gaps.append(hole)
        holes.append(hole.exterior)
    plot = next(plots)
    hole = plot.rect(-100.0, -80.0, 100.0, 80.0)
    holes.append(hole.exterior)
    corners = shapely.get_coordinates(hole)
    inner = plot.place([(100.0 - SLIVER_DEPTH, -80.0), (100.0 - SLIVER_DEPTH, 80.0)])
    fills.append((shapely.Polygon([corners[0], inner[0], inner[1], corners[3]]), "ecological"))
    slivers.append(shapely.Polygon([inner[0], corners[1], corners[2], inner[1]]))
    city = world.boundaries[CITY]
    farm = shapely.Polygon(city.exterior, holes)
    agricultural = world.add_one(ZONES, farm, day=PLAN_2016, division_code=CITY, zone_type="agricultural")
    ids = [world.add_one(ZONES, shape, day=PLAN_2016, division_code=CITY, zone_type=kind) for shape, kind in fills]
    for gap in gaps:
        hit(world, "C06", {"left": agricultural, "right": "", "area_ha": round(hectares(gap), 6), "kind": "gap"})
    for sliver in slivers:
        entry = {"left": agricultural, "right": ids[-1], "area_ha": round(hectares(sliver), 6), "kind": "gap"}
        miss(world, "C06", "sliver", entry)
    for id in ids[:2]:
        miss(world, "C06", "touching", pair(agricultural, id, 0.0))
    for size in (0.90, 1.75):
        shape = next(plots).sized(-80.0, -60.0, 60.0, size * 10_000)
        other = world.add_one(ZONES, shape, day=PLAN_2016, division_code=CITY, zone_type="ecological")
        hit(world, "C06", pair(agricultural, other, hectares(shape), kind="overlap"))


def finish_boundary(world: World, plots: Iterator[Plot]) -> None:
    """U01: one more boundary brings the city to exactly 183.60 km2 against a quota of 180.00; quotas by county."""
    rest = CITY_AREA * 1e6 - sum(area(shape) for _, shape in _boundaries(world))
    while rest > 0:
        size = rest if rest < 1.2e6 else rest / 2
        shape = next(plots).sized(-size / 2000.0, -500.0, 500.0, size)
        world.add_one(UDB, shape, day=PLAN_2016, name="新区开发边界")
        rest -= size
    _quotas(world)


def _boundaries(world: World) -> list[tuple[str, shapely.Geometry]]:
    """The city's boundaries in force at last, by id."""
    found: dict[str, shapely.Geometry] = {}
    for (layer, _), rows in sorted(world.rows.items(), key=lambda item: item[0]):
        if layer == UDB:
            found |= {id: shape for id, shape in zip(rows.ids, rows.geometry, strict=True) if id.startswith("1309")}
    return list(found.items())


def _quotas(world: World) -> None:
    """Each county's quota stands on its largest boundary; two counties exceed theirs, the others keep it barely."""
    by_county: dict[str, list[tuple[float, str]]] = {}
    for id, shape in _boundaries(world):
        by_county.setdefault(id[:6], []).append((area(shape) / 1e6, id))
    totals = {code: sum(size for size, _ in found) for code, found in by_county.items()}
    codes = sorted(totals, key=lambda code: -totals[code])
    quotas = {code: float(np.ceil(totals[code] * 100) / 100) for code in codes}
    over = round(sum(quotas.values()) - CITY_QUOTA, 2)
    quotas[codes[0]] = round(quotas[codes[0]] - over + 1.0, 2)
    quotas[codes[1]] = round(quotas[codes[1]] - 1.0, 2)
    carriers = {max(found)[1]: code for code, found in by_county.items()}
    for (layer, _), rows in world.rows.items():
        if layer == UDB:
            for id, values in zip(rows.ids, rows.columns, strict=True):
                values["quota"] = quotas[carriers[id]] if id in carriers else None
                values["zone_type"] = "concentrated"
    city = sum(totals.values())
    entry: dict[str, Any] = {"division": CITY, "area_km2": round(city, 4), "quota_km2": CITY_QUOTA}
    hit(world, "U01", {**entry, "over_km2": round(city - CITY_QUOTA, 4)})
    for code in codes:
        entry = {"division": code, "area_km2": round(totals[code], 4), "quota_km2": quotas[code]}
        if totals[code] > quotas[code]:
            hit(world, "U01", entry)
        else:
            miss(world, "U01", "within", entry)


def plant_upper(world: World, plots: Iterator[Plot]) -> None:
    """U03 and U04: redlines that shrink, and boundaries that move, from 2016 to 2017; some only by a hair."""
    for number, cut in enumerate((60.0, 35.0, 0.0, 0.3)):
        plot = next(plots)
        before = plot.rect(-300.0, -200.0, 300.0, 200.0)
        after = plot.rect(-300.0, -200.0, 300.0 - cut, 200.0) if cut else before
        id = world.add_one(REDLINE, before, name=f"模拟生态保护红线{number + 1}", human_activity=None)
        values = {"division_code": id[:6], "name": f"模拟生态保护红线{number + 1}", "human_activity": "2017年勘界"}
        world.change(REDLINE, id, after, values, day=LAST_PLAN)
        lost = hectares(before) - hectares(after)
        entry = {"left": id, "lost_ha": round(lost, 6), "from": str(date(2016, 12, 31)), "to": str(LAST_PLAN)}
        _note(world, "U03", cut >= 1, entry)
    for number, moved in enumerate((45.0, 28.0, 8.0, 4.0)):
        plot = next(plots)
        before, after = plot.rect(-150.0, -100.0, 150.0, 100.0), plot.rect(-150.0 + moved, -100.0, 150.0 + moved, 100.0)
        id = world.add_one(UDB, before, day=PLAN_2016, name=f"模拟乡镇开发边界{number + 1}")
        world.change(
            UDB,
            id,
            after,
            {"division_code": id[:6], "name": f"模拟乡镇开发边界{number + 1}", "zone_type": "concentrated"},
            day=LAST_PLAN,
        )
        _note(world, "U04", moved > 10, {"left": id, "moved_m": moved, "tolerance_m": 10.0})


def farmland_quotas(world: World) -> dict[str, float]:
    """U02: the farmland that each county must keep (ha): two counties are short of it, the others have a little more.

    The quotas are rows of `indicator-value`; this returns them by county.
    """
    totals = dict.fromkeys(RECORDED, 0.0)
    for (layer, _), rows in world.rows.items():
        if layer == PBF:
            for id, shape in zip(rows.ids, rows.geometry, strict=True):
                if shape is not None and id[:6] in totals:
                    totals[id[:6]] += hectares(shape)
    quotas = {}
    for number, (code, total) in enumerate(sorted(totals.items())):
        quotas[code] = round(total + 12.5, 2) if number < 2 else round(total - 0.4, 2)
        entry = {"division": code, "area_ha": round(total, 4), "quota_ha": quotas[code]}
        _note(world, "U02", number < 2, entry)
    return quotas


def _note(world: World, rule: str, found: bool, entry: dict[str, Any]) -> None:
    if found:
        hit(world, rule, entry)
    else:
        miss(world, rule, "within", entry)
