"""石家庄: what falls and slides on the hills of 鹿泉, and the old town of 正定. Nothing here meets any rule.

Its places hang on the county alone, so that all else stays where it is.
"""

import numpy as np
import shapely

from server.demo.metres import ZONE_114, to_plane
from server.demo.places import NAMED
from server.demo.plots import Plot, free_plots
from server.demo.world import PLAN_2016, World

HILLS, OLD_TOWN = "130110", "130123"
CLEAR = 3_000.0
"""Metres between a hazard and the project whose siting is reviewed in 鹿泉."""
HAZARDS = ("滑坡", "崩塌", "泥石流", "滑坡")
_SLOPE = [(-260.0, -140.0), (-90.0, -210.0), (150.0, -160.0), (280.0, 20.0), (120.0, 190.0), (-170.0, 150.0)]


def plant_west(world: World) -> None:
    _hazards(world)
    _old_town(world)


def _hazards(world: World) -> None:
    """On the westernmost free plots of 鹿泉, where its hills are: an area each, with two sites in it."""
    projects = world.rows["project", PLAN_2016].geometry
    kept = [shapely.buffer(shapely.transform(one, _plane), CLEAR) for one in projects if one is not None]
    plots = free_plots(world.boundaries, (HILLS,), kept, np.random.default_rng(int(HILLS)), ZONE_114)
    chosen = sorted(plots, key=lambda plot: plot.east)[: len(HAZARDS)]
    for number, (plot, kind) in enumerate(zip(chosen, HAZARDS, strict=True), 1):
        world.add_one("current-geohazard-area", plot.polygon(_SLOPE), name=f"鹿泉区模拟{kind}易发区{number}")
        for site, (x, y) in enumerate([(-60.0, -40.0), (90.0, 60.0)], 2 * number - 1):
            world.add_one("current-geohazard-site", plot.point(x, y), name=f"鹿泉区模拟{kind}隐患点{site}")


def _plane(points: np.ndarray) -> np.ndarray:
    return to_plane(points, ZONE_114)


def _old_town(world: World) -> None:
    """A walled town with two quarters, each a core in its control zone, and heritage in them."""
    seat = NAMED[OLD_TOWN]
    east, north = to_plane(np.array([seat.lon, seat.lat]), ZONE_114).tolist()
    plot = Plot(east, north, 0.03, ZONE_114)
    world.add_one("plan-historic-urban-area", plot.rect(-1_250.0, -1_400.0, 1_250.0, 1_100.0), name="正定模拟历史城区")
    for number, (x, y) in enumerate([(-520.0, 300.0), (430.0, -620.0)], 1):
        core = [(x - 130.0, y - 110.0), (x + 130.0, y - 110.0), (x + 130.0, y + 110.0), (x - 130.0, y + 110.0)]
        ring = [(x - 240.0, y - 200.0), (x + 240.0, y - 200.0), (x + 240.0, y + 200.0), (x - 240.0, y + 200.0)]
        name = f"正定模拟历史文化街区{number}"
        for zone, shape in (("core", plot.polygon(core)), ("control", plot.polygon(ring, core))):
            world.add_one("plan-historic-conservation-area", shape, name=name, protection_zone=zone)
        for side, (kind, word, grade) in enumerate(
            (("building", "寺院", "national"), ("ruins", "城墙遗址", "provincial"))
        ):
            place = plot.point(x - 60.0 + 120.0 * side, y + 20.0)
            for layer in ("plan-heritage-site", "current-heritage-site"):
                world.add_one(layer, place, name=f"正定模拟{word}{number}", heritage_type=kind, heritage_grade=grade)
        world.add_one("plan-historic-building", plot.point(x, y - 70.0), name=f"正定模拟历史建筑{number}")
