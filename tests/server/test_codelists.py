"""Code lists as resources: validity, parents, formats."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from config.layers import Code, CodeList, Text
from server.app import create_app
from server.node import Node
from tests.server import tiny
from tests.server.client import BASE, Client
from tests.server.conftest import STORED
from tests.server.fake import FakeStore

OLD = CodeList(
    "survey-2007",
    Text("二调分类", "Survey of 2007"),
    "GB/T 21010-2007",
    MappingProxyType({"1": Code("1", Text("农用地", "Farmland"))}),
    valid_from=date(2007, 8, 10),
    valid_to=date(2017, 11, 1),
)
USES = CodeList(
    "land-use",
    Text("用地用海分类", "Land-use classification"),
    "made up",
    MappingProxyType(
        {
            "07": Code("07", Text("居住用地", "Residential"), properties={"color": "#ffff4d"}),
            "0701": Code("0701", Text("城镇住宅", "Urban housing"), "07", date(2020, 1, 1)),
            "0702": Code("0702", Text("社区服务", "Services"), "07", None, date(2020, 1, 1)),
        }
    ),
    fallback=True,
)


@pytest.fixture
def lists(tmp_path: Path) -> Iterator[Client]:
    known = MappingProxyType({one.id: one for one in (OLD, USES)})
    registry = replace(tiny.registry(), codelists=known)
    node = Node(tiny.settings(tmp_path), registry, tiny.LAYERS, FakeStore(STORED))  # type: ignore[arg-type]
    with Client(create_app(node)) as client:
        yield client
    node.close()


def codes(client: Client, name: str, query: str = "") -> list[str]:
    return [one["code"] for one in client.get(f"/codelists/{name}{query}").json()["codes"]]


def test_all_lists_with_what_they_hold(lists: Client) -> None:
    listed = lists.get("/codelists?lang=en").json()["codelists"]
    assert [(one["id"], one["title"], one["codes"]) for one in listed] == [
        ("land-use", "Land-use classification", 3),
        ("survey-2007", "Survey of 2007", 1),
    ]
    assert (listed[1]["validFrom"], listed[1]["validTo"]) == ("2007-08-10", "2017-11-01")
    assert lists.get(listed[0]["links"][0]["href"]).status_code == 200


def test_a_list_says_what_its_codes_are(lists: Client) -> None:
    found: dict[str, Any] = lists.get("/codelists/land-use?lang=en").json()
    assert found["extensible"] is True
    assert found["codes"][0] == {"code": "07", "title": "Residential", "properties": {"color": "#ffff4d"}}
    assert found["codes"][1] == {"code": "0701", "title": "Urban housing", "parent": "07", "validFrom": "2020-01-01"}
    assert {"collection": "parcels", "property": "land_use_code"} in found["usedBy"]
    assert lists.get("/codelists/no-such").status_code == 404


def test_what_is_in_force_on_a_day(lists: Client) -> None:
    assert codes(lists, "land-use") == ["07", "0701", "0702"]
    assert codes(lists, "land-use", "?datetime=2019-12-31") == ["07", "0702"]
    assert codes(lists, "land-use", "?datetime=2020-01-01") == ["07", "0701"]
    assert codes(lists, "land-use", "?datetime=2019-12-31/2020-01-01") == ["07", "0701", "0702"]
    assert codes(lists, "survey-2007", "?datetime=2017-10-31") == ["1"]
    assert codes(lists, "survey-2007", "?datetime=2017-11-01") == []
    assert [one["id"] for one in lists.get("/codelists?datetime=2018-01-01").json()["codelists"]] == ["land-use"]
    assert lists.get("/codelists/land-use?datetime=someday").status_code == 400
    assert lists.get("/codelists?colour=red").status_code == 400


def test_a_list_as_skos(lists: Client) -> None:
    answer = lists.get("/codelists/land-use", headers={"accept": "application/ld+json"})
    assert answer.headers["content-type"] == "application/ld+json"
    scheme, *concepts = answer.json()["@graph"]
    assert (scheme["@id"], scheme["@type"]) == (f"{BASE}/codelists/land-use", "skos:ConceptScheme")
    assert [one["skos:notation"] for one in concepts] == ["07", "0701", "0702"]
    assert concepts[0]["skos:topConceptOf"] == {"@id": scheme["@id"]}
    assert concepts[1]["skos:broader"] == {"@id": f"{scheme['@id']}#07"}
    assert concepts[1]["dct:valid"] == "2020-01-01/.."
    assert {"@language": "en", "@value": "Services"} in concepts[2]["skos:prefLabel"]


@pytest.mark.parametrize("path", ["/codelists", "/codelists/land-use", "/codelists/land-use?datetime=1990-01-01"])
def test_lists_as_pages(lists: Client, path: str) -> None:
    answer = lists.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert ("居住用地" in answer.text) == (path == "/codelists/land-use" or "1990" in path)
