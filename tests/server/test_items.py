"""Pages of features: conditions, order, paging, counts, systems, headers."""

from urllib.parse import quote

import httpx
import pytest

from server.node import Node
from tests.server import tiny
from tests.server.client import BASE, Client

ITEMS = "/collections/parcels/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["features"]]


def follow(client: Client, url: str) -> list[str]:
    """Ids of all pages, by next links."""
    found: list[str] = []
    while url:
        answer = client.get(url)
        found += ids(answer)
        url = next((one["href"] for one in answer.json()["links"] if one["rel"] == "next"), "")
    return found


def test_a_page_says_what_it_is(each_client: Client) -> None:
    answer = each_client.get(ITEMS)
    page = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    assert page["type"] == "FeatureCollection"
    assert page["numberReturned"] == len(page["features"]) == 10
    assert page["numberMatched"] == tiny.VALID_NOW
    assert page["timeStamp"].endswith("Z")
    assert {one["rel"] for one in page["links"]} == {
        "self", "alternate", "next", "collection", "http://www.opengis.net/def/rel/ogc/1.0/queryables",
    }  # fmt: skip
    assert all(one["href"].startswith(BASE) and one["type"] for one in page["links"])
    assert 'rel="next"' in answer.headers["link"]


@pytest.mark.parametrize("limit", [1, 7, 10, 22, 23, 24])
@pytest.mark.parametrize("sort", ["", "&sortby=name", "&sortby=-area,%2Bname", "&sortby=built,-floors"])
def test_next_links_give_every_feature_once(each_client: Client, limit: int, sort: str) -> None:
    found = follow(each_client, f"{ITEMS}?limit={limit}{sort}")
    assert len(found) == len(set(found)) == tiny.VALID_NOW


def test_next_links_never_use_an_offset(each_client: Client) -> None:
    page = each_client.get(f"{ITEMS}?limit=3&offset=4").json()
    following = next(one["href"] for one in page["links"] if one["rel"] == "next")
    assert "offset" not in following
    assert ids(each_client.get(following)) == [f"P{n:03d}" for n in range(8, 11)]


def test_the_last_page_has_no_next_link(each_client: Client) -> None:
    page = each_client.get(f"{ITEMS}?limit=23").json()
    assert not [one for one in page["links"] if one["rel"] == "next"]


def test_an_offset_beyond_the_end_is_an_empty_page(each_client: Client) -> None:
    page = each_client.get(f"{ITEMS}?offset=1000").json()
    assert page["features"] == []
    assert page["numberMatched"] == tiny.VALID_NOW


def test_small_layers_are_counted_unasked(each_client: Client) -> None:
    assert each_client.get(f"{ITEMS}?limit=2&land_use_code=07").json()["numberMatched"] == 8
    assert "numberMatched" not in each_client.get(f"{ITEMS}?limit=2&land_use_code=07&numberMatched=false").json()


