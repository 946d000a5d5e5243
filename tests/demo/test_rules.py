"""C01 to C18 and U01 to U04: every planted hit is found with its area, and nothing else."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely

from tests.demo.judge import Layers, Rows, is_construction, outside, overlaps, pairs, plane, split, total

PLAN, UDB, PBF, REDLINE = (
    "plan-land-use",
    "plan-urban-development-boundary",
    "plan-permanent-basic-farmland",
    "plan-ecological-redline",
)


def planned(test: Callable[[str], bool]) -> Callable[[Layers], Rows]:
    return lambda layers: layers.on(PLAN).code(test)


def layer(name: str) -> Callable[[Layers], Rows]:
    return lambda layers: layers.on(name)


def protected_forest(layers: Layers) -> Rows:
    return layers.on("current-forest").where(lambda rows: [c != "commercial" for c in rows.columns["forest_category"]])


def dense(code: str) -> bool:
    return code[0] == "R" or code[:2] in ("A3", "A5")


FORBIDDEN = {
    "C01": (planned(is_construction), layer(PBF), 12, 18.60),
    "C02": (planned(is_construction), layer(REDLINE), 5, 7.40),
    "C03": (layer(UDB), layer(PBF), 3, 9.10),
    "C04": (layer(UDB), layer(REDLINE), 2, 3.30),
    "C05": (layer(PBF), layer(REDLINE), 4, 11.20),
    "C10": (planned(lambda code: code[0] != "G"), layer("plan-green-line"), 6, None),
    "C11": (planned(lambda code: is_construction(code) and code != "U32"), layer("plan-blue-line"), 5, None),
    "C12": (
        planned(lambda code: is_construction(code) and code[0] != "G" and code[:2] not in ("A7", "A2")),
        layer("plan-purple-line"),
        3,
        None,
    ),
    "C13": (planned(lambda code: code[0] not in "US" and code[:2] != "H3"), layer("plan-yellow-line"), 4, None),
    "C14": (planned(is_construction), layer("plan-scenic-area"), 2, None),
    "C16": (planned(is_construction), protected_forest, 2, None),
}


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_forbidden_overlaps(layers: Layers, truth: dict[str, Any], rule: str) -> None:
    left, right, count, size = FORBIDDEN[rule]
    hits, slivers = split(overlaps(left(layers), right(layers)))
    claimed = truth["rules"][rule]
    assert {(one.left, one.right) for one in hits} == pairs(claimed["hits"])
    assert len(hits) == count
    assert total(hits) == pytest.approx(sum(one["area_ha"] for one in claimed["hits"]), abs=0.005)
    if size is not None:
        assert total(hits) == pytest.approx(size, abs=0.005)
    assert {(one.left, one.right) for one in slivers} == pairs(
        one for one in claimed["near_misses"] if one["why"] == "sliver"
    )
    assert len(claimed["near_misses"]) >= 2


def test_touching_near_misses_touch(layers: Layers, truth: dict[str, Any]) -> None:
    for rule, (left, right, _, _) in FORBIDDEN.items():
        first, second = left(layers).by_id(), right(layers).by_id()
        for entry in truth["rules"][rule]["near_misses"]:
            if entry["why"] == "touching" and entry["left"] in first:
                assert shapely.touches(first[entry["left"]], second[entry["right"]]), (rule, entry)


def test_windows_are_no_conflict(layers: Layers, truth: dict[str, Any]) -> None:
    windows = [one for one in truth["rules"]["C03"]["near_misses"] if one.get("window")]
    boundary, farmland = layers.on(UDB).by_id(), layers.on(PBF).by_id()
    assert len(windows) == 2
    for one in windows:
        hull = shapely.Polygon(shapely.get_parts(boundary[one["left"]])[0].exterior)
        assert shapely.contains(hull, farmland[one["right"]])


def test_one_purple_hit_lies_in_a_core(layers: Layers, truth: dict[str, Any]) -> None:
    purple = layers.on("plan-purple-line")
    zones = dict(zip(purple.ids.tolist(), purple.columns["protection_zone"].tolist(), strict=True))
    assert sum(zones[one["right"]] == "core" for one in truth["rules"]["C12"]["hits"]) == 1


@pytest.mark.parametrize(
    ("rule", "test", "boundary"),
    [
        ("C08", is_construction, "plan-construction-scale-boundary"),
        ("C09", lambda code: code[0] in "RABMWSUG", UDB),
    ],
)
def test_built_land_within_its_boundary(
    layers: Layers, truth: dict[str, Any], rule: str, test: Callable[[str], bool], boundary: str
) -> None:
    hits, slivers = split(outside(layers.on(PLAN).code(test), layers.on(boundary)))
    claimed = truth["rules"][rule]
    assert {one.left for one in hits} == {one["left"] for one in claimed["hits"]}
    assert total(hits) == pytest.approx(sum(one["area_ha"] for one in claimed["hits"]), abs=0.005)
    assert {one.left for one in slivers} == {one["left"] for one in claimed["near_misses"] if one["why"] == "sliver"}
    assert len(hits) >= 2


def test_three_zones_cover_the_city(layers: Layers, truth: dict[str, Any]) -> None:
    zones = layers.on("plan-three-zones")
    city = layers.on("base-admin-area").by_id()["130900"]
    a, b = shapely.STRtree(zones.shapes).query(zones.shapes, predicate="intersects")
    shared = [
        (zones.ids[i], zones.ids[j], shapely.intersection(zones.shapes[i], zones.shapes[j]))
        for i, j in zip(a, b, strict=True)
        if i < j
    ]
    claimed = truth["rules"]["C06"]
    overlap = {(i, j) for i, j, shape in shared if shape.area > 1e-12}
    assert overlap == pairs(one for one in claimed["hits"] if one["kind"] == "overlap")
    gaps = shapely.get_parts(shapely.difference(city, shapely.union_all(zones.shapes)))
    sizes = sorted(round(float(_hectares(gap)), 2) for gap in gaps if shapely.area(gap) > 1e-14)
    assert sizes == sorted(round(one["area_ha"], 2) for one in _gaps(claimed))


def _hectares(shape: Any) -> float:
    from tests.demo.judge import area

    return area(shape) / 10_000


def _gaps(claimed: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in (*claimed["hits"], *claimed["near_misses"]) if one.get("kind") == "gap"]


def test_hazards_for_dense_uses(layers: Layers, truth: dict[str, Any]) -> None:
    homes = layers.on(PLAN).code(dense)
    found: set[tuple[str, str]] = set()
    for name in ("current-geohazard-area", "current-flood-detention-area"):
        found |= {(one.left, one.right) for one in split(overlaps(homes, layers.on(name)))[0]}
    sources = layers.on("current-hazard-source")
    points = plane(sources.shapes)
    a, b = shapely.STRtree(plane(homes.shapes)).query(points, predicate="dwithin", distance=500.0)
    found |= {(homes.ids[j], sources.ids[i]) for i, j in zip(a, b, strict=True)}
    assert found == pairs(truth["rules"]["C15"]["hits"])


def test_road_red_lines(layers: Layers, truth: dict[str, Any]) -> None:
    parcels = layers.on(PLAN).code(lambda code: code[:2] != "S1")
    roads = layers.on("plan-road-redline")
    a, b = shapely.STRtree(parcels.shapes).query(roads.shapes, predicate="intersects")
    inside = [
        (parcels.ids[j], roads.ids[i])
        for i, j in zip(a, b, strict=True)
        if shapely.relate_pattern(roads.shapes[i], parcels.shapes[j], "T********")
    ]
    assert set(inside) == pairs(truth["rules"]["C17"]["hits"])


MATCH = {
    "plan-water-supply-point": ("U11",),
    "plan-drainage-point": ("U21",),
    "plan-power-point": ("U12",),
    "plan-telecom-point": ("U15",),
    "plan-gas-point": ("U13",),
    "plan-heating-point": ("U14",),
    "plan-sanitation-point": ("U22",),
    "plan-disaster-prevention-point": ("U31", "U32"),
}


def test_facilities_stand_in_their_class(layers: Layers, truth: dict[str, Any]) -> None:
    plan = layers.on(PLAN)
    tree = shapely.STRtree(plan.shapes)
    wrong = set()
    for name, codes in MATCH.items():
        rows = layers.on(name)
        a, b = tree.query(rows.shapes, predicate="within")
        assert sorted(a.tolist()) == list(range(len(rows))), name
        wrong |= {
            (rows.ids[i], plan.ids[j], name)
            for i, j in zip(a, b, strict=True)
            if plan.columns["land_use_code"][j] not in codes
        }
    assert wrong == {(one["left"], one["right"], one["layer"]) for one in truth["rules"]["C18"]["hits"]}
    assert len(truth["rules"]["C18"]["near_misses"]) == len(MATCH)


def test_boundary_against_quota(layers: Layers, truth: dict[str, Any]) -> None:
    from tests.demo.judge import area

    rows = layers.on(UDB).where(lambda rows: [code.startswith("1309") for code in rows.columns["division_code"]])
    sizes = np.array([area(shape) for shape in rows.shapes]) / 1e6
    quota = rows.columns["quota"].astype(float)
    assert sizes.sum() == pytest.approx(183.60, abs=0.0005)
    assert np.nansum(quota) == pytest.approx(180.00, abs=1e-6)
    counties = np.array([code[:6] for code in rows.columns["division_code"]])
    over = {one for one in set(counties) if sizes[counties == one].sum() > np.nansum(quota[counties == one])}
    claimed = truth["rules"]["U01"]
    assert over | {"130900"} == {one["division"] for one in claimed["hits"]}
    assert len(claimed["near_misses"]) >= 2


def test_farmland_against_quota(layers: Layers, truth: dict[str, Any]) -> None:
    from tests.demo.judge import area

    farmland = layers.on(PBF)
    values = layers.on("indicator-value").where(
        lambda rows: [name == "永久基本农田保护面积" for name in rows.columns["indicator_name"]]
    )
    sizes = np.array([area(shape) for shape in farmland.shapes]) / 10_000
    codes = farmland.columns["division_code"]
    short = {
        code
        for code, target in zip(values.columns["division_code"], values.columns["target_value"], strict=True)
        if sizes[codes == code].sum() < target
    }
    assert short == {one["division"] for one in truth["rules"]["U02"]["hits"]}
    assert len(short) == 2


def test_redlines_that_shrink_and_boundaries_that_move(layers: Layers, truth: dict[str, Any]) -> None:
    before, after = (layers.on(REDLINE, day).by_id() for day in (date(2016, 12, 31), date(2017, 12, 31)))
    lost = {id for id in before if _hectares(before[id]) - _hectares(after[id]) > 0.1}
    assert lost == {one["left"] for one in truth["rules"]["U03"]["hits"]}
    before, after = (layers.on(UDB, day).by_id() for day in (date(2016, 12, 31), date(2017, 12, 31)))
    moved = {id for id in before if shapely.hausdorff_distance(plane(before[id]), plane(after[id])) > 10.0}
    assert moved == {one["left"] for one in truth["rules"]["U04"]["hits"]}
    assert len(lost) == len(moved) == 2
