"""Features Part 11: transactions (26-018, draft)."""

from typing import Any

from store.crs import resolve
from tests.conformance import ITEMS
from tests.server.edits.conftest import Writing, feature
from tests.server.edits.test_transactions import delete, insert, post, row, update

STANDARD = "http://www.opengis.net/spec/ogcapi-features-11/1.0"


def classes(iut: Writing) -> list[str]:
    declared: list[str] = iut.get("/conformance").json()["conformsTo"]
    return [one.removeprefix(f"{STANDARD}/conf/") for one in declared if one.startswith(STANDARD)]


def test_transactions_post_op_and_post_response_and_post_response_rid(iut: Writing) -> None:
    """POST at /transactions: 200, how many of each, and the new features' addresses."""
    answer = post(
        iut, insert("parcels", feature("T1"), feature("T2", 117.1)), update("parcels", {"ids": ["T1"]}, floors=1)
    )
    assert answer.status_code == 200
    told = answer.json()
    assert told["summary"] == {"totalInserted": 2, "totalUpdated": 1, "totalReplaced": 0, "totalDeleted": 0}
    assert len(set(told["insertResults"])) == 2
    for place in told["insertResults"]:
        assert iut.get(place).status_code == 200


def test_transactions_post_body_and_post_content_type(iut: Writing) -> None:
    """The body is a transaction, and its media type says so."""
    body = {"transaction": [delete("parcels", {"ids": ["P003"]})]}
    assert iut.send("POST", "/transactions", body, "application/geo+json").status_code == 415
    assert iut.send("POST", "/transactions", b"x", "application/ogc-tx+json").status_code == 400
    assert iut.send("POST", "/transactions", body, "application/ogc-tx+json").status_code == 200


def test_atomic_transactions_atomic(iut: Writing) -> None:
    """/req/transactions/atomic: it is declared."""
    assert {"atomic-transactions", "atomic-semantics"} <= set(classes(iut))


def test_atomic_semantics_all_or_nothing(iut: Writing) -> None:
    """One failing action, in whatever place, undoes all others, in every collection."""
    tags = [iut.get(f"{path}?limit=1").headers["etag"] for path in (ITEMS, "/collections/statistics/items")]
    good: list[dict[str, Any]] = [insert("parcels", feature("T1")), insert("statistics", row("T1"))]
    bad = update("parcels", {"ids": ["never"]}, floors=1)
    for listed in ([bad, *good], [good[0], bad, good[1]], [*good, bad]):
        assert post(iut, *listed).status_code == 404
    assert [iut.get(f"{path}?limit=1").headers["etag"] for path in (ITEMS, "/collections/statistics/items")] == tags


def test_batch_transactions_batch(iut: Writing) -> None:
    """/req/transactions/batch: it is declared."""
    assert {"batch-transactions", "batch-semantics"} <= set(classes(iut))


def test_batch_semantics_each_for_itself(iut: Writing) -> None:
    """A failed action is reported, the others are done."""
    bad = update("parcels", {"ids": ["never"]}, floors=1)
    told = post(iut, bad, insert("parcels", feature("T1")), semantic="batch").json()
    assert told["summary"]["totalInserted"] == 1
    assert [one["action"] for one in told["exceptions"]] == [0]


def test_json_transactions_transaction(iut: Writing) -> None:
    """/req/json/transaction: the four actions, features by ids or CQL2, `atomic` unless said otherwise."""
    listed = [
        insert("parcels", feature("T1")),
        {
            "action": "replace",
            "collection": "parcels",
            "properties": {"feature": feature(name="r")},
            "filter": {"op": "=", "args": [{"property": "identifier"}, "P003"]},
        },
        {
            "action": "update",
            "collection": "parcels",
            "description": "all three",
            "properties": {
                "add": [{"name": "name", "value": "u"}],
                "modify": [{"name": "geometry", "value": feature(west=117.2)["geometry"]}],
                "delete": ["area"],
            },
            "filter": "identifier = 'P004'",
            "filter-lang": "cql2-text",
        },
        delete("parcels", {"ids": ["P005"]}),
    ]
    answer = iut.send("POST", "/transactions", {"transaction": listed}, "application/ogc-tx+json")
    assert answer.status_code == 200, answer.text
    assert answer.json()["semantic"] == "atomic"
    assert iut.get(f"{ITEMS}/P003").json()["properties"]["name"] == "r"
    changed = iut.get(f"{ITEMS}/P004").json()
    assert (changed["properties"]["name"], changed["properties"]["area"]) == ("u", None)
    assert changed["geometry"]["coordinates"][0][0][0][0] in (117.2, 117.21)
    assert iut.get(f"{ITEMS}/P005").status_code == 410


def test_json_transactions_response(iut: Writing) -> None:
    """/req/json/response: semantic, summary, results as URIs, exceptions with a code."""
    told = post(iut, delete("parcels", {"ids": ["P003"]}), delete("parcels", {"ids": ["x"]}), semantic="batch").json()
    assert set(told) == {
        "semantic", "summary", "insertResults", "updateResults", "replaceResults", "deleteResults", "exceptions",
    }  # fmt: skip
    assert told["deleteResults"][0].startswith("http://")
    assert {"code", "description"} <= set(told["exceptions"][0])


def test_features_geojson_and_geojson_geom_and_default_crs_and_content_crs_header(iut: Writing) -> None:
    """Features are GeoJSON, in CRS84 or in the system of Content-Crs."""
    body = feature("T1")
    system = resolve("EPSG:4490", plain=True)
    body["geometry"]["coordinates"] = [[[y, x] for x, y in body["geometry"]["coordinates"][0]]]
    assert post(iut, insert("parcels", body)).status_code == 422
    assert post(iut, insert("parcels", body), content_crs=f"<{system.uri}>").status_code == 200
    assert iut.get(f"{ITEMS}/T1").json()["geometry"]["coordinates"][0][0][0][0] in (116.9, 116.91)
    assert post(iut, insert("parcels", body), content_crs="<EPSG:32607>").status_code == 400


def test_features_schema_and_validation(iut: Writing) -> None:
    """Features are held against the collection's schema."""
    answer = post(iut, insert("parcels", feature("T1", strange=1)))
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["where"] == "transaction[0].items[0].strange"
