"""With made-up boundaries the same situations are planted with the same areas."""

from typing import Any

import pytest

from config.registry import Registry
from server.demo.build import build
from server.demo.fill import finished
from tests.demo.conftest import SEED
from tests.demo.judge import Layers, overlaps, pairs, split, total
from tests.demo.test_border import defects
from tests.demo.test_differences import LAST, difference
from tests.demo.test_permits import alerts
from tests.demo.test_rules import FORBIDDEN, REDLINE

DIVISIONS = "base-admin-area"


@pytest.fixture(scope="module")
def made_up(registry: Registry) -> tuple[Layers, dict[str, Any]]:
    world = build(registry.divisions, SEED, real=False)
    assert world.boundaries.real is False
    return Layers(
        finished(world, registry, SEED), lambda layer, id: id if layer == DIVISIONS else f"{layer}/{id}"
    ), world.truth


def test_difference(made_up: tuple[Layers, dict[str, Any]]) -> None:
    patches, slivers = difference(made_up[0], LAST)
    assert (len(patches), round(total(patches), 2)) == (210, 677.90)
    assert (len(slivers), round(total(slivers), 2)) == (320, 1.90)


def test_rules_with_other_ids(made_up: tuple[Layers, dict[str, Any]]) -> None:
    """Ids are renumbered here: what is found does not hang on them."""
    for rule, (left, right, count, _) in FORBIDDEN.items():
        hits, _ = split(overlaps(left(made_up[0]), right(made_up[0])))
        claimed = made_up[1]["rules"][rule]["hits"]
        assert len(hits) == count
        assert {(a.left.partition("/")[2], a.right.partition("/")[2]) for a in hits} == pairs(claimed)
        assert total(hits) == pytest.approx(sum(one["area_ha"] for one in claimed), abs=0.005)


def test_alerts_and_border(made_up: tuple[Layers, dict[str, Any]]) -> None:
    found = alerts(made_up[0], made_up[0].on(REDLINE))
    assert len({permit for permit, _ in found}) == 37
    along = defects(made_up[0], "130925", "371423")
    assert [len(along[name]) for name in ("gap", "overlap", "jump")] == [3, 2, 4]
