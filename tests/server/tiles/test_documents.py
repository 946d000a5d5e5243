"""What tilesets and tile matrix sets say of themselves."""

from typing import Any

import pytest

from tests.server.client import Client
from tests.tiles import data

REL = "http://www.opengis.net/def/rel/ogc/1.0/"


def link(document: dict[str, Any], rel: str, **more: Any) -> dict[str, Any]:
    found = [
        one
        for one in document["links"]
        if one["rel"] == rel and all(one.get(key) == value for key, value in more.items())
    ]
    assert found, f"no {rel}"
    return dict(found[0])


def test_from_the_landing_page_to_a_tile(client: Client):
    """A client that knows nothing but the standard finds its way."""
    landing = client.get("/").json()
    listed = client.get(link(landing, f"{REL}tilesets-vector")["href"]).json()
    one = next(one for one in listed["tilesets"] if one["tileMatrixSetId"] == "WebMercatorQuad")
    assert one["tileMatrixSetURI"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
    assert one["dataType"] == "vector"
    tileset = client.get(link(one, "self")["href"]).json()
    scheme = client.get(link(tileset, f"{REL}tiling-scheme")["href"]).json()
    assert scheme["id"] == "WebMercatorQuad"
    limits = tileset["tileMatrixSetLimits"][8]
    template = link(tileset, "item", type="application/vnd.mapbox-vector-tile", templated=True)["href"]
    address = template.format(
        tileMatrix=limits["tileMatrix"], tileRow=limits["minTileRow"], tileCol=limits["minTileCol"]
    )
    assert client.get(address).status_code == 200
    assert client.get(link(landing, f"{REL}tiling-schemes")["href"]).json()["tileMatrixSets"]


def test_collections_lead_to_their_tiles(client: Client):
    for one in client.get("/collections").json()["collections"]:
        tiled = [link for link in one["links"] if link["rel"] == f"{REL}tilesets-vector"]
        readable = one["id"] != "closed" and one["id"] in data.LAYERS
        assert bool(tiled) == readable
        for found in tiled:
            assert len(client.get(found["href"]).json()["tilesets"]) >= 5


def test_sets(client: Client):
    listed = client.get("/tileMatrixSets").json()["tileMatrixSets"]
    assert [one["id"] for one in listed][:2] == ["WebMercatorQuad", "WorldCRS84Quad"]
    for one in listed:
        found = client.get(link(one, "self")["href"]).json()
        assert found["id"] == one["id"]
        assert found["crs"] == one["crs"]
        assert {**data.GRIDS[one["id"]].set.document, "links": found["links"]} == found


def test_a_tileset(client: Client):
    found = client.get("/collections/parcels/tiles/CGCS2000GK3CM117E?lang=en").json()
    assert found["crs"] == "http://www.opengis.net/def/crs/EPSG/0/4548"
    assert found["boundingBox"]["lowerLeft"] == pytest.approx([data.WEST, data.SOUTH], abs=0.01)
    (layer,) = found["layers"]
    assert layer["id"] == "parcels"
    assert layer["geometryDimension"] == 2
    assert layer["propertiesSchema"]["properties"]["area"]["type"] == "number"
    assert "tileMatrixSetURI" not in found, "it stands in no register"
    assert found["centerPoint"]["tileMatrix"] in {one["tileMatrix"] for one in found["tileMatrixSetLimits"]}


def test_what_is_chosen_goes_on_into_the_templates(client: Client):
    found = client.get("/tiles/WebMercatorQuad?collections=wells,parcels&datetime=2016-01-01").json()
    assert [one["id"] for one in found["layers"]] == ["wells", "parcels"]
    template = link(found, "item", type="application/vnd.mapbox-vector-tile")["href"]
    assert "collections=wells,parcels&datetime=2016-01-01" in template
    tilejson = client.get("/tiles/WebMercatorQuad?collections=wells&f=tilejson").json()
    assert [one["id"] for one in tilejson["vector_layers"]] == ["wells"]
    assert "collections=wells" in tilejson["tiles"][0]
    filtered = client.get("/collections/parcels/tiles/WebMercatorQuad", params={"filter": "area > 3"}).json()
    assert "filter=area" in link(filtered, "item")["href"]


def test_tilejson(client: Client):
    answer = client.get("/collections/parcels/tiles/WebMercatorQuad?f=tilejson")
    assert answer.headers["content-type"] == "application/vnd.mapbox.tilejson+json"
    found = answer.json()
    assert found["tilejson"] == "3.0.0"
    assert found["vector_layers"][0]["id"] == "parcels"
    assert found["vector_layers"][0]["fields"]["area"] == "Number"
    assert found["bounds"] == pytest.approx([data.WEST, data.SOUTH, data.WEST + 0.08, data.SOUTH + 0.08], abs=0.01)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "/tiles",
        "/tiles/WebMercatorQuad",
        "/collections/parcels/tiles",
        "/collections/parcels/tiles/CGCS2000GK3CM117E",
        "/tileMatrixSets",
        "/tileMatrixSets/TiandituC",
    ],
)
def test_pages(client: Client, path: str, language: str):
    answer = client.get(f"{path}?f=html&lang={language}")
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    word = {"zh": "瓦片", "en": "ile"}[language]
    assert word in answer.text.split("<h1>")[1].split("</h1>")[0] or "TiandituC" in answer.text


def test_conformance_and_operations(client: Client):
    declared = client.get("/conformance").json()["conformsTo"]
    for one in ("core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "oas30", "mvt", "datetime"):
        assert f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{one}" in declared
    paths = client.get("/api").json()["paths"]
    ids = {
        path: one["get"]["operationId"]
        for path, one in paths.items()
        if "get" in one and "vector" in str(one["get"].get("operationId"))
    }
    assert ids == {
        "/tiles": ".dataset.vector.getTileSetsList",
        "/tiles/{tileMatrixSetId}": ".dataset.vector.getTileSet",
        "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}": ".dataset.vector.getTile",
        "/collections/{collectionId}/tiles": ".collection.vector.getTileSetsList",
        "/collections/{collectionId}/tiles/{tileMatrixSetId}": ".collection.vector.getTileSet",
        "/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}": (
            ".collection.vector.getTile"
        ),
    }
