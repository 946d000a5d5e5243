"""Tiles of every shipped set lie where its definition says."""

import pytest

from store.criteria import Box
from tests.tiles import data
from tiles.grid import Tile

CITY = Box(116.8, 38.2, 117.0, 38.4)


@pytest.mark.parametrize("grid", sorted(data.GRIDS))
def test_limits_hold_the_extent(grid: str):
    limits = data.GRIDS[grid].limits(CITY)
    assert set(limits) == set(data.GRIDS[grid].set.matrices)
    for matrix in data.GRIDS[grid].set.matrices.values():
        found = limits[matrix.id]
        assert 0 <= found.min_row <= found.max_row < matrix.height
        assert 0 <= found.min_col <= found.max_col < matrix.width
    zoom = "9"
    matrix = data.GRIDS[grid].set.matrices[zoom]
    found = limits[zoom]
    boxes = [
        Tile(data.GRIDS[grid], matrix, row, col).place(0)
        for row in range(found.min_row, found.max_row + 1)
        for col in range(found.min_col, found.max_col + 1)
    ]
    assert min(one.west for one in boxes if one) <= CITY.west
    assert max(one.east for one in boxes if one) >= CITY.east
    assert min(one.south for one in boxes if one) <= CITY.south
    assert max(one.north for one in boxes if one) >= CITY.north


def test_known_tiles():
    assert (data.tile("WebMercatorQuad", "10").row, data.tile("WebMercatorQuad", "10").col) == (393, 844)
    quad, tianditu = data.tile("CGCS2000Quad", "9"), data.tile("TiandituC", "10")
    assert (quad.row, quad.col, quad.bounds) == (tianditu.row, tianditu.col, tianditu.bounds)
    assert quad.bounds == data.tile("WorldCRS84Quad", "9").bounds
    west, south, east, north = data.tile("CGCS2000GK3CM117E", "6").bounds
    assert east - west == north - south == 98304.0
    assert west < 500000 < east + 98304


def test_zoom_is_that_of_the_scale():
    assert data.tile("WebMercatorQuad", "14").zoom == 14
    assert data.tile("CGCS2000Quad", "13").zoom == 14
    assert data.tile("TiandituC", "14").zoom == 14
    assert data.tile("CGCS2000GK3CM117E", "11").zoom == 14


def test_out_of_reach():
    assert data.GRIDS["CGCS2000GK3CM117E"].limits(Box(-80.0, 38.2, -79.0, 38.4)) == {}
    assert data.GRIDS["WebMercatorQuad"].limits(None) == {}
    assert data.GRIDS["WebMercatorQuad"].limits(Box(0, 86, 10, 89)) == {}


def test_the_whole_world():
    for grid in ("WebMercatorQuad", "CGCS2000Quad"):
        found = data.GRIDS[grid].limits(Box(-180, -90, 180, 90))["1"]
        matrix = data.GRIDS[grid].set.matrices["1"]
        assert (found.min_row, found.min_col) == (0, 0)
        assert (found.max_row, found.max_col) == (matrix.height - 1, matrix.width - 1)
