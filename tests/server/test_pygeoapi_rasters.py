"""Coverages: the cells that are asked for, in both formats, and a reason for every refusal."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from rasterio.io import MemoryFile

from config.errors import DefinitionError
from config.layers import Layer
from server import rasters
from server.app import create_app
from server.node import Node
from tests.server import tiny
from tests.server.client import Client
from tests.server.conftest import STORED
from tests.server.fake import FakeStore
from tests.server.pygeoapi_node import write_raster

BANDS = [
    {"name": "elevation", "title": {"zh": "高程", "en": "Elevation"}, "unit": "m"},
    {"name": "slope", "title": {"zh": "坡度", "en": "Slope"}},
]
HEIGHT = replace(tiny.IMAGE, id="height", source={"type": "raster", "path": "rasters/height.tif", "bands": BANDS})
GRID = replace(tiny.IMAGE, id="grid", source={"type": "raster", "path": "rasters/grid.tif"})
YEARS = replace(
    tiny.IMAGE, id="years", source={"type": "raster", "path": "rasters/y-{year}.tif", "years": [2014, 2015, 2016]}
)
ABSENT = replace(tiny.IMAGE, id="absent", source={"type": "raster", "path": "rasters/none.tif"})
OUTSIDE = replace(tiny.IMAGE, id="outside", source={"type": "raster", "path": "../../etc/passwd"})
LAYERS = {**tiny.LAYERS, **{one.id: one for one in (HEIGHT, GRID, YEARS, ABSENT)}}


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("rasters")
    write_raster(folder / "rasters" / "height.tif", bands=2)
    write_raster(folder / "rasters" / "grid.tif", crs="EPSG:4548")
    for year in (2014, 2016):
        write_raster(folder / "rasters" / f"y-{year}.tif", bands=year - 2013)
    registry = replace(tiny.registry(), layers=MappingProxyType(LAYERS))
    node = Node(tiny.settings(folder), registry, LAYERS, FakeStore(STORED))
    with Client(create_app(node)) as client:
        yield client
    node.close()


def _tiff(body: bytes) -> tuple[Any, Any, Any]:
    with MemoryFile(body) as file, file.open() as data:
        return data.read(), data.bounds, data.crs


def test_the_whole_file(speaking: Client) -> None:
    answer = speaking.get("/collections/height/coverage?f=GTiff")
    assert answer.headers["content-type"] == "image/tiff"
    assert "height.tif" in answer.headers["content-disposition"]
    values, bounds, crs = _tiff(answer.content)
    assert values.shape == (2, 40, 50)
    assert crs.to_epsg() == 4490
    assert bounds.left == pytest.approx(116.8)
    assert (
        speaking.get(
            "/collections/height/coverage?f=GTiff", headers={"if-none-match": answer.headers["etag"]}
        ).status_code
        == 304
    )


@pytest.mark.parametrize("asked", ["bbox=116.83,38.30,116.87,38.38", "subset=Long(116.83:116.87),Lat(38.30:38.38)"])
def test_a_box_gives_its_whole_cells(speaking: Client, asked: str) -> None:
    """Columns 3 to 6 and rows 2 to 9 of values that count up; the cell in row 3, column 4 is empty."""
    expected = np.arange(4000, dtype="float32").reshape(2, 40, 50)
    expected[:, 3, 4] = -9999
    values, bounds, _ = _tiff(speaking.get(f"/collections/height/coverage?f=GTiff&{asked}").content)
    np.testing.assert_array_equal(values, expected[:, 2:10, 3:7])
    assert tuple(bounds) == pytest.approx((116.83, 38.30, 116.87, 38.38), abs=1e-9)
    document = speaking.get(f"/collections/height/coverage?{asked}").json()
    axes = document["domain"]["axes"]
    assert axes["x"] == {"start": pytest.approx(116.835), "stop": pytest.approx(116.865), "num": 4}
    assert axes["y"] == {"start": pytest.approx(38.375), "stop": pytest.approx(38.305), "num": 8}
    assert document["ranges"]["elevation"]["values"][4] == 153.0
    assert document["ranges"]["elevation"]["values"][5] is None
    assert document["ranges"]["slope"]["values"][0] == 2103.0
    assert document["parameters"]["elevation"]["observedProperty"]["label"] == {"zh": "高程", "en": "Elevation"}


def test_one_band(speaking: Client) -> None:
    values, _, _ = _tiff(
        speaking.get("/collections/height/coverage?f=GTiff&properties=2&bbox=116.8,38.39,116.82,38.4").content
    )
    assert values.tolist() == [[[2000.0, 2001.0]]]
    document = speaking.get("/collections/height/coverage?properties=2&bbox=116.8,38.39,116.82,38.4").json()
    assert list(document["ranges"]) == ["slope"]
    assert document["ranges"]["slope"]["values"] == [2000.0, 2001.0]


def test_a_box_in_another_system_and_a_projected_file(speaking: Client) -> None:
    crs = "http://www.opengis.net/def/crs/EPSG/0/4490"
    swapped = speaking.get(f"/collections/height/coverage?bbox=38.30,116.83,38.38,116.87&bbox-crs={crs}").json()
    plain = speaking.get("/collections/height/coverage?bbox=116.83,38.30,116.87,38.38").json()
    assert swapped == plain
    metres = speaking.get("/collections/grid/coverage?f=GTiff&subset=x(482200:482500),y(4251700:4251900)")
    values, bounds, parsed = _tiff(metres.content)
    assert parsed.to_epsg() == 4548
    assert values[0].tolist() == [[52.0, 53.0, 54.0], [102.0, 103.0, 104.0]]
    assert tuple(bounds) == pytest.approx((482200, 4251700, 482500, 4251900))


def test_years(speaking: Client) -> None:
    for asked, bands in (("", 3), ("&datetime=2015-06-01", 1), ("&datetime=2014", 1), ("&datetime=../2016-12-31", 3)):
        values, _, _ = _tiff(speaking.get(f"/collections/years/coverage?f=GTiff{asked}").content)
        assert len(values) == bands, asked
    assert "2014" in speaking.get("/collections/years/coverage?datetime=2013").json()["faults"][0]["remedy"]


def test_outside_is_empty(speaking: Client) -> None:
    for asked in ("bbox=10,10,11,11", "subset=Long(10:11),Lat(10:11)", "bbox=200,10,201,11"):
        assert speaking.get(f"/collections/height/coverage?{asked}").status_code == 204, asked


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ("bbox=1,2,3", "bbox"),
        ("bbox=a,b,c,d", "bbox"),
        ("bbox=116.8,38.4,116.9,38.3", "bbox"),
        ("bbox=1,2,3,4&bbox-crs=EPSG:1", "bbox-crs"),
        ("bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4490", "bbox-crs"),
        ("subset=Long", "subset"),
        ("subset=Long(a:b)", "subset"),
        ("subset=Long(117:116)", "subset"),
        ("subset=Long(116:117:118)", "subset"),
        ("subset=Long(nan:1)", "subset"),
        ("subset=time(1:2)", "subset"),
        ("subset=x(1:2)", "subset"),
        ("subset=Long(116:117),Long(116:117)", "subset"),
        ("subset=Long(116.8:116.9)&bbox=116.8,38.3,116.9,38.4", "subset"),
        ("properties=3", "properties"),
        ("properties=elevation", "properties"),
        ("properties=", "properties"),
        ("properties=-1", "properties"),
        ("scale-factor=2", "scale-factor"),
        ("datetime=never", "datetime"),
    ],
)
def test_wrong_parameters_are_refused_by_name(speaking: Client, asked: str, parameter: str) -> None:
    layer = "years" if parameter == "datetime" else "height"
    answer = speaking.get(f"/collections/{layer}/coverage?{asked}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["parameter"] == parameter
    assert answer.json()["remedy"]


def test_other_refusals(speaking: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert speaking.get("/collections/parcels/coverage").status_code == 404
    assert speaking.get("/collections/absent/coverage").status_code == 404
    assert speaking.get("/collections/imagery/coverage").status_code == 404
    assert speaking.get("/collections/height/coverage?f=png").status_code == 400
    assert speaking.request("POST", "/collections/height/coverage").status_code == 405
    monkeypatch.setattr(rasters, "MOST_CELLS", 3999)
    too_large = speaking.get("/collections/height/coverage?f=json")
    assert too_large.status_code == 413
    assert "GTiff" in too_large.json()["faults"][0]["remedy"]


@pytest.mark.parametrize("layer", [OUTSIDE, replace(tiny.IMAGE, source={})])
def test_a_path_stays_in_the_data_folder(layer: Layer, tmp_path: Path) -> None:
    with pytest.raises(DefinitionError):
        rasters.file_of(layer, tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "data" / "rasters").mkdir(parents=True)
    (tmp_path / "secret.tif").write_bytes(b"x")
    (tmp_path / "data" / "rasters" / "height.tif").symlink_to(tmp_path / "secret.tif")
    with pytest.raises(DefinitionError):
        rasters.file_of(HEIGHT, tmp_path / "data")


def test_the_collection_describes_domain_and_range(speaking: Client) -> None:
    document = speaking.get("/collections/height?f=json&lang=en").json()
    assert document["extent"]["spatial"]["bbox"][0] == pytest.approx([116.8, 38.0, 117.3, 38.4])
    assert [one["cellsCount"] for one in document["extent"]["spatial"]["grid"]] == [50, 40]
    assert [one["title"] for one in document["bands"]] == ["Elevation", "Slope"]
    assert document["bands"][0]["x-ogc-unit"] == "m"
    coverage = [one for one in document["links"] if one["rel"].endswith("/coverage")]
    assert {one["type"] for one in coverage} == {"image/tiff", "application/prs.coverage+json"}
    for one in coverage:
        assert speaking.get(one["href"]).status_code == 200
    years = speaking.get("/collections/years?f=json").json()["extent"]["temporal"]
    assert years["grid"]["coordinates"] == ["2014", "2016"]
    assert not any(one["rel"].endswith("/coverage") for one in speaking.get("/collections/absent").json()["links"])


def test_the_page_of_a_raster_collection(speaking: Client) -> None:
    page = speaking.get("/collections/height?f=html").text
    assert "GeoTIFF" in page
    assert "/collections/height/coverage?f=GTiff" in page


def test_the_api_document_knows_coverages(speaking: Client) -> None:
    document = speaking.get("/api?f=json").json()
    operation = document["paths"]["/collections/{collectionId}/coverage"]["get"]
    assert set(operation["responses"]) >= {"200", "204", "400", "404"}


def test_the_extent_of_a_file_stands_in_the_list_too(speaking: Client) -> None:
    listed = {one["id"]: one for one in speaking.get("/collections").json()["collections"]}
    west, south, east, north = listed["height"]["extent"]["spatial"]["bbox"][0]
    assert west < east and south < north
    assert listed["years"]["extent"]["temporal"]["interval"] == [
        ["2014-01-01T00:00:00+08:00", "2016-12-31T23:59:59+08:00"]
    ]
    assert "extent" not in listed["absent"]
    alone = speaking.get("/collections/height?lang=en").json()
    assert alone["extent"] == listed["height"]["extent"]
    assert alone["source"] == {"type": "raster"}  # neither the path nor the bands, which stand beside it
    assert [one["title"] for one in alone["bands"]] == ["Elevation", "Slope"]


def test_coveragejson_says_that_the_data_are_synthetic(speaking: Client) -> None:
    answer = speaking.get("/collections/height/coverage?f=json", headers={"accept-language": "en"})
    assert answer.json()["type"] == "Coverage"
    assert answer.json()["notice"] == "The data are synthetic"
    assert answer.headers["content-language"] == "en"
    assert "Accept-Language" in answer.headers["vary"]
    chinese = speaking.get("/collections/height/coverage?f=json")
    assert chinese.json()["notice"] == "数据为模拟"
    assert chinese.headers["etag"] != answer.headers["etag"]
