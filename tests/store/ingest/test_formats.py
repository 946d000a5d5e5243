"""The same features out of every format that is read."""

import csv
from pathlib import Path

import pytest
import shapely

from tests.store.ingest import fake
from tests.store.ingest.support import codes, load, parcels, square, write

SQUARES = [square(n) for n in range(5)]


def expect(store: fake.FakeStore, tolerance: float = 0.0) -> None:
    assert list(store.rows) == parcels(5)["BSM"]
    for n, (wkb, properties) in enumerate(store.rows.values()):
        shape = shapely.from_wkb(wkb)
        assert shape.geom_type == "MultiPolygon"
        assert shapely.hausdorff_distance(shape, SQUARES[n]) <= tolerance
        assert properties["name"] == f"地块{n}"
        assert properties["land_use_code"] == "07"


@pytest.mark.parametrize(
    "name", ["a.gpkg", "a.geojson", "a.fgb", "a.shp", "a.gdb", "a.gml", "a.kml", "a.tab", "a.geojsonl"]
)
def test_gdal_formats(tmp_path: Path, name: str) -> None:
    options = {"a.shp": {"encoding": "UTF-8"}, "a.fgb": {"SPATIAL_INDEX": "NO"}, "a.tab": {"encoding": "UTF-8"}}.get(
        name, {}
    )
    geographic = "EPSG:4326" if name in {"a.kml", "a.geojson", "a.geojsonl"} else "EPSG:4490"
    store = fake.FakeStore()
    outcome = load(write(tmp_path / name, SQUARES, parcels(5), geographic, **options), store)
    assert outcome.passed, outcome.as_text("en")
    expect(store, 1e-6 if name == "a.tab" else 0.0)


def test_csv_with_wkt(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="gbk", newline="") as file:
        out = csv.writer(file)
        out.writerow(["标识码", "行政区代码", "用地用海分类代码", "名称", "WKT"])
        for n, row in enumerate(zip(*parcels(5).values(), strict=True)):
            out.writerow([*row, SQUARES[n].wkt])
    store = fake.FakeStore()
    outcome = load(path, store, crs="EPSG:4490")
    assert outcome.passed, outcome.as_text("en")
    assert outcome.about.encoding == "GBK"
    assert codes(outcome) == {"encoding-guessed"}
    expect(store)
