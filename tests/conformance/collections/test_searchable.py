"""Annex A: conformance class `searchable-collections`. The tiny node's data lie at 116.8 to 117.05 E, 38.3 N, from 2016
on; `secret` does not say where, nor do a table, an image without a file and an empty layer."""

import pytest

from tests.conformance.collections import ALL, BRANCHES, CRS84, LAYERS, STANDARDS, found, refused
from tests.server.client import Client

__all__ = ["STANDARDS"]

SOMEWHERE = ("parcels", *BRANCHES)
SAID = {"parcels", "statistics", *BRANCHES}
"""Those that say when; of the table nothing says where."""
NOWHERE = [id for id in ALL if id not in SOMEWHERE]
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def test_searchable_collections_bbox_definition(iut: Client) -> None:
    """/conf/searchable-collections/bbox-definition: two or three dimensions, CRS84 unless bbox-crs says otherwise."""
    for box in ("116,38,118,39", "116,38,-10,118,39,10"):
        assert found(iut, bbox=box) == list(ALL)
    assert found(iut, bbox="38,116,39,118") == NOWHERE
    assert found(iut, **{"bbox": "38,116,39,118", "bbox-crs": f"{EPSG}4490"}) == ["parcels", "empty"]
    for wrong in ("116,38,118", "a,b,c,d", "116,39,118,38", ""):
        assert refused(iut, bbox=wrong) == "bbox"


def test_searchable_collections_bbox_response(iut: Client) -> None:
    """/conf/searchable-collections/bbox-response: what meets the box, and what says nothing of where it is."""
    assert found(iut, bbox="117.049,38.29,118,39") == list(ALL)
    assert found(iut, bbox="117.1,38,118,39") == NOWHERE
    assert found(iut, bbox="170,-10,117,39") == list(ALL)
    assert found(iut, bbox="170,-10,116,39") == NOWHERE


def test_searchable_collections_bbox_crs(iut: Client) -> None:
    """/conf/searchable-collections/bbox-crs: a URI or safe CURIE; only collections that offer the system."""
    assert found(iut, **{"bbox": "116,38,118,39", "bbox-crs": CRS84}) == list(ALL)
    mercator = "13000000,4600000,13100000,4700000"
    assert found(iut, **{"bbox": mercator, "bbox-crs": "[EPSG:3857]"}) == ["parcels", "empty"]
    assert found(iut, **{"bbox": "0,0,1,1", "bbox-crs": "[EPSG:3857]"}) == ["empty"]
    assert refused(iut, **{"bbox": mercator, "bbox-crs": "[EPSG:4513]"}) == "bbox-crs"
    assert refused(iut, **{"bbox": mercator, "bbox-crs": "EPSG:3857 "}) == "bbox-crs"


def test_searchable_collections_datetime_definition(iut: Client) -> None:
    """/conf/searchable-collections/datetime-definition"""
    for moment in ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z/2021-01-01T00:00:00Z", "../2021-01-01", "2020-01-01/"):
        assert found(iut, datetime=moment) == list(ALL)
    for wrong in ("yesterday", "2021-01-01/2020-01-01", "2020-02-30", "1/2/3"):
        assert refused(iut, datetime=wrong) == "datetime"


def test_searchable_collections_datetime_response(iut: Client) -> None:
    """/conf/searchable-collections/datetime-response: what meets the time, and what says nothing of when it is."""
    assert found(iut, datetime="../2015-12-31") == [id for id in ALL if id not in SAID]
    assert found(iut, datetime="2016-01-01") == list(ALL)


@pytest.mark.parametrize("name", ["q", "query"])
def test_searchable_collections_q(iut: Client, name: str) -> None:
    """/conf/searchable-collections/q: whole words, phrases in order, alternatives; case does not count."""
    assert found(iut, **{name: "restricted"}) == ["secret"]
    assert found(iut, **{name: "RESTRICTED,hebei"}) == ["secret", "division-130000"]
    assert found(iut, **{name: "restrict"}) == []
    assert found(iut, **{name: "受"}) == ["secret"]
    assert found(iut, **{name: "planned land"}) == list(LAYERS)
    assert found(iut, **{name: "land  planned"}) == []
    assert found(iut, **{name: "planning"}) == found(iut, **{name: "规划"}) != []
    for wrong in ("", "a,,b", "x" * 300):
        assert refused(iut, **{name: wrong}) == name


