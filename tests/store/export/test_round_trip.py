"""What is exported and loaded again is the same: WKB to the last digit, attributes to the last value."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from store.export.exporter import ExportOptions, export_layer
from tests.store.ingest import fake
from tests.store.ingest.support import load, square

LAYER = fake.layer()


def store_of(count: int = 7) -> fake.FakeStore:
    """Features with a hole, with two parts, with coordinates of 9 decimals, with every type of value and NULLs."""
    random = np.random.default_rng(1)
    store = fake.FakeStore()
    for n in range(count):
        xy = np.round(shapely.get_coordinates(square(n)) + random.uniform(-1e-4, 1e-4, (5, 2)), 9)
        xy[-1] = xy[0]
        parts = [shapely.Polygon(xy)]
        if n == 1:
            hole = np.round(shapely.get_coordinates(parts[0].centroid.buffer(1e-4, 4)), 9)
            parts = [shapely.orient_polygons(shapely.Polygon(xy, [hole]))]
        if n == 2:
            parts.append(square(40))
        shape = shapely.orient_polygons(shapely.MultiPolygon(parts))
        values = {
            "identifier": f"1309020000{n:04d}",
            "division_code": "130902" if n else None,
            "land_use_code": "07",
            "name": f"地块{n}，“甲”" if n != 3 else None,
            "area": 1234.5678901234 + n if n != 4 else None,
            "floors": n - 2 if n != 5 else None,
            "approved": bool(n % 2) if n != 6 else None,
            "approval_date": date(2016, 5, 1 + n) if n else None,
            "updated_at": datetime(2026, 1, 1, 8, 30, n, tzinfo=UTC) if n else None,
        }
        store.rows[values["identifier"]] = (shapely.to_wkb(shape, byte_order=1), values)
    return store


def again(path: Path, **options: Any) -> fake.FakeStore:
    store = fake.FakeStore()
    outcome = load(path, store, **options)
    assert outcome.passed, outcome.as_text("en")
    return store


def same(before: fake.FakeStore, after: fake.FakeStore) -> None:
    assert sorted(after.rows) == sorted(before.rows)
    for id, (wkb, values) in before.rows.items():
        found, properties = after.rows[id]
        assert properties == values
        assert shapely.to_wkt(shapely.from_wkb(found), -1) == shapely.to_wkt(shapely.from_wkb(wkb), -1)
        assert found == wkb


CRS = ["EPSG:4490", "EPSG:4326", "EPSG:4548", "EPSG:4527", "EPSG:4509", "EPSG:3857"]


@pytest.mark.parametrize("crs", CRS)
@pytest.mark.parametrize("format", ["gpkg", "fgb", "parquet", "geojson", "csv", "shp", "zip"])
def test_same_again(tmp_path: Path, format: str, crs: str) -> None:
    before = store_of()
    path = tmp_path / f"a.{format}"
    kind = "shp" if format == "zip" else format
    done = export_layer(before, LAYER, path, ExportOptions(kind, crs))
    assert done.rows == 7
    assert [one.name for one in tmp_path.iterdir() if ".partial" in one.name] == []
    same(before, again(path, crs=crs if format == "csv" else None))
