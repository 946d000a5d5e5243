"""The API definition: valid, self-contained, true to the routes, and of the shapes that the Features suite wants."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from server.features.query import FIXED
from server.node import Node
from tests.server import tiny
from tests.server.client import BASE, Client


@pytest.fixture
def api(client: Client) -> dict[str, Any]:
    return client.get("/api").json()


def walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for one in node.values():
            yield from walk(one)
    elif isinstance(node, list):
        for one in node:
            yield from walk(one)


def resolved(api: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = api
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def parameters(api: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    given = [resolved(api, one) for one in api["paths"][path]["get"].get("parameters", [])]
    return {one["name"]: one for one in given}


def test_every_reference_is_inside_and_leads_somewhere(api: dict[str, Any]) -> None:
    for node in walk(api):
        if "$ref" in node:
            assert node["$ref"].startswith("#/")
            assert resolved(api, node)


def test_it_is_openapi_3_0(api: dict[str, Any]) -> None:
    assert api["openapi"].startswith("3.0.")
    assert api["servers"] == [{"url": BASE}]
    assert {"/conformance", "/collections", "/collections/parcels/items", "/api"} <= set(api["paths"])
    for node in walk(api):
        kind = node.get("type")
        if isinstance(kind, str) and "schema" not in node and "in" not in node and "scheme" not in node:
            assert kind in {"string", "number", "integer", "boolean", "array", "object"}
            assert kind != "array" or "items" in node


def test_operations_are_named_once(api: dict[str, Any]) -> None:
    ids = [one["operationId"] for path in api["paths"].values() for one in path.values() if "operationId" in one]
    assert len(ids) == len(set(ids))


def test_the_shapes_that_the_suite_insists_on(api: dict[str, Any]) -> None:
    known = parameters(api, "/collections/parcels/items")
    bbox = known["bbox"]
    assert (bbox["style"], bbox["explode"], bbox["required"], bbox["in"]) == ("form", False, False, "query")
    assert bbox["schema"]["type"] == "array"
    assert (bbox["schema"]["minItems"], bbox["schema"]["maxItems"]) == (4, 6)
    assert bbox["schema"]["items"] == {"type": "number"}
    limit = known["limit"]["schema"]
    assert (limit["type"], limit["minimum"], limit["maximum"], limit["default"]) == ("integer", 1, 100_000, 10)
    assert known["datetime"]["schema"] == {"type": "string"}
    for name in ("limit", "datetime"):
        assert (known[name]["style"], known[name]["explode"]) == ("form", False)


@pytest.mark.parametrize("id", [id for id, layer in tiny.LAYERS.items() if layer.stored])
def test_items_name_every_parameter_that_they_take_and_no_other(api: dict[str, Any], id: str) -> None:
    named = set(parameters(api, f"/collections/{id}/items"))
    attributes = {one.name for one in tiny.LAYERS[id].attributes}
    assert named == {*FIXED, *attributes, "valid_from", "valid_to"}


def test_every_route_is_defined_and_every_definition_routed(api: dict[str, Any], node: Node) -> None:
    def shape(path: str) -> str:
        parts = path.split("/")
        if len(parts) == 4 and parts[1] == "collections" and parts[3] == "items":
            parts[2] = "{}"
        return "/".join("{}" if part.startswith("{") else part for part in parts)

    routed: dict[str, set[str]] = {}
    for block in node.blocks:
        for one in block.routes:
            methods = getattr(one, "methods", None)
            if methods:
                routed.setdefault(shape(one.path), set()).update(methods - {"HEAD"})
    routed["/collections/{}/items"].add("POST")  # a query, by the route that creates features where that is offered
    defined = {shape(path): {method.upper() for method in one} for path, one in api["paths"].items()}
    del routed["/openapi"]  # the name that pygeoapi gives to /api
    undefined = {path: methods for path, methods in routed.items() if "assets" not in path and "static" not in path}
    assert {path: methods for path, methods in undefined.items() if defined.get(path) != methods} == {}
    assert set(defined) <= set(routed)


def test_answers_fit_what_is_defined(api: dict[str, Any], client: Client) -> None:
    paths = {
        "/": "/",
        "/conformance": "/conformance",
        "/collections": "/collections",
        "/collections/{collectionId}": "/collections/parcels",
        "/collections/parcels/items": "/collections/parcels/items",
        "/collections/{collectionId}/items/{featureId}": "/collections/parcels/items/P003",
        "/collections/{collectionId}/schema": "/collections/parcels/schema",
        "/livez": "/livez",
        "/readyz": "/readyz",
        "/metrics": "/metrics",
    }
    for path, asked in paths.items():
        responses = api["paths"][path]["get"]["responses"]
        answer = client.get(asked)
        assert answer.headers["content-type"].split(";")[0] in {
            media.split(";")[0] for media in resolved(api, responses["200"])["content"]
        }
        if "parameters" not in api["paths"][path]["get"] or path in ("/livez", "/readyz", "/metrics"):
            continue
        refused = client.get(f"{asked}?nonsense=1")
        assert str(refused.status_code) in responses
        assert "application/problem+json" in resolved(api, responses["400"])["content"]


def test_it_stays_small(api: dict[str, Any]) -> None:
    size = len(json.dumps(api["paths"]["/collections/parcels/items"]))
    assert size < 5000


def test_pygeoapis_address_answers_too(client: Client, api: dict[str, Any]) -> None:
    assert client.get("/openapi?f=json").json() == api
