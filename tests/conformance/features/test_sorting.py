"""Features Part 8: sorting. The tests of `sortables`, `sorting` and `features-sorting`."""

import pytest

from tests.conformance import ITEMS
from tests.server import tiny
from tests.server.client import Client

STANDARD = "http://www.opengis.net/spec/ogcapi-features-8/1.0"
REL = "http://www.opengis.net/def/rel/ogc/1.0/sortables"


def test_sortables_get_sortables(iut: Client) -> None:
    """/conf/sortables/get-sortables-uris, get-sortables: linked, a JSON Schema of scalar properties."""
    link = next(one for one in iut.get("/collections/parcels").json()["links"] if one["rel"] == REL)
    answer = iut.get(link["href"])
    assert answer.headers["content-type"] == link["type"] == "application/schema+json"
    document = answer.json()
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["$id"] == link["href"].partition("?")[0]
    assert document["type"] == "object"
    assert all(one["type"] in ("string", "number", "integer", "boolean") for one in document["properties"].values())
    assert document["properties"]


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


@pytest.mark.parametrize("id", [one.id for one in tiny.LAYERS.values() if one.stored and one.id != "secret"])
def test_features_sorting_sortby_on_items(iut: Client, id: str) -> None:
    """/req/features-sorting/get-sortables-op, response: items of every collection sort by each of its sortables."""
    for name in iut.get(f"/collections/{id}/sortables").json()["properties"]:
        features = iut.get(f"/collections/{id}/items?limit=100&sortby={name}").json()["features"]
        values = [one["properties"][name] for one in features]
        known = [one for one in values if one is not None]
        assert values == sorted(known) + [None] * (len(values) - len(known)), name
