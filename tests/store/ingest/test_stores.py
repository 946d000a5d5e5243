"""Load and export against the real stores, both of them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import shapely

from store import open_store
from store.criteria import END_OF_TIME, Criteria, LoadMode
from store.export.exporter import ExportOptions, export_layer
from store.ingest.context import node_of
from store.ingest.loader import Node
from store.ingest.mapping import MappingFile
from store.migrate import migrate
from store.sql import SqlStore
from tests.store.ingest import fake
from tests.store.ingest.support import codes, load, parcels, square, write

LAYER = fake.layer()
SQUARES = [square(n) for n in range(5)]


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    opened = open_store(store_url, [LAYER])
    migrate(opened.database)
    yield opened
    opened.close()


def test_load_change_and_export(store: SqlStore, tmp_path: Path) -> None:
    """One story on one layer: append, refuse, upsert, replace, and out and in again."""
    node = node_of(store, fake.CODELISTS, {}, frozenset(), Node().timezone)
    assert node.boundaries is None
    first = write(tmp_path / "a.gpkg", SQUARES, parcels(5))
    outcome = load(first, store, node, LAYER, batch=2)
    assert outcome.passed and outcome.published is not None
    assert (outcome.published.added, outcome.published.unchanged) == (5, 0)

    again = load(first, store, node, LAYER)
    assert codes(again) == {"id-exists"}
    assert store.state(LAYER.id).revision == outcome.published.revision

    columns = parcels(5)
    columns["YDYHFLDM"][2] = "10"
    changed = load(write(tmp_path / "b.gpkg", SQUARES, columns), store, node, LAYER, mode=LoadMode.UPSERT, batch=2)
    assert changed.published is not None
    assert (changed.published.added, changed.published.changed, changed.published.unchanged) == (0, 1, 4)

    columns["YDYHFLDM"][4] = "99"
    wrong = load(write(tmp_path / "c.gpkg", SQUARES, columns), store, node, LAYER, mode=LoadMode.UPSERT, batch=2)
    assert codes(wrong) == {"code-not-in-list"}
    assert store.state(LAYER.id).revision == changed.published.revision

    for format, crs in (("gpkg", None), ("parquet", "EPSG:4527"), ("shp", "EPSG:4548"), ("geojson", None)):
        path = tmp_path / f"out.{format}"
        done = export_layer(store, LAYER, path, ExportOptions(format, crs, Criteria(equals=(("land_use_code", "07"),))))
        assert done.rows == 4
        same = load(path, store, node, LAYER, mode=LoadMode.UPSERT)
        assert same.published is not None and same.published.unchanged == 4, format

    last = write(tmp_path / "d.gpkg", SQUARES[:3], parcels(3))
    replaced = load(last, store, node, LAYER, mode=LoadMode.REPLACE, valid_from=date(2026, 6, 1))
    assert replaced.published is not None and replaced.published.removed == 2


def test_days_of_validity_of_each_row(store: SqlStore, tmp_path: Path) -> None:
    columns = parcels(2) | {"BSM": ["v1", "v2"], "生效": ["2010年1月1日", "2012-01-01"], "失效": ["2015/1/1", None]}
    mapping = MappingFile(columns={"生效": "valid_from", "失效": "valid_to"})
    outcome = load(write(tmp_path / "a.gpkg", SQUARES[:2], columns), store, layer=LAYER, mapping=mapping)
    assert outcome.passed and codes(outcome) == set()
    (first,), (second,) = store.versions(LAYER.id, "v1"), store.versions(LAYER.id, "v2")
    assert (first.valid_from, first.valid_to) == (date(2010, 1, 1), date(2015, 1, 1))
    assert (second.valid_from, second.valid_to) == (date(2012, 1, 1), END_OF_TIME)


def test_the_reference_is_read_from_the_store(store_url: str, tmp_path: Path) -> None:
    area = fake.layer(attributes=[fake.attribute("division_code", "XZQDM", "行政区代码", role=fake.Role.ID)])
    layer = fake.replace_id(area, "base-admin-area")
    opened = open_store(store_url, [LAYER, layer])
    try:
        migrate(opened.database)
        shapes = [shapely.box(116, 38, 117, 39), shapely.box(117, 38, 118, 39)]
        path = write(tmp_path / "a.gpkg", shapes, {"XZQDM": ["130902", "130921"]})
        assert load(path, opened, layer=layer).passed
        node = node_of(opened, {}, {}, frozenset({"130902"}), Node().timezone)
        assert node.boundaries is not None and set(node.boundaries.polygons) == {"130902", "130921"}
        assert node.boundaries.area.bounds == (116, 38, 117, 39)
    finally:
        opened.close()
