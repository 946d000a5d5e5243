"""The bad inputs on which peers fall: each gets a 4xx with a reason, never a 500, never the whole layer."""

import pytest

from tests.server.client import Client

ITEMS = "/collections/parcels/items"
CRS = "http://www.opengis.net/def/crs"

REFUSED = [
    ("limit=abc", "limit"),
    ("limit=-1", "limit"),
    ("limit=0", "limit"),
    ("limit=1.5", "limit"),
    ("limit=unlimited", "limit"),
    ("limit=", "limit"),
    ("limit=%D9%A1", "limit"),  # an Arabic digit
    ("offset=100000000000000000000", "offset"),
    ("offset=-1", "offset"),
    ("offset=x", "offset"),
    ("bbox=text", "bbox"),
    ("bbox=NaN,NaN,NaN,NaN", "bbox"),
    ("bbox=1,2,inf,4", "bbox"),
    ("bbox=1,2,3", "bbox"),
    ("bbox=1,2,3,4,5", "bbox"),
    ("bbox=1,2,3,4,5,6,7", "bbox"),
    ("bbox=", "bbox"),
    ("bbox=116,39,117,38", "bbox"),  # south above north
    ("bbox=116,38,9,117,39,1", "bbox"),  # low above high
    (f"bbox=39,116,38,117&bbox-crs={CRS}/EPSG/0/4490", "bbox"),
    (f"bbox=5,4,3,2&bbox-crs={CRS}/EPSG/0/3857", "bbox"),
    (f"bbox-crs={CRS}/0/unsupported", "bbox-crs"),
    (f"crs={CRS}/0/unsupported", "crs"),
    (f"crs={CRS}/EPSG/0/2154", "crs"),
    (f"crs={CRS}/EPSG/0/4513", "crs"),  # a zone that the layer does not touch
    ("crs=", "crs"),
    ("datetime=yesterday", "datetime"),
    ("datetime=2020-13-01", "datetime"),
    ("datetime=2020-02-30", "datetime"),
    ("datetime=2020-01-01T25:00:00Z", "datetime"),
    ("datetime=2020-01-01T00:00:00", "datetime"),  # no offset
    ("datetime=2021-01-01/2020-01-01", "datetime"),
    ("datetime=2020-01-01/2021-01-01/2022-01-01", "datetime"),
    ("datetime=", "datetime"),
    ("datetime=99999-01-01", "datetime"),
    ("sortby=nothing", "sortby"),
    ("sortby=-", "sortby"),
    ("sortby=", "sortby"),
    ("sortby=name,name", "sortby"),
    ("sortby=geometry", "sortby"),
    ("properties=nothing", "properties"),
    ("properties=name,", "properties"),
    ("floors=two", "floors"),
    ("floors=99999999999999999999999", "floors"),
    ("area=1e999", "area"),
    ("area=big", "area"),
    ("built=yes", "built"),
    ("approval_date=2016-1-1", "approval_date"),
    ("approval_date=2016-02-31", "approval_date"),
    ("cursor=nonsense", "cursor"),
    ("cursor=%F0%9F%98%80", "cursor"),
    ("cursor=e30", "cursor"),
    ("cursor=W1tdLC0xLCJ4Il0", "cursor"),  # [[],-1,"x"]
    ("cursor=W1tdLDEsIngiXQ", "cursor"),  # [[],1,"x"]: of another query
    ("numberMatched=1", "numberMatched"),
    ("skipGeometry=maybe", "skipGeometry"),
    ("lang=fr", "lang"),
    ("filter=", "filter"),
    ("filter=name%20%3D", "filter"),
    ("filter=nothing%20%3D%201", "filter"),
    ("filter=name%20%3D%20'x'&filter=name%20%3D%20'y'", "filter"),
    ("filter-lang=cql-text", "filter-lang"),
    (f"filter-crs={CRS}/EPSG/0/4513", "filter-crs"),
    ("filter-crs=", "filter-crs"),
    ("unknown=1", "unknown"),
    ("limt=10", "limt"),
    ("LIMIT=10", "LIMIT"),
    ("f=xml", "f"),
    ("f=", "f"),
    ("name=a&name=b", "name"),
    ("floors=1&name=a&floors=2", "floors"),
    ("bbox=1,2,3,4&bbox=116,38,117,39", "bbox"),
    ("datetime=2016-01-01&datetime=2017-01-01", "datetime"),
    ("limit=5&limit=abc", "limit"),
]


