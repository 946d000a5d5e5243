"""Siting: the seed's steel works in 鹿泉, a review without data in 承德, a school in 运河区, a hospital."""

from typing import Any

import numpy as np
import shapely

from server.demo.controls import BLUE, GREEN, PROHIBITED, PURPLE, REDLINE, RESTRICTED, UDB, YELLOW, is_free
from server.demo.lattice import Patch
from server.demo.metres import ZONE_114, ZONE_117
from server.demo.plans import Sheet
from server.demo.planting.township import leaving
from server.demo.plots import Plot, free_plots, hectares
from server.demo.world import PLAN_2016, World
from server.demo.zoning import FIELD, Parcel

EIGHT = (PROHIBITED, RESTRICTED, REDLINE, UDB, GREEN, BLUE, PURPLE, YELLOW)
SURVEY_LAYER, CHEMICALS = "current-land-survey", "current-hazardous-chemical-enterprise"


def add_line(world: World, layer: str, shape: shapely.Geometry, **values: Any) -> str:
    return world.add_one(layer, shape, day=PLAN_2016, **values)


def plant_steel(world: World) -> None:
    """石家庄市钢铁制造项目: 36.00 ha with the seed's ✓ and ⚠."""
    plot = next(free_plots(world.boundaries, ("130110",), [], world.rng, ZONE_114))
    outline = plot.sized(-300.0, -300.0, 300.0, 360_000)
    bound = leaving(outline, lambda depth: plot.rect(-700.0, -500.0, 300.0 - depth, 500.0), 4.80)

    def touched(layer: str, hectare: float, make: Any) -> tuple[str, float]:
        shape = plot.reaching(outline, make, hectare * 10_000, 250.0)
        shared = hectares(shapely.intersection(outline, shape))
        return add_line(world, layer, shape), shared

    hits = {
        REDLINE: touched(REDLINE, 1.20, lambda d: plot.rect(300.0 - d, -150.0, 800.0, 150.0)),
        BLUE: touched(BLUE, 0.65, lambda d: plot.rect(-100.0, 300.0 - d, 160.0, 700.0)),
        PURPLE: touched(PURPLE, 0.40, lambda d: plot.rect(-200.0, -700.0, -40.0, -300.0 + d)),
        YELLOW: touched(YELLOW, 0.90, lambda d: plot.rect(-650.0, -150.0, -300.0 + d, 150.0)),
    }
    boundary = add_line(world, UDB, bound, name="鹿泉区开发边界（模拟）")
    for layer, west in ((PROHIBITED, -840.0), (RESTRICTED, -500.0), (GREEN, 200.0)):
        add_line(world, layer, plot.rect(west, 640.0 if layer == GREEN else 720.0, west + 120.0, 840.0))
    project = world.add_one(
        "project",
        outline,
        day=PLAN_2016,
        project_name="石家庄市钢铁制造项目",
        works_type="industrial",
        land_use_code="M2",
    )
    rows: list[dict[str, Any]] = [
        {"layer": layer, "verdict": "pass" if layer in (PROHIBITED, RESTRICTED, GREEN) else "warn"} for layer in EIGHT
    ]
    for row in rows:
        if row["layer"] in hits:
            id, shared = hits[row["layer"]]
            row |= {"feature": id, "relation": "overlaps", "area_ha": round(shared, 4)}
        elif row["layer"] == UDB:
            row |= {"feature": boundary, "relation": "outside", "area_ha": round(hectares(outline - bound), 4)}
    world.truth["siting"] = {"project": project, "area_ha": round(hectares(outline), 4), "rows": rows}


