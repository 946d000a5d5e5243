"""Features Part 3 (queryables), Part 6 (property selection) and Part 8 (sorting), Common Part 3 (schemas)."""

import pytest

from tests.conformance.features.conftest import ITEMS
from tests.server.client import Client

REL = "http://www.opengis.net/def/rel/ogc/1.0/"


@pytest.mark.parametrize("name", ["queryables", "sortables", "schema"])
def test_links_and_documents(iut: Client, name: str) -> None:
    """/req/queryables/queryables-link, get-queryables-response; /req/sortables/sortables-link, get-sortables-response;
    /req/schemas: the collection links to each document; its `$id` is its address without a query."""
    links = iut.get("/collections/parcels").json()["links"]
    link = next(one for one in links if one["rel"] == REL + name)
    assert link["type"] == "application/schema+json"
    answer = iut.get(link["href"])
    assert answer.headers["content-type"] == "application/schema+json"
    document = answer.json()
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["$id"] == link["href"].partition("?")[0]
    assert document["type"] == "object"
    assert document["additionalProperties"] is False


def test_queryables_query_parameters_parameters(iut: Client) -> None:
    """/req/queryables-query-parameters/parameters: each queryable is a parameter of items, joined by AND."""
    every = iut.get(f"{ITEMS}?limit=100").json()["features"]
    found = iut.get(f"{ITEMS}?limit=100&floors=2&built=true").json()["features"]
    wanted = [one["id"] for one in every if one["properties"]["floors"] == 2 and one["properties"]["built"]]
    assert [one["id"] for one in found] == wanted
    assert wanted


def test_properties_parameter_and_response(iut: Client) -> None:
    """/req/properties/parameter, response; /req/properties-features/request: only the named ones; unknown is 400."""
    for path in (f"{ITEMS}?limit=1", f"{ITEMS}/P003?lang=zh"):
        document = iut.get(f"{path}&properties=floors,name").json()
        feature = document.get("features", [document])[0]
        assert set(feature["properties"]) == {"floors", "name"}
        assert iut.get(f"{path}&properties=unknown").status_code == 400


def test_sorting_sortby_definition_and_response(iut: Client) -> None:
    """/req/sorting/sortby-definition, /req/features-sorting/response: keys in order, each up or down."""
    found = iut.get(f"{ITEMS}?limit=100&sortby=-floors,%2Bidentifier&properties=floors,identifier").json()["features"]
    keys = [(-one["properties"]["floors"], one["properties"]["identifier"]) for one in found]
    assert keys == sorted(keys)
    assert iut.get(f"{ITEMS}?sortby=unknown").status_code == 400


def test_sorting_text_by_code_point(iut: Client) -> None:
    """Text sorts by code point, NULL last ascending and first descending."""
    up = [one["properties"]["name"] for one in iut.get(f"{ITEMS}?limit=100&sortby=name").json()["features"]]
    down = [one["properties"]["name"] for one in iut.get(f"{ITEMS}?limit=100&sortby=-name").json()["features"]]
    known = [one for one in up if one is not None]
    assert known == sorted(known)
    assert up == known + [None] * (len(up) - len(known))
    assert down == [None] * (len(up) - len(known)) + known[::-1]
