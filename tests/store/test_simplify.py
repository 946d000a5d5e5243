"""Geometries for a zoom level: fewer points, of the same type, valid, and neighbours that still meet."""

from itertools import pairwise

import numpy as np
import orjson
import pytest
import shapely

from store.criteria import Criteria
from store.simplify import PIXEL, simplified
from store.sql import SqlStore

LEVELS = (0, 3, 6.5, 9, 11, 13, 17, 30, 1000)


def array(*shapes: object) -> np.ndarray:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def round_(x: float, y: float, radius: float, points: int = 240) -> shapely.Polygon:
    turn = np.linspace(0, 2 * np.pi, points, endpoint=False)
    wave = radius * (1 + 0.02 * np.sin(turn * 17))
    return shapely.Polygon(np.round(np.c_[x + wave * np.cos(turn), y + wave * np.sin(turn)], 9))


def neighbours() -> np.ndarray:
    """Six cells whose shared borders wind."""
    xs = np.linspace(116, 117.5, 301)
    lines = [np.c_[xs, 38 + row * 0.5 + 0.02 * np.sin(xs * 60 + row)] for row in range(3)]
    ys = [116, 116.5, 117, 117.5]
    cells = []
    for low, high in pairwise(lines):
        for west, east in pairwise(ys):
            inside = (xs >= west) & (xs <= east)
            cells.append(shapely.Polygon(np.round(np.r_[low[inside], high[inside][::-1]], 9)))
    return array(*cells)


@pytest.mark.parametrize("level", LEVELS)
def test_types_and_validity_stay_and_points_become_fewer(level: float) -> None:
    lake = shapely.Polygon(
        round_(115, 30, 0.5).exterior, [round_(115, 30, 0.1).exterior, round_(115.3, 30, 1e-4).exterior]
    )
    islands = shapely.MultiPolygon([round_(112, 30, 0.3), round_(112.6, 30, 1e-4), round_(113, 30, 2e-5)])
    line = shapely.LineString(np.c_[np.linspace(110, 111, 500), 30 + 0.01 * np.sin(np.arange(500))])
    roads = shapely.MultiLineString([line, [(111, 31), (111.00001, 31)]])
    given = array(lake, islands, line, roads, shapely.Point(1, 2), shapely.MultiPoint([(1, 2), (1, 2.000001)]), None)
    before = [None if one is None else one.wkb for one in given]
    made = simplified(given, level)
    assert [None if one is None else one.wkb for one in given] == before
    assert shapely.get_type_id(made).tolist() == shapely.get_type_id(given).tolist()
    assert made[6] is None
    assert shapely.is_valid(made[:6]).all()
    assert not shapely.is_empty(made[:6]).any()
    counts = shapely.get_num_coordinates(made), shapely.get_num_coordinates(given)
    assert (counts[0] <= counts[1]).all()
    if level <= 6.5:
        assert (counts[0][:4] < counts[1][:4] / 3).all()
        assert len(made[0].interiors) == int(PIXEL / 2**level < 0.2)
        assert len(made[1].geoms) == 1
    if level >= 30:
        assert [one.wkb for one in made[:6]] == before[:6]


def test_no_point_moves_and_none_is_missed_by_a_pixel() -> None:
    whole = round_(116, 38, 0.4)
    for level in (6, 8, 10, 12):
        (made,) = simplified(array(whole), level)
        assert set(map(tuple, shapely.get_coordinates(made))) <= set(map(tuple, shapely.get_coordinates(whole)))
        assert shapely.hausdorff_distance(made, whole) <= PIXEL / 2**level


@pytest.mark.parametrize("level", [5, 7, 9, 11])
def test_neighbours_still_meet(level: float) -> None:
    cells = neighbours()
    made = simplified(cells, level)
    assert shapely.coverage_is_valid(made)
    assert shapely.get_num_coordinates(made).sum() < shapely.get_num_coordinates(cells).sum()
    inner = [shapely.intersection(made[0], made[1]).length, shapely.intersection(made[0], made[3]).length]
    assert min(inner) > 0.4


def test_overlapping_polygons_are_each_made_simpler() -> None:
    made = simplified(array(round_(116, 38, 0.4), round_(116.1, 38, 0.4)), 6)
    assert shapely.is_valid(made).all()
    assert shapely.get_num_coordinates(made).max() < 60


@pytest.mark.parametrize("layer", ["parcels", "roads", "stations", "permits"])
def test_pages_items_and_batches_are_simplified_alike(sample_store: SqlStore, layer: str) -> None:
    whole = [orjson.loads(one) for one in sample_store.page(layer, Criteria(limit=100)).features]
    shown = [orjson.loads(one) for one in sample_store.page(layer, Criteria(limit=100, level=2)).features]
    assert [one["properties"] for one in shown] == [one["properties"] for one in whole]
    kinds = [one["geometry"] and one["geometry"]["type"] for one in whole]
    assert [one["geometry"] and one["geometry"]["type"] for one in shown] == kinds
    fine = [orjson.loads(one) for one in sample_store.page(layer, Criteria(limit=100, level=30)).features]
    assert fine == whole
    item = orjson.loads(sample_store.item(layer, "f1", Criteria(level=30)).text)
    assert item == whole[0]
    (batch,) = sample_store.batches(layer, Criteria(level=2))
    if layer != "permits":
        assert {shapely.from_wkb(one).geom_type for one in batch.wkb if one} == {one for one in kinds if one}


def test_in_another_system_too(sample_store: SqlStore) -> None:
    crs = "http://www.opengis.net/def/crs/EPSG/0/4490"
    (plain,) = sample_store.page("parcels", Criteria(limit=1, level=4)).features
    (swapped,) = sample_store.page("parcels", Criteria(limit=1, level=4, crs=crs)).features
    rings = [orjson.loads(one)["geometry"]["coordinates"][0] for one in (plain, swapped)]
    assert rings[1] == [[y, x] for x, y in rings[0]]
