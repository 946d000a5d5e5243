"""The current status: buildings, the land survey, forests, housing, heritage, tourism, ..."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from server.demo.lattice import Patch
from server.demo.metres import area, to_degrees
from server.demo.places import RECORDED
from server.demo.plans import TUGUI, Sheet
from server.demo.plots import Plot
from server.demo.scenes import Scenes
from server.demo.world import PLAN_2014, Rows, World
from server.demo.zoning import Parcel

SURVEY = {
    "2110": "0701",
    "2120": "0702",
    "1120": "0102",
    "1110": "0101",
    "1130": "0103",
    "1200": "0201",
    "1310": "0301",
    "1540": "1107",
    "1530": "1104",
    "1520": "1006",
    "3110": "1101",
    "2260": "1103",
    "2220": "1003",
    "2130": "0602",
}
"""From 土规 classes to those of the land survey (GB/T 21010-2017)."""

_BUILT_UP = tuple("RABMW")
BUILDING_USES = {
    **{"R": "residential", "A": "public", "A1": "office", "A3": "education", "A5": "medical"},
    **{"B": "commercial", "B2": "office", "M": "industrial", "W": "warehouse"},
}
"""What a building is for by the longest beginning of its parcel's class; farmhouses are said nothing of."""

_RESOURCES = {"G1": "biology", "A7": "ruins", "A21": "building"}
_COVERS = {"E2": ("01", "0110"), "R21": ("05", "0511"), "M2": ("05", "0541"), "G1": ("03", "0311")}
_ENTITIES = {
    **dict.fromkeys(("A1", "A33", "A51"), ("340000", "3")),
    **{"G1": ("820000", "8"), "S41": ("430000", "4")},
}
"""Class by class of parcel: tourism, land cover of the census, code and kind of the geographic entity."""


HERITAGE = (("ruins", "county"), ("tomb", "provincial"), ("building", "city"), ("modern", "county"))
WORDS = {"ruins": "古遗址", "tomb": "古墓葬", "building": "古建筑", "modern": "近现代建筑"}


def add_today(
    world: World, sheets: list[Sheet], scenes: Scenes, plots: Iterator[Plot], vacant: dict[Patch, list[str]]
) -> dict[Patch, str]:
    """Everything but buildings. `vacant` parcels take the place of 土规 fields in the land survey; gives their ids."""
    for code in RECORDED:
        world.add_one("plan-main-functional-zone", world.boundaries[code], division_code=code)
    ids = _survey(world, vacant)
    _from_parcels(world, sheets)
    _countryside(world, plots, scenes)
    return ids


def _survey(world: World, vacant: dict[Patch, list[str]]) -> dict[Patch, str]:
    """The land survey repeats the 土规 parcels' geometry with its own classes, but for vacant parcels."""
    rows = world.rows[TUGUI, PLAN_2014]
    replaced = {id for ids in vacant.values() for id in ids}
    kept = [k for k, id in enumerate(rows.ids) if id not in replaced]
    columns = [
        {
            "land_use_code": SURVEY.get(rows.columns[k]["land_use_code"], "0102"),
            "division_code": rows.columns[k]["division_code"],
        }
        for k in kept
    ]
    shapes = [rows.geometry[k] for k in kept]
    world.add("current-land-survey", shapes, columns)
    by_id = dict(zip(rows.ids, rows.geometry, strict=True))
    merged = [shapely.coverage_union_all(np.array([by_id[id] for id in ids])) for ids in vacant.values()]
    added = world.add("current-land-survey", merged, land_use_code="1201")
    woods = [
        shape
        for shape, values in zip(shapes, columns, strict=True)
        if values["land_use_code"] == "0301" and area(shape) < 30_000
    ]
    world.add("current-forest", woods[:220], forest_category="commercial")
    return dict(zip(vacant, added, strict=True))


def _from_parcels(world: World, sheets: list[Sheet]) -> None:
    def place(layer: str, codes: tuple[str, ...], number: int, values: Callable[[str], dict[str, Any]]) -> None:
        found = [(sheet, parcel) for sheet in sheets for parcel in sheet.zoned.parcels if parcel.code in codes]
        chosen = [found[k] for k in world.rng.permutation(len(found))[:number].tolist()]
        shapes = [sheet.zoned.lattice.polygon(parcel.patch) for sheet, parcel in chosen]
        world.add(layer, shapes, [values(parcel.code) for _, parcel in chosen])

    place("current-affordable-housing", ("R21", "R22"), 60, lambda _: {})
    place("current-tourism", ("G1", "A7", "A21"), 40, lambda code: {"resource_type": _RESOURCES[code]})
    place("census-geographic-condition", ("E2", "R21", "M2", "G1"), 500, _cover)
    place("base-geographic-entity", ("A1", "A33", "A51", "G1", "S41"), 300, _entity)
    place("plan-functional-area", ("M1", "M2"), 24, lambda _: {})
    kinds = {"A33": "学校用地", "A51": "医院用地"}
    place("plan-other", ("A33", "A51"), 20, lambda code: {"feature_kind": kinds[code], "plan_level": "county"})


