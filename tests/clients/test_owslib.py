"""OWSLib's OGC API clients."""

from owslib.ogcapi.features import Features
from owslib.ogcapi.processes import Processes

COLLECTION = "plan-blue-line"


def test_conformance_and_collections(demo: str) -> None:
    api = Features(demo)
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in api.conformance()["conformsTo"]
    assert COLLECTION in api.feature_collections()
    assert api.api()["openapi"].startswith("3.0")


def test_paging_by_offset_reads_every_feature_once(demo: str) -> None:
    api = Features(demo)
    total = api.collection_items(COLLECTION, limit=1)["numberMatched"]
    ids: list[str] = []
    while page := api.collection_items(COLLECTION, limit=7, offset=len(ids))["features"]:
        ids += [one["id"] for one in page]
    assert len(ids) == len(set(ids)) == total > 7


def test_one_item_is_the_same_as_in_the_page(demo: str) -> None:
    api = Features(demo)
    first = api.collection_items(COLLECTION, limit=1)["features"][0]
    same = api.collection_item(COLLECTION, first["id"])
    assert (same["geometry"], same["properties"]) == (first["geometry"], first["properties"])


def test_queryables_and_box(demo: str) -> None:
    api = Features(demo)
    assert "division_code" in api.collection_queryables(COLLECTION)["properties"]
    assert api.collection_items(COLLECTION, bbox=[116.5, 38, 117.5, 38.8], limit=1000)["features"]
    assert not api.collection_items(COLLECTION, bbox=[10, 10, 11, 11])["features"]


def test_a_process_runs(demo: str) -> None:
    api = Processes(demo)
    assert "conflict-detection" in [one["id"] for one in api.processes()]
    answer = api.execute("echo", inputs={"echo": "teststring"})
    assert "teststring" in str(answer)