@pytest.mark.parametrize(("query", "parameter"), REFUSED)
def test_a_wrong_parameter_is_refused_by_name_with_a_remedy(client: Client, query: str, parameter: str) -> None:
    answer = client.get(f"{ITEMS}?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["parameter"] == parameter
    assert problem["status"] == 400
    assert parameter in problem["detail"]
    if parameter != "cursor":
        assert problem["remedy"]


@pytest.mark.parametrize("query", ["name=a%00b", "name=%ff%fe", "name=%zz", "name=%", "%ff=1", "bbox=%00"])
def test_broken_encoding_is_refused(client: Client, query: str) -> None:
    answer = client.get(f"{ITEMS}?{query}")
    assert answer.status_code == 400
    assert answer.json()["faults"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/collections/nothing", 404),
        ("/collections/nothing/items", 404),
        ("/collections/nothing/items/1", 404),
        ("/collections/nothing/schema", 404),
        ("/collections/imagery/items", 404),
        (f"{ITEMS}/abc", 404),
        (f"{ITEMS}/{10**24}", 404),
        (f"{ITEMS}/-1", 404),
        (f"{ITEMS}/'%20OR%201=1--", 404),
        (f"{ITEMS}/%E5%B1%85%E4%BD%8F", 404),
        (f"{ITEMS}/{'x' * 5000}", 404),
        (f"{ITEMS}/a%2Fb", 404),
        (f"{ITEMS}/a%00b", 400),
        (f"{ITEMS}/%ff", 400),
        (f"{ITEMS}/P003/more", 404),
        ("/collections/%00", 400),
        ("//collections", 404),
        ("/collections//items", 404),
        ("/nothing", 404),
        ("/codelists/nothing", 404),
    ],
)
def test_what_is_not_there_is_404_and_what_cannot_be_is_400(client: Client, path: str, status: int) -> None:
    answer = client.get(f"http://localhost:8080{path}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_an_empty_segment_is_no_feature(client: Client) -> None:
    assert client.get(f"{ITEMS}//").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_other_methods_are_405_and_say_which_are_offered(client: Client, method: str) -> None:
    for path in ("/", "/collections", ITEMS, f"{ITEMS}/P003"):
        if (method, path) == ("POST", ITEMS):
            continue  # a query: test_post_queries.py
        answer = client.request(method, path)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
        assert answer.json()["faults"][0]["remedy"]


def test_an_overlong_address_is_414(client: Client) -> None:
    answer = client.get(f"{ITEMS}?name={'x' * 20_000}")
    assert answer.status_code == 414


def test_a_limit_above_the_maximum_is_clipped(client: Client) -> None:
    answer = client.get(f"{ITEMS}?limit=100000000000000000000000000")
    assert answer.status_code == 200
    assert answer.json()["numberReturned"] == 23


@pytest.mark.parametrize(
    "query",
    [
        "bbox=-180,-90,180,-89",
        "bbox=200,100,210,110",
        f"bbox=114,30,115,31&bbox-crs={CRS}/EPSG/0/4490",  # the wrong order: latitude 114
        f"bbox=116,38,117,39&bbox-crs={CRS}/EPSG/0/4548",  # degrees in a metric system
        f"bbox=1e300,1e300,2e300,2e300&bbox-crs={CRS}/EPSG/0/3857",
    ],
)
def test_a_box_outside_of_its_domain_is_empty(client: Client, query: str) -> None:
    answer = client.get(f"{ITEMS}?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["features"] == []
    assert answer.json()["numberMatched"] == 0


@pytest.mark.parametrize(
    ("query", "count"), [("limit=2&limit=3", 3), ("floors=1&floors=1&limit=4", 4), ("limit=3&f=json&f=json", 3)]
)
def test_what_is_repeated_without_harm_is_answered_and_the_last_counts(client: Client, query: str, count: int) -> None:
    answer = client.get(f"{ITEMS}?{query}")
    assert answer.status_code == 200
    assert answer.json()["numberReturned"] == count


def test_a_typing_slip_is_guessed(client: Client) -> None:
    assert "did you mean 'sortby'" in client.get(f"{ITEMS}?sortyb=name").json()["remedy"]
    assert "did you mean 'land_use_code'" in client.get(f"{ITEMS}?sortby=landuse_code").json()["remedy"]


@pytest.mark.parametrize("path", ["/", "/conformance", "/collections", "/collections/parcels", f"{ITEMS}/P003", "/api"])
def test_unknown_parameters_are_refused_everywhere(client: Client, path: str) -> None:
    answer = client.get(f"{path}?nonsense=1")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == "nonsense"


def test_a_foreign_sort_cannot_be_smuggled_in_by_a_cursor(client: Client) -> None:
    first = client.get(f"{ITEMS}?limit=2&sortby=name").json()
    token = next(one["href"] for one in first["links"] if one["rel"] == "next").split("cursor=")[1].split("&")[0]
    assert client.get(f"{ITEMS}?limit=2&sortby=area&cursor={token}").status_code == 400
    assert client.get(f"{ITEMS}?limit=2&cursor={token}").status_code == 400