def _cover(code: str) -> dict[str, Any]:
    kind, detail = _COVERS[code]
    return {"condition_class": kind, "condition_code": detail}


def _entity(code: str) -> dict[str, Any]:
    number, kind = _ENTITIES[code]
    return {"entity_class": number, "entity_type": kind}


def _countryside(world: World, plots: Iterator[Plot], scenes: Scenes) -> None:
    """What lies outside towns: forest parks, scenic areas, ground subsidence, heritage in villages."""
    for number in range(3):
        plot = next(plots)
        world.add_one("current-forest-park", plot.rect(-420.0, -300.0, 420.0, 300.0), name=f"模拟森林公园{number + 1}")
    for number in range(2):
        plot = next(plots)
        world.add_one("plan-scenic-area", plot.rect(-500.0, -400.0, 500.0, 400.0), name=f"模拟风景名胜区{number + 1}")
    for number in range(8):
        plot = next(plots)
        world.add_one("current-geohazard-area", plot.rect(-600.0, -450.0, 600.0, 450.0), name=f"地面沉降区{number + 1}")
        world.add_one("current-geohazard-site", plot.point(0.0, 0.0), name=f"地面沉降监测点{number + 1}")
    for number in range(12):
        plot = next(plots)
        place = plot.point(10.0 * number, 0.0)
        kind, grade = HERITAGE[number % len(HERITAGE)]
        for layer in ("plan-heritage-site", "current-heritage-site"):
            world.add_one(layer, place, heritage_type=kind, heritage_grade=grade, name=f"模拟{WORDS[kind]}{number + 1}")
        world.add_one("plan-historic-building", place, name=f"模拟历史建筑{number + 1}")
    world.add_one("plan-historic-urban-area", next(plots).rect(-500.0, -450.0, 500.0, 450.0), name="模拟历史城区")
    world.add_one("current-tourism", scenes.wetland_core, name="南大港湿地景区", resource_type="biology")


def buildings(world: World, sheets: list[Sheet], per_parcel: int = 0) -> Iterator[Rows]:
    """Buildings inside the towns' parcels, in batches; `per_parcel` 0 draws one to nine by the parcel's size."""
    for sheet in sheets:
        lattice = sheet.zoned.lattice
        parcels = [parcel for parcel in sheet.zoned.parcels if parcel.code[0] in _BUILT_UP or parcel.code == "H14"]
        corners = np.stack([lattice.corners(parcel.patch) for parcel in parcels])
        owner, boxes = _footprints(world, parcels, per_parcel)
        plane = bilinear(corners[owner], boxes)
        shapes = shapely.polygons(to_degrees(plane))
        uses = [building_use(parcel.code) for parcel in parcels]
        yield number_buildings(world, shapes, [uses[k] for k in owner.tolist()])


def building_use(code: str) -> str | None:
    return BUILDING_USES.get(code[:2], BUILDING_USES.get(code[:1]))


def number_buildings(world: World, shapes: NDArray[np.object_], uses: list[str | None]) -> Rows:
    places = world.divisions_of(shapely.centroid(shapes))
    rows = Rows()
    for shape, place, use in zip(shapes, places, uses, strict=True):
        rows.ids.append(world.next_id("current-building", place))
        rows.geometry.append(shape)
        rows.columns.append({"division_code": place, **({"building_use": use} if use else {})})
    return rows


def _footprints(world: World, parcels: list[Parcel], per_parcel: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Per building its parcel's index and its box (u0, v0, u1, v1) in shares of the parcel."""
    owner: list[int] = []
    boxes: list[tuple[float, float, float, float]] = []
    for index, parcel in enumerate(parcels):
        across = min(parcel.patch.east - parcel.patch.west + 1, 4)
        up = parcel.patch.north - parcel.patch.south + 2
        if per_parcel:
            across = up = int(np.ceil(np.sqrt(per_parcel)))
        for column in range(across):
            for row in range(up):
                owner.append(index)
                boxes.append((column / across, row / up, (column + 1) / across, (row + 1) / up))
    box = np.array(boxes)
    wide, high = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    inset = world.rng.uniform(0.14, 0.34, (len(box), 4))
    sides = np.stack([wide, high, -wide, -high], axis=1)
    return np.array(owner), box + inset * sides


def bilinear(corners: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boxes of shares placed in quadrilaterals: (n, 4, 2) corners and (n, 4) boxes to (n, 4, 2) rings."""
    u = boxes[:, [0, 2, 2, 0]][..., None]
    v = boxes[:, [1, 1, 3, 3]][..., None]
    south = (1 - u) * corners[:, None, 0] + u * corners[:, None, 1]
    north = (1 - u) * corners[:, None, 3] + u * corners[:, None, 2]
    ring: NDArray[np.float64] = (1 - v) * south + v * north
    return ring
