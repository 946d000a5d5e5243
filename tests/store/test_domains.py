"""What values occur in a layer: the same on both stores, of everything known now and of nothing known before."""

from dataclasses import replace
from datetime import date

import pytest
import shapely

from config.layers import Attribute, AttributeType, GeometryType, Text
from store.criteria import Edit, Operation
from store.engine import connect
from store.interface import Domain
from store.migrate import migrate
from store.sql import SqlStore
from tests.store.layers import PARCELS

USE = Attribute("use", "YT", Text("用途", "Use"), AttributeType.STRING, codelist="uses")
ANY = replace(PARCELS, id="any", geometry=GeometryType.GEOMETRY, attributes=(*PARCELS.attributes, USE))
SHAPES = (shapely.Point(117.0, 38.0), shapely.LineString([(117.0, 38.0), (117.1, 38.0)]), None)


@pytest.fixture
def store(empty_url: str):
    database = connect(empty_url, [ANY])
    migrate(database, lambda _: None)
    made = SqlStore(database)
    yield made
    made.close()


def write(store: SqlStore, *edits: Edit) -> None:
    store.write(edits, "test")


def created(id: str, shape: shapely.Geometry | None, day: date = date(2016, 1, 1), **properties: object) -> Edit:
    wkb = None if shape is None else shapely.to_wkb(shape)
    return Edit("any", Operation.CREATE, id, wkb, False, {"identifier": id, **properties}, day)


def test_an_empty_layer_has_no_values(store: SqlStore) -> None:
    found = store.domains("any")
    assert found["use"] == Domain()
    assert found["area"] == Domain()
    assert found["geometry"] == Domain()


def test_codes_ranges_lengths_and_geometry_types(store: SqlStore) -> None:
    write(
        store,
        created("A1", SHAPES[0], use="07", area=2.5, floors=3, name="园"),
        created("A22", SHAPES[1], use="01", area=-1.0, name="公园东", day=date(1999, 1, 1)),
        created("A333", SHAPES[2], use="07", area=None, floors=9, day=date(2999, 1, 1)),
    )
    found = store.domains("any")
    assert found["use"] == Domain(values=("01", "07"))
    assert (found["area"].low, found["area"].high) == (-1.0, 2.5)
    assert (found["floors"].low, found["floors"].high) == (3, 9)
    assert (found["identifier"].low, found["identifier"].high) == (2, 4)
    assert (found["name"].low, found["name"].high) == (1, 3)
    assert found["division_code"] == Domain()
    assert found["geometry"] == Domain(values=("LineString", "Point"))
    assert "protected" not in found and "approval_date" not in found


def test_a_write_shows_at_once_and_what_was_replaced_is_gone(store: SqlStore) -> None:
    write(store, created("A1", SHAPES[0], use="07", area=2.5))
    before = store.domains("any")
    assert store.domains("any") is before
    write(store, Edit("any", Operation.UPDATE, "A1", None, True, {"use": "10", "area": 4.0}, date(2016, 1, 1)))
    assert store.domains("any")["use"] == Domain(values=("10",))
    assert (store.domains("any")["area"].low, store.domains("any")["area"].high) == (4.0, 4.0)
