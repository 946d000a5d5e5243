"""Versions of a feature, what was known on a day, and what changed between two days, over HTTP and on both stores."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import shapely

from server.app import create_app
from store.criteria import Edit, Operation
from tests.conformance import ITEMS
from tests.server.client import Client
from tests.server.conftest import fill, make_node

P003, CHANGES = f"{ITEMS}/P003", "/collections/parcels/changes"
INTERVAL = "datetime=2016-06-01/2022-01-01"
LATER = shapely.to_wkb(shapely.box(116.83, 38.3, 116.85, 38.31))


def edits() -> list[Edit]:
    name = {"name": "新工业园", "land_use_code": "10"}
    return [
        Edit("parcels", Operation.UPDATE, "P003", LATER, properties=name, valid_from=date(2020, 5, 1)),
        Edit("parcels", Operation.UPDATE, "P004", None, True, {"floors": 9}, date(2019, 1, 1)),
        Edit("parcels", Operation.DELETE, "P005", valid_from=date(2021, 1, 1)),
        Edit("parcels", Operation.DELETE, "P006", valid_from=date(2016, 1, 1)),
        Edit("parcels", Operation.UPDATE, "P007", LATER, properties={}, valid_from=date(2020, 5, 1)),
    ]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def changed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The tiny node after five edits."""
    folder = tmp_path_factory.mktemp("changed")
    url = f"sqlite:///{folder}/store" if request.param == "sqlite" else request.getfixturevalue("postgis_url")
    store = fill(url)
    store.write(edits(), "张三")
    store.write([Edit("secret", Operation.DELETE, "P003", valid_from=date(2016, 1, 1))], "张三")
    node = make_node(folder, store)
    with Client(create_app(node)) as client:
        yield client
    node.close()


def rels(answer: Any) -> dict[str, str]:
    return {one["rel"]: url for url, one in ((str(one["url"]), one) for one in answer.links.values())}


def test_a_feature_links_its_versions_and_says_from_when_it_holds(changed: Client) -> None:
    now, then = changed.get(P003), changed.get(f"{P003}?datetime=2018-01-01")
    base = f"http://localhost:8080{P003}"
    assert now.headers["memento-datetime"] == "Thu, 30 Apr 2020 16:00:00 GMT"
    assert then.headers["memento-datetime"] == "Thu, 31 Dec 2015 16:00:00 GMT"
    assert now.json()["properties"]["name"] == "新工业园"
    assert then.json()["properties"]["name"] == "工业园"
    assert rels(now)["predecessor-version"] == f"{base}?datetime=2016-01-01"
    assert rels(then)["successor-version"] == f"{base}?datetime=2020-05-01"
    assert "successor-version" not in rels(now)
    assert "predecessor-version" not in rels(then)
    for answer in (now, then):
        told = {one["rel"]: one["href"] for one in answer.json()["links"]}
        assert told["original"] == base
        assert told["timemap"] == told["version-history"] == f"{base}/versions"
    assert changed.get(rels(now)["predecessor-version"]).json()["properties"] == then.json()["properties"]


def test_the_time_map_lists_every_version_by_its_address(changed: Client) -> None:
    document = changed.get(f"{P003}/versions").json()
    mementos = [one for one in document["links"] if one["rel"] == "memento"]
    assert [one["datetime"] for one in mementos] == ["Thu, 31 Dec 2015 16:00:00 GMT", "Thu, 30 Apr 2020 16:00:00 GMT"]
    for one in mementos:
        answer = changed.get(one["href"])
        assert (answer.status_code, answer.headers["memento-datetime"]) == (200, one["datetime"])
    assert [one["href"] for one in document["links"] if one["rel"] == "latest-version"] == [mementos[-1]["href"]]
    versions = document["versions"]
    assert [one["version"] for one in versions] == [1, 2, 3]
    for one in versions:
        found = changed.get(one["href"])
        assert found.status_code == 200
        assert found.headers["etag"].startswith(f'"{one["version"]}-')
    assert [one["change"]["kind"] for one in versions] == ["added", "validity", "geometry-and-attributes"]
    change = versions[2]["change"]
    assert change["changed"] == ["name", "land_use_code"]
    assert (change["before"]["name"], change["after"]["name"]) == ("工业园", "新工业园")
    assert change["area"]["difference"] == pytest.approx(change["area"]["before"], rel=1e-6)


