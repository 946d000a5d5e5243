"""Common Part 2 (20-024), Annex A: `collections`, `json`, `html`."""

from typing import Any

import pytest

from tests.server.client import BASE, Client

STANDARDS = (
    "http://www.opengis.net/spec/ogcapi-common-2/1.0",
    "https://www.opengis.net/spec/ogcapi-common-2/1.0",
)
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def test_collections_rc_md_op_and_success(iut: Client, collections: list[dict[str, Any]]) -> None:
    """/conf/collections/rc-md-op, rc-md-success, rc-md-links: linked from the landing page, with all that it holds."""
    data = next(one for one in iut.get("/").json()["links"] if one["rel"] == "data")
    answer = iut.get(data["href"])
    assert answer.status_code == 200
    document = answer.json()
    assert {one["rel"] for one in document["links"]} >= {"self", "alternate"}
    assert all(one["type"] for one in document["links"])
    assert {one["id"] for one in collections} <= {one["id"] for one in document["collections"]}


def test_collections_rc_md_items_and_extent(collections: list[dict[str, Any]]) -> None:
    """/conf/collections/rc-md-items, rc-md-extent: id, links, and the extent in CRS84 and in time."""
    for one in collections:
        assert one["id"] and one["title"] and one["links"]
        spatial = one.get("extent", {}).get("spatial")
        if spatial:
            west, south, east, north = spatial["bbox"][0]
            assert (spatial["crs"], west < east, south < north) == (CRS84, True, True)
    assert any("extent" in one for one in collections)


def test_collections_src_md_op_and_success(iut: Client, collections: list[dict[str, Any]]) -> None:
    """/conf/collections/src-md-op, src-md-success: each collection by itself says what the list says."""
    for one in collections:
        alone = iut.get(f"/collections/{one['id']}").json()
        told = {key: value for key, value in one.items() if key != "links"}
        assert {key: alone[key] for key in told} == told


@pytest.mark.parametrize("path", ["/collections", "/collections/parcels"])
def test_json_definition_and_content(iut: Client, path: str) -> None:
    """/conf/json/definition, content."""
    answer = iut.get(path, headers={"accept": "application/json"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["links"]


@pytest.mark.parametrize("path", ["/collections", "/collections/parcels"])
def test_html_definition_and_content(iut: Client, path: str) -> None:
    """/conf/html/definition, content."""
    answer = iut.get(path, headers={"accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/html")
    assert f'href="{BASE}/' in answer.text
