"""Several changes to several collections in one request: all or nothing, or each by itself."""

from typing import Any

import pytest

from tests.server.edits.conftest import CLERK, ITEMS, Writing, bearer, feature

ROWS = "/collections/statistics/items"


def row(id: str, **properties: Any) -> dict[str, Any]:
    properties = {"land_use_code": "07", "identifier": id, **properties}
    return {"type": "Feature", "geometry": None, "properties": properties}


def insert(collection: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"action": "insert", "collection": collection, "items": list(items)}


def update(collection: str, chosen: Any, **values: Any) -> dict[str, Any]:
    pairs = [{"name": name, "value": value} for name, value in values.items()]
    return {"action": "update", "collection": collection, "properties": {"modify": pairs}, "filter": chosen}


def delete(collection: str, chosen: Any, **more: Any) -> dict[str, Any]:
    return {"action": "delete", "collection": collection, "filter": chosen, **more}


def nested(depth: int) -> Any:
    """A filter of CQL2 JSON."""
    made: Any = True
    for _ in range(depth):
        made = {"op": "not", "args": [made]}
    return made


def post(client: Writing, *listed: dict[str, Any], semantic: str = "atomic", **headers: str) -> Any:
    body = {"semantic": semantic, "transaction": list(listed)}
    return client.send("POST", "/transactions", body, "application/ogc-tx+json", **headers)


def count(client: Writing, path: str) -> int:
    return int(client.get(f"{path}?limit=1&numberMatched=true").json()["numberMatched"])


def test_two_collections_change_together(client: Writing) -> None:
    tag = client.get(f"{ROWS}/P003").headers["etag"]
    answer = post(
        client,
        insert("parcels", feature(identifier="T1"), feature("T2", 117.0)),
        update("parcels", {"ids": ["T1", "P003"]}, name="同时"),
        delete("statistics", {"ids": ["P003"]}, **{"if-match": tag}),
        {
            "action": "replace",
            "collection": "parcels",
            "filter": {"ids": ["P004"]},
            "properties": {"feature": feature(name="换")},
        },
    )
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["summary"] == {"totalInserted": 2, "totalUpdated": 2, "totalReplaced": 1, "totalDeleted": 1}
    assert [one.rpartition("/")[2] for one in told["insertResults"]] == ["T1", "T2"]
    assert client.get(told["insertResults"][0]).json()["properties"]["name"] == "同时"
    assert client.get(f"{ITEMS}/P004").json()["properties"]["name"] == "换"
    assert client.get(f"{ROWS}/P003").status_code == 410


def test_nothing_is_done_where_one_action_fails(client: Writing) -> None:
    before = count(client, ITEMS)
    answer = post(client, insert("parcels", feature(identifier="T1")), insert("parcels", feature(identifier="P003")))
    assert answer.status_code == 409
    assert answer.json()["faults"][0]["where"] == "transaction[1]"
    assert count(client, ITEMS) == before
    assert client.get(f"{ITEMS}/T1").status_code == 404


def test_every_fault_of_every_action_is_told_with_its_place(client: Writing) -> None:
    answer = post(
        client,
        insert("parcels", feature(identifier="T1", area=-1), feature("T2", floors="x")),
        update("statistics", {"ids": ["P003"]}, land_use_code="99") | {"if-match": "*"},
    )
    assert answer.status_code == 422
    assert {one["where"] for one in answer.json()["faults"]} == {
        "transaction[0].items[0].area",
        "transaction[0].items[1].floors",
        "transaction[1].properties.land_use_code",
    }


def test_a_batch_goes_on_after_a_failure(client: Writing) -> None:
    answer = post(
        client,
        insert("parcels", feature(identifier="T1")),
        insert("parcels", feature(identifier="P003")),
        insert("imagery", feature()),
        update("parcels", {"ids": ["T1"]}, floors=2),
        semantic="batch",
    )
    assert answer.status_code == 200
    told = answer.json()
    assert told["summary"]["totalInserted"] == told["summary"]["totalUpdated"] == 1
    assert [(one["action"], one["status"], one["code"]) for one in told["exceptions"]] == [
        (1, 409, "409"),
        (2, 404, "404"),
    ]
    assert client.get(f"{ITEMS}/T1").json()["properties"]["floors"] == 2