def test_the_time_map_as_link_format(changed: Client) -> None:
    answer = changed.get(f"{P003}/versions", headers={"accept": "application/link-format"})
    assert answer.headers["content-type"] == "application/link-format"
    assert answer.text.count('rel="memento"') == 2
    assert 'datetime="Thu, 30 Apr 2020 16:00:00 GMT"' in answer.text


def test_what_is_gone_tells_its_facts_and_keeps_its_history(changed: Client) -> None:
    ended, deleted, early = (changed.get(f"{ITEMS}/{one}") for one in ("P005", "P006", "P003?datetime=1990-01-01"))
    assert [one.status_code for one in (ended, deleted, early)] == [410, 410, 410]
    assert (ended.json()["validFrom"], ended.json()["validTo"]) == ("2016-01-01", "2021-01-01")
    assert deleted.json()["deleted"] > "2020"
    for answer in (ended, deleted, early):
        assert changed.get(rels(answer)["timemap"]).status_code == 200
    assert changed.get(rels(ended)["latest-version"]).json()["id"] == "P005"
    assert changed.get(rels(early)["latest-version"]).json()["properties"]["name"] == "新工业园"
    assert changed.get(f"{ITEMS}/P099").status_code == 404
    assert changed.get(f"{ITEMS}/P099/versions").status_code == 404
    assert changed.get(f"{ITEMS}/P024").status_code == 404  # is still to begin


def test_what_was_known_on_a_day(changed: Client) -> None:
    first = changed.get(f"{P003}/versions").json()["versions"][0]["knownFrom"]
    assert changed.get(f"{P003}?known-on={first}").json()["properties"]["name"] == "工业园"
    ids = {one["id"] for one in changed.get(f"{ITEMS}?limit=100&known-on={first}").json()["features"]}
    assert {"P003", "P005", "P006"} <= ids
    assert changed.get(f"{ITEMS}?known-on=2020-01-01").json()["numberMatched"] == 0
    assert changed.get(f"{P003}?known-on=2020-01-01").status_code == 404
    today = changed.get(f"{ITEMS}?known-on=2999-01-01&limit=100").json()
    assert [one["id"] for one in today["features"]] == [
        one["id"] for one in changed.get(f"{ITEMS}?limit=100").json()["features"]
    ]
    for wrong in ("x", "", "2020", "2020-01-01/2021-01-01", "2020-02-30", "2020-01-01T00:00:00"):
        refusal = changed.get(f"{ITEMS}?known-on={wrong}")
        assert (refusal.status_code, refusal.json()["parameter"]) == (400, "known-on")


def test_what_changed_between_two_days(changed: Client) -> None:
    document = changed.get(f"{CHANGES}?{INTERVAL}").json()
    found = {one["id"]: one for one in document["features"]}
    kinds = {id: one["properties"]["change"] for id, one in found.items()}
    assert kinds == {
        "P000": "removed",
        "P003": "geometry-and-attributes",
        "P004": "attributes",
        "P005": "removed",
        "P007": "geometry",
    }
    counts = {"added": 0, "removed": 2, "geometry": 1, "attributes": 1, "geometry-and-attributes": 1}
    assert (document["counts"], document["numberMatched"], document["numberReturned"]) == (counts, 5, 5)
    one = found["P003"]
    assert one["properties"]["before"] == {
        "name": "工业园",
        "land_use_code": "01",
        "valid_from": "2016-01-01",
        "valid_to": "2020-05-01",
    }
    assert one["properties"]["after"]["name"] == "新工业园"
    assert shapely.geometry.shape(one["geometry"]).area > shapely.geometry.shape(one["geometryBefore"]).area
    assert found["P005"]["geometry"] is not None
    assert found["P005"]["properties"]["after"] is None


