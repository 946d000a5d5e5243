"""Tables from layer definitions, and the node's file as a GeoPackage."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyogrio
import pytest
import shapely
import sqlalchemy as sa

from config.layers import AttributeType, GeometryType
from store import tables
from store.creation import create_all
from store.criteria import OPEN_REVISION
from store.engine import Database, connect
from store.tables import fid_of, identifier, row_id
from tests.store import sample
from tests.store.layers import LAYERS, attribute, layer


def test_row_keys_are_in_the_order_of_features() -> None:
    keys = [row_id(fid, version) for fid in (1, 2, 3, tables.MAX_FID) for version in (1, 2, 1023, 1024, 5000)]
    assert [fid_of(key) for key in keys] == [fid for fid in (1, 2, 3, tables.MAX_FID) for _ in range(5)]
    assert max(keys) < 2**63
    assert len(set(keys)) == len(keys)


def test_long_names_are_cut_and_stay_different() -> None:
    names = [identifier("layer", f"{'very-long-' * 9}{n}") for n in range(3)]
    assert len(set(names)) == 3
    assert all(len(name) <= 60 for name in names)
    assert identifier("layer", "urban-growth-boundary") == "layer_urban_growth_boundary"


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_every_layer_has_its_tables_and_indexes(dialect: str) -> None:
    built = tables.build(LAYERS, dialect)
    parcels = built["parcels"]
    indexed = {tuple(column.name for column in one.columns) for one in parcels.current.indexes}
    assert {("id",), ("area", "fid"), ("division_code", "fid"), ("valid_from", "valid_to"), ("tx_to",)} <= indexed
    assert ("name", "fid") not in indexed
    assert (("geom",) in indexed) == (dialect == "postgresql")
    assert (parcels.current_rtree is None) == (dialect == "postgresql")
    assert "geom" not in built["permits"].current.c
    assert built["permits"].current_rtree is None
    same = {column.name for column in parcels.current.c}
    assert same == {column.name for column in parcels.history.c}


def test_creating_again_changes_nothing(sample_database: Database) -> None:
    def schema() -> dict[str, set[str]]:
        inspector = sa.inspect(sample_database.reader)
        return {name: {str(one["name"]) for one in inspector.get_indexes(name)} for name in inspector.get_table_names()}

    before = schema()
    with sample_database.writer.begin() as connection:
        create_all(connection, sample_database.tables)
    assert schema() == before
    assert "layer_parcels" in before


def test_a_value_of_each_type_comes_back_the_same(sample_database: Database) -> None:
    table = sample_database.tables["parcels"].current
    with sample_database.read() as connection:
        row = connection.execute(sa.select(table).where(table.c.id == "f1")).mappings().one()
    assert row["surveyed_at"] == datetime(2021, 3, 2, 8, 30, tzinfo=UTC)
    assert (row["approval_date"], row["valid_from"]) == (date(2020, 2, 2), date(2016, 1, 1))
    assert (row["protected"], row["name"], row["area"], row["floors"]) == (False, "甲", 1.0, 0)
    assert (row["tx_to"], row["digest"]) == (OPEN_REVISION, b"0" * 16)
    assert shapely.equals_exact(shapely.from_wkb(row["geom"]), sample.STATES["parcels"][0].shape, 1e-9)


def test_an_instant_without_a_time_zone_is_refused(sample_database: Database) -> None:
    log = sample_database.tables.node.transactions
    naive = {"layer": "x", "revision": 1, "at": datetime(2024, 1, 1), "author": "x"}
    with pytest.raises(sa.exc.StatementError, match="time zone"), sample_database.writer.begin() as connection:
        connection.execute(log.insert(), naive)


def test_every_attribute_and_geometry_type_has_a_column(store_url: str) -> None:
    attributes = tuple(attribute(f"a_{kind}", kind, "A", indexed=True) for kind in AttributeType)
    layers = [layer(f"kind-{kind.value.lower()}", kind, attributes=attributes) for kind in GeometryType]
    database = connect(store_url, layers)
    with database.writer.begin() as connection:
        create_all(connection, database.tables)
    names = set(sa.inspect(database.reader).get_table_names())
    database.close()
    assert {identifier("layer", one.id) for one in layers} <= names


@pytest.mark.filterwarnings("error", "ignore:File .* has GPKG application_id, but non conformant file extension")
def test_the_embedded_store_is_a_geopackage(tmp_path: Path) -> None:
    database = sample.make(f"sqlite:///{tmp_path}")
    database.close()
    file = tmp_path / "node.sqlite"
    before = file.read_bytes()
    listed = dict(pyogrio.list_layers(file))
    assert listed["layer_parcels"] == "Polygon"
    assert listed["layer_roads"] == "MultiLineString"
    assert listed["layer_permits"] is None
    meta, table = pyogrio.read_arrow(file, layer="layer_stations", where="id = 'f2'")
    assert meta["crs"] == "EPSG:4490"
    assert table["name"].to_pylist() == ["Zebra"]
    assert shapely.from_wkb(table[meta["geometry_name"]][0].as_py()) == shapely.Point(114.123456789, 30.987654321)
    _, found = pyogrio.read_arrow(file, layer="layer_parcels", bbox=(116, 32, 116.001, 32.001), read_geometry=False)
    assert found["id"].to_pylist() == ["f33"]
    assert file.read_bytes() == before