def plant_without_data(world: World) -> None:
    """承德市水环境功能区划: no green and no purple line is recorded in 承德, so the review cannot pass."""
    plot = next(free_plots(world.boundaries, ("130802",), [], world.rng, ZONE_117))
    outline = plot.rect(-150.0, -100.0, 150.0, 100.0)
    add_line(world, UDB, plot.rect(-300.0, -250.0, 300.0, 250.0), name="承德开发边界（模拟）")
    for number, layer in enumerate((PROHIBITED, RESTRICTED, REDLINE, BLUE, YELLOW)):
        add_line(world, layer, plot.rect(-500.0 + 200 * number, 400.0, -380.0 + 200 * number, 520.0))
    project = world.add_one(
        "project",
        outline,
        day=PLAN_2016,
        project_name="承德市水环境功能区划",
        works_type="municipal",
        land_use_code="U21",
    )
    world.truth["siting-no-data"] = {
        "project": project,
        "division": "130800",
        "rows": [{"layer": layer, "verdict": "no-data" if layer in (GREEN, PURPLE) else "pass"} for layer in EIGHT],
        "overall": "no-data",
    }


def rural_blocks(world: World, sheet: Sheet) -> list[tuple[Parcel, str]]:
    """Whole rural blocks of the central town without a difference, with their county."""
    planted = {(one.patch.west, one.patch.south) for one in sheet.differences}
    found = [
        parcel
        for parcel in sheet.zoned.parcels
        if parcel.zone == "field"
        and parcel.code == FIELD
        and parcel.patch.east - parcel.patch.west == 3
        and not any(
            parcel.patch.west <= west < parcel.patch.east and parcel.patch.south <= south < parcel.patch.north
            for west, south in planted
        )
    ]
    points = shapely.point_on_surface(np.array([sheet.zoned.lattice.polygon(parcel.patch) for parcel in found]))
    return list(zip(found, world.divisions_of(points), strict=True))


def plant_school(world: World, sheet: Sheet) -> Patch:
    """A school in 运河区 that a blue line crosses: it passes 85 m further east. Returns the block it stands on."""
    parcel = next(
        parcel
        for parcel, code in rural_blocks(world, sheet)
        if code == "130903" and parcel.block is not None and is_free(parcel.block)
    )
    middle = sheet.zoned.lattice.corners(parcel.patch).mean(axis=0)
    plot = Plot(float(middle[0]), float(middle[1]), 0.0)
    outline = plot.rect(-60.0, -50.0, 60.0, 50.0)
    add_line(world, UDB, plot.rect(-165.0, -120.0, 150.0, 120.0), name="运河区学校开发边界")
    pond = add_line(world, BLUE, plot.rect(-160.0, -115.0, 25.0, 115.0), name="坑塘蓝线")
    project = world.add_one(
        "project", outline, day=PLAN_2016, project_name="运河区模拟小学", works_type="public", land_use_code="A33"
    )
    world.truth["school"] = {
        "project": project,
        "blocked_by": pond,
        "area_ha": round(hectares(shapely.intersection(outline, plot.rect(-160.0, -115.0, 25.0, 115.0))), 4),
        "passes_after_m": 85.0,
        "azimuth_deg": 90.0,
        "why_not_shorter": "the blue line is 85 m deep under the outline; north, south and west leave the boundary",
    }
    return parcel.patch


