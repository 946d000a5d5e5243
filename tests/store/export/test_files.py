"""Exported files as other programs read them, and what is refused or said."""

import csv
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
import shapely.affinity
from pyproj import CRS, Transformer

from config.errors import BodyError, ConflictError, NotFoundError, ParameterError
from config.layers import GeometryType
from store.criteria import Box, Criteria
from store.export import exporter, parquet
from store.export.exporter import FORMATS, ExportOptions, export_layer
from store.export.place import place
from tests.store.export.test_round_trip import LAYER, store_of
from tests.store.ingest import fake
from tests.store.ingest.support import load, square


def export(path: Path, format: str, store: Any = None, layer: Any = LAYER, **more: Any) -> exporter.Exported:
    return export_layer(store or store_of(), layer, path, ExportOptions(format, **more))


@pytest.mark.parametrize("format", ["gpkg", "fgb", "parquet", "geojson", "shp"])
@pytest.mark.parametrize("crs", ["EPSG:4548", "EPSG:4527", "EPSG:4490"])
def test_geopandas_reads_the_right_place(tmp_path: Path, format: str, crs: str) -> None:
    """x is east, y is north, whatever the authority's order, and the file says its system."""
    path = tmp_path / f"a{FORMATS[format]}"
    export(path, format, crs=crs)
    frame = geopandas.read_parquet(path) if format == "parquet" else geopandas.read_file(path)
    assert frame.crs == CRS(crs)
    x, y = Transformer.from_crs(4490, crs, always_xy=True).transform(116.84, 38.31)
    bounds = frame.total_bounds
    unit = 1e-3 if crs == "EPSG:4490" else 100
    assert bounds[0] == pytest.approx(x, abs=unit) and bounds[1] == pytest.approx(y, abs=unit)
    back = frame.to_crs(4490)
    expected = [shapely.from_wkb(wkb) for wkb, _ in store_of().rows.values()]
    assert shapely.area(back.geometry.array).sum() == pytest.approx(shapely.area(expected).sum(), rel=1e-6)
    name = "BSM" if format == "shp" else "identifier"
    assert sorted(frame[name]) == sorted(store_of().rows)


def test_geoparquet_metadata(tmp_path: Path) -> None:
    """GeoParquet 1.1.0: version, primary column, encoding, types, PROJJSON, bounds, covering."""
    export(tmp_path / "a.parquet", "parquet", crs="EPSG:4527")
    file = pq.ParquetFile(tmp_path / "a.parquet")
    geo = json.loads(file.metadata.metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert geo["version"] == "1.1.0" and column["encoding"] == "WKB"
    assert column["geometry_types"] == ["MultiPolygon"]
    assert CRS.from_json_dict(column["crs"]) == CRS(4527)
    frame = geopandas.read_parquet(tmp_path / "a.parquet")
    assert column["bbox"] == pytest.approx(frame.total_bounds.tolist(), abs=1e-9)
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    west, south, east, north = frame.geometry.iloc[2].bounds
    few = geopandas.read_parquet(tmp_path / "a.parquet", bbox=(west, south, west + 1, north))
    assert 1 <= len(few) < 7 and east > west
    boxes = file.read(["bbox"]).column("bbox").to_pylist()
    assert [boxes[2][edge] for edge in ("xmin", "ymin", "xmax", "ymax")] == pytest.approx([west, south, east, north])


def test_row_groups_are_of_whole_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "BATCH", 1)
    monkeypatch.setattr(parquet, "GROUP", 3)
    export(tmp_path / "a.parquet", "parquet")
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 3


def test_geojson_is_what_everybody_expects(tmp_path: Path) -> None:
    """Longitude and latitude of WGS 84 by default (RFC 7946), at most 9 decimals, real types."""
    export(tmp_path / "a.geojson", "geojson")
    text = (tmp_path / "a.geojson").read_text("utf-8")
    data = json.loads(text)
    assert data["crs"]["properties"]["name"] == "urn:ogc:def:crs:OGC:1.3:CRS84"
    first = data["features"][1]
    assert first["properties"]["floors"] == -1 and first["properties"]["approved"] is True
    assert first["properties"]["approval_date"] == "2016-05-02"
    assert data["features"][5]["properties"]["floors"] is None
    decimals = [str(one).partition(".")[2] for one in np.ravel(first["geometry"]["coordinates"][0][0])]
    assert max(map(len, decimals)) <= 9


