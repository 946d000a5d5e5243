"""Features Part 3, Annex A.1 and A.2: conformance classes `queryables` and `queryables-query-parameters`."""

from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from tests.conformance import ITEMS
from tests.server.client import Client

STANDARD = "http://www.opengis.net/spec/ogcapi-features-3/1.0"
REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
VALUES = {"identifier": "P003", "name": "居住二", "land_use_code": "07", "area": 1001.5, "floors": 2, "built": True,
          "approval_date": "2016-01-05", "valid_from": "2016-01-01", "valid_to": "2020-01-01"}  # fmt: skip
WRONG = {"area": "large", "floors": "2.5", "built": "maybe", "approval_date": "2016-02-31", "valid_from": "today",
         "valid_to": "2020"}  # fmt: skip


def headers(answer: Any) -> dict[str, str]:
    """Relation to address, of a Link header."""
    parts = [part.split(">;", 1) for part in answer.headers["link"].split(", <")]
    return {part[1].split('rel="')[1].split('"')[0]: part[0].lstrip("<") for part in parts}


def test_queryables_get_conformance(iut: Client) -> None:
    """/conf/queryables/get-conformance, and those of the other classes of this standard."""
    listed = iut.get("/conformance").json()["conformsTo"]
    for name in ("queryables", "queryables-query-parameters"):
        assert f"{STANDARD}/conf/{name}" in listed


def test_queryables_get_queryables_uris(iut: Client, collections: list[dict[str, Any]]) -> None:
    """/conf/queryables/get-queryables-uris: every filterable resource names its queryables in a Link header."""
    for one in collections:
        answer = iut.request("HEAD", f"/collections/{one['id']}/items")
        assert answer.status_code == 200
        assert headers(answer)[REL].endswith(f"/collections/{one['id']}/queryables")


def test_queryables_get_queryables(iut: Client, collections: list[dict[str, Any]]) -> None:
    """/conf/queryables/get-queryables: a JSON Schema of the properties; unknown ones are not allowed."""
    for one in collections:
        address = headers(iut.request("HEAD", f"/collections/{one['id']}/items"))[REL]
        answer = iut.get(address, headers={"accept": "application/schema+json"})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/schema+json"
        document = answer.json()
        assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert document["$id"] == address
        assert document["type"] == "object"
        assert document["additionalProperties"] is False
        assert document["properties"]
        for property in document["properties"].values():
            assert ("type" in property) != property.get("format", "").startswith("geometry-")
            assert "$ref" not in property
        Draft202012Validator.check_schema(document)


def test_queryables_query_parameters_query_param(iut: Client) -> None:
    """/conf/queryables-query-parameters/query-param: each queryable of a simple value is a parameter of items."""
    queryables = iut.get("/collections/parcels/queryables").json()["properties"]
    simple = {name for name, one in queryables.items() if "type" in one}
    assert simple == set(VALUES)
    for name, value in VALUES.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        answer = iut.get(f"{ITEMS}?limit=100&datetime=../..&{name}={quote(text)}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/geo+json"
        found = [one["properties"][name] for one in answer.json()["features"]]
        assert found == [value] * len(found) != [], name


@pytest.mark.parametrize(("name", "text"), WRONG.items())
def test_queryables_query_parameters_query_param_invalid(iut: Client, name: str, text: str) -> None:
    """The second half of query-param: a value of another type is refused."""
    assert iut.get(f"{ITEMS}?{name}={text}").status_code == 400


def test_queryables_query_parameters_are_joined_by_and(iut: Client) -> None:
    """/req/queryables-query-parameters/parameters, D."""
    every = iut.get(f"{ITEMS}?limit=100").json()["features"]
    found = iut.get(f"{ITEMS}?limit=100&floors=2&built=true").json()["features"]
    wanted = [one["id"] for one in every if one["properties"]["floors"] == 2 and one["properties"]["built"]]
    assert [one["id"] for one in found] == wanted != []