def plant_hospital(world: World, sheet: Sheet, taken: Patch) -> dict[Patch, list[str]]:
    """40 vacant parcels (current-land-survey 1201) in 新华 and 运河; returns each with the fields that it replaces."""
    lattice = sheet.zoned.lattice
    blocks = [(parcel, code) for parcel, code in rural_blocks(world, sheet) if _inside(world, sheet, parcel.patch)]
    free = [p for p, _ in blocks if p.block and is_free(p.block) and p.patch != taken]
    farmed = [p for p, _ in blocks if p.block and not is_free(p.block)]
    middle = {p.patch: lattice.corners(p.patch).mean(axis=0) for p, _ in blocks}
    groups: dict[str, list[Patch]] = {name: [] for name in ("area", "farmland", "chemicals", "heritage", "ranked")}
    wanted = {"chemicals": 6, "heritage": 4, "area": 12, "ranked": 9}
    used: list[Patch] = []
    order = world.rng.permutation(len(free)).tolist()
    for name, number in wanted.items():
        for k in order:
            whole = free[k].patch
            if len(groups[name]) == number or whole in used:
                continue
            hazards = used if name == "chemicals" else groups["chemicals"]
            near = min((float(np.hypot(*(middle[whole] - middle[_whole(h, used)]))) for h in hazards), default=9e9)
            column = Patch(whole.west, whole.west + 1, whole.south, whole.north)
            part = _sized(whole, len(groups[name])) if name == "area" else column
            if near < 1_300 or (name != "area" and not 4.15 < hectares(lattice.polygon(part)) < 5.85):
                continue
            groups[name].append(part)
            used.append(whole)
    for k in world.rng.permutation(len(farmed)).tolist():
        whole = farmed[k].patch
        column = Patch(whole.west, whole.west + 1, whole.south, whole.north)
        far = all(float(np.hypot(*(middle[whole] - middle[_whole(h, used)]))) > 1_300 for h in groups["chemicals"])
        if far and len(groups["farmland"]) < 9 and 4.15 < hectares(lattice.polygon(column)) < 5.85:
            groups["farmland"].append(column)
    _obstacles(world, sheet, groups)
    world.truth["hospital"] = {"groups": groups}
    return {patch: _fields(sheet, patch) for patches in groups.values() for patch in patches}


def _inside(world: World, sheet: Sheet, patch: Patch) -> bool:
    """Whether all of a patch lies in 新华区 or all of it in 运河区."""
    shape = sheet.zoned.lattice.polygon(patch)
    return any(shapely.contains_properly(world.boundaries[code], shape) for code in ("130902", "130903"))


def _whole(part: Patch, blocks: list[Patch]) -> Patch:
    return next(block for block in blocks if block.west <= part.west < block.east and block.south == part.south)


def _sized(whole: Patch, number: int) -> Patch:
    """Too small (one cell) or too large (a whole block)."""
    if number % 2:
        return whole
    return Patch(whole.west, whole.west + 1, whole.south, whole.south + 1)


def _fields(sheet: Sheet, patch: Patch) -> list[str]:
    return [
        sheet.tugui_ids[Patch(column, column + 1, row, row + 1)]
        for column in range(patch.west, patch.east)
        for row in range(patch.south, patch.north)
    ]


def _obstacles(world: World, sheet: Sheet, groups: dict[str, list[Patch]]) -> None:
    angle = -np.radians(sheet.zoned.lattice.town.angle)
    for patch in groups["chemicals"]:
        middle = sheet.zoned.lattice.corners(patch).mean(axis=0)
        plot = Plot(float(middle[0]), float(middle[1]), float(angle))
        world.add_one(CHEMICALS, plot.point(150.0, 0.0), name="模拟危险化学品企业", chemical_class="3")
    for patch in groups["heritage"]:
        middle = sheet.zoned.lattice.corners(patch).mean(axis=0)
        plot = Plot(float(middle[0]), float(middle[1]), float(angle))
        world.add_one(PURPLE, plot.rect(-30.0, -60.0, 30.0, 60.0), name="模拟遗址紫线", protection_zone="core")


def name_hospital(world: World, ids: dict[Patch, str]) -> None:
    """Turns the groups of patches into the truth, once the survey has given them ids."""
    groups = world.truth["hospital"]["groups"]
    removed = {"area": 12, "farmland": 9, "chemicals": 6, "heritage": 4}
    world.truth["hospital"] = {
        "layer": SURVEY_LAYER,
        "land_use_code": "1201",
        "divisions": ["130902", "130903"],
        "hectares": [4.0, 6.0],
        "chemicals_m": 500.0,
        "candidates": sum(len(patches) for patches in groups.values()),
        "removed": {name: [ids[patch] for patch in groups[name]] for name in removed},
        "ranked": [ids[patch] for patch in groups["ranked"]],
    }
