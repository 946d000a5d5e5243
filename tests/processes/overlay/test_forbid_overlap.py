"""The kernel beside shapely pair by pair, and its thresholds, order and determinism."""

import pickle

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from processes.area import Geodesic, Plane
from processes.overlay import forbid_overlap as kernel
from processes.overlay.forbid_overlap import Dropped, Overlaps, Thresholds, forbid_overlap
from processes.overlay.polygons import Polygons, prepare

EVERYTHING = Thresholds(0, 0, 0)
METRE = np.array([1 / 87_800, 1 / 111_000])
"""Degrees of longitude and latitude, near 38 N."""


def layer(*shapes: shapely.Geometry) -> Polygons:
    return prepare([f"{n:04d}" for n in range(len(shapes))], [1] * len(shapes), np.array(shapes, dtype=object))[0]


def box(west: float, south: float, width: float, height: float) -> shapely.Polygon:
    """A box in metres (about) from 117 E, 38 N."""
    low, high = np.array([west, south]), np.array([west + width, south + height])
    return shapely.box(*(low * METRE + [117, 38]), *(high * METRE + [117, 38]))


def pairs(found: Overlaps) -> list[tuple[int, int]]:
    return list(zip(found.left.tolist(), found.right.tolist(), strict=True))


def test_touching_is_no_overlap_and_parts_stay_one_finding() -> None:
    comb = shapely.union_all([box(0, 0, 100, 10), box(0, 10, 10, 50), box(90, 10, 10, 50)])
    left = layer(comb, box(500, 0, 10, 10))
    right = layer(box(-50, 30, 300, 10), box(100, 0, 50, 10), box(510, 0, 10, 10))
    found = forbid_overlap(left, right, EVERYTHING, Geodesic())
    assert pairs(found) == [(0, 0)]
    assert found.geometry[0].geom_type == "MultiPolygon"
    assert found.area[0] == pytest.approx(2 * Geodesic().measure(np.array([box(0, 30, 10, 10)]))[0][0], rel=1e-6)


def test_slivers_are_dropped_and_counted() -> None:
    left = layer(box(0, 0, 100, 100))
    right = layer(
        box(99.5, 0, 50, 100),  # half a metre wide
        box(0, 99.5, 0.5, 0.5),  # compact, but half a metre wide
        box(98, -900, 50, 1900),  # two metres wide and 100 long: not a sliver
        box(50, 50, 4, 4),
    )
    area = Geodesic().measure(shapely.intersection(left.geometry[0], right.geometry))[0]
    found = forbid_overlap(left, right, Thresholds(1, 1, 0.02), Geodesic())
    assert pairs(found) == [(0, 2), (0, 3)]
    assert found.slivers.count == 2
    assert found.slivers.area == pytest.approx(area[0] + area[1])
    compact = forbid_overlap(left, right, Thresholds(1, 0, 0.5), Geodesic())
    assert pairs(compact) == [(0, 3)]
    assert compact.slivers.count == 2 and compact.small.count == 1


def test_smallest_area_counts_by_pair() -> None:
    left = layer(shapely.union_all([box(0, 0, 10, 10), box(50, 0, 10, 10)]), box(200, 0, 10, 10))
    right = layer(box(0, 0, 100, 6), box(200, 0, 10, 6))
    found = forbid_overlap(left, right, Thresholds(100, 1, 0.02), Geodesic())
    assert pairs(found) == [(0, 0)]  # twice about 60 m2
    assert found.small.count == 1 and found.small.area == pytest.approx(60, rel=0.01)
    assert found.slivers == Dropped()


def test_a_layer_with_itself_counts_each_pair_once() -> None:
    one = layer(box(0, 0, 10, 10), box(5, 5, 10, 10), box(8, 8, 10, 10))
    assert pairs(forbid_overlap(one, None, EVERYTHING, Geodesic())) == [(0, 1), (0, 2), (1, 2)]


def test_empty_layers_give_nothing() -> None:
    nothing, something = layer(), layer(box(0, 0, 10, 10))
    for left, right in ((nothing, something), (something, nothing), (nothing, nothing)):
        found = forbid_overlap(left, right, EVERYTHING, Geodesic())
        assert len(found) == 0 and found.candidates == 0


def blobs(seed: int, count: int, corners: int = 12) -> Polygons:
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
        radius = rng.uniform(0.2, 1, corners) * 120
        x, y = rng.uniform(0, 1000, 2)
        ring = np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])
        made.append(shapely.Polygon(ring * METRE + [117, 38]))
    return layer(*made)


def test_same_as_shapely_pair_by_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "PAIRS_PER_PARTITION", 37)
    left, right = blobs(1, 60), blobs(2, 50)
    found = forbid_overlap(left, right, EVERYTHING, Plane("EPSG:4548"))
    pieces = shapely.intersection(left.geometry[:, None], right.geometry[None, :])
    expected = {(int(a), int(b)) for a, b in np.argwhere(shapely.area(pieces) > 0)}
    assert set(pairs(found)) == expected and len(expected) > 100
    assert pairs(found) == sorted(pairs(found))
    measured = Plane("EPSG:4548").measure(pieces[found.left, found.right])[0]
    np.testing.assert_allclose(found.area, measured, rtol=1e-9)
    assert shapely.equals(found.geometry, pieces[found.left, found.right]).all()


def test_partitions_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = blobs(3, 60), blobs(4, 60)

    def picklable(function: object, partitions: list[object]) -> list[object]:
        done = [pickle.dumps(function(pickle.loads(pickle.dumps(one)))) for one in reversed(partitions)]  # type: ignore[operator]
        return [pickle.loads(one) for one in reversed(done)]

    whole = forbid_overlap(left, right, Thresholds(), Geodesic())
    monkeypatch.setattr(kernel, "PAIRS_PER_PARTITION", 23)
    split = forbid_overlap(left, right, Thresholds(), Geodesic(), picklable)  # type: ignore[arg-type]
    assert shapely.to_wkb(whole.geometry).tolist() == shapely.to_wkb(split.geometry).tolist()
    assert (whole.left.tolist(), whole.right.tolist()) == (split.left.tolist(), split.right.tolist())
    np.testing.assert_array_equal(whole.area, split.area)
    assert (whole.slivers.count, whole.small.count) == (split.slivers.count, split.small.count)


coordinates = st.tuples(st.integers(0, 12), st.integers(0, 12))
rings = st.lists(st.lists(coordinates, min_size=3, max_size=9), min_size=1, max_size=5)


@settings(max_examples=150, deadline=None)
@given(rings, rings)
def test_nasty_rings_neither_crash_nor_lose_area(first: list, second: list) -> None:
    """Rings on a small grid: they cross, touch, collapse and share edges."""

    def rough(given: list) -> Polygons:
        shapes = [shapely.Polygon(np.array(ring) * 10 * METRE + [117, 38]) for ring in given]
        return layer(*shapes)

    left, right = rough(first), rough(second)
    found = forbid_overlap(left, right, EVERYTHING, Geodesic())
    a, b = np.meshgrid(np.arange(len(left)), np.arange(len(right)), indexing="ij")
    pieces = shapely.intersection(left.geometry[a.ravel()], right.geometry[b.ravel()])
    expected = Geodesic().measure(pieces[np.isin(shapely.get_type_id(pieces), (3, 6, 7))])[0].sum()
    assert found.area.sum() == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert shapely.is_valid(found.geometry).all()
