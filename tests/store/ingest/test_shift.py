"""GCJ-02: the formula, and that shifted uploads are found while others are not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyogrio import raw

from store.ingest.gcj02 import forward, inverse
from store.ingest.loader import Node
from store.ingest.reference import Boundaries
from store.ingest.suspicion import ShiftTest
from tests.store.ingest import fake
from tests.store.ingest.support import codes, load, parcels, write


def test_formula_and_inverse() -> None:
    """The pair that is published beside the formula, and all of China there and back."""
    wgs = np.array([[116.404, 39.915]])
    assert forward(wgs)[0] == pytest.approx([116.41024449916938, 39.91640428150164], abs=1e-12)
    random = np.random.default_rng(0)
    xy = np.column_stack((random.uniform(73, 135, 1000), random.uniform(18, 53, 1000)))
    assert np.abs(inverse(forward(xy)) - xy).max() < 1e-9
    metres = np.hypot(*((forward(xy) - xy) * [85_000, 111_000]).T)
    assert metres.min() > 50 and metres.max() < 1000


def counties(shared_data: Path, table: str, code: str) -> dict[str, Any]:
    meta, _, wkb, columns = raw.read(str(shared_data / "china" / "hebei_admin.gpkg"), layer=table)
    codes = columns[list(meta["fields"]).index(code)]
    return {str(code): shape for code, shape in zip(codes, shapely.from_wkb(wkb), strict=True)}


@pytest.fixture(scope="module")
def reference(shared_data: Path) -> Boundaries:
    polygons = counties(shared_data, "hebei_county_amap_wgs84", "district_adcode")
    return Boundaries(polygons, frozenset(polygons))


def test_shifted_boundaries_are_found(reference: Boundaries, shared_data: Path) -> None:
    """The real file as it was published, in GCJ-02."""
    shifted = counties(shared_data, "hebei_county_amap_gcj02_RAW_OFFSET", "adcode")
    test = ShiftTest(reference)
    for start in range(0, len(shifted), 20):
        some = list(shifted.items())[start : start + 20]
        test.add(fake.objects([shape for _, shape in some]), [code for code, _ in some])
    verdict = test.verdict()
    assert verdict is not None and verdict["basis"] == "vertices"
    assert test.for_vertices > 100 * max(test.against_vertices, 1)


def test_boundaries_of_another_source_are_not_suspected(reference: Boundaries, shared_data: Path) -> None:
    test = ShiftTest(reference)
    other = counties(shared_data, "hebei_county_tianditu_wgs84", "district_adcode")
    test.add(fake.objects(list(other.values())), list(other))
    assert test.against_vertices > 300 and test.verdict() is None


SQUARES = {
    f"1309{n:02d}": shapely.segmentize(
        shapely.box(116 + n % 3 * 0.2, 38 + n // 3 * 0.2, 116.2 + n % 3 * 0.2, 38.2 + n // 3 * 0.2), 0.01
    )
    for n in range(9)
}
GRID = Boundaries(SQUARES, frozenset(SQUARES))


def points(count: int, seed: int) -> tuple[Any, list[str]]:
    """Small buildings all over the grid, each with the code of the division that it lies in."""
    random = np.random.default_rng(seed)
    xy = np.column_stack((random.uniform(116.001, 116.599, count), random.uniform(38.001, 38.599, count)))
    shapes = shapely.box(xy[:, 0], xy[:, 1], xy[:, 0] + 1e-4, xy[:, 1] + 1e-4)
    centres = shapely.centroid(shapes)
    return shapes, [next(code for code, shape in SQUARES.items() if shape.intersects(one)) for one in centres]


def test_features_that_know_their_division() -> None:
    """Buildings share no border with a division, but some lie beyond the border of their own after a shift."""
    shapes, owner = points(4000, 1)
    plain, shifted = ShiftTest(GRID), ShiftTest(GRID)
    plain.add(shapes, owner)
    shifted.add(shapely.transform(shapes, forward), owner)
    assert plain.verdict() is None and plain.against_features > 20
    assert shifted.verdict() is not None
    assert shifted.for_features > 20 and shifted.against_features < shifted.for_features / 20


def test_data_without_borders_or_codes_gives_no_verdict() -> None:
    shapes, _ = points(4000, 2)
    for some in (shapes, shapely.transform(shapes, forward)):
        test = ShiftTest(GRID)
        test.add(some, [None] * len(some))
        assert test.verdict() is None


def test_a_shifted_file_is_refused_and_may_be_accepted(tmp_path: Path) -> None:
    shapes = list(shapely.transform(list(SQUARES.values()), forward))
    node = Node(codelists=fake.CODELISTS, boundaries=GRID)
    path = write(tmp_path / "a.gpkg", shapes, parcels(9))
    outcome = load(path, node=node)
    assert codes(outcome) == {"gcj02-suspected"} and outcome.published is None
    assert load(path, node=node, accepted=frozenset({"gcj02-suspected"})).published is not None
    straight = write(tmp_path / "b.gpkg", list(SQUARES.values()), parcels(9))
    assert codes(load(straight, node=node)) == set()


def test_without_reference_it_is_said_that_nothing_was_checked(tmp_path: Path) -> None:
    outcome = load(write(tmp_path / "a.gpkg", list(SQUARES.values()), parcels(9)))
    assert outcome.log.counts == {"gcj02-unchecked": 1, "area-unchecked": 1}
