"""The same features out of every format that is read."""

import csv
import json
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from openpyxl import Workbook
from pyogrio import raw
from pyproj import Transformer

from config.layers import GeometryType
from store.ingest.mapping import MappingFile
from store.ingest.source import ReadOptions
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
    # KML has a Name of its own, which would be taken for the name.
    mapping = MappingFile(columns={"MC": "name"}) if name == "a.kml" else MappingFile()
    outcome = load(write(tmp_path / name, SQUARES, parcels(5), geographic, **options), store, mapping=mapping)
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


def test_csv_with_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("BSM;YDDM;YDYHFLDM;经度;纬度\nA;;07;116.84;38.31\nB;;07;116.85;38.32\n", encoding="utf-8-sig")
    store = fake.FakeStore()
    outcome = load(path, store, layer=fake.layer(GeometryType.POINT), datum="cgcs2000")
    assert outcome.passed, outcome.as_text("en")
    assert shapely.from_wkb(store.rows["B"][0]).equals(shapely.Point(116.85, 38.32))


def test_geojson_with_the_obsolete_crs_member(tmp_path: Path) -> None:
    """urn:ogc:def:crs:EPSG::4490 in lon, lat, as most Chinese programs write it."""
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    properties = {"BSM": "A", "YDYHFLDM": "07"}
    feature = {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(square(0))}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
    store = fake.FakeStore()
    outcome = load(path, store)
    assert outcome.passed, outcome.as_text("en")
    assert outcome.frame.code == "EPSG:4490"
    assert shapely.from_wkb(store.rows["A"][0]).equals(square(0))


def test_dxf_outlines_become_polygons(tmp_path: Path) -> None:
    """A drawing has neither CRS nor attributes: both are declared. Lines that are not closed are of a wrong type."""
    forward = Transformer.from_crs("EPSG:4490", "EPSG:4548", always_xy=True)
    rings = [
        shapely.transform(square(n).exterior, lambda xy: np.column_stack(forward.transform(*xy.T))) for n in (0, 1)
    ]
    path = tmp_path / "a.dxf"
    wkb = fake.objects([shapely.to_wkb(one) for one in [*rings, shapely.LineString(rings[0].coords[:3])]])
    raw.write(str(path), wkb, [], [], driver="DXF", geometry_type="LineString")
    mapping = MappingFile(constants={"land_use_code": "07"})
    layer = fake.layer(attributes=[replace(fake.ATTRIBUTES[2]), fake.ATTRIBUTES[3]])
    refused = load(path, layer=layer, mapping=mapping, crs="EPSG:4548")
    assert codes(refused) == {"geometry-wrong-type", "geometry-mixed-types"}
    store = fake.FakeStore()
    accepted = frozenset({"geometry-wrong-type"})
    outcome = load(path, store, layer=layer, mapping=mapping, crs="EPSG:4548", accepted=accepted)
    assert outcome.passed and outcome.left_out == 1
    shapes = [shapely.from_wkb(wkb) for wkb, _ in store.rows.values()]
    assert [shapely.hausdorff_distance(one, square(n)) < 1e-8 for n, one in enumerate(shapes)] == [True, True]
    assert codes(load(path, layer=layer, mapping=mapping)) == {"crs-missing"}


def test_xlsx_table(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "统计"
    sheet.append([None])
    sheet.append(["标识码", "名称", "面积", "批准日期", "层数"])
    sheet.append([20230001, "甲", "1,234.50", 42491, 3.0])
    sheet.append([20230002, "乙", 12, datetime(2016, 5, 1), None])
    sheet.append([None, None, None, None, None])
    book.save(tmp_path / "a.xlsx")
    layer = fake.layer(None, [one for one in fake.ATTRIBUTES if not one.codelist])
    store = fake.FakeStore()
    outcome = load(tmp_path / "a.xlsx", store, layer=layer)
    assert outcome.passed, outcome.as_text("en")
    assert outcome.frame is None
    first, second = (values for _, values in store.rows.values())
    assert list(store.rows) == ["20230001", "20230002"]
    assert (first["area"], first["approval_date"], first["floors"]) == (1234.5, date(2016, 5, 1), 3)
    assert (second["area"], second["approval_date"], second["floors"]) == (12.0, date(2016, 5, 1), None)


def test_geoparquet_of_another_program(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame(parcels(5), geometry=SQUARES, crs="EPSG:4490")
    frame.to_parquet(tmp_path / "a.parquet")
    store = fake.FakeStore()
    outcome = load(tmp_path / "a.parquet", store)
    assert outcome.passed, outcome.as_text("en")
    assert codes(outcome) == set()
    expect(store)


def test_parquet_without_crs_says_so(tmp_path: Path) -> None:
    geopandas.GeoDataFrame(parcels(5), geometry=SQUARES).to_parquet(tmp_path / "a.parquet")
    assert codes(load(tmp_path / "a.parquet")) == {"crs-missing"}


def test_zipped_shapefile_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "地块.shp", SQUARES, parcels(5), encoding="GBK")
    (tmp_path / "地块.cpg").unlink()
    with zipfile.ZipFile(tmp_path / "A.ZIP", "w") as archive:
        for one in tmp_path.glob("地块.*"):
            archive.write(one, f"成果/{one.name}")
    store = fake.FakeStore()
    outcome = load(tmp_path / "A.ZIP", store)
    assert outcome.passed, outcome.as_text("en")
    assert codes(outcome) == {"encoding-guessed"}
    expect(store)


def test_several_layers_must_be_told_apart(tmp_path: Path) -> None:
    write(tmp_path / "a.gpkg", SQUARES, parcels(5), layer="地类图斑")
    write(tmp_path / "a.gpkg", SQUARES[:1], parcels(1), layer="other", append=True)
    assert codes(load(tmp_path / "a.gpkg")) == {"layer-ambiguous"}
    assert codes(load(tmp_path / "a.gpkg", read=ReadOptions("none"))) == {"file-unreadable"}
    assert load(tmp_path / "a.gpkg", read=ReadOptions("地类图斑")).rows == 5


def test_memory_is_bounded_by_the_batch(tmp_path: Path) -> None:
    store = fake.FakeStore()
    outcome = load(write(tmp_path / "a.gpkg", [square(n) for n in range(50)], parcels(50)), store, batch=7)
    assert outcome.passed and len(store.rows) == 50
    assert store.largest == 7
