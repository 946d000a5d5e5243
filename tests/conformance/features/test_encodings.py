"""Features Part 1, Annex A.3 to A.6: `geojson`, `html`, `oas30`."""

from typing import Any

import pytest

from tests.conformance import ITEMS
from tests.server.client import Client

STANDARD = "http://www.opengis.net/spec/ogcapi-features-1/1.0"

DOCUMENTS = ("/", "/conformance", "/collections", "/collections/parcels")
FEATURES = (ITEMS, f"{ITEMS}/P003")


def test_geojson_definition(iut: Client) -> None:
    """/conf/geojson/definition: GeoJSON for features, JSON for the rest."""
    for path in DOCUMENTS:
        assert iut.get(path, headers={"accept": "application/json"}).headers["content-type"] == "application/json"
    for path in FEATURES:
        assert (
            iut.get(path, headers={"accept": "application/geo+json"}).headers["content-type"] == "application/geo+json"
        )


def test_geojson_content(iut: Client) -> None:
    """/conf/geojson/content: a FeatureCollection of Features; links, timeStamp and numbers beside them."""
    page = iut.get(ITEMS).json()
    assert page["type"] == "FeatureCollection"
    assert {"links", "timeStamp", "numberMatched", "numberReturned"} <= set(page)
    for feature in [*page["features"], iut.get(f"{ITEMS}/P003").json()]:
        assert feature["type"] == "Feature"
        assert feature["geometry"]["type"] == "MultiPolygon"
        assert isinstance(feature["properties"], dict)
        for polygon in feature["geometry"]["coordinates"]:
            for ring in polygon:
                assert ring[0] == ring[-1]


@pytest.mark.parametrize("path", [*DOCUMENTS, *FEATURES, "/api"])
def test_html_definition(iut: Client, path: str) -> None:
    """/conf/html/definition: every 200 has an HTML form."""
    answer = iut.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_html_content(iut: Client) -> None:
    """/conf/html/content: the page shows what the document says, and links as links."""
    collection = iut.get("/collections/parcels?f=html").text
    assert "规划用地" in collection
    assert "/collections/parcels/items" in collection
    item = iut.get(f"{ITEMS}/P003?f=html").text
    assert "工业园" in item
    assert "1003.5" in item.replace(",", "")


def test_oas30_oas_definition(iut: Client, api: dict[str, Any]) -> None:
    """/conf/oas30/oas-definition-1, -2: the definition in JSON under its media type, and as a page."""
    assert iut.get("/api").headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert iut.get("/api?f=html").headers["content-type"].startswith("text/html")
    assert api["openapi"].startswith("3.0")


def test_oas30_completeness(iut: Client, api: dict[str, Any]) -> None:
    """/conf/oas30/completeness: every resource's operation with its answers."""
    for path in (*DOCUMENTS[:3], "/collections/{collectionId}", ITEMS, "/collections/{collectionId}/items/{featureId}"):
        assert "200" in api["paths"][path]["get"]["responses"]


def test_oas30_exceptions_codes(iut: Client, api: dict[str, Any]) -> None:
    """/conf/oas30/exceptions-codes: each status that is answered is defined."""
    asked = {ITEMS: ("?x=1", "?limit=0", "?f=xml"), "/collections/{collectionId}/items/{featureId}": ("x", "P003?x=1")}
    for path, tails in asked.items():
        for tail in tails:
            status = iut.get(ITEMS + (tail if path == ITEMS else f"/{tail}")).status_code
            assert str(status) in api["paths"][path]["get"]["responses"]


def test_oas30_security(api: dict[str, Any]) -> None:
    """/conf/oas30/security: each security scheme in use is defined."""
    used = {name for one in api["security"] for name in one}
    assert used <= set(api["components"]["securitySchemes"])


def test_oas30_oas_impl(iut: Client, api: dict[str, Any]) -> None:
    """/conf/oas30/oas-impl: what is defined is there."""
    for path, operations in api["paths"].items():
        if "{" not in path and "get" in operations:
            assert iut.get(path).status_code in (200, 401), path
