"""GDAL's MVT driver reads the tiles, and finds in them what the layer has there."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from tests.tiles import data
from tiles.grid import Tile

LAYER = "plan-permanent-basic-farmland"


def fetched(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        body: bytes = answer.read()
        return body


def tile_with_content(demo: str, zoom: str) -> tuple[Tile, bytes]:
    """The first tile of a zoom within the layer's limits that is not empty."""
    lead = f"{demo}/collections/{LAYER}/tiles/WebMercatorQuad"
    limits = next(one for one in json.loads(fetched(lead))["tileMatrixSetLimits"] if one["tileMatrix"] == zoom)
    grid = data.GRIDS["WebMercatorQuad"]
    for row in range(limits["minTileRow"], limits["maxTileRow"] + 1):
        for col in range(limits["minTileCol"], limits["maxTileCol"] + 1):
            if body := fetched(f"{lead}/{zoom}/{row}/{col}"):
                return Tile(grid, grid.set.matrices[zoom], row, col), body
    pytest.fail("no tile with content")


@pytest.mark.parametrize("zoom", ["9", "11"])
def test_gdal_reads_a_tile(demo: str, tmp_path: Path, zoom: str) -> None:
    tile, body = tile_with_content(demo, zoom)
    path = tmp_path / "tile.pbf"
    path.write_bytes(body)
    place: dict[str, Any] = {"X": str(tile.col), "Y": str(tile.row), "Z": zoom, "CLIP": "NO"}
    assert [name for name, _ in pyogrio.list_layers(path)] == [LAYER]
    meta, _, geometry, columns = pyogrio.raw.read(path, layer=LAYER, **place)
    shapes = shapely.from_wkb(geometry)
    ids = columns[list(meta["fields"]).index("id")]
    west, south, east, north = tile.bounds
    unit = (east - west) / 4096
    bounds = shapely.total_bounds(shapes)
    assert (bounds >= np.array([west, south, west, south]) - 66 * unit).all()
    assert (bounds <= np.array([east, north, east, north]) + 66 * unit).all()
    box = tile.place(0)
    assert box is not None
    asked = f"{demo}/collections/{LAYER}/items?limit=10000&bbox={box.west},{box.south},{box.east},{box.north}"
    there = {one["id"]: shapely.geometry.shape(one["geometry"]).area for one in json.loads(fetched(asked))["features"]}
    degrees = (box.east - box.west) / 4096
    seen = {id for id, area in there.items() if area > 4 * degrees * degrees}
    assert seen
    assert seen <= set(ids)