def test_searchable_collections_query(iut: Client) -> None:
    """/conf/searchable-collections/query: + joins, - excludes, within one of the alternatives."""
    both = found(iut, query="planned +restricted")
    assert both == ["secret"]
    assert found(iut, query="restricted +planned") == both
    rest = found(iut, query="planned -restricted")
    assert "secret" not in rest and "parcels" in rest
    assert found(iut, query="+planned -restricted") == rest
    assert set(found(iut, query="planned -restricted,secret")) == {*rest, "secret"}
    assert found(iut, query="-planned -hebei -secret -plans") == [
        id for id in BRANCHES if id in ("division-100000", "division-130900")
    ]
    assert found(iut, query="all-collections") == []


def test_searchable_collections_limit_definition(iut: Client) -> None:
    """/conf/searchable-collections/limit-definition"""
    assert len(found(iut, limit=1)) == 1
    assert len(found(iut)) == len(ALL)
    for wrong in ("0", "-1", "many", "1.5"):
        assert refused(iut, limit=wrong) == "limit"


def test_searchable_collections_limit_response(iut: Client) -> None:
    """/conf/searchable-collections/limit-response: at most so many; more than the maximum is clipped."""
    assert len(found(iut, limit=4)) == 4
    assert len(found(iut, limit=10**9)) == len(ALL)
    api = iut.get("/api").json()
    names = [one["$ref"].rpartition("/")[2] for one in api["paths"]["/collections"]["get"]["parameters"]]
    assert {api["components"]["parameters"][name]["name"] for name in names} >= {"bbox", "bbox-crs", "q", "sd", "limit"}


def test_searchable_collections_next(iut: Client) -> None:
    """/conf/searchable-collections/next: pages of the same size until all are there, and back again."""
    address, seen = "/collections?limit=4&sortby=id", []
    while address:
        document = iut.get(address).json()
        assert len(document["collections"]) <= 4
        assert document["numberMatched"] == len(ALL)
        seen += [one["id"] for one in document["collections"]]
        links = {one["rel"]: one["href"] for one in document["links"]}
        last, address = address, links.get("next", "")
    assert seen == sorted(ALL)
    assert last.startswith("http")
    assert [one["id"] for one in iut.get(links["prev"]).json()["collections"]] == sorted(ALL)[4:8]


def test_searchable_collections_number_matched(iut: Client) -> None:
    """/conf/searchable-collections/numberMatched: all that match, on every page."""
    for limit in (1, 3, 100):
        assert iut.get(f"/collections?q=planning&limit={limit}").json()["numberMatched"] == len(
            found(iut, q="planning")
        )


def test_searchable_collections_number_returned(iut: Client) -> None:
    """/conf/searchable-collections/numberReturned: in every answer, with and without parameters."""
    for address in ("/collections", "/collections?limit=2", "/collections?q=nothing-like-it"):
        document = iut.get(address).json()
        assert document["numberReturned"] == len(document["collections"])


@pytest.mark.parametrize(("name", "unit"), [("sd", 1), ("resolution", 0.0001)])
def test_searchable_collections_sd_and_resolution(iut: Client, name: str, unit: float) -> None:
    """/conf/searchable-collections/sd, resolution: ranges; what declares no scale suits every one."""
    for value in (
        f"{unit}",
        f"{unit}/{unit}",
        f"{unit}/",
        f"/{unit}",
        f"{unit}/..",
        "../..",
        "/",
        f"{unit},{2 * unit}",
    ):
        assert found(iut, **{name: value}) == list(ALL)
    for wrong in (f"{2 * unit}/{unit}", "-1", "a/b", "", "0", "1,2,3"):
        assert refused(iut, **{name: wrong}) == name
    assert iut.get("/collections?sd=1&resolution=1").status_code == 400


def test_searchable_collections_unknown_parameters(iut: Client) -> None:
    """/req/core/query-param-unknown, and a condition that is given twice."""
    assert refused(iut, colour="red") == "colour"
    assert iut.get("/collections?q=a&q=b").status_code == 400