def test_changes_are_paged_and_narrowed(changed: Client) -> None:
    seen: list[str] = []
    address = f"{CHANGES}?{INTERVAL}&limit=2"
    while address:
        document = changed.get(address).json()
        seen += [one["id"] for one in document["features"]]
        address = next((one["href"] for one in document["links"] if one["rel"] == "next"), "")
    assert seen == ["P000", "P003", "P004", "P005", "P007"]

    def ids(query: str) -> list[str]:
        return [one["id"] for one in changed.get(f"{CHANGES}?{INTERVAL}&{query}").json()["features"]]

    assert ids("change-kind=geometry") == ["P003", "P007"]
    assert ids("change-kind=attributes,removed") == ["P000", "P003", "P004", "P005"]
    assert ids("q=新工业园") == ["P003"]
    assert ids("floors=9") == ["P004"]
    assert ids("filter=floors%20%3D%209%20OR%20name%3D%27工业园%27") == ["P003", "P004"]
    assert ids("bbox=116.801,38.301,116.802,38.302") == ["P000"]
    assert ids("bbox=1,1,2,2") == []


def test_changes_of_knowledge_and_open_ends(changed: Client) -> None:
    first = changed.get(f"{P003}/versions").json()["versions"][0]["knownFrom"]
    found = changed.get(f"{CHANGES}?known-on={first}/..").json()
    assert {one["id"] for one in found["features"]} >= {"P003", "P004", "P005", "P006", "P007"}
    assert found["compared"]["before"]["knownOn"] is not None
    assert changed.get(f"{CHANGES}?datetime=2016-06-01/..").json()["numberMatched"] == 5
    assert changed.get(f"{CHANGES}?datetime=2016-06-01/2022-01-01&known-on={first}").json()["numberMatched"] == 1


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "datetime"),
        ("datetime=2016-01-01", "datetime"),
        ("datetime=../2016-01-01", "datetime"),
        ("datetime=2018-01-01/2016-01-01", "datetime"),
        ("datetime=2999-01-01/..", "datetime"),
        (f"{INTERVAL}&change-kind=odd", "change-kind"),
        (f"{INTERVAL}&known-on=2020-01-01/2019-01-01", "known-on"),
        (f"{INTERVAL}&sortby=name", "sortby"),
        (f"{INTERVAL}&cursor=W10", "cursor"),
    ],
)
def test_what_cannot_be_compared_is_refused(changed: Client, query: str, parameter: str) -> None:
    refusal = changed.get(f"{CHANGES}?{query}")
    assert (refusal.status_code, refusal.json()["parameter"]) == (400, parameter)


def test_sharing_classes_hold(changed: Client) -> None:
    for path in (f"changes?{INTERVAL}", "items/P003/versions", "items/P003"):
        assert changed.get(f"/collections/secret/{path}").status_code == 401


def test_validators(changed: Client) -> None:
    for path in (f"{CHANGES}?{INTERVAL}", f"{P003}/versions", f"{CHANGES}?{INTERVAL}&f=html"):
        tag = changed.get(path).headers["etag"]
        assert changed.get(path, headers={"if-none-match": tag}).status_code == 304
    tags = {changed.get(f"{CHANGES}?{one}").headers["etag"] for one in (INTERVAL, "datetime=2016-06-02/2022-01-01")}
    assert len(tags) == 2


@pytest.mark.parametrize(
    ("language", "kind", "title"),
    [("zh", "图形和属性变化", "版本沿革"), ("en", "Geometry and attributes changed", "Version history")],
)
def test_pages_say_what_changed_in_words(changed: Client, language: str, kind: str, title: str) -> None:
    page = changed.get(f"{P003}/versions?f=html&lang={language}").text
    for word in (kind, title, "新工业园", "2020-05-01", "970,908"):
        assert word in page
    page = changed.get(f"{CHANGES}?{INTERVAL}&f=html&lang={language}").text
    for word in (kind, "P005", "新工业园"):
        assert word in page
    assert "<form" in changed.get(f"{CHANGES}?f=html&lang={language}").text