@pytest.mark.parametrize(
    "chosen",
    [
        "land_use_code = '07' AND floors > 0",
        {"op": "and", "args": [
            {"op": "=", "args": [{"property": "land_use_code"}, "07"]}, {"op": ">", "args": [{"property": "floors"}, 0]}
        ]},
    ],
)  # fmt: skip
def test_a_filter_chooses_features(client: Writing, chosen: Any) -> None:
    asked = f"{ITEMS}?filter=land_use_code%3D%2707%27%20AND%20floors%3E0&limit=100"
    wanted = {one["id"] for one in client.get(asked).json()["features"]}
    answer = post(client, update("parcels", chosen, name="选中"))
    assert answer.status_code == 200, answer.text
    assert answer.json()["summary"]["totalUpdated"] == len(wanted) > 1
    named = {one["id"] for one in client.get(f"{ITEMS}?name=选中&limit=100").json()["features"]}
    assert named == wanted
    nothing = post(client, delete("parcels", "name = 'nobody'"))
    assert nothing.json()["summary"]["totalDeleted"] == 0


def test_the_rights_of_a_token_hold_for_every_action(client: Writing) -> None:
    answer = post(client, insert("parcels", feature("T1")), insert("empty", feature("T1")), **bearer(CLERK))
    assert answer.status_code == 403
    assert client.request("POST", "/transactions", json={"transaction": []}).status_code == 401
    locked = post(client, delete("statistics", {"ids": ["P003"]}))
    assert locked.status_code == 428


def test_how_much_is_told_is_preferred(client: Writing) -> None:
    quiet = post(client, insert("parcels", feature("T1")), prefer="return=none")
    assert (quiet.status_code, quiet.content) == (204, b"")
    short = post(client, insert("parcels", feature("T2", west=117.3)), prefer="return=minimal").json()
    assert short == {
        "semantic": "atomic",
        "summary": {"totalInserted": 1, "totalUpdated": 0, "totalReplaced": 0, "totalDeleted": 0},
    }


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ([], "body"),
        ({}, "transaction"),
        ({"transaction": []}, "transaction"),
        ({"semantic": "maybe", "transaction": [1]}, "semantic"),
        ({"transaction": [1]}, "transaction[0].action"),
        ({"transaction": [{"action": "drop", "collection": "parcels"}]}, "transaction[0].action"),
        ({"transaction": [{"action": ["insert"], "collection": "parcels"}]}, "transaction[0].action"),
        ({"transaction": [{"action": {"insert": 1}, "collection": "parcels"}]}, "transaction[0].action"),
        ({"transaction": [insert("parcels")]}, "transaction[0].items"),
        ({"transaction": [insert("parcels", {"rel": "item", "href": "http://x.example/"})]}, "transaction[0].items[0]"),
        ({"transaction": [insert("parcels", {"type": "Point"})]}, "transaction[0].items[0].type"),
        ({"transaction": [{"action": "delete", "collection": "parcels"}]}, "transaction[0].filter"),
        ({"transaction": [delete("parcels", {"ids": "P003"})]}, "transaction[0].filter.ids"),
        ({"transaction": [delete("parcels", "no such =")]}, "transaction[0].filter"),
        ({"transaction": [delete("parcels", "name = 'a'", **{"filter-lang": "sql"})]}, "transaction[0].filter-lang"),
        ({"transaction": [delete("parcels", {"ids": ["P003"]}, **{"mutation-datetime": "soon"})]},
         "transaction[0].mutation-datetime"),
        ({"transaction": [delete("parcels", nested(300))]}, "transaction[0].filter"),
        ({"transaction": [update("parcels", {"ids": ["P003"]}) | {"properties": 1}]}, "transaction[0].properties"),
        ({"transaction": [update("parcels", {"ids": ["P003"]}) | {"properties": {}}]}, "transaction[0].properties"),
        ({"transaction": [update("parcels", {"ids": ["P003"]}) | {"properties": {"name": "x"}}]},
         "transaction[0].properties.name"),
    ],
)  # fmt: skip
def test_what_is_no_transaction_is_said_with_its_place(client: Writing, body: Any, where: str) -> None:
    answer = client.send("POST", "/transactions", body, "application/ogc-tx+json")
    assert answer.status_code == 400, answer.text
    assert answer.json()["faults"][0]["where"] == where


def test_a_transaction_has_a_limit(client: Writing) -> None:
    many = [feature(f"M{n}") for n in range(1001)]
    answer = post(client, insert("parcels", *many))
    assert answer.status_code == 413
    assert "1000" in answer.json()["faults"][0]["what"]
    assert post(client, *[delete("parcels", {"ids": ["x"]})] * 1001, semantic="batch").status_code == 413


def test_more_than_the_limit_is_refused_before_it_is_checked(client: Writing) -> None:
    answer = post(client, insert("parcels", *[{"type": "Feature", "geometry": None, "properties": {}}] * 1001))
    assert answer.status_code == 413
    assert len(answer.json()["faults"]) == 1
