"""Features Part 3, Annex A.3 and A.4: conformance classes `filter` and `features-filter`, on both stores."""

import json
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from pyproj import Transformer

from tests.conformance import ITEMS
from tests.server.client import Client

STANDARD = "http://www.opengis.net/spec/ogcapi-features-3/1.0"
REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
TYPES = ["string", "number", "integer", "datetime", "geometry", "boolean"]
FUNCTIONS = {
    "type": "object",
    "required": ["functions"],
    "properties": {
        "functions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "returns"],
                "properties": {
                    "name": {"type": "string"},
                    "description": {"type": "string"},
                    "arguments": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["type"],
                            "properties": {
                                "title": {"type": "string"},
                                "description": {"type": "string"},
                                "type": {"type": "array", "items": {"type": "string", "enum": TYPES}},
                            },
                        },
                    },
                    "returns": {"type": "array", "items": {"type": "string", "enum": TYPES}},
                },
            },
        }
    },
}
"""The schema of /req/filter/get-functions-response-json."""


def ask(client: Client, collection: str = "parcels", **asked: str) -> httpx.Response:
    return client.get(f"/collections/{collection}/items", params={"limit": "1000", **asked})


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    return [one["id"] for one in answer.json()["features"]]


def test_filter_get_conformance(each_iut: Client) -> None:
    """/conf/filter/get-conformance, /conf/features-filter/get-conformance."""
    listed = each_iut.get("/conformance").json()["conformsTo"]
    assert {f"{STANDARD}/conf/filter", f"{STANDARD}/conf/features-filter"} <= set(listed)


def test_filter_filter_param(each_iut: Client, collections: list[dict[str, Any]]) -> None:
    """/conf/filter/filter-param: with a filter only what matches; what is no filter is 400."""
    for one in collections:
        every = ask(each_iut, one["id"]).json()["features"]
        for name in each_iut.get(f"/collections/{one['id']}/queryables").json()["properties"]:
            if name == "geometry":
                continue
            found = ids(ask(each_iut, one["id"], filter=f"{name} IS NULL", **{"filter-lang": "cql2-text"}))
            values = [(feature["id"], feature["properties"].get(name, feature["id"])) for feature in every]
            assert found == [id for id, value in values if value is None]
        assert ask(each_iut, one["id"], filter="THIS IS NOT A FILTER").status_code == 400


def test_filter_filter_lang_default(each_iut: Client) -> None:
    """/conf/filter/filter-lang-default: a filter that does not say its language is text."""
    text = "area > 1003 AND built = true"
    assert ids(ask(each_iut, filter=text)) == ids(ask(each_iut, filter=text, **{"filter-lang": "cql2-text"})) != []
    assert ask(each_iut, filter=text, **{"filter-lang": "cql2-json"}).status_code == 400
    assert ask(each_iut, filter=text, **{"filter-lang": "no-such-language"}).status_code == 400


def test_filter_parameters_are_defined(api: dict[str, Any]) -> None:
    """/req/filter/filter-param, filter-lang-param, filter-crs-param: as the standard's fragments define them."""
    given = api["paths"][ITEMS]["get"]["parameters"]
    names = [one["$ref"].rpartition("/")[2] for one in given]
    found = {name: api["components"]["parameters"][name] for name in names}
    for name in ("filter", "filter-lang", "filter-crs"):
        assert (found[name]["in"], found[name]["required"], found[name]["style"]) == ("query", False, "form")
        assert found[name]["schema"]["type"] == "string"
    assert found["filter-lang"]["schema"]["enum"] == ["cql2-text", "cql2-json"]
    assert found["filter-lang"]["schema"]["default"] == "cql2-text"


@pytest.mark.parametrize("filter", ["this_is_not_a_queryable IS NULL", "id = 'P003'", "geom IS NULL", "json IS NULL"])
def test_filter_expression_construction(each_iut: Client, filter: str) -> None:
    """/conf/filter/expression-construction: what the queryables do not name is refused."""
    assert ask(each_iut, filter=filter).status_code == 400


def test_filter_filter_crs_wgs84(each_iut: Client) -> None:
    """/conf/filter/filter-crs-wgs84: longitude, latitude where no system is named; others are impossible there."""
    box = each_iut.get("/collections/parcels").json()["extent"]["spatial"]["bbox"][0]
    whole = f"S_INTERSECTS(geometry,BBOX({','.join(map(str, box))}))"
    assert ids(ask(each_iut, filter=whole)) == ids(ask(each_iut)) != []
    assert ask(each_iut, filter="S_INTERSECTS(geometry,BBOX(1000000,1000000,2000000,2000000))").status_code == 400


