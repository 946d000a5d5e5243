"""Feature texts: what is stored, and what is made of it."""

from datetime import UTC, date, datetime

import numpy as np
import orjson
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from store import render
from store.criteria import END_OF_TIME
from store.crs import KNOWN
from tests.store.layers import PARCELS

GEOMETRIES = [
    shapely.Point(114.123456789123, 30.5),
    shapely.MultiPoint([(114, 30), (114.1, 30.1)]),
    shapely.LineString([(114, 30), (114.1, 30.1), (114.2, 30)]),
    shapely.MultiLineString([[(114, 30), (114.1, 30.1)], [(115, 31), (115.1, 31.1), (115.2, 31)]]),
    shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (2, 1), (2, 2)], [(3, 3), (3.5, 3), (3.5, 3.5)]]),
    shapely.MultiPolygon(
        [shapely.box(0, 0, 1, 1), shapely.Polygon([(2, 2), (9, 2), (9, 9)], [[(7, 3), (8, 3), (8, 4)]])]
    ),
    None,
    shapely.Polygon(),
]


def _array(values: list[object]) -> NDArray[np.object_]:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _texts(shapes: NDArray[np.object_]) -> list[str]:
    count = len(shapes)
    return render.features(
        PARCELS, [f"f{n}" for n in range(count)], shapes, {}, [(date(2016, 1, 1), END_OF_TIME)] * count
    )


def test_wkb_to_text_to_wkb_is_the_identity() -> None:
    stored = render.normalise(_array([None if one is None else one.wkb for one in GEOMETRIES]))
    for text, wkb in zip(_texts(shapely.from_wkb(stored)), stored, strict=True):
        geometry = orjson.loads(text)["geometry"]
        if wkb is None:
            assert geometry is None
        else:
            assert shapely.to_wkb(shapely.from_geojson(orjson.dumps(geometry)), byte_order=1) == wkb


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=50))
def test_each_coordinate_is_rounded_once_and_written_as_the_same_double(points: list[tuple[float, float]]) -> None:
    stored = render.normalise(shapely.to_wkb(shapely.points(points)))
    assert (render.normalise(stored) == stored).all()
    written = [orjson.loads(text)["geometry"]["coordinates"] for text in _texts(shapely.from_wkb(stored))]
    assert (shapely.to_wkb(shapely.points(written), byte_order=1) == stored).all()
    for (x, y), (text_x, text_y) in zip(points, written, strict=True):
        assert (abs(x - text_x) <= 5.1e-10, abs(y - text_y) <= 5.1e-10) == (True, True)
        assert all(len(repr(abs(one)).partition(".")[2].partition("e")[0]) <= 9 for one in (text_x, text_y))


def test_heights_empty_geometries_and_negative_zeros_do_not_come_in() -> None:
    given_ = _array([shapely.Point(-0.0, 1e-10, 5).wkb, shapely.LineString().wkb, None])
    stored = render.normalise(given_)
    assert stored[0] == shapely.to_wkb(shapely.Point(0.0, 0.0), byte_order=1)
    assert stored[1:].tolist() == [None, None]


def test_shared_borders_stay_shared() -> None:
    left = shapely.Polygon([(0, 0), (1 / 3, 1 / 7), (1 / 3, 1), (0, 1)])
    right = shapely.Polygon([(1 / 3, 1 / 7), (1, 0), (1, 1), (1 / 3, 1)])
    first, second = shapely.from_wkb(render.normalise(_array([left.wkb, right.wkb])))
    assert shapely.area(shapely.intersection(first, second)) == 0
    assert shapely.union(first, second).geom_type == "Polygon"


def test_attributes_are_written_in_the_layers_order_with_validity_last() -> None:
    columns = {
        "area": np.array([1.5, np.nan]),
        "identifier": ["a", "b"],
        "name": ['"引号",\\"properties\\":{', None],
        "floors": np.array([3, 4]),
        "protected": [True, None],
        "approval_date": [date(2020, 2, 29), None],
        "surveyed_at": [datetime(2021, 3, 2, 8, 30, tzinfo=UTC), None],
    }
    days = [(date(2016, 1, 1), END_OF_TIME), (date(2016, 1, 1), date(2020, 1, 1))]
    first, second = render.features(PARCELS, ["a", "b"], _array([None, None]), columns, days)
    assert first == (
        '{"type":"Feature","id":"a","geometry":null,"properties":{"identifier":"a","division_code":null,'
        '"name":"\\"引号\\",\\\\\\"properties\\\\\\":{","area":1.5,"floors":3,"protected":true,'
        '"approval_date":"2020-02-29","surveyed_at":"2021-03-02T08:30:00Z","valid_from":"2016-01-01","valid_to":null}}'
    )
    assert orjson.loads(second)["properties"]["valid_to"] == "2020-01-01"
    assert orjson.loads(second)["properties"]["area"] is None


SEAMS = st.sampled_from([',"properties":{', ',"geometry":', '"', "\\", "}", "宗地", ",", "null"])


@given(st.lists(SEAMS, max_size=8).map("".join), st.lists(SEAMS, max_size=8).map("".join))
def test_values_that_look_like_seams_cut_nothing(id: str, name: str) -> None:
    shapes = _array([shapely.Point(1, 2)])
    columns = {"name": [name], "identifier": [id], "area": [1.0]}
    texts = render.features(PARCELS, [id], shapes, columns, [(date(2016, 1, 1), END_OF_TIME)])
    whole = orjson.loads(texts[0])
    assert orjson.loads(render.reshape(texts)[0]) == whole
    swapped = orjson.loads(render.reshape(texts, shapely.to_wkb(shapes), KNOWN["4490"], ["name"])[0])
    expected = {"geometry": {"type": "Point", "coordinates": [2.0, 1.0]}, "properties": {"name": name}}
    assert swapped == whole | expected
    assert orjson.loads(render.reshape(texts, geometry=False)[0]) == whole | {"geometry": None}


def test_a_collection_has_no_place_in_a_layer() -> None:
    with pytest.raises(ValueError, match="type ids"):
        render.coordinates(_array([shapely.GeometryCollection([shapely.Point(0, 0)])]))
