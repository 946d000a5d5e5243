"""The encoder by itself: borders that meet, shapes that are odd, numbers that are large."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiles import data
from tiles.encode.frame import Frame
from tiles.encode.layer import layer
from tiles.encode.shapes import Rule
from tiles.encode.streams import encode
from tiles.encode.wire import varint, varints
from tiles.grid import Tile

TILE = data.tile("WebMercatorQuad", "12")


def tile_of(shapes: list[Any], tile: Tile = TILE, rule: Rule = Rule(), **columns: list[Any]) -> list[dict[str, Any]]:  # noqa: B008
    streams = encode(np.array(shapes, dtype=object), Frame(tile, 64), rule)
    body = layer("l", list(range(1, len(shapes) + 1)), list(columns.items()), streams)
    return data.decoded(body, "l")


def place(x: float, y: float) -> tuple[float, float]:
    """Degrees of a place in units of the tile."""
    box = TILE.place(0)
    assert box is not None
    return box.west + x / 4096 * (box.east - box.west), box.north - y / 4096 * (box.north - box.south)


def ring(*points: tuple[float, float]) -> Any:
    return shapely.Polygon([place(*point) for point in points])


def test_borders_of_a_coverage_still_meet():
    """Neighbours share their jagged borders' points, which are rounded alike: no gap, no overlap."""
    random = np.random.default_rng(1)
    side = 12
    nodes = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1)), axis=-1) * 300.0 + 100
    nodes += random.uniform(-90, 90, nodes.shape)

    def jagged(one: Any, other: Any) -> list[tuple[float, float]]:
        first, last = sorted((tuple(one), tuple(other)))
        noise = np.random.default_rng(int(abs(first[0] * 1000 + first[1]))).uniform(-9, 9, (7, 2))
        line = [(first[0] + (last[0] - first[0]) * n / 8, first[1] + (last[1] - first[1]) * n / 8) for n in range(1, 8)]
        bent = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(line, noise, strict=True)]
        middle = bent if first == tuple(one) else bent[::-1]
        return [tuple(one), *middle]

    shapes = []
    for row in range(side):
        for col in range(side):
            corners = [nodes[row, col], nodes[row, col + 1], nodes[row + 1, col + 1], nodes[row + 1, col]]
            points = [point for n in range(4) for point in jagged(corners[n], corners[(n + 1) % 4])]
            shapes.append(ring(*points))
    assert all(one.is_valid for one in shapes)
    # Where a cell has but a few units, what crosses itself is mended by its hull: a unit here or there.
    for zoom_out, part in ((0, 1e-9), (3, 1e-3), (5, 1e-2)):
        matrix = TILE.grid.set.matrices[str(12 - zoom_out)]
        tile = Tile(TILE.grid, matrix, TILE.row >> zoom_out, TILE.col >> zoom_out)
        found = [one["shape"] for one in tile_of(shapes, tile)]
        whole = shapely.union_all(found)
        assert sum(one.area for one in found) == pytest.approx(whole.area, rel=part)
        gaps = sum(len(one.interiors) for one in shapely.get_parts(whole))
        assert gaps <= (0 if zoom_out == 0 else 3)


@pytest.mark.parametrize(
    ("shape", "kinds"),
    [
        (shapely.Point(place(10, 10)), ["Point"]),
        (shapely.MultiPoint([place(10, 10), place(5000, 5000)]), ["Point"]),
        (shapely.LineString([place(-900, 10), place(900, 10)]), ["LineString"]),
        (shapely.LineString([place(10, 10), place(10.2, 10.1)]), []),
        (shapely.LineString([place(-900, -900), place(-800, -900)]), []),
        (ring((10, 10), (10.2, 10), (10.1, 10.3)), []),
        (ring((-5000, -5000), (9000, -5000), (9000, 9000), (-5000, 9000)), ["Polygon"]),
        (ring((-5000, -5000), (-4000, -5000), (-4000, -4000)), []),
        (None, []),
        (shapely.Polygon(), []),
    ],
)
def test_odd_shapes(shape: Any, kinds: list[str]):
    assert [one["shape"].geom_type for one in tile_of([shape])] == kinds


def test_what_covers_the_tile_is_its_buffered_square():
    (one,) = tile_of([ring((-5000, -5000), (9000, -5000), (9000, 9000), (-5000, 9000))])
    assert one["shape"].bounds == (-64, -64, 4160, 4160)
    assert one["shape"].area == 4224**2


def test_a_hole_without_its_shell_goes():
    shell = [place(*point) for point in ((10, 10), (10.3, 10), (10.3, 10.3), (10, 10.3))]
    hole = [place(*point) for point in ((10.1, 10.1), (10.2, 10.1), (10.2, 10.2))]
    assert tile_of([shapely.Polygon(shell, [hole])]) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-300, 4400), st.floats(-300, 4400)), min_size=3, max_size=40), st.floats(0.001, 1))
def test_any_polygon_becomes_valid(points: list[tuple[float, float]], scale: float):
    shape = shapely.make_valid(ring(*((x * scale, y * scale) for x, y in points)))
    polygons = [one for one in shapely.get_parts(shape) if one.geom_type in ("Polygon", "MultiPolygon")]
    for one in tile_of(polygons):
        assert one["shape"].is_valid
        assert one["shape"].area > 0


def test_numbers():
    values = np.array([0, 1, 127, 128, 16383, 16384, 2**21, 2**28 - 1, 2**28, 2**34], dtype=np.int64)
    made, starts = varints(values)
    assert made.tobytes() == b"".join(varint(int(value)) for value in values)
    assert starts[-1] == len(made)


def test_large_ids_and_every_kind_of_value():
    streams = encode(np.array([shapely.Point(place(5, 5))] * 3, dtype=object), Frame(TILE, 64))
    fids = [1, 2**40 + 7, 2**53 - 1]
    columns = [
        ("t", ["短", "x" * 500, None]),
        ("n", [-(2**40), 0, 2**40]),
        ("f", [0.1, None, -1e300]),
        ("b", [True, False, None]),
    ]
    found = data.decoded(layer("l", fids, columns, streams), "l")
    assert [one["id"] for one in found] == fids
    assert [one["properties"] for one in found] == [
        {name: values[row] for name, values in columns if values[row] is not None} for row in range(3)
    ]
    assert found[0]["properties"]["b"] is True
