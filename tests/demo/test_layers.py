"""Every layer is filled in 沧州, every value fits its definition, all of it says that it is synthetic; equal seeds
give equal bytes."""

from collections import defaultdict
from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely

from config.layers import AttributeType, Kind, Theme
from config.registry import Registry
from server.demo.build import build
from server.demo.bulk import bulk
from server.demo.fill import Ready, finished
from server.demo.world import World
from tests.demo.conftest import SEED
from tests.demo.judge import Layers

EMPTY_AT_FIRST = {"conflict-patch", "siting-review-result"}
"""What processes find, not what is loaded."""

DIVISIONS = {"base-admin-area", "base-admin-boundary"}
NOTHING = defaultdict(str)


def test_every_vector_layer_is_filled_in_cangzhou(layers: Layers, registry: Registry) -> None:
    for layer in registry.layers.values():
        if layer.kind is Kind.VECTOR and layer.theme is not Theme.WORKING:
            columns = layers.on(layer.id).columns
            codes = columns.get("division_code", columns.get("left_division"))
            assert any(code.startswith("1309") for code in codes), layer.id


def test_working_collections(layers: Layers, registry: Registry) -> None:
    working = {layer.id for layer in registry.layers.values() if layer.stored and layer.theme is Theme.WORKING}
    assert working - set(layers.loads) == EMPTY_AT_FIRST


def test_about_the_promised_numbers(layers: Layers) -> None:
    assert 8_500 < len(layers.on("plan-land-use")) < 10_500
    assert 11_500 < len(layers.on("plan-land-use-tugui")) < 14_000
    assert 27_000 < len(layers.on("current-building")) < 33_000


def test_values_fit_their_definitions(ready: list[Ready], registry: Registry) -> None:
    for one in ready:
        layer = registry.layers[one.layer]
        for attribute in layer.attributes:
            values = one.columns[attribute.name]
            assert len(values) == len(one.ids)
            if attribute.required:
                assert not any(_missing(value) for value in values), (layer.id, attribute.name)
            if attribute.codelist:
                codes = registry.codelists[attribute.codelist]
                wrong = {value for value in values if value is not None and codes.find(value) is None}
                assert not wrong, (layer.id, attribute.name, wrong)
            if attribute.length and attribute.type is AttributeType.STRING:
                assert max((len(value) for value in values if value), default=0) <= attribute.length


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float | np.floating) and np.isnan(value)) or value == ""


def test_geometries_are_valid_and_of_their_type(ready: list[Ready], registry: Registry) -> None:
    for one in ready:
        kind = registry.layers[one.layer].geometry
        if kind is None:
            assert not any(one.wkb)
            continue
        shapes = shapely.from_wkb(one.wkb)
        assert shapely.is_valid(shapes).all(), one.layer
        if kind.value != "Geometry":
            assert set(shapely.get_type_id(shapes)) == {shapely.GeometryType[kind.value.upper()].value}, one.layer


@pytest.mark.parametrize("size", [0, 3_000])
def test_it_says_that_it_is_synthetic(ready: list[Ready], world: World, registry: Registry, size: int) -> None:
    """Every row but the divisions, in the row itself, so that exports say it, too."""
    for one in bulk(world, registry, SEED, size) if size else ready:
        if one.layer not in DIVISIONS:
            for k in range(len(one.ids)):
                said = f"{one.columns.get('data_source', NOTHING)[k]} {one.columns.get('remarks', NOTHING)[k]}"
                assert "模拟" in said, (one.layer, one.ids[k])


def test_every_stored_layer_can_say_so(registry: Registry) -> None:
    for layer in registry.layers.values():
        if layer.stored:
            assert layer.attribute("data_source") or layer.attribute("remarks"), layer.id


def test_seed_figures_are_not_called_synthetic(layers: Layers) -> None:
    rows = layers.on("stat-economic-social")
    assert all(source.startswith("种子文件") for source in rows.columns["data_source"])
    for layer in ("stat-economic-social", "exchange-record"):
        assert all(note.startswith("数值取自种子文件") for note in layers.on(layer).columns["remarks"])


def test_identifiers_are_unique(ready: list[Ready]) -> None:
    seen: dict[str, set[str]] = {}
    for one in ready:
        assert len(set(one.ids)) == len(one.ids), one.layer
        first = seen.setdefault(one.layer, set(one.ids))
        assert set(one.ids) <= first or not set(one.ids) & first, one.layer
        first |= set(one.ids)


def test_recorded_areas_are_plane_areas_of_the_zone(layers: Layers) -> None:
    rows = layers.on("plan-land-use")
    plane = rows.where([not id.startswith("1301") for id in rows.ids])
    from tests.demo.judge import plane as drawn

    assert np.allclose(shapely.area(drawn(plane.shapes)), plane.columns["area"].astype(float), atol=0.01)


def test_equal_seeds_give_equal_bytes(ready: list[Ready], registry: Registry) -> None:
    again = list(finished(build(registry.divisions, SEED), registry, SEED))
    assert [(one.layer, one.day) for one in again] == [(one.layer, one.day) for one in ready]
    for first, second in zip(ready, again, strict=True):
        assert first.ids.tolist() == second.ids.tolist()
        assert first.wkb.tolist() == second.wkb.tolist(), first.layer
        for name, values in first.columns.items():
            assert repr(values.tolist()) == repr(second.columns[name].tolist()), (first.layer, name)


def test_plans_have_several_dates(layers: Layers) -> None:
    days = {day for loads in layers.loads.values() for day, _ in loads}
    assert {date(2014, 12, 31), date(2016, 12, 31), date(2017, 12, 31)} <= days


@pytest.mark.parametrize("layer", ["plan-land-use-tugui", "plan-ecological-redline"])
def test_a_later_state_keeps_what_it_does_not_change(layers: Layers, layer: str) -> None:
    before, after = layers.on(layer, date(2016, 12, 31)), layers.on(layer, date(2018, 1, 1))
    places = {id: k for k, id in enumerate(after.ids.tolist())}
    for name in ("plot_number", "approval_number"):
        if name in before.columns:
            changed = [
                id
                for id, value in zip(before.ids, before.columns[name], strict=True)
                if after.columns[name][places[id]] != value
            ]
            assert not changed
