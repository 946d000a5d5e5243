"""The functions of the domain: measures that agree on both stores, divisions, classes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import orjson
import pytest
import shapely
from pyproj import Geod

from config.errors import ParameterError
from config.layers import GeometryType
from store import open_store
from store.criteria import Criteria, LoadMode
from store.filters import FUNCTIONS, Terms, read
from store.filters.classes import division_prefixes
from store.interface import Batch
from store.migrate import migrate
from store.sql import SqlStore
from tests.store.filters.vocabulary import CLASSES, DIVISIONS, EXTENDED
from tests.store.layers import attribute, layer

STRING = layer("x", None).attributes[0].type
PLACES = layer(
    "places",
    GeometryType.GEOMETRY,
    attributes=(
        attribute("division_code", STRING, "XZQDM", codelist="divisions", indexed=True),
        attribute("land_use", STRING, "DL", codelist="land-use"),
        attribute("city_use", STRING, "CDL", codelist="land-use-city"),
    ),
)
TERMS = Terms({"land-use": CLASSES, "land-use-city": EXTENDED}, DIVISIONS)

_RING = [(114.5 + 0.3 * np.cos(a), 38 + 0.2 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 200, endpoint=False)]
SHAPES = {
    "square": shapely.box(114, 38, 114.01, 38.01),
    "sliver": shapely.Polygon([(114, 38), (114.1, 38.000001), (114.1, 38)]),
    "round": shapely.Polygon(_RING),
    "hole": shapely.Polygon(_RING, [[(114.4, 38), (114.5, 38.05), (114.5, 37.95)]]),
    "parts": shapely.MultiPolygon([shapely.box(114, 38, 114.01, 38.01), shapely.box(100, 20, 101, 21)]),
    "province": shapely.box(113, 36, 120, 43),
    "line": shapely.LineString([(114, 38), (115, 39), (116, 38.5)]),
    "lines": shapely.MultiLineString([[(114, 38), (115, 39)], [(116, 38), (117, 38)]]),
    "point": shapely.Point(114, 38),
}
DIVISION_CODES = ("130000", "130100", "130102", "130102003", "130103", "130104", "130682", "139001", "110000", None)
USES = ("07", "0701", "070101", "0701019", "08", "0", None, "09", "070", "0702")


@pytest.fixture(scope="module")
def store(store_url: str) -> Iterator[SqlStore]:
    opened = open_store(store_url, [PLACES])
    migrate(opened.database)
    shapes = [*SHAPES.values(), None]
    keys = np.arange(len(shapes))
    columns: dict[str, Any] = {
        "division_code": np.array(DIVISION_CODES, dtype=object),
        "land_use": np.array(USES, dtype=object),
        "city_use": np.array(USES, dtype=object),
    }
    wkb = np.array([None if one is None else shapely.to_wkb(one) for one in shapes], dtype=object)
    ids = np.array([*SHAPES, "none"], dtype=object)
    with opened.load("places", LoadMode.APPEND, date(2020, 1, 1), "tests") as load:
        load.append(Batch(keys, ids, keys, wkb, columns))
        load.publish()
    yield opened
    opened.close()


def picked(store: SqlStore, text: str) -> set[str]:
    asked = read(text, "cql2-text", PLACES, vocabulary=TERMS)
    return {orjson.loads(one)["id"] for one in store.page("places", Criteria(filter=asked, limit=100)).features}


def _values(store: SqlStore, name: str, property: str) -> set[str | None]:
    """The values of a property in what a filter picks."""
    asked = read(name, "cql2-text", PLACES, vocabulary=TERMS)
    found = [orjson.loads(one) for one in store.page("places", Criteria(filter=asked, limit=100)).features]
    return {one["properties"][property] for one in found}


@pytest.mark.parametrize("function", ["area", "perimeter", "length"])
def test_measures_are_those_of_the_ellipsoid(store: SqlStore, function: str) -> None:
    """On both stores within 1e-9 of what pyproj says of the same geometry."""
    geod = Geod(a=6378137.0, rf=298.257222101)
    for id, shape in SHAPES.items():
        flat = shapely.get_parts(shapely.transform(shape, lambda xy: np.round(xy, 9)))
        polygons = [one for one in flat if one.geom_type == "Polygon"]
        expected = {
            "area": sum(abs(geod.geometry_area_perimeter(shapely.orient_polygons(one))[0]) for one in polygons),
            "perimeter": sum(geod.geometry_length(one.boundary) for one in polygons),
            "length": sum(geod.geometry_length(one) for one in flat if one.geom_type == "LineString"),
        }[function]
        low, high = expected * (1 - 1e-9) - 1e-6, expected * (1 + 1e-9) + 1e-6
        assert picked(store, f"{function}() BETWEEN {low!r} AND {high!r} AND id = '{id}'") == {id}, (id, expected)


def test_what_has_no_geometry_has_no_measure(store: SqlStore) -> None:
    assert "none" not in picked(store, "area() >= 0 OR NOT area() >= 0")


def test_a_measure_in_arithmetic(store: SqlStore) -> None:
    assert picked(store, "area(geometry) / 1000000 > 100000") == {"province"}
    assert picked(store, "perimeter() ^ 2 / area() > 1000") == {"sliver"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("130000", {"130000", "130100", "130102", "130102003", "130103", "130104", "130682", "139001"}),
        ("130100", {"130100", "130102", "130102003", "130103", "130104"}),
        ("130102", {"130102", "130102003"}),
        # with the code that its place had before
        ("130104", {"130103", "130104"}),
        # one place under two codes, one of which does not begin like its city's
        ("130600", {"130682", "139001"}),
        ("139001", {"130682", "139001"}),
    ],
)
def test_within_division(store: SqlStore, code: str, expected: set[str]) -> None:
    assert _values(store, f"within_division('{code}')", "division_code") == expected


def test_prefixes_cover_what_lies_below_and_nothing_else() -> None:
    known = {one.code for one in DIVISIONS}
    assert division_prefixes(DIVISIONS.within("130000"), known) == ["13"]
    assert division_prefixes(DIVISIONS.within("130100"), known) == ["1301"]
    assert division_prefixes(DIVISIONS.within("130600"), known) == ["1306", "139001"]
    for code in known:
        chosen = DIVISIONS.within(code)
        starts = tuple(division_prefixes(chosen, known))
        assert {one for one in known if one.startswith(starts)} == chosen


def test_not_within_division_leaves_out_what_has_none(store: SqlStore) -> None:
    assert _values(store, "NOT within_division('130100')", "division_code") == {
        "130000",
        "130682",
        "139001",
        "110000",
    }


def test_in_class(store: SqlStore) -> None:
    assert _values(store, "in_class(land_use, '07')", "land_use") == {"07", "0701", "070101"}
    assert _values(store, "in_class(land_use, '0701')", "land_use") == {"0701", "070101"}
    assert _values(store, "in_class(land_use, '08')", "land_use") == {"08"}


def test_in_class_of_a_list_that_allows_longer_codes(store: SqlStore) -> None:
    """A longer code belongs to the longest code of the list that it begins with."""
    assert _values(store, "in_class(city_use, '07')", "city_use") == {"07", "0701", "070101", "0701019", "070", "0702"}
    assert _values(store, "in_class(city_use, '070101')", "city_use") == {"070101", "0701019"}
    for code in ("07", "0701", "08", "0"):
        found = _values(store, f"in_class(city_use, '{code}')", "city_use")
        below = {one for one in EXTENDED.codes if one == code or _under(one, code)}
        expected = {one for one in USES if one is not None and (own := EXTENDED.find(one)) and own.code in below}
        if (
            code != "0"
        ):  # 09 belongs to 0 as a longer code; in SQL 0 stands for itself, since 07 and 08 are not below it
            assert found == expected


def _under(code: str, ancestor: str) -> bool:
    at = EXTENDED.codes[code].parent
    while at is not None and at != ancestor:
        at = EXTENDED.codes[at].parent
    return at == ancestor


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("within_division('139999')", "no division has the code"),
        ("within_division(division_code)", "give"),
        ("in_class(land_use, '99')", "not a code of land-use"),
        ("in_class(division_code, '07')", "no code list"),
        ("in_class('07', '07')", "give a property"),
        ("area('x') > 1", "give"),
    ],
)
def test_a_call_that_cannot_be_answered_says_why(text: str, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        read(text, "cql2-text", PLACES, vocabulary=TERMS)


def test_a_layer_without_divisions_cannot_be_asked_for_them() -> None:
    bare = replace(PLACES, attributes=PLACES.attributes[1:])
    with pytest.raises(ParameterError, match="no division code"):
        read("within_division('130000')", "cql2-text", bare, vocabulary=TERMS)


def test_functions_are_told_in_both_languages() -> None:
    for one in FUNCTIONS.values():
        assert one.name in FUNCTIONS and one.name.isidentifier()
        assert one.description.zh and one.description.en
        assert (one.expand is None) == (one.measure is not None) == (one.postgis is not None)
        assert all(argument.description.zh and argument.kinds for argument in one.arguments)
