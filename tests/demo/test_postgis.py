"""The same province in PostGIS: as many features in every layer as the embedded store, on each of its days."""

from collections.abc import Iterator
from datetime import date

import pytest

from config.registry import Registry
from server.demo.fill import Ready
from server.demo.make import fill_store
from store import open_store
from store.criteria import Criteria, ValidTime
from store.interface import Store

DAYS = (date(2013, 6, 1), date(2015, 1, 1), date(2016, 12, 31), date(2018, 1, 1))


@pytest.fixture(scope="module")
def stores(
    ready: list[Ready], registry: Registry, postgis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Store]]:
    urls = (f"sqlite:///{tmp_path_factory.mktemp('embedded')}", postgis_url)
    for url in urls:
        fill_store(url, registry, iter(ready), lambda _: None)
    opened = [open_store(url, registry.layers) for url in urls]
    for store in opened:
        store.check()
    yield opened[0], opened[1]
    for store in opened:
        store.close()


@pytest.mark.slow
def test_counts_are_equal(stores: tuple[Store, Store], ready: list[Ready]) -> None:
    embedded, postgis = stores
    for layer in {one.layer for one in ready}:
        ids = {id for one in ready if one.layer == layer for id in one.ids}
        assert postgis.count(layer, Criteria()) == embedded.count(layer, Criteria()) == len(ids), layer
        for day in DAYS:
            then = Criteria(valid=ValidTime(day, day))
            assert postgis.count(layer, then) == embedded.count(layer, then), (layer, day)


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["plan-land-use", "current-education-facility", "plan-power-line", "monitor-task"])
def test_features_are_equal(stores: tuple[Store, Store], ready: list[Ready], layer: str) -> None:
    embedded, postgis = stores
    ids = next(one.ids for one in ready if one.layer == layer)
    for id in ids[:: max(1, len(ids) // 20)]:
        assert postgis.item(layer, id, Criteria()).text == embedded.item(layer, id, Criteria()).text
