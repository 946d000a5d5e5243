"""Control lines of the towns and scenes: they follow the parcels' own borders, so nothing overlaps by accident."""

import numpy as np
import shapely

from server.demo.lattice import Patch
from server.demo.plans import Sheet
from server.demo.scenes import Scenes
from server.demo.world import PLAN_2016, World
from server.demo.zoning import RIVER, VILLAGE, Parcel

UDB, SCALE, PBF, REDLINE = (
    "plan-urban-development-boundary",
    "plan-construction-scale-boundary",
    "plan-permanent-basic-farmland",
    "plan-ecological-redline",
)
GREEN, BLUE, PURPLE, YELLOW = "plan-green-line", "plan-blue-line", "plan-purple-line", "plan-yellow-line"
PROHIBITED, RESTRICTED = "plan-prohibited-construction-zone", "plan-restricted-construction-zone"


def urban_area(sheet: Sheet) -> shapely.Geometry:
    """The town within its development boundary, from the parcels' own nodes."""
    lattice = sheet.zoned.lattice
    shapes = [lattice.polygon(parcel.patch) for parcel in sheet.zoned.parcels if parcel.urban]
    return shapely.coverage_union_all(np.array(shapes))


def add_controls(world: World, sheets: list[Sheet], scenes: Scenes) -> list[shapely.Geometry]:
    """The lines of every town and scene; returns the towns' urban areas."""
    towns = [urban_area(sheet) for sheet in sheets]
    names = [f"{index + 1}号城镇" for index in range(len(sheets))]
    for sheet, town, name in zip(sheets, towns, names, strict=True):
        world.add_one(UDB, town, day=PLAN_2016, name=f"{name}开发边界")
        world.add_one(SCALE, town, name=f"{name}规模边界")
        _lines_of_parcels(world, sheet)
        _farmland(world, sheet)
    _scene_lines(world, scenes)
    return towns


def _shapes(sheet: Sheet, parcels: list[Parcel]) -> list[shapely.Geometry]:
    return [sheet.zoned.lattice.polygon(parcel.patch) for parcel in parcels]


def _lines_of_parcels(world: World, sheet: Sheet) -> None:
    parcels = sheet.zoned.parcels
    villages = [parcel for parcel in parcels if parcel.code == VILLAGE]
    world.add(SCALE, _shapes(sheet, villages), name="村庄规模边界")
    parks = [parcel for parcel in parcels if parcel.code.startswith("G")]
    world.add(GREEN, _shapes(sheet, parks), [{"land_use_code": parcel.code} for parcel in parks])
    utilities = [parcel for parcel in parcels if parcel.code.startswith("U")]
    world.add(YELLOW, _shapes(sheet, utilities), [{"land_use_code": parcel.code} for parcel in utilities])
    water = [parcel for parcel in parcels if parcel.code == RIVER]
    world.add(BLUE, _shapes(sheet, water), name="大运河蓝线")


def _farmland(world: World, sheet: Sheet) -> None:
    """Whole rural blocks, two of three, but for those where 土规 plans something else."""
    planted = [one.patch for one in sheet.differences]
    chosen: list[Patch] = []
    for parcel in sheet.zoned.parcels:
        patch = parcel.patch
        if parcel.urban or parcel.zone != "field" or parcel.code == VILLAGE or parcel.block is None:
            continue
        clear = not any(
            patch.west < one.east and one.west < patch.east and patch.south < one.north and one.south < patch.north
            for one in planted
        )
        if clear and not is_free(parcel.block):
            chosen.append(patch)
    world.add(PBF, [sheet.zoned.lattice.polygon(patch) for patch in chosen], day=PLAN_2016)


def is_free(block: tuple[int, int]) -> bool:
    """Every third rural block is left without 永久基本农田, for what is planted later."""
    return (block[0] + 2 * block[1]) % 3 == 0


def _scene_lines(world: World, scenes: Scenes) -> None:
    world.add_one(REDLINE, scenes.wetland, name="南大港湿地生态保护红线")
    world.add_one("plan-ecological-control-line", scenes.wetland, name="南大港湿地生态控制线")
    world.add_one("plan-ecological-control-line", scenes.wetland_belt, name="南大港湿地外围生态控制线")
    world.add_one(PROHIBITED, scenes.wetland, name="南大港湿地禁止建设区")
    world.add_one(RESTRICTED, scenes.wetland_belt, name="南大港湿地限制建设区")
    world.add_one("current-wetland-park", scenes.wetland_core, name="南大港湿地公园")
    world.add_one("current-flood-detention-area", scenes.flood, name="献县泛区")
    world.add_one(RESTRICTED, scenes.flood, name="献县泛区限制建设区")
    world.add_one(BLUE, scenes.river_water, name="子牙新河蓝线")
    for water in scenes.canal_water:
        world.add_one(BLUE, water, name="大运河蓝线")
        world.add_one(PURPLE, water, name="大运河遗产紫线")
    world.add_one("current-waterway", scenes.fairway, name="黄骅港主航道")
    world.add_one("current-waterway", scenes.river, name="子牙新河")
    world.add_one("current-waterway", scenes.canal, name="大运河")
    world.add_one("current-port", scenes.harbour, name="黄骅港")