@pytest.mark.parametrize(
    ("names", "language", "expected"),
    [
        ("identifier", "zh", ["identifier", "division_code", "land_use_code", "name"]),
        ("code", "zh", ["BSM", "XZQDM", "YDYHFLDM", "MC"]),
        ("title", "zh", ["标识码", "行政区代码", "用地用海分类代码", "名称"]),
        ("title", "en", ["identifier", "division code", "land use code", "name"]),
    ],
)
def test_names(tmp_path: Path, names: Any, language: Any, expected: list[str]) -> None:
    path = tmp_path / "a.gpkg"
    export(path, "gpkg", names=names, language=language)
    assert list(pyogrio.read_info(path)["fields"][:4]) == expected
    store = fake.FakeStore()
    assert load(path, store).passed and store.rows.keys() == store_of().rows.keys()


def test_csv_opens_in_a_spreadsheet(tmp_path: Path) -> None:
    export(tmp_path / "a.csv", "csv", names="title")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[1]["名称"] == "地块1，“甲”" and rows[1]["是否批准"] == "true" and rows[5]["层数"] == ""
    assert shapely.from_wkt(rows[0]["WKT"]).geom_type == "MultiPolygon"
    export(tmp_path / "b.csv", "csv", encoding="GBK")
    assert "地块1".encode("gbk") in (tmp_path / "b.csv").read_bytes()


def test_shapefile_in_gbk_and_zipped(tmp_path: Path) -> None:
    """Columns are the exchange codes; the .cpg says the encoding; nothing else lies beside the archive."""
    export(tmp_path / "成果.zip", "shp", crs="EPSG:4527", encoding="GBK")
    assert [one.name for one in tmp_path.iterdir()] == ["成果.zip"]
    with zipfile.ZipFile(tmp_path / "成果.zip") as archive:
        assert {Path(name).suffix for name in archive.namelist()} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
        assert archive.read("成果.cpg") == b"GBK"
        assert "地块1".encode("gbk") in archive.read("成果.dbf")
        assert b"BSM" in archive.read("成果.dbf") and b"YDYHFLDM" in archive.read("成果.dbf")


def test_shapefile_says_what_it_cuts_and_refuses_what_it_cannot_write(tmp_path: Path) -> None:
    store = store_of()
    first = next(iter(store.rows.values()))[1]
    first["name"] = "字" * 100
    done = export(tmp_path / "a.shp", "shp", store)
    assert done.cut == {"MC": 1}
    assert len(geopandas.read_file(tmp_path / "a.shp")["MC"][0]) == 84  # 254 bytes of UTF-8
    first["name"] = "𠮷"
    with pytest.raises(BodyError, match="GBK"):
        export(tmp_path / "b.shp", "shp", store, encoding="GBK")
    assert not list(tmp_path.glob("*b.*"))


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    class Breaking(fake.FakeStore):
        def batches(self, *args: Any, **more: Any) -> Any:
            yield next(iter(store_of().batches(*args, **more)))
            raise OSError("the disk is gone")

    for format in FORMATS:
        with pytest.raises(Exception, match="disk"):
            export(tmp_path / f"a{FORMATS[format]}", format, Breaking())
    assert list(tmp_path.iterdir()) == []


def test_existing_files_are_kept_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"mine")
    with pytest.raises(ConflictError, match="exists"):
        export(path, "gpkg")
    assert path.read_bytes() == b"mine"
    assert export(path, "gpkg", overwrite=True).bytes == path.stat().st_size > 1000
    with pytest.raises(NotFoundError, match="folder"):
        export(tmp_path / "none" / "a.gpkg", "gpkg")


@pytest.mark.parametrize("crs", ["EPSG:2363", "EPSG:4610", "EPSG:999999", "nonsense", "EPSG:4979999"])
def test_systems_that_are_not_written(tmp_path: Path, crs: str) -> None:
    with pytest.raises(ParameterError):
        export(tmp_path / "a.gpkg", "gpkg", crs=crs)


@pytest.mark.parametrize("crs", ["EPSG:2154", "EPSG:4527", "EPSG:4269", "EPSG:32610", "EPSG:3031"])
def test_a_system_of_another_place_is_refused_and_told_what_fits(tmp_path: Path, crs: str) -> None:
    store = store_of()
    for id, (wkb, values) in store.rows.items():
        store.rows[id] = (shapely.to_wkb(shapely.affinity.translate(shapely.from_wkb(wkb), -2.5)), values)
    with pytest.raises(ParameterError, match="the layer lies elsewhere") as refused:
        export(tmp_path / "a.gpkg", "gpkg", store, crs=crs)
    assert refused.value.parameter == "crs"
    assert {"EPSG:4490", "EPSG:3857", "EPSG:4526", "EPSG:4547"} <= set(
        refused.value.remedy.split(" ", 2)[2].split(", ")
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "crs", ["OGC:CRS84", "EPSG:4326", "EPSG:4490", "EPSG:3857", "EPSG:4498", "EPSG:4509", "EPSG:32650"]
)
def test_systems_that_fit_are_written(tmp_path: Path, crs: str) -> None:
    assert export(tmp_path / "a.gpkg", "gpkg", crs=crs).rows == 7


