"""Common Part 1 (19-072), Annex A: `core`, `landing-page`, `json`, `html`, `oas30`."""

from typing import Any

import pytest

from tests.conformance import ITEMS
from tests.server.client import BASE, Client

STANDARD = "http://www.opengis.net/spec/ogcapi-common-1/1.0"
RESOURCES = ("/", "/conformance", "/api", "/collections", "/collections/parcels", ITEMS, f"{ITEMS}/P003",
             "/collections/parcels/queryables", "/functions", "/processes", "/processes/echo", "/jobs")  # fmt: skip


@pytest.mark.parametrize("path", RESOURCES)
def test_core_query_param_name_unknown_and_value_invalid(iut: Client, path: str) -> None:
    """/conf/core/query-param-name-unknown, query-param-value-invalid: 400, on every resource."""
    assert iut.get(f"{path}?no-such-parameter=1").status_code == 400
    assert iut.get(f"{path}?lang=klingon").status_code == 400


@pytest.mark.parametrize("path", RESOURCES)
def test_core_http(iut: Client, path: str) -> None:
    """/conf/core/http: status codes as HTTP means them; a problem says what was wrong."""
    assert iut.request("HEAD", path).status_code == 200
    refused = iut.request("DELETE", path)
    assert refused.status_code == 405
    assert "GET" in refused.headers["allow"]
    assert iut.get(f"{path}?f=no-such-format").headers["content-type"] == "application/problem+json"


def test_landing_page_root_op_and_root_success(iut: Client) -> None:
    """/conf/landing-page/root-op, root-success: title, description, links to definition and conformance."""
    document = iut.get("/").json()
    links: dict[str, list[dict[str, Any]]] = {}
    for one in document["links"]:
        links.setdefault(one["rel"], []).append(one)
    assert document["title"]
    for rel in ("service-desc", "service-doc", "http://www.opengis.net/def/rel/ogc/1.0/conformance", "conformance"):
        for one in links.get(rel, []):
            assert iut.get(one["href"]).status_code == 200
    assert links["service-desc"] and links["service-doc"] and links["conformance"]


def test_landing_page_conformance_op_and_conformance_success(iut: Client) -> None:
    """/conf/landing-page/conformance-op, conformance-success."""
    answer = iut.get("/conformance")
    assert answer.status_code == 200
    listed = answer.json()["conformsTo"]
    assert {f"{STANDARD}/conf/core", f"{STANDARD}/conf/landing-page"} <= set(listed)
    assert len(listed) == len(set(listed))


def test_landing_page_api_definition_op_and_success(iut: Client, api: dict[str, Any]) -> None:
    """/conf/landing-page/api-definition-op, api-definition-success."""
    desc = [one for one in iut.get("/").json()["links"] if one["rel"] == "service-desc"]
    assert [iut.get(one["href"]).json() for one in desc] == [api] * len(desc)


@pytest.mark.parametrize("path", RESOURCES)
def test_json_definition_and_content(iut: Client, path: str) -> None:
    """/conf/json/definition, content: every resource has a JSON form."""
    answer = iut.get(path, headers={"accept": "application/json"})
    assert answer.status_code == 200
    assert "json" in answer.headers["content-type"]
    assert answer.json()


@pytest.mark.parametrize("path", RESOURCES)
def test_html_definition_and_content(iut: Client, path: str) -> None:
    """/conf/html/definition, content: every resource has a page, with links to what it leads to."""
    answer = iut.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!doctype html>")
    assert f'href="{BASE}/' in answer.text


def test_oas30_oas_definition_and_completeness(api: dict[str, Any]) -> None:
    """/conf/oas30/oas-definition-1, completeness: OpenAPI 3.0 that names every operation's answers."""
    assert api["openapi"].startswith("3.0.")
    assert api["info"]["title"] and api["info"]["version"] and api["paths"]
    for path in api["paths"].values():
        for operation in path.values():
            assert any(status.startswith("2") for status in operation["responses"])
