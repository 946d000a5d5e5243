"""Features Part 1, Annex A.2: conformance class `core`."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conformance import ITEMS
from tests.server import tiny
from tests.server.client import Client

STANDARD = "http://www.opengis.net/spec/ogcapi-features-1/1.0"

ENCODINGS = {
    "application/geo+json",
    "text/html",
    "text/csv",
    "application/flatgeobuf",
    "application/vnd.apache.parquet",
    "application/geopackage+sqlite3",
}
"""The media types of items."""
PAGES = ("/", "/conformance", "/collections", "/collections/parcels", ITEMS, f"{ITEMS}/P003", "/api")


def rels(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in document["links"]:
        found.setdefault(one["rel"], []).append(one)
    return found


def west_and_east(feature: dict[str, Any]) -> tuple[float, float]:
    xs = [x for x, _ in feature["geometry"]["coordinates"][0][0]]
    return min(xs), max(xs)


@pytest.mark.parametrize("path", PAGES)
def test_core_http(iut: Client, path: str) -> None:
    """/conf/core/http: valid HTTP; HEAD like GET; an unknown method is refused with 405 and Allow."""
    assert iut.get(path).status_code == 200
    assert iut.request("HEAD", path).status_code == 200
    refused = iut.request("PATCH", path)
    assert refused.status_code == 405
    assert "GET" in refused.headers["allow"]


def test_core_crs84(iut: Client) -> None:
    """/conf/core/crs84: longitude, latitude on WGS 84 unless asked otherwise."""
    for feature in iut.get(ITEMS).json()["features"]:
        for x, y in feature["geometry"]["coordinates"][0][0]:
            assert 116 < x < 118
            assert 38 < y < 39


def test_core_root_op_and_root_success(iut: Client) -> None:
    """/conf/core/root-op, root-success: links to definition, conformance and collections."""
    found = rels(iut.get("/").json())
    assert found["service-desc"] or found["service-doc"]
    assert found["conformance"]
    assert found["data"]


def test_core_api_definition_op_and_success(iut: Client) -> None:
    """/conf/core/api-definition-op, api-definition-success: the linked document has the linked type."""
    for rel in ("service-desc", "service-doc"):
        for one in rels(iut.get("/").json())[rel]:
            answer = iut.get(one["href"])
            assert answer.status_code == 200
            assert answer.headers["content-type"].split(";")[0] == one["type"].split(";")[0]


def test_core_conformance_op_and_success(iut: Client) -> None:
    """/conf/core/conformance-op, conformance-success."""
    declared = iut.get(rels(iut.get("/").json())["conformance"][0]["href"]).json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in declared
    assert all(isinstance(one, str) for one in declared)


def test_core_fc_md_op_and_success(iut: Client) -> None:
    """/conf/core/fc-md-op, fc-md-success."""
    document = iut.get(rels(iut.get("/").json())["data"][0]["href"]).json()
    assert {"links", "collections"} <= set(document)

    assert [one["id"] for one in iut.get("/collections").json()["collections"]][: len(tiny.LAYERS)] == list(tiny.LAYERS)
    """/conf/core/fc-md-links: self, and an alternate for every other encoding, each with rel and type."""
    found = rels(iut.get("/collections").json())
    assert len(found["self"]) == 1
    assert {one["type"] for one in found["alternate"]} == {"text/html"}


def test_core_fc_md_items(iut: Client) -> None:
    """/conf/core/fc-md-items: every collection is listed."""
    listed = [one["id"] for one in iut.get("/collections").json()["collections"]]
    assert [id for id in listed if id in tiny.LAYERS] == list(tiny.LAYERS)


def test_core_fc_md_items_links(iut: Client, collections: list[dict[str, Any]]) -> None:
    """/conf/core/fc-md-items-links: items in every encoding, each with rel and type."""
    for one in collections:
        items = rels(one)["items"]
        assert {link["type"] for link in items} == ENCODINGS
        for link in items:
            assert iut.get(link["href"]).headers["content-type"].split(";")[0] == link["type"]


def test_core_fc_md_extent(iut: Client, collections: list[dict[str, Any]]) -> None:
    """/conf/core/fc-md-extent, fc-md-extent-multi: every feature of now lies in the first box."""
    for one in collections:
        if "spatial" not in one.get("extent", {}):
            continue
        boxes = one["extent"]["spatial"]["bbox"]
        assert len(boxes) == 1
        west, _, east, _ = boxes[0]
        for feature in iut.get(f"/collections/{one['id']}/items?limit=100").json()["features"]:
            low, high = west_and_east(feature)
            assert west <= low <= high <= east
    first, last = collections[0]["extent"]["temporal"]["interval"][0]
    assert datetime.fromisoformat(first).tzinfo is not None  # RFC 3339: an instant names its offset
    assert last is None or last > first


def test_core_sfc_md_op_and_success(iut: Client, collections: list[dict[str, Any]]) -> None:
    """/conf/core/sfc-md-op, sfc-md-success: a collection alone says what it says in the list."""
    for one in collections:
        alone = iut.get(f"/collections/{one['id']}").json()
        for key in ("id", "title", "description", "extent", "itemType", "crs", "storageCrs"):
            assert alone.get(key) == one.get(key)


def test_core_fc_op(iut: Client, collections: list[dict[str, Any]]) -> None:
    """/conf/core/fc-op: GET on every collection's items."""
    for one in collections:
        assert iut.get(f"/collections/{one['id']}/items").status_code == 200


