"""Every reference of the demo leads to a feature, at any size."""

from collections import defaultdict

import pytest

from config.registry import Registry
from server.demo.bulk import bulk
from server.demo.fill import Ready
from server.demo.world import World
from tests.demo.conftest import SEED

CHAIN = {
    ("permit", "project"),
    ("permit", "earlier"),
    ("approval-siting-area", "generation"),
    ("approval-land-redline", "siting"),
    ("approval-works-redline", "land_redline"),
    ("approval-land-supply-redline", "land_redline"),
    ("plan-document", "superior"),
    ("plan-land-use", "plan"),
    ("plan-ecological-control-line", "plan"),
}
"""Without which the test would prove nothing."""


@pytest.fixture(scope="module")
def every(world: World, registry: Registry, ready: list[Ready]) -> list[Ready]:
    return [*ready, *bulk(world, registry, SEED, 3_000)]


def test_references_of_the_demo_lead_to_features(every: list[Ready], registry: Registry) -> None:
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for one in every:
        ids[one.layer].update(one.ids.tolist())
    used = set()
    for one in every:
        for attribute in registry.layers[one.layer].attributes:
            if attribute.reference is None:
                continue
            keys = {key for key in one.columns[attribute.name].tolist() if key is not None}
            assert keys <= ids[attribute.reference], (
                one.layer,
                attribute.name,
                sorted(keys - ids[attribute.reference])[:3],
            )
            used |= {(one.layer, attribute.name)} if keys else set()
    assert used >= CHAIN


def test_a_permit_and_its_project_agree(ready: list[Ready]) -> None:
    projects = {}
    for one in ready:
        if one.layer == "project":
            projects |= {id: (one.columns["project_code"][k], one.wkb[k]) for k, id in enumerate(one.ids)}
    permits = next(one for one in ready if one.layer == "permit")
    for k, key in enumerate(permits.columns["project"]):
        assert projects[key] == (permits.columns["project_code"][k], permits.wkb[k])


def test_a_plan_says_what_its_zones_say(ready: list[Ready], registry: Registry) -> None:
    register = next(one for one in ready if one.layer == "plan-document")
    said = {
        id: (register.columns["plan_name"][k], register.columns["plan_level"][k]) for k, id in enumerate(register.ids)
    }
    above = dict(zip(register.ids, register.columns["superior"], strict=True))
    for one in ready:
        if registry.layers[one.layer].attribute("plan") is not None:
            for key, name in zip(one.columns["plan"], one.columns["plan_name"], strict=True):
                assert said[key] == (name, "county")
    levels = {(said[id][1], said[upper][1]) for id, upper in above.items() if upper is not None}
    assert {("county", "city"), ("city", "provincial")} <= levels
    assert levels <= {("county", "city"), ("city", "provincial"), ("county", "provincial")}
