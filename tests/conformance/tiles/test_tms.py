"""TMS 2.0 (17-083r4), Annex A: the models, and their JSON encodings."""

import json
from typing import Any

import pytest

from store.crs import resolve
from tests.conformance.tiles.follow import link, tileset
from tests.server.client import Client

STANDARD = "http://www.opengis.net/spec/tms/2.0"

SETS = ("WebMercatorQuad", "WorldCRS84Quad", "CGCS2000Quad", "TiandituC", "CGCS2000GK3CM117E")
NUMBERS = ("scaleDenominator", "cellSize", "tileWidth", "tileHeight", "matrixWidth", "matrixHeight")


def definition(iut: Client, set_: str) -> dict[str, Any]:
    return dict(iut.get(f"/tileMatrixSets/{set_}").json())


@pytest.mark.parametrize("set_", SETS)
def test_tilematrixset_model(iut: Client, set_: str) -> None:
    """/conf/tilematrixset/model: a CRS and matrices, each with its id, scale, cell, origin and sizes."""
    found = definition(iut, set_)
    assert resolve(found["crs"]).uri == found["crs"]
    assert len(found["orderedAxes"]) == 2
    scales = [one["scaleDenominator"] for one in found["tileMatrices"]]
    assert scales == sorted(scales, reverse=True)
    for one in found["tileMatrices"]:
        assert isinstance(one["id"], str)
        assert all(one[name] > 0 for name in NUMBERS)
        assert len(one["pointOfOrigin"]) == 2
        assert one.get("cornerOfOrigin", "topLeft") == "topLeft"


@pytest.mark.parametrize("set_", SETS)
def test_json_tilematrixset_ietf_and_media_type_and_model_and_schema(iut: Client, set_: str) -> None:
    """/conf/json-tilematrixset/ietf, media-type, model, schema: JSON by RFC 8259 with the required members."""
    answer = iut.get(f"/tileMatrixSets/{set_}")
    assert answer.headers["content-type"] == "application/json"
    found = json.loads(answer.content.decode("utf-8"), parse_constant=_no_constant)
    assert {"crs", "tileMatrices"} <= set(found)
    for one in found["tileMatrices"]:
        assert {"id", "pointOfOrigin", *NUMBERS} <= set(one)
        assert all(isinstance(one[name], int) for name in NUMBERS[2:])


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


@pytest.mark.parametrize("set_", SETS)
def test_tilematrixsetlimits_model(iut: Client, set_: str) -> None:
    """/conf/tilematrixsetlimits/model: a matrix of the set, and rows and columns within it."""
    matrices = {one["id"]: one for one in definition(iut, set_)["tileMatrices"]}
    limits = tileset(iut, "/collections/parcels/tiles", set_)["tileMatrixSetLimits"]
    assert len({one["tileMatrix"] for one in limits}) == len(limits)
    for one in limits:
        matrix = matrices[one["tileMatrix"]]
        assert 0 <= one["minTileRow"] <= one["maxTileRow"] < matrix["matrixHeight"]
        assert 0 <= one["minTileCol"] <= one["maxTileCol"] < matrix["matrixWidth"]


def test_json_tilematrixsetlimits_ietf_and_model_and_schema(iut: Client) -> None:
    """/conf/json-tilematrixsetlimits/ietf, model, schema: a list of objects of five members."""
    limits = tileset(iut, "/tiles", "WebMercatorQuad")["tileMatrixSetLimits"]
    for one in limits:
        assert set(one) == {"tileMatrix", "minTileRow", "maxTileRow", "minTileCol", "maxTileCol"}
        assert isinstance(one["tileMatrix"], str)
        assert all(isinstance(value, int) for name, value in one.items() if name != "tileMatrix")


@pytest.mark.parametrize("source", ["/tiles", "/collections/parcels/tiles"])
@pytest.mark.parametrize("set_", SETS)
def test_tilesetmetadata_identifier_and_model(iut: Client, source: str, set_: str) -> None:
    """/conf/tilesetmetadata/identifier, model: what the tiles are, by which set, and their layers."""
    about = tileset(iut, source, set_)
    assert about["dataType"] == "vector"
    assert about["crs"] == definition(iut, set_)["crs"]
    assert link(about, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme")["href"].endswith(f"/{set_}")
    collections = {one["id"] for one in iut.get("/collections").json()["collections"]}
    for layer in about["layers"]:
        assert layer["id"] in collections
        assert layer["dataType"] == "vector"
        assert layer["propertiesSchema"]["type"] == "object"
    box = about["boundingBox"]
    assert all(low <= high for low, high in zip(box["lowerLeft"], box["upperRight"], strict=True))


def test_json_tilesetmetadata_ietf_and_media_type_and_model_and_schema(iut: Client) -> None:
    """/conf/json-tilesetmetadata/ietf, media-type, model, schema: the required members, each of its type."""
    answer = iut.get("/collections/parcels/tiles/WebMercatorQuad")
    assert answer.headers["content-type"] == "application/json"
    about = json.loads(answer.content, parse_constant=_no_constant)
    assert {"dataType", "crs", "links", "tileMatrixSetLimits", "layers"} <= set(about)
    for one in about["links"]:
        assert isinstance(one["href"], str)
        assert isinstance(one["rel"], str)