def _parameter(api: dict[str, Any], name: str) -> dict[str, Any]:
    given = api["paths"][ITEMS]["get"]["parameters"]
    keys = [one["$ref"].rpartition("/")[2] for one in given]
    found = [api["components"]["parameters"][key] for key in keys]
    return next(one for one in found if one["name"] == name)


def test_core_fc_bbox_definition(api: dict[str, Any]) -> None:
    """/conf/core/fc-bbox-definition."""
    bbox = _parameter(api, "bbox")
    assert (bbox["in"], bbox["required"], bbox["style"], bbox["explode"]) == ("query", False, "form", False)
    assert (bbox["schema"]["minItems"], bbox["schema"]["maxItems"]) == (4, 6)


@pytest.mark.parametrize("heights", [False, True])
def test_core_fc_bbox_response(iut: Client, heights: bool) -> None:
    """/conf/core/fc-bbox-response: exactly the features that meet the box; also across 180 degrees."""
    every = iut.get(f"{ITEMS}?limit=100").json()["features"]
    box = "116.875,38.301,0,116.925,38.309,9" if heights else "116.875,38.301,116.925,38.309"
    found = {one["id"] for one in iut.get(f"{ITEMS}?limit=100&bbox={box}").json()["features"]}
    assert found == {
        one["id"] for one in every if west_and_east(one)[0] <= 116.925 and west_and_east(one)[1] >= 116.875
    }
    around = iut.get(f"{ITEMS}?limit=100&bbox=116.925,-90,116.875,90").json()["features"]
    assert {one["id"] for one in around} | found == {one["id"] for one in every}
    assert iut.get("/collections/statistics/items?bbox=-180,-90,180,90").json()["features"] == []


def test_core_fc_limit_definition(api: dict[str, Any]) -> None:
    """/conf/core/fc-limit-definition."""
    limit = _parameter(api, "limit")
    assert (limit["in"], limit["required"], limit["style"], limit["explode"]) == ("query", False, "form", False)
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 100_000, "default": 10}


def test_core_fc_limit_response(iut: Client) -> None:
    """/conf/core/fc-limit-response: at most `limit`; above the maximum the maximum counts."""
    for asked in (1, 5, 10):
        assert len(iut.get(f"{ITEMS}?limit={asked}").json()["features"]) == asked
    assert iut.get(f"{ITEMS}?limit=10001").status_code == 200
    assert len(iut.get(ITEMS).json()["features"]) == 10


def test_core_fc_time_definition(api: dict[str, Any]) -> None:
    """/conf/core/fc-time-definition."""
    when = _parameter(api, "datetime")
    assert (when["in"], when["required"], when["style"], when["explode"]) == ("query", False, "form", False)
    assert when["schema"] == {"type": "string"}


@pytest.mark.parametrize(
    ("when", "endless"),
    [
        ("2018-02-12", False),
        ("2018-02-12T23:20:50Z", False),
        ("2018-02-12T00:00:00Z/2018-03-18T12:31:12Z", False),
        ("2018-02-12T00:00:00Z/..", True),
        ("2018-02-12T00:00:00Z/", True),
        ("../2018-03-18T12:31:12Z", False),
        ("/2018-03-18T12:31:12Z", False),
    ],
)
def test_core_fc_time_response(iut: Client, when: str, endless: bool) -> None:
    """/conf/core/fc-time-response: P000 holds until 2019, P024 from 2030, the others for good from 2016."""
    found = {one["id"] for one in iut.get(f"{ITEMS}?limit=100&datetime={when}").json()["features"]}
    assert found == {f"P{n:03d}" for n in range(25 if endless else 24)}


