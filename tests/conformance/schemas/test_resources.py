"""Annex A: conformance classes `returnables-and-receivables`, `queryables` and `sortables`."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.conformance import ITEMS
from tests.conformance.schemas import REL, STANDARDS, paths
from tests.server.client import Client

__all__ = ["STANDARDS"]

CLASSES = {"returnables_and_receivables": "schema", "queryables": "queryables", "sortables": "sortables"}


def check_conformance(client: Client, name: str) -> None:
    answer = client.get("/conformance", headers={"accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    listed = answer.json()["conformsTo"]
    for standard in STANDARDS:
        assert {f"{standard}/conf/schemas", f"{standard}/conf/{name}"} <= set(listed)


def check_links(client: Client, name: str) -> None:
    """Every collection of features links to the document; a collection of another kind has none."""
    for one in client.get("/collections").json()["collections"]:
        links = client.get(f"/collections/{one['id']}").json()["links"]
        found = [link for link in links if link["rel"] == REL + name]
        readable = one["itemType"] == "feature" if "itemType" in one else False
        assert [link["href"].partition("?")[0].rpartition("/collections/")[2] for link in found] == (
            [f"{one['id']}/{name}"] if readable else []
        )
        assert all(link["type"] == "application/schema+json" for link in found)


def check_documents(client: Client, name: str) -> None:
    for path in paths(client, name):
        answer = client.get(path, headers={"accept": "application/schema+json"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")
        assert answer.json()["$id"] == path
        assert answer.json()["additionalProperties"] is False
        page = client.get(f"{path}?f=html")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_returnables_and_receivables_get_conformance(iut: Client) -> None:
    """/conf/returnables-and-receivables/get-conformance"""
    check_conformance(iut, "returnables-and-receivables")


def test_returnables_and_receivables_link(iut: Client) -> None:
    """/conf/returnables-and-receivables/link"""
    check_links(iut, "schema")


def test_returnables_and_receivables_op_and_response(iut: Client) -> None:
    """/conf/returnables-and-receivables/op-and-response"""
    check_documents(iut, "schema")


def fits(schema: dict[str, Any], feature: dict[str, Any]) -> None:
    """Each property against its own schema, `id` against the one with that role; null is GeoJSON's word for none."""
    checker = FormatChecker()
    role = next(one for one in schema["properties"].values() if one.get("x-ogc-role") == "id")
    Draft202012Validator(role).validate(feature["id"])
    assert set(feature["properties"]) <= set(schema["properties"])
    for name, value in feature["properties"].items():
        if value is not None:
            Draft202012Validator(schema["properties"][name], format_checker=checker).validate(value)
        else:
            assert name not in schema.get("required", ())


@pytest.mark.parametrize("profile", ["valid-domain", "actual-domain", "codelist-ref", "codelist-ref,actual-domain"])
def test_returnables_and_receivables_response_1(iut: Client, referrer: Client, profile: str) -> None:
    """/conf/returnables-and-receivables/response-1: what is returned is as the schema says."""
    for client, id in ((iut, "parcels"), (iut, "statistics"), (referrer, "permits")):
        schema = client.get(f"/collections/{id}/schema?profile={profile}").json()
        features = client.get(f"/collections/{id}/items?limit=100").json()["features"]
        assert features
        for feature in features:
            fits(schema, feature)
            kind = schema["properties"].get("geometry", {}).get("format", "").removeprefix("geometry-")
            if kind not in ("", "any"):
                assert feature["geometry"]["type"].lower() == kind


@pytest.mark.parametrize("kind", ["create", "replace", "update"])
def test_returnables_and_receivables_bodies(iut: Client, kind: str) -> None:
    """Features Part 4, /req/features/representation-geojson-replace: a feature as it is read may be sent back, what
    does not fit the layer not; a patch may name some properties only."""
    answer = iut.get(f"/collections/parcels/schema?type={kind}")
    assert answer.headers["content-type"] == "application/schema+json"
    Draft202012Validator.check_schema(answer.json())
    judge = Draft202012Validator(answer.json(), format_checker=FormatChecker())
    feature = iut.get(f"{ITEMS}/P003?lang=zh").json()
    if kind == "update":  # a patch says only what can be changed
        for name in feature.keys() - {"type", "id", "geometry", "properties"}:
            assert not judge.is_valid(feature)
            del feature[name]
        for name in ("valid_from", "valid_to"):
            assert not judge.is_valid(feature)
            del feature["properties"][name]
    assert judge.is_valid(feature)
    patch = {"properties": {"floors": 4, "area": None}}
    assert judge.is_valid(patch) is (kind == "update")
    for wrong in ({"floors": "4"}, {"land_use_code": "99"}, {"land_use_code": None}, {"area": -1}, {"no_such": 1}):
        assert not judge.is_valid(feature | {"properties": feature["properties"] | wrong}), wrong
    assert not judge.is_valid(feature | {"geometry": {"type": "Point", "coordinates": [117, 38]}})
    single = {"type": "Polygon", "coordinates": feature["geometry"]["coordinates"][0]}
    assert judge.is_valid(feature | {"geometry": single})
    assert iut.get("/collections/parcels/schema?type=delete").status_code == 400


def test_queryables_get_conformance(iut: Client) -> None:
    """/conf/queryables/get-conformance"""
    check_conformance(iut, "queryables")


def test_queryables_link(iut: Client) -> None:
    """/conf/queryables/link"""
    check_links(iut, "queryables")


def test_queryables_op_and_response(iut: Client) -> None:
    """/conf/queryables/op-and-response"""
    check_documents(iut, "queryables")
    (spatial,) = [
        name
        for name, one in iut.get("/collections/parcels/queryables").json()["properties"].items()
        if "type" not in one
    ]
    assert spatial == "geometry"


def test_sortables_get_conformance(iut: Client) -> None:
    """/conf/sortables/get-conformance"""
    check_conformance(iut, "sortables")


def test_sortables_link(iut: Client) -> None:
    """/conf/sortables/link"""
    check_links(iut, "sortables")


def test_sortables_op_and_response(iut: Client) -> None:
    """/conf/sortables/op-and-response: no arrays, objects or geometries; each name really sorts, no other does."""
    check_documents(iut, "sortables")
    properties = iut.get("/collections/parcels/sortables").json()["properties"]
    assert all(one["type"] not in ("array", "object") for one in properties.values())
    for name in properties:
        assert iut.get(f"{ITEMS}?sortby={name}").status_code == 200
    assert iut.get(f"{ITEMS}?sortby=geometry").status_code == 400