def test_counts_cost_nothing_unless_asked(each_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.features.items.CHEAP", 10)
    assert "numberMatched" not in each_client.get(f"{ITEMS}?limit=2&land_use_code=07").json()
    assert each_client.get(f"{ITEMS}?limit=2&land_use_code=07&numberMatched=true").json()["numberMatched"] == 8
    assert each_client.get(f"{ITEMS}?limit=20&land_use_code=07").json()["numberMatched"] == 8
    assert "numberMatched" not in each_client.get(f"{ITEMS}?numberMatched=false").json()


def test_of_a_repeated_parameter_the_last_counts(each_client: Client) -> None:
    assert len(ids(each_client.get(f"{ITEMS}?limit=abc&limit=5&limit=3"))) == 3


@pytest.mark.parametrize("name", ["居住一", "居住二", "工业园", "a&b=c", "50%", "公园 东"])
def test_a_property_picks_features_by_its_value(each_client: Client, name: str) -> None:
    answer = each_client.get(f"{ITEMS}?limit=100&name={quote(name, safe='')}")
    values = {one["properties"]["name"] for one in answer.json()["features"]}
    assert values == {name}
    again = next(one["href"] for one in answer.json()["links"] if one["rel"] == "self")
    assert ids(each_client.get(again)) == ids(answer)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("floors=3", 6),
        ("floors=%2B3", 6),
        ("area=1001.5", 1),
        ("area=1.0015e3", 1),
        ("built=true", 11),
        ("built=false", 12),
        ("approval_date=2016-01-05", 1),
        ("name=nobody", 0),
        ("name=", 0),
        ("floors=3&built=false", 6),
        ("floors=3&built=true", 0),
    ],
)
def test_properties_are_compared_in_their_type(each_client: Client, query: str, expected: int) -> None:
    assert len(ids(each_client.get(f"{ITEMS}?limit=100&{query}"))) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("bbox=116.821,38.301,116.829,38.309", ["P002"]),
        ("bbox=116.821,38.301,0,116.829,38.309,100", ["P002"]),
        (f"bbox=38.301,116.821,38.309,116.829&bbox-crs={EPSG}4490", ["P002"]),
        (f"bbox=38.301,116.821,38.309,116.829&bbox-crs={EPSG}4326", ["P002"]),
        (f"bbox=38.301,116.821,38.309,116.829&bbox-crs=[EPSG:4490]&crs={EPSG}3857", ["P002"]),
        ("bbox=170,0,116.815,90", ["P001"]),  # across 180 degrees
        ("bbox=0,0,1,1", []),
    ],
)
def test_a_box_picks_what_it_meets(each_client: Client, query: str, expected: list[str]) -> None:
    assert ids(each_client.get(f"{ITEMS}?{query}")) == expected


def test_a_box_in_gauss_krueger_is_north_east(each_client: Client) -> None:
    """CGCS2000 / 3-degree CM 117E is EPSG:4548: X north, Y east; P002 lies near 4240900 N, 484400 E."""
    from pyproj import Transformer

    north, east = Transformer.from_crs("EPSG:4490", "EPSG:4548").transform(38.305, 116.825)
    box = f"{north - 10},{east - 10},{north + 10},{east + 10}"
    assert ids(each_client.get(f"{ITEMS}?bbox={box}&bbox-crs={EPSG}4548")) == ["P002"]


@pytest.mark.parametrize(
    ("when", "first", "count"),
    [
        ("2018-06-01", "P000", 24),
        ("2020-01-01", "P001", 23),
        ("2019-12-31", "P000", 24),
        ("2019-12-31T15:59:59Z", "P000", 24),  # still the last day of 2019 in the node's time zone
        ("2019-12-31T16:00:00Z", "P001", 23),
        ("2019-12-31t16:00:00.5z", "P001", 23),
        ("2016-12-31T23:59:60Z", "P000", 24),
        ("2015-01-01", "", 0),
        ("2031-01-01", "P001", 24),
        ("2018-01-01/2031-01-01", "P000", 25),
        ("2018-01-01/..", "P000", 25),
        ("2018-01-01/", "P000", 25),
        ("../2015-01-01", "", 0),
        ("/2016-01-01", "P000", 24),
        ("../..", "P000", 25),
    ],
)
def test_datetime_picks_states(each_client: Client, when: str, first: str, count: int) -> None:
    found = ids(each_client.get(f"{ITEMS}?limit=100&datetime={when}"))
    assert len(found) == count
    assert found[:1] == ([first] if first else [])


def test_sorting_puts_null_last_ascending_and_first_descending(each_client: Client) -> None:
    ascending = each_client.get(f"{ITEMS}?limit=100&sortby=area").json()["features"]
    descending = each_client.get(f"{ITEMS}?limit=100&sortby=-area").json()["features"]
    assert [one["properties"]["area"] for one in ascending][-4:] == [None] * 4
    assert [one["properties"]["area"] for one in descending][:4] == [None] * 4
    areas = [one["properties"]["area"] for one in ascending][:-4]
    assert areas == sorted(areas)


def test_a_plus_that_was_not_encoded_still_sorts(each_client: Client) -> None:
    assert ids(each_client.get(f"{ITEMS}?sortby=+name")) == ids(each_client.get(f"{ITEMS}?sortby=%2Bname"))


