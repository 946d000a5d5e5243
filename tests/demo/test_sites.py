"""Siting, the review without data, the school and the hospital, recomputed from the layers."""

from typing import Any

import numpy as np
import pytest
import shapely

from tests.demo.judge import PLANE, Layers, Rows, area, overlaps, plane

UDB = "plan-urban-development-boundary"
ROWS = (
    *("plan-prohibited-construction-zone", "plan-restricted-construction-zone", "plan-ecological-redline", UDB),
    *("plan-green-line", "plan-blue-line", "plan-purple-line", "plan-yellow-line"),
)
WANTED = (None, None, 1.20, 4.80, None, 0.65, 0.40, 0.90)


def project(layers: Layers, id: str) -> Any:
    return layers.on("project").by_id()[id]


def shared(layers: Layers, shape: Any, name: str) -> float:
    whole = shapely.union_all(layers.on(name).shapes)
    piece = shapely.difference(shape, whole) if name == UDB else shapely.intersection(shape, whole)
    return area(piece) / 10_000


def test_steel_works(layers: Layers, truth: dict[str, Any]) -> None:
    shape = project(layers, truth["siting"]["project"])
    assert area(shape) / 10_000 == pytest.approx(36.00, abs=0.005)
    for name, wanted, row in zip(ROWS, WANTED, truth["siting"]["rows"], strict=True):
        assert shared(layers, shape, name) == pytest.approx(wanted or 0.0, abs=0.005), name
        assert row["layer"] == name
        assert row["verdict"] == ("warn" if wanted else "pass")


def test_two_layers_without_data(layers: Layers, truth: dict[str, Any]) -> None:
    shape = project(layers, truth["siting-no-data"]["project"])
    missing = set()
    for name in ROWS:
        rows = layers.on(name)
        here = [code.startswith("1308") for code in rows.columns["division_code"]]
        if not any(here):
            missing.add(name)
        else:
            assert shared(layers, shape, name) == pytest.approx(0.0, abs=1e-9), name
    assert missing == {"plan-green-line", "plan-purple-line"}
    assert missing == {one["layer"] for one in truth["siting-no-data"]["rows"] if one["verdict"] == "no-data"}


def moved(shape: Any, metres: float, azimuth: float) -> Any:
    away = metres * np.array([np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))])
    drawn = shapely.transform(plane(shape), lambda xy: xy + away)
    return shapely.transform(
        drawn, lambda xy: np.column_stack(PLANE.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))
    )


def passes(layers: Layers, shape: Any) -> bool:
    return all(shared(layers, shape, name) < 0.0002 for name in ROWS)


def test_school_passes_85_m_to_the_east(layers: Layers, truth: dict[str, Any]) -> None:
    shape = project(layers, truth["school"]["project"])
    near = {name: _near(layers.on(name), shape) for name in ROWS}
    local = Layers([])
    local.loads = {name: [(layers.loads[name][0][0], rows)] for name, rows in near.items()}
    assert not passes(local, shape)
    assert passes(local, moved(shape, 85.0, 90.0))
    for metres in (20.0, 40.0, 60.0, 80.0, 83.0):
        assert not any(passes(local, moved(shape, metres, azimuth)) for azimuth in range(0, 360, 10)), metres


def _near(rows: Rows, shape: Any) -> Rows:
    return rows.where(shapely.distance(rows.shapes, shape) < 0.01)


def test_hospital(layers: Layers, truth: dict[str, Any]) -> None:
    claimed = truth["hospital"]
    survey = layers.on("current-land-survey").where(
        lambda rows: [
            use == "1201" and code in ("130902", "130903")
            for use, code in zip(rows.columns["land_use_code"], rows.columns["division_code"], strict=True)
        ]
    )
    assert len(survey) == claimed["candidates"] == 40
    sizes = np.array([area(shape) for shape in survey.shapes]) / 10_000
    chemicals = plane(layers.on("current-hazardous-chemical-enterprise").shapes)
    failed = {
        "area": set(survey.ids[(sizes < 4) | (sizes > 6)]),
        "farmland": {one.left for one in overlaps(survey, layers.on("plan-permanent-basic-farmland")) if one.area > 1},
        "chemicals": set(survey.ids[_within(plane(survey.shapes), chemicals, 500.0)]),
        "heritage": {one.left for one in overlaps(survey, layers.on("plan-purple-line")) if one.area > 1},
    }
    assert {name: len(ids) for name, ids in failed.items()} == {
        "area": 12,
        "farmland": 9,
        "chemicals": 6,
        "heritage": 4,
    }
    assert failed == {name: set(ids) for name, ids in claimed["removed"].items()}
    ranked = set(survey.ids) - set().union(*failed.values())
    assert ranked == set(claimed["ranked"])
    assert len(ranked) == 9


def _within(shapes: Any, points: Any, metres: float) -> np.ndarray:
    found = np.zeros(len(shapes), dtype=bool)
    found[shapely.STRtree(points).query(shapes, predicate="dwithin", distance=metres)[0]] = True
    return found
