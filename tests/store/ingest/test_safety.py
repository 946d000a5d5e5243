"""What is not opened: addresses, indirections, broken files, archives that leave their place or swell."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from store.ingest import safety
from tests.store.ingest.support import codes, load, parcels, square, write

SQUARES = [square(n) for n in range(3)]


def refused(path: Path | str) -> str:
    """The reason of the refusal; nothing may have been opened for writing."""
    outcome = load(path)
    assert codes(outcome) == {"file-unreadable"}, outcome.as_text("en")
    return str(outcome.log.kept["file-unreadable"][0].params["reason"])


@pytest.mark.parametrize(
    "text",
    [
        "/vsicurl/http://127.0.0.1:9/a.gpkg",
        "http://127.0.0.1:9/a.geojson",
        "/vsizip//etc/a.zip",
        "WFS:http://127.0.0.1:9",
    ],
)
def test_addresses_and_virtual_paths(text: str) -> None:
    assert "local file" in refused(text)


def test_connection_strings_and_missing_files(tmp_path: Path) -> None:
    assert "no such file" in refused("PG:dbname=postgres")
    assert "no such file" in refused(tmp_path / "none.shp")
    assert "no file geodatabase" in refused(tmp_path)


@pytest.mark.parametrize("name", ["a.vrt", "a.gml", "a.json", "a.xml", "a.kml"])
def test_indirections(tmp_path: Path, name: str) -> None:
    write(tmp_path / "real.gpkg", SQUARES, parcels(3))
    source = f"<OGRVRTLayer name='real'><SrcDataSource>{tmp_path}/real.gpkg</SrcDataSource></OGRVRTLayer>"
    text = f"<OGRVRTDataSource>{source}</OGRVRTDataSource>"
    (tmp_path / name).write_text(text)
    assert refused(tmp_path / name)


def test_pipelines_are_not_run(tmp_path: Path) -> None:
    """GDAL 3.11 and later runs what such a file says."""
    write(tmp_path / "real.gpkg", SQUARES, parcels(3))
    command = f"gdal vector pipeline ! read {tmp_path}/real.gpkg"
    (tmp_path / "a.json").write_text(json.dumps({"type": "gdal_streamed_alg", "command_line": command}))
    assert "points to another source" in refused(tmp_path / "a.json")


def test_entities_are_not_read(tmp_path: Path) -> None:
    text = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><gml>&a;</gml>'
    (tmp_path / "a.gml").write_text(text)
    assert "entities" in refused(tmp_path / "a.gml")


@pytest.mark.parametrize(
    "name", ["a.shp", "a.gpkg", "a.geojson", "a.fgb", "a.parquet", "a.xlsx", "a.zip", "a.dxf", "a.gml"]
)
def test_garbage(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(os.urandom(3000))
    assert refused(tmp_path / name)
    (tmp_path / name).write_bytes(b"")
    assert "empty" in refused(tmp_path / name)


def test_truncated_files(tmp_path: Path) -> None:
    for name in ("a.geojson", "a.fgb", "a.gpkg"):
        options = {"SPATIAL_INDEX": "NO"} if name == "a.fgb" else {}
        path = Path(write(tmp_path / name, [square(n) for n in range(500)], parcels(500), "EPSG:4326", **options))
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        outcome = load(path)
        assert not outcome.passed and outcome.published is None, name


def test_shapefile_without_its_parts(tmp_path: Path) -> None:
    path = Path(write(tmp_path / "a.shp", SQUARES, parcels(3)))
    path.with_suffix(".dbf").unlink()
    outcome = load(path)
    assert not outcome.passed and "column-missing" in codes(outcome)


def test_binary_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n1,\0\0\n")
    assert "not text" in refused(tmp_path / "a.csv")


def pack(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["../a.shp", "/etc/a.shp", "x/../../a.shp", "..\\a.shp", "C:\\a.shp"])
def test_names_that_leave_the_archive(tmp_path: Path, name: str) -> None:
    assert "leaves it" in refused(pack(tmp_path / "a.zip", {name: b"x"}))


def test_archives_that_swell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack(tmp_path / "a.zip", {"a.geojson": b" " * 5_000_000})
    monkeypatch.setattr(safety, "RATIO_FROM", 1_000_000)
    assert "swells" in refused(path)
    monkeypatch.setattr(safety, "MAX_UNPACKED", 1_000_000)
    assert "unpacks to more" in refused(path)
    monkeypatch.setattr(safety, "MAX_ENTRIES", 0)
    assert "entries" in refused(path)


def test_archives_without_or_with_several_data_sets(tmp_path: Path) -> None:
    assert "holds no" in refused(pack(tmp_path / "a.zip", {"readme.txt": b"x"}))
    assert "several" in refused(pack(tmp_path / "a.zip", {"a.geojson": b"{}", "b.geojson": b"{}"}))
    vrt = b"<OGRVRTDataSource></OGRVRTDataSource>"
    assert "points to another source" in refused(pack(tmp_path / "a.zip", {"a.gml": vrt}))


def test_geodatabase_in_an_archive(tmp_path: Path) -> None:
    folder = Path(write(tmp_path / "a.gdb", SQUARES, parcels(3)))
    members = {f"成果/a.gdb/{one.name}": one.read_bytes() for one in folder.iterdir()}
    outcome = load(pack(tmp_path / "a.zip", members))
    assert outcome.passed and outcome.rows == 3


def test_workbook_with_a_document_type(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.xlsx", {"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><workbook/>'})
    assert "document type" in refused(path)


def test_the_broken_file_of_the_open_data(shared_data: Path, tmp_path: Path) -> None:
    """One layer of Cambridge holds features without geometry and outlines that do not close: each is named."""
    with zipfile.ZipFile(shared_data / "planning" / "cambridge_ma.zip") as archive:
        archive.extract("layers/RECREATION_SportsAreas.geojson", tmp_path)
    outcome = load(tmp_path / "layers" / "RECREATION_SportsAreas.geojson")
    assert not outcome.passed and outcome.published is None
    geometry = {code for code in codes(outcome) if code.startswith("geometry")}
    assert geometry