def test_properties_and_geometry_can_be_left_out(each_client: Client) -> None:
    one = each_client.get(f"{ITEMS}?limit=1&properties=area,name,valid_from").json()["features"][0]
    assert set(one["properties"]) == {"area", "name", "valid_from"}
    assert one["geometry"]
    assert each_client.get(f"{ITEMS}?limit=1&skipGeometry=true").json()["features"][0]["geometry"] is None


@pytest.mark.parametrize("code", ["4490", "4326"])
def test_another_system_is_answered_in_its_authoritys_axis_order(each_client: Client, code: str) -> None:
    answer = each_client.get(f"{ITEMS}?limit=1&crs={EPSG}{code}")
    assert answer.headers["content-crs"] == f"<{EPSG}{code}>"
    moved = answer.json()["features"][0]["geometry"]["coordinates"][0][0]
    plain = each_client.get(f"{ITEMS}?limit=1").json()["features"][0]["geometry"]["coordinates"][0][0]
    assert moved == [[latitude, longitude] for longitude, latitude in plain]


def test_every_listed_system_is_answered(each_client: Client) -> None:
    listed = each_client.get("/collections/parcels").json()["crs"]
    assert listed[0].endswith("CRS84")
    assert len(listed) <= 20
    for uri in listed:
        assert each_client.get(f"{ITEMS}?limit=1&crs={uri}").headers["content-crs"] == f"<{uri}>"
        assert each_client.get(f"{ITEMS}?bbox=1,1,2,2&bbox-crs={uri}").status_code == 200


def test_a_table_has_features_without_geometry(each_client: Client) -> None:
    answer = each_client.get("/collections/statistics/items?limit=1")
    assert answer.json()["features"][0]["geometry"] is None


def test_an_empty_layer_is_an_empty_page(each_client: Client) -> None:
    page = each_client.get("/collections/empty/items").json()
    assert page["features"] == []
    assert page["numberMatched"] == page["numberReturned"] == 0


def test_head_is_get_without_a_body(each_client: Client) -> None:
    for path in (ITEMS, f"{ITEMS}/P003", "/collections", "/"):
        full, head = each_client.get(path), each_client.request("HEAD", path)
        assert head.status_code == 200
        assert head.content == b""
        assert head.headers["content-length"] == full.headers["content-length"]
        assert head.headers["etag"] == full.headers["etag"]


def test_options_tells_the_methods(each_client: Client) -> None:
    for path in ("/", "/collections", ITEMS, f"{ITEMS}/P003", "/collections/parcels/schema"):
        answer = each_client.request("OPTIONS", path)
        assert answer.status_code == 200
        # POST on items takes queries too, but QGIS reads it as "features can be added": see `tests.server.edits`.
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert each_client.request("OPTIONS", "/nothing").status_code == 404


def test_a_trailing_slash_changes_nothing(each_client: Client) -> None:
    for path in ("/collections", "/conformance", ITEMS, f"{ITEMS}/P003"):
        plain, slashed = each_client.get(path), each_client.get(f"{path}/")
        assert slashed.status_code == 200
        assert slashed.json().get("links") == plain.json().get("links")
        assert slashed.headers["etag"] == plain.headers["etag"]


def test_a_long_page_is_streamed_whole(client: Client, node: Node) -> None:
    rows = node.store.rows["parcels"]  # type: ignore[attr-defined]
    for row in rows:
        row["properties"]["name"] = "长" * 30_000
    answer = client.get(f"{ITEMS}?limit=100")
    assert len(answer.content) > 2_000_000
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert len(answer.json()["features"]) == tiny.VALID_NOW
    for coding in ("br", "gzip"):
        coded = client.get(f"{ITEMS}?limit=100", headers={"accept-encoding": coding})
        assert coded.headers["content-encoding"] == coding
        assert coded.json()["features"] == answer.json()["features"]


def test_many_requests_at_once(each_client: Client) -> None:
    urls = [f"{ITEMS}?limit=1&offset={n % 20}" for n in range(100)]
    for place, answer in enumerate(each_client.gather(*urls)):
        assert ids(answer) == [f"P{place % 20 + 1:03d}"]