def test_an_area_may_cross_the_antimeridian() -> None:
    new_zealand = "EPSG:3851"  # 160.6 E to 171.2 W
    for west, east in ((-178.0, -176.0), (175.0, 176.0), (179.0, -178.0), (150.0, 161.0)):
        assert place(new_zealand, Box(west, -45.0, east, -40.0)).crs.to_epsg() == 3851
    for west, east, south in ((-160.0, -150.0, -45.0), (140.0, 150.0, -45.0), (-178.0, -176.0, 10.0)):
        with pytest.raises(ParameterError, match="elsewhere"):
            place(new_zealand, Box(west, south, east, south + 5))


def test_criteria_go_to_the_store(tmp_path: Path) -> None:
    store = store_of()
    box = Box(116.0, 38.0, 117.0, 39.0)
    criteria = Criteria(equals=(("division_code", "130902"),), box=box, limit=3)
    export(tmp_path / "a.gpkg", "gpkg", store, criteria=criteria)
    asked = store.asked[-1]
    assert asked.box == box and asked.equals == criteria.equals and asked.limit is None


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_to_export_is_an_empty_file(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"a{FORMATS[format]}"
    assert export(path, format, fake.FakeStore()).rows == 0
    if format == "csv":
        assert path.read_text("utf-8-sig").count("\n") == 1
    else:
        frame = geopandas.read_parquet(path) if format == "parquet" else geopandas.read_file(path)
        assert len(frame) == 0


@pytest.mark.parametrize("kind", [GeometryType.POINT, GeometryType.MULTI_LINE, GeometryType.GEOMETRY, None])
@pytest.mark.parametrize("format", FORMATS)
def test_other_geometry(tmp_path: Path, format: str, kind: GeometryType | None) -> None:
    """Points, lines, mixed geometry and tables, there and back, in every format that can hold them."""
    layer = fake.layer(kind, fake.ATTRIBUTES[:4])
    shapes: dict[Any, list[Any]] = {
        GeometryType.POINT: [shapely.Point(116.123456789, 38.5), shapely.Point(116.2, 38.6)],
        GeometryType.MULTI_LINE: [shapely.MultiLineString([[(116, 38), (116.1, 38.123456789)]])] * 2,
        GeometryType.GEOMETRY: [shapely.Point(116, 38), square(0)],
        None: [None, None],
    }
    store = fake.FakeStore()
    for n, shape in enumerate(shapes[kind]):
        values = {"identifier": f"{n}", "division_code": None, "land_use_code": "07", "name": "甲"}
        store.rows[f"{n}"] = (None if shape is None else shapely.to_wkb(shape), values)
    path = tmp_path / f"a{FORMATS[format]}"
    if format == "shp" and kind in (None, GeometryType.GEOMETRY):
        with pytest.raises(ParameterError, match="Shapefile"):
            export(path, format, store, layer)
        return
    export(path, format, store, layer)
    after = fake.FakeStore()
    outcome = load(path, after, layer=layer, crs="EPSG:4490" if format == "csv" else None)
    assert outcome.passed, outcome.as_text("en")
    assert sorted(after.rows.items()) == sorted(store.rows.items())


def test_ids_that_no_attribute_holds(tmp_path: Path) -> None:
    layer = fake.layer(attributes=fake.ATTRIBUTES[1:4])
    store = fake.FakeStore()
    for id in ("0197-a", "0197-b"):
        values = {"division_code": "130902", "land_use_code": "07", "name": id}
        store.rows[id] = (shapely.to_wkb(shapely.MultiPolygon([square(0)])), values)
    for format in FORMATS:
        path = tmp_path / f"a{FORMATS[format]}"
        export(path, format, store, layer)
        after = fake.FakeStore()
        assert load(path, after, layer=layer, crs="EPSG:4490" if format == "csv" else None).passed
        assert sorted(after.rows) == ["0197-a", "0197-b"], format


def test_instants_keep_their_moment(tmp_path: Path) -> None:
    export(tmp_path / "a.parquet", "parquet")
    found = pq.read_table(tmp_path / "a.parquet").column("updated_at").to_pylist()[1]
    assert found == datetime(2026, 1, 1, 8, 30, 1, tzinfo=UTC)
