"""The two-plan difference and its versions, from the two layers alone."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from tests.demo.judge import Layers, Piece, is_construction, overlaps, pairs, plane, split, total

PLAN, TUGUI = "plan-land-use", "plan-land-use-tugui"
LAST, BEFORE = date(2017, 12, 31), date(2016, 12, 31)


def difference(layers: Layers, day: date) -> tuple[list[Piece], list[Piece]]:
    plan, tugui = layers.on(PLAN, day), layers.on(TUGUI, day)
    built = np.array([is_construction(code) for code in plan.columns["land_use_code"]])
    other = np.array([code.startswith("2") for code in tugui.columns["land_use_code"]])
    return split(overlaps(plan, tugui, (built, other)))


@pytest.fixture(scope="module")
def found(layers: Layers) -> tuple[list[Piece], list[Piece]]:
    return difference(layers, LAST)


def codes(layers: Layers, layer: str) -> dict[str, str]:
    rows = layers.on(layer, LAST)
    return dict(zip(rows.ids.tolist(), rows.columns["land_use_code"].tolist(), strict=True))


def test_patches_and_slivers(found: tuple[list[Piece], list[Piece]], truth: dict[str, Any]) -> None:
    patches, slivers = found
    assert len(patches) == 210
    assert total(patches) == pytest.approx(677.90, abs=0.005)
    assert len(slivers) == 320
    assert total(slivers) == pytest.approx(1.90, abs=0.005)
    claimed = truth["two-plan-difference"]
    assert {(one.left, one.right) for one in patches} == pairs(claimed["patches"], PLAN, TUGUI)
    assert not {one.left for one in slivers} & {one.left for one in patches if one.hectares < 0.01}


def test_directions(layers: Layers, found: tuple[list[Piece], list[Piece]]) -> None:
    plan = codes(layers, PLAN)
    planned = [one for one in found[0] if is_construction(plan[one.left])]
    other = [one for one in found[0] if not is_construction(plan[one.left])]
    assert (len(planned), round(total(planned), 2)) == (126, 412.60)
    assert (len(other), round(total(other), 2)) == (84, 265.30)


def test_definitional_by_cause(layers: Layers, found: tuple[list[Piece], list[Piece]]) -> None:
    plan, tugui = codes(layers, PLAN), codes(layers, TUGUI)

    def cause(one: Piece) -> str:
        if plan[one.left].startswith("G"):
            return "绿地"
        if tugui[one.right] == "2260":
            return "水库水面"
        if tugui[one.right] == "1520":
            return "农村道路"
        drawn = plane(one.shape)
        return "边线偏移" if 2 * one.area / drawn.length < 12 else ""

    wanted = {
        "绿地": (22, 74.60),
        "水库水面": (3, 48.90),
        "农村道路": (9, 6.30),
        "边线偏移": (7, 8.40),
        "": (169, 539.70),
    }
    for name, (count, size) in wanted.items():
        group = [one for one in found[0] if cause(one) == name]
        assert len(group) == count, name
        assert total(group) == pytest.approx(size, abs=0.005), name


def test_versions(layers: Layers, found: tuple[list[Piece], list[Piece]], truth: dict[str, Any]) -> None:
    now = {(one.left, one.right): one for one in found[0]}
    then = {(one.left, one.right): one for one in difference(layers, BEFORE)[0]}
    claimed = truth["versions"]
    assert set(then) - set(now) == pairs(claimed["solved"], PLAN, TUGUI)
    assert set(now) - set(then) == pairs(claimed["new"], PLAN, TUGUI)
    assert (len(set(then) - set(now)), len(set(now) - set(then))) == (26, 7)
    moved = {key for key in set(now) & set(then) if not now[key].shape.equals(then[key].shape)}
    assert moved == pairs(claimed["moved"], PLAN, TUGUI)
    assert len(moved) == 3
    for key in moved:
        assert now[key].hectares == pytest.approx(then[key].hectares, abs=0.001)
        assert now[key].shape.intersects(then[key].shape)