@pytest.mark.parametrize("path", PAGES)
def test_core_query_param_unknown(iut: Client, path: str) -> None:
    """/conf/core/query-param-unknown."""
    assert iut.get(f"{path}?unknownQueryParameter=1").status_code == 400


@pytest.mark.parametrize("query", ["limit=unlimited", "limit=0", "bbox=1,2,3", "bbox=a,b,c,d", "datetime=x", "lang=xx"])
def test_core_query_param_invalid(iut: Client, query: str) -> None:
    """/conf/core/query-param-invalid."""
    assert iut.get(f"{ITEMS}?{query}").status_code == 400


def test_core_fc_response(iut: Client) -> None:
    """/conf/core/fc-response: conditions are joined by AND."""
    conditions = ["bbox=116.8,38.3,116.95,38.31", "floors=1", "land_use_code=07", "datetime=2018-01-01"]
    alone = [{one["id"] for one in iut.get(f"{ITEMS}?limit=100&{one}").json()["features"]} for one in conditions]
    joined = {one["id"] for one in iut.get(f"{ITEMS}?limit=100&{'&'.join(conditions)}").json()["features"]}
    assert joined == set.intersection(*alone)
    assert joined


def test_core_fc_links(iut: Client) -> None:
    """/conf/core/fc-links, fc-rel-type: self, alternate for every encoding, next; rel and type on each."""
    found = rels(iut.get(f"{ITEMS}?limit=5").json())
    assert {one["type"] for one in found["self"] + found["alternate"]} == ENCODINGS
    assert len(found["next"]) == 1
    assert all(one["rel"] and one["type"] for links in found.values() for one in links)
    for links in found.values():
        for one in links:
            assert iut.get(one["href"]).status_code == 200


def test_core_fc_timestamp(iut: Client) -> None:
    """/conf/core/fc-timeStamp: the time of the answer."""
    stamp = datetime.fromisoformat(iut.get(ITEMS).json()["timeStamp"])
    assert abs(datetime.now(UTC) - stamp) < timedelta(seconds=30)


def test_core_fc_number_matched(iut: Client) -> None:
    """/conf/core/fc-numberMatched: the features of all pages together."""
    for query in ("", "&floors=1&numberMatched=true", "&bbox=116.8,38.3,116.9,38.31&numberMatched=true"):
        url = f"{ITEMS}?limit=4{query}"
        matched = iut.get(url).json()["numberMatched"]
        total = 0
        while url:
            page = iut.get(url).json()
            total += len(page["features"])
            assert page["numberMatched"] == matched
            url = next((one["href"] for one in page["links"] if one["rel"] == "next"), "")
        assert total == matched


def test_core_fc_number_returned(iut: Client) -> None:
    """/conf/core/fc-numberReturned."""
    for query in ("", "?limit=3", "?limit=100", "?bbox=0,0,1,1"):
        page = iut.get(ITEMS + query).json()
        assert page["numberReturned"] == len(page["features"])


def test_core_f_op_and_f_success(iut: Client) -> None:
    """/conf/core/f-op, f-success: every feature of a page by its id, alike."""
    for feature in iut.get(f"{ITEMS}?limit=30").json()["features"]:
        alone = iut.get(f"{ITEMS}/{feature['id']}").json()
        assert {key: alone[key] for key in feature} == feature
    assert iut.get(f"{ITEMS}/P000").status_code == 410  # it held until 2020
    assert iut.get(f"{ITEMS}/P024").status_code == 404  # it will hold from 2030
    assert iut.get(f"{ITEMS}/P000?datetime=2018-01-01").status_code == 200


def test_core_f_links(iut: Client) -> None:
    """/conf/core/f-links: self, alternate, collection."""
    found = rels(iut.get(f"{ITEMS}/P003").json())
    assert {one["type"] for one in found["self"] + found["alternate"]} == {"application/geo+json", "text/html"}
    assert re.search(r"/collections/parcels(\?|$)", found["collection"][0]["href"])
