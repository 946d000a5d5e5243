"""5,000 permits and their 37 alerts; approval chains by 供地方式."""

from typing import Any

import pytest
import shapely

from tests.demo.judge import Layers, Rows, area, outside, overlaps, split

UDB, REDLINE = "plan-urban-development-boundary", "plan-ecological-redline"
LINES = (
    *("plan-prohibited-construction-zone", "plan-restricted-construction-zone", REDLINE),
    *("plan-green-line", "plan-blue-line", "plan-purple-line", "plan-yellow-line"),
)
CHAIN = ("approval-project-generation", "approval-siting-area", "approval-land-redline", "approval-works-redline")


def alerts(layers: Layers, redlines: Rows) -> set[tuple[str, str]]:
    permits = layers.on("permit")
    found = {(one.left, UDB) for one in split(outside(permits, layers.on(UDB)))[0]}
    for name in LINES:
        lines = redlines if name == REDLINE else layers.on(name)
        found |= {(one.left, name) for one in split(overlaps(permits, lines))[0]}
    return found


def test_alerts(layers: Layers, truth: dict[str, Any]) -> None:
    claimed = truth["permits"]
    assert len(layers.on("permit")) == 5_000
    found = alerts(layers, layers.on(REDLINE))
    assert found == {(one["permit"], one["layer"]) for one in claimed["alerts"]}
    assert len({permit for permit, _ in found}) == 37


def test_moving_one_redline_adds_exactly_one(layers: Layers, truth: dict[str, Any]) -> None:
    claimed = truth["permits"]["moving_a_redline"]
    before = {permit for permit, _ in alerts(layers, layers.on(REDLINE))}
    redlines = layers.on(REDLINE)
    index = redlines.ids.tolist().index(claimed["redline"])
    redlines.shapes[index] = shapely.transform(redlines.shapes[index], lambda xy: xy + claimed["shift_degrees"])
    after = {permit for permit, _ in alerts(layers, redlines)}
    assert after - before == {claimed["permit"]}
    assert before <= after


def test_permits_follow_the_plan(layers: Layers, truth: dict[str, Any]) -> None:
    """But for the alerts, a permit's class is that of the parcel in which it lies."""
    permits, plan = layers.on("permit"), layers.on("plan-land-use")
    a, b = shapely.STRtree(plan.shapes).query(permits.shapes, predicate="within")
    same = permits.columns["land_use_code"][a] == plan.columns["land_use_code"][b]
    assert same.all()
    assert len(set(a.tolist())) >= 4_950


def _by_project(rows: Rows) -> dict[str, tuple[str, Any, str]]:
    modes = rows.columns.get("supply_mode", [""] * len(rows))
    return {
        code: (id, shape, mode)
        for code, id, shape, mode in zip(rows.columns["project_code"], rows.ids, rows.shapes, modes, strict=True)
    }


@pytest.mark.parametrize("link", [1, 2, 3])
def test_chains(layers: Layers, truth: dict[str, Any], link: int) -> None:
    inner, outer = _by_project(layers.on(CHAIN[link])), _by_project(layers.on(CHAIN[link - 1]))
    broken, exempt = {}, 0
    for project, (id, shape, mode) in inner.items():
        if project not in outer:
            assert mode == "grant"
            exempt += 1
            continue
        left = area(shapely.difference(shape, outer[project][1]))
        if left > 1:
            broken[id] = left
    claimed = truth["rules"][f"A0{link}"]
    assert set(broken) == {one["left"] for one in claimed["hits"]}
    assert len(broken) == 2
    for one in claimed["hits"]:
        assert broken[one["left"]] == pytest.approx(one["area_ha"] * 10_000, abs=1)
    if link == 2:
        assert min(broken.values()) == pytest.approx(1_200, abs=1)
        assert exempt > 50


def test_supply_equals_the_land_red_line(layers: Layers, truth: dict[str, Any]) -> None:
    supply, land = _by_project(layers.on("approval-land-supply-redline")), _by_project(layers.on(CHAIN[2]))
    unequal = {
        id
        for project, (id, shape, _) in supply.items()
        if area(shapely.symmetric_difference(shape, land[project][1])) > 1
    }
    assert unequal == {one["left"] for one in truth["rules"]["A04"]["hits"]}
