"""Raster collections as pictures: warped into the tile, transparent where nothing is, one file for each year."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.transform import from_origin

from config.layers import Sharing
from server.app import create_app
from server.node import Node
from tests.server import tiny
from tests.server.client import Client
from tests.server.pygeoapi_node import write_raster
from tests.tiles import data

REL = "http://www.opengis.net/def/rel/ogc/1.0/"
HEIGHT = replace(tiny.IMAGE, id="height", source={"type": "raster", "path": "rasters/height.tif"})
SHOTS = replace(
    tiny.IMAGE, id="shots", source={"type": "raster", "path": "rasters/shot-{year}.tif", "years": [2014, 2016]}
)
CLOSED = replace(HEIGHT, id="closed-height", sharing=Sharing.WITHHELD)
ABSENT = replace(tiny.IMAGE, id="absent", source={"type": "raster", "path": "rasters/none.tif"})
RASTERS = {one.id: one for one in (HEIGHT, SHOTS, CLOSED, ABSENT)}


def shot(path: Path, colour: tuple[int, int, int]) -> None:
    """40 rows, 50 columns of 0.01 degrees from 116.8, 38.4 in one colour, the first column empty."""
    profile = {"driver": "GTiff", "height": 40, "width": 50, "count": 4, "dtype": "uint8", "crs": "EPSG:4490"}
    values = np.empty((4, 40, 50), dtype="uint8")
    values[:3] = np.array(colour)[:, None, None]
    values[3] = 200
    values[:, :, 0] = 0
    with rasterio.open(path, "w", transform=from_origin(116.8, 38.4, 0.01, 0.01), nodata=0, **profile) as out:
        out.write(values)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("maps")
    write_raster(folder / "rasters" / "height.tif")
    shot(folder / "rasters" / "shot-2014.tif", (200, 10, 10))
    shot(folder / "rasters" / "shot-2016.tif", (10, 200, 10))
    with data.opened(f"sqlite:///{folder}/store") as store:
        node = Node(tiny.settings(folder), tiny.registry(), {**data.LAYERS, **RASTERS}, store)
        with Client(create_app(node)) as made:
            yield made
        node.close()


def address(layer: str, grid: str = "WebMercatorQuad", zoom: str = "11") -> str:
    tile = data.tile(grid, zoom, 117.05, 38.2)
    return f"/collections/{layer}/map/tiles/{grid}/{zoom}/{tile.row}/{tile.col}"


def pixels(body: bytes) -> NDArray[Any]:
    with MemoryFile(body) as memory, memory.open() as picture:
        assert picture.driver == "PNG"
        return np.asarray(picture.read())


@pytest.mark.parametrize(
    ("grid", "zoom"), [("WebMercatorQuad", "11"), ("CGCS2000Quad", "10"), ("CGCS2000GK3CM117E", "8")]
)
def test_a_picture_of_each_system(client: Client, grid: str, zoom: str):
    answer = client.get(address("shots", grid, zoom))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert "content-encoding" not in answer.headers
    found = pixels(answer.content)
    assert found.shape == (4, 256, 256)
    seen = found[:3, found[3] == 255]
    assert (seen == np.array([[10], [200], [10]])).all()


def test_years(client: Client):
    def colour(query: str) -> list[int]:
        found = pixels(client.get(address("shots") + query).content)
        return [int(one) for one in found[:3, found[3] > 0][:, 0]]

    assert colour("") == colour("?datetime=2017-01-01") == [10, 200, 10]
    assert colour("?datetime=2015-06-01") == colour('?subset=datetime("2015-06-01")') == [200, 10, 10]
    assert client.get(address("shots") + "?datetime=2001-01-01").status_code == 400


def test_heights_are_coloured_from_low_to_high(client: Client):
    found = pixels(client.get(address("height", zoom="9")).content)
    there = found[3] > 0
    assert there.any()
    assert not there.all()
    assert len(np.unique(found[:3, there], axis=1).T) > 50


def test_validators(client: Client):
    answer = client.get(address("height"), headers={"accept-encoding": "gzip"})
    again = client.get(address("height"), headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_documents(client: Client):
    collection = client.get("/collections/shots").json()
    listed = client.get(next(one["href"] for one in collection["links"] if one["rel"] == f"{REL}tilesets-map")).json()
    one = next(one for one in listed["tilesets"] if one["tileMatrixSetId"] == "CGCS2000Quad")
    assert one["dataType"] == "map"
    about = client.get(next(link["href"] for link in one["links"] if link["rel"] == "self")).json()
    item = next(link for link in about["links"] if link["rel"] == "item")
    assert item["type"] == "image/png"
    limits = next(one for one in about["tileMatrixSetLimits"] if one["tileMatrix"] == "8")
    place = {"tileMatrix": "8", "tileRow": limits["minTileRow"], "tileCol": limits["minTileCol"]}
    assert client.get(item["href"].format(**place)).status_code == 200
    for path in ("/collections/shots/map/tiles", "/collections/shots/map/tiles/WebMercatorQuad"):
        assert client.get(f"{path}?f=html").status_code == 200
    ids = {one["get"]["operationId"] for one in client.get("/api").json()["paths"].values() if "get" in one}
    assert {f".collection.map.get{end}" for end in ("TileSetsList", "TileSet", "Tile")} <= ids


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/collections/shots/map/tiles/WebMercatorQuad/11/0/0", 404),
        ("/collections/shots/map/tiles/WebMercatorQuad/11/-1/0", 400),
        ("/collections/shots/map/tiles/WebMercatorQuad/11/x/0", 400),
        ("/collections/shots/map/tiles/WebMercatorQuad/99/0/0", 404),
        ("/collections/shots/map/tiles/Unknown", 404),
        ("/collections/shots/map/tiles/TiandituC?f=tilejson", 400),
        ("/collections/parcels/map/tiles", 404),
        ("/collections/absent/map/tiles", 404),
        ("/collections/unknown/map/tiles", 404),
        ("/collections/closed-height/map/tiles", 401),
        (address("closed-height"), 401),
        (address("shots") + "?f=mvt", 400),
        (address("shots") + "?datetime=never", 400),
        (address("shots") + "?filter=a=1", 400),
    ],
)
def test_bad_input(client: Client, path: str, status: int):
    assert client.get(path).status_code == status


def test_nothing_there(client: Client):
    tile = data.tile("WebMercatorQuad", "14", 116.805, 38.2)
    assert client.get(f"/collections/shots/map/tiles/WebMercatorQuad/14/{tile.row}/{tile.col}").status_code in (
        200,
        204,
    )
    empty = data.tile("WebMercatorQuad", "17", 116.803, 38.2)
    assert client.get(f"/collections/shots/map/tiles/WebMercatorQuad/17/{empty.row}/{empty.col}").status_code == 204