def test_filter_filter_crs_param(each_iut: Client) -> None:
    """/conf/filter/filter-crs-param: every system that the collection lists, in its own axis order."""
    about = each_iut.get("/collections/parcels").json()
    west, south, east, north = about["extent"]["spatial"]["bbox"][0]
    middle = (west + east) / 2
    every, left = (
        ids(ask(each_iut)),
        ids(ask(each_iut, filter=f"S_INTERSECTS(geometry,BBOX({west},{south},{middle},{north}))")),
    )
    assert 0 < len(left) < len(every)
    for uri in about["crs"]:
        if uri.endswith("CRS84"):
            continue
        change = Transformer.from_crs("EPSG:4490", f"EPSG:{uri.rpartition('/')[2]}")
        for wanted, limit in ((every, east), (left, middle - 1e-4)):
            corners = [
                change.transform(y, x) for y, x in ((south, west), (south, limit), (north, limit), (north, west))
            ]
            ring = ", ".join(f"{a} {b}" for a, b in [*corners, corners[0]])
            filter = f"S_INTERSECTS(geometry,POLYGON(({ring})))"
            assert ids(ask(each_iut, filter=filter, **{"filter-crs": uri})) == wanted, uri
    unknown = "http://www.opengis.net/def/crs/OGC/0/does_not_exist"
    filter = f"S_INTERSECTS(geometry,BBOX({west},{south},{east},{north}))"
    assert ask(each_iut, filter=filter, **{"filter-crs": unknown}).status_code == 400
    assert ask(each_iut, filter=filter, **{"filter-crs": f"{EPSG}2154"}).status_code == 400


def test_filter_get_functions(each_iut: Client) -> None:
    """/conf/filter/get-functions: the resource, by the standard's schema."""
    answer = each_iut.get("/functions", headers={"accept": "application/json"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    Draft202012Validator(FUNCTIONS).validate(answer.json())
    assert answer.json()["functions"]
    links = each_iut.get("/").json()["links"]
    assert any(one["href"].endswith("/functions") for one in links)


def test_features_filter_get_collection(each_iut: Client, collections: list[dict[str, Any]]) -> None:
    """/conf/features-filter/get-collections, get-collection: each collection links to its queryables."""
    for one in collections:
        links = each_iut.get(f"/collections/{one['id']}").json()["links"]
        places = [link["href"].partition("?")[0] for link in links if link["rel"] == REL]
        assert any(place.endswith(f"/collections/{one['id']}/queryables") for place in places)


def test_features_filter_filter_on_items(each_iut: Client) -> None:
    """/conf/features-filter/filter-on-items: the tests above ask items; HEAD, pages and counts follow the filter."""
    found = ids(ask(each_iut, filter="floors >= 2"))
    pages: list[str] = []
    url = f"{ITEMS}?limit=3&filter=floors%20%3E%3D%202"
    while url:
        page = each_iut.get(url)
        assert page.json()["numberMatched"] == len(found)
        pages += ids(page)
        url = next((one["href"] for one in page.json()["links"] if one["rel"] == "next"), "")
    assert pages == found
    assert each_iut.request("HEAD", ITEMS, params={"filter": "floors >= 2"}).status_code == 200


@pytest.mark.parametrize(
    ("more", "keeps"),
    [
        ({"bbox": "116.8,38.3,116.9,38.4"}, True),
        ({"bbox": "0,0,1,1"}, False),
        ({"datetime": "2018-01-01"}, True),
        ({"datetime": "1990-01-01"}, False),
        ({"built": "true"}, True),
        ({"name": "nobody"}, False),
    ],
)
def test_features_filter_mixing_expression(each_iut: Client, more: dict[str, str], keeps: bool) -> None:
    """/conf/features-filter/mixing-expression: box, time and properties are joined to the filter by AND."""
    filter = "S_INTERSECTS(geometry,BBOX(116.8,38.3,117.1,38.4)) AND floors <> 1"
    both = set(ids(ask(each_iut, filter=filter, **more)))
    asked = {name: text for name, text in more.items() if name == "datetime"}
    assert both == set(ids(ask(each_iut, filter=filter, **asked))) & set(ids(ask(each_iut, **more)))
    assert bool(both) is keeps


def test_features_filter_response_in_json(each_iut: Client) -> None:
    """/rec/features-filter/json-encoding: the same filter as JSON finds the same."""
    tree = {"op": "and", "args": [{"op": ">=", "args": [{"property": "floors"}, 2]},
                                  {"op": "s_intersects", "args": [{"property": "geometry"},
                                                                  {"bbox": [116.8, 38.3, 116.9, 38.4]}]}]}  # fmt: skip
    text = "floors >= 2 AND S_INTERSECTS(geometry, BBOX(116.8, 38.3, 116.9, 38.4))"
    found = ids(ask(each_iut, filter=json.dumps(tree), **{"filter-lang": "cql2-json"}))
    assert found == ids(ask(each_iut, filter=text)) != []
