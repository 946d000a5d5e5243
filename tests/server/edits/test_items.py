"""Edits of single features: what is written, what is answered, what is refused; the same on both stores."""

from typing import Any

import numpy as np
import pytest

from store.crs import resolve
from tests.server.edits.conftest import ITEMS, Writing, feature


def test_a_feature_is_created_read_replaced_changed_and_deleted(client: Writing) -> None:
    made = client.send("POST", ITEMS, feature(identifier="N1", name="新地块"))
    assert made.status_code == 201, made.text
    place = made.headers["location"]
    assert place.endswith(f"{ITEMS}/N1")
    got = client.get(place)
    assert got.headers["etag"] == made.headers["etag"]
    assert got.headers["last-modified"] == made.headers["last-modified"]
    assert got.json()["properties"]["name"] == "新地块"
    assert got.json()["geometry"]["type"] == "MultiPolygon"
    put = client.send("PUT", place, feature(name="改名", area=12.5), if_match=got.headers["etag"])
    assert put.status_code == 204, put.text
    assert put.headers["etag"] == client.get(place).headers["etag"] != made.headers["etag"]
    patched = client.send("PATCH", place, {"properties": {"name": None, "floors": 3}}, if_match=put.headers["etag"])
    assert patched.status_code == 204, patched.text
    now = client.get(place).json()["properties"]
    assert (now["name"], now["floors"], now["area"], now["identifier"]) == (None, 3, 12.5, "N1")
    assert client.send("DELETE", place, if_match=put.headers["etag"]).status_code == 412
    assert client.send("DELETE", place, if_match=patched.headers["etag"]).status_code == 204
    assert client.get(place).status_code == 410
    assert client.send("PUT", place, feature()).status_code == 410
    assert client.send("DELETE", place).status_code == 410
    again = client.send("POST", ITEMS, feature(identifier="N1"))
    assert again.status_code == 409
    assert "never used again" in again.json()["detail"]


def test_what_was_read_and_is_put_back_makes_no_version(client: Writing) -> None:
    got = client.get(f"{ITEMS}/P003")
    put = client.send("PUT", f"{ITEMS}/P003", got.json(), if_match=got.headers["etag"])
    assert put.status_code == 204
    assert put.headers["etag"] == got.headers["etag"]
    assert client.get(f"{ITEMS}/P003").headers["last-modified"] == got.headers["last-modified"]


def test_a_drawn_or_given_id(client: Writing) -> None:
    given = client.send("POST", ITEMS, feature("G1"))
    assert given.headers["location"].endswith("/G1")
    assert client.get(given.headers["location"]).json()["properties"]["identifier"] == "G1"
    nameless = client.send("POST", ITEMS, feature())
    assert nameless.status_code == 422  # 18 characters are too few for a drawn one
    assert nameless.json()["faults"][0]["where"] == "identifier"
    odd = client.send("POST", ITEMS, feature("甲/乙?#1"))
    assert odd.headers["location"].endswith("/items/%E7%94%B2%2F%E4%B9%99%3F%231")
    assert client.get(odd.headers["location"]).json()["id"] == "甲/乙?#1"
    assert client.send("PUT", odd.headers["location"], feature(name="x")).status_code == 204
    assert client.send("DELETE", odd.headers["location"]).status_code == 204


def test_a_put_creates_what_never_was(client: Writing) -> None:
    made = client.send("PUT", f"{ITEMS}/NEW1", feature("another", name="put"))
    assert made.status_code == 201
    assert made.headers["location"].endswith("/NEW1")
    assert client.get(f"{ITEMS}/NEW1").json()["properties"]["identifier"] == "NEW1"
    for condition in ({"if_match": "*"}, {"if_match": '"1"'}, {"if_unmodified_since": "Wed, 01 Jan 2020 00:00:00 GMT"}):
        assert client.send("PUT", f"{ITEMS}/NEW2", feature(), **condition).status_code == 412
    assert client.send("PUT", f"{ITEMS}/NEW1", feature(), if_none_match="*").status_code == 412
    assert client.send("PUT", f"{ITEMS}/NEW3", feature(), if_none_match="*").status_code == 201
    assert client.send("PATCH", f"{ITEMS}/NEW4", {"properties": {"name": "x"}}).status_code == 404
    assert client.send("DELETE", f"{ITEMS}/NEW4").status_code == 404


def test_the_id_never_changes(client: Writing) -> None:
    for method in ("PUT", "PATCH"):
        answer = client.send(method, f"{ITEMS}/P003", feature(identifier="P999"))
        assert answer.status_code == 422
        assert answer.json()["faults"][0]["where"] == "identifier"
        assert client.send(method, f"{ITEMS}/P003", feature("P999", identifier="P003")).status_code == 204
    assert client.send("PATCH", f"{ITEMS}/P003", {"properties": {"identifier": None}}).status_code == 422


def test_every_property_that_is_wrong_is_named(client: Writing) -> None:
    wrong = feature(
        identifier="N" * 19, name=7, land_use_code="99", area=-1, floors=1.5, built="yes", approval_date="soon", nme="x"
    )
    wrong["geometry"]["coordinates"][0].pop()
    answer = client.send("POST", ITEMS, wrong)
    assert answer.status_code == 422
    told = {one["where"]: one for one in answer.json()["faults"]}
    assert set(told) == {*wrong["properties"], "geometry.coordinates[0]"}
    assert "did you mean 'name'?" in told["nme"]["remedy"]
    assert "not closed" in told["geometry.coordinates[0]"]["what"]
    missing = client.send("POST", ITEMS, feature("N1", land_use_code=None))
    assert [one["where"] for one in missing.json()["faults"]] == ["land_use_code"]
    unset = client.send("PATCH", f"{ITEMS}/P003", {"properties": {"land_use_code": None, "valid_from": "2030-01-01"}})
    assert {one["where"] for one in unset.json()["faults"]} == {"land_use_code", "valid_from"}


@pytest.mark.parametrize(
    ("coordinates", "kind", "said"),
    [
        ([[[116.9, 38.2], [117, 38.3], [117, 38.2], [116.9, 38.3], [116.9, 38.2]]], "Polygon", "invalid"),
        ([116.9, 38.2], "Point", "is a Point; the layer takes MultiPolygon"),
        ([[38.2, 116.9], [38.2, 117]], "LineString", "X and Y are swapped"),
        ([[[4e5, 4e6], [4e5, 5e6], [5e5, 5e6], [4e5, 4e6]]], "Polygon", "is in degrees"),
        ([[[116.9, "38"], [1, 2], [3, 4], [116.9, "38"]]], "Polygon", "is no position"),
        ([], "Polygon", "missing or empty"),
        ([[1, 2]], "Circle", "is no type of geometry"),
        ([], ["Polygon"], "is no type of geometry"),
        ([], {"Polygon": 1}, "is no type of geometry"),
    ],
)
def test_a_geometry_that_does_not_fit_is_refused(client: Writing, coordinates: Any, kind: Any, said: str) -> None:
    body = feature("N1") | {"geometry": {"type": kind, "coordinates": coordinates}}
    answer = client.send("POST", ITEMS, body)
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert fault["where"].startswith("geometry")
    assert said in fault["what"]
    assert client.send("POST", ITEMS, feature("N1") | {"geometry": None}).status_code == 422


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "body"),
        (b"{", "line 1, column 2"),
        (b'{"type": NaN}', "line 1, column 10"),
        (b"\xff", "body"),
        (b"[" * 5000, "line 1, column 1025"),
        (b"[]", "body"),
        (b'{"type":"FeatureCollection","features":[]}', "type"),
        (b'{"type":"Point","coordinates":[1,2]}', "type"),
        (b'{"type":"Feature","geometry":null}', "properties"),
        (b'{"type":"Feature","properties":{}}', "geometry"),
        (b'{"type":"Feature","geometry":null,"properties":[]}', "properties"),
        (b'{"type":"Feature","geometry":null,"properties":{},"crs":{}}', "crs"),
    ],
)
def test_what_is_no_feature_is_said_with_its_place(client: Writing, body: bytes, where: str) -> None:
    answer = client.send("POST", ITEMS, body)
    assert answer.status_code == 400
    assert answer.json()["faults"][0]["where"].startswith(where.partition(",")[0])


def test_other_bodies_are_not_taken(client: Writing) -> None:
    answer = client.send("POST", ITEMS, b"<a/>", "application/gml+xml")
    assert answer.status_code == 415
    assert "application/geo+json" in answer.headers["accept-post"]
    assert "text/cql2" in answer.headers["accept-post"]
    patch = client.send("PATCH", f"{ITEMS}/P003", b"{}", "application/json-patch+json")
    assert (patch.status_code, patch.headers["accept-patch"]) == (415, "application/merge-patch+json")
    packed = client.send("PUT", f"{ITEMS}/P003", feature(), content_encoding="gzip")
    assert packed.status_code == 415
    assert client.send("POST", ITEMS, b"land_use_code = '07'", "text/cql2").status_code == 200


@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:4548", "EPSG:4527", "EPSG:3857", "EPSG:4326"])
def test_coordinates_are_taken_in_the_system_of_content_crs(client: Writing, code: str) -> None:
    """What is read in a system and put back in it is the same feature."""
    system = resolve(code, plain=True)
    body = feature("C1")
    ring = np.array(body["geometry"]["coordinates"][0])
    body["geometry"]["coordinates"] = [system.forward(ring).tolist()]
    made = client.send("POST", ITEMS, body, content_crs=f"<{system.uri}>")
    assert made.status_code == 201, made.text
    got = client.get(f"{ITEMS}/C1").json()["geometry"]["coordinates"][0][0]
    np.testing.assert_array_equal(got, ring)
    asked = client.get(f"{ITEMS}/C1?crs={system.uri}")
    assert asked.headers["content-crs"] == f"<{system.uri}>"
    same = client.send("PUT", f"{ITEMS}/C1", asked.json(), content_crs=system.uri)  # without brackets, as QGIS
    assert (same.status_code, same.headers["etag"]) == (204, made.headers["etag"])
    if system.swap:
        swapped = client.send("PUT", f"{ITEMS}/C1", client.get(f"{ITEMS}/C1").json(), content_crs=system.uri)
        assert swapped.status_code == 422
    assert client.send("POST", ITEMS, body, content_crs="<EPSG:32650>").status_code == 400


def test_json_fg_says_its_system_itself(client: Writing) -> None:
    system = resolve("EPSG:4547", plain=True)
    body = feature("F1")
    place = {"type": "Polygon", "coordinates": [system.forward(np.array(body["geometry"]["coordinates"][0])).tolist()]}
    body |= {"geometry": None, "place": place, "coordRefSys": system.uri}
    assert client.send("POST", ITEMS, body, "application/vnd.ogc.fg+json").status_code == 201
    got = client.get(f"{ITEMS}/F1").json()["geometry"]["coordinates"][0][0]
    assert got[0] == [116.9, 38.2]
    body["coordRefSys"] = "http://www.opengis.net/def/crs/EPSG/0/32650"
    assert client.send("PUT", f"{ITEMS}/F1", body).status_code == 400


def test_an_edit_holds_from_the_day_that_its_header_says(client: Writing) -> None:
    place = f"{ITEMS}/P003"
    before = client.get(place)
    later = client.send("PATCH", place, {"properties": {"name": "将来"}}, OGC_Mutation_Datetime="2090-01-01")
    assert later.status_code == 204
    now = client.get(place)
    assert now.json()["properties"]["name"] == before.json()["properties"]["name"]
    assert now.json()["properties"]["valid_to"] == "2090-01-01"
    assert later.headers["etag"] == now.headers["etag"] != before.headers["etag"]
    assert client.get(f"{place}?datetime=2091-01-01").json()["properties"]["name"] == "将来"
    past = client.send("PUT", place, feature(name="过去"), OGC_Mutation_Datetime="2015-06-30T18:00:00Z")
    assert past.status_code == 204
    assert client.get(f"{place}?datetime=2015-07-01").json()["properties"]["name"] == "过去"  # a day later in China
    ended = client.send("DELETE", place, OGC_Mutation_Datetime="2080-01-01")
    assert ended.status_code == 204
    assert client.get(place).json()["properties"]["valid_to"] == "2080-01-01"
    for wrong in ("soon", "2020-01-01/2021-01-01", ""):
        assert client.send("DELETE", place, OGC_Mutation_Datetime=wrong).status_code == 400
    version = client.send("DELETE", f"{place}?datetime=2015-07-01")
    assert (version.status_code, version.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert client.send("DELETE", f"{place}?nonsense=1").status_code == 400


def test_an_answer_tells_the_state_where_that_is_preferred(client: Writing) -> None:
    made = client.send("POST", ITEMS, feature("A1"), prefer="return=representation")
    assert made.status_code == 201
    got = client.get(made.headers["location"])
    assert made.headers["content-location"] == made.headers["location"]
    assert (made.content, made.headers["etag"]) == (got.content, got.headers["etag"])
    put = client.send("PUT", f"{ITEMS}/A1", feature(name="b"), prefer="return=representation")
    assert put.status_code == 200
    assert put.json()["properties"]["name"] == "b"
    quiet = client.send("PUT", f"{ITEMS}/A1", feature(name="c"), prefer="return=minimal")
    assert (quiet.status_code, quiet.headers["preference-applied"]) == (204, "return=minimal")


def test_what_is_written_is_seen_at_once(client: Writing) -> None:
    """Counts and extents of collections are kept for a second; a write of this process ends that."""
    for west in (118.0, 119.0, 120.0):
        before = client.get("/collections/parcels").json()
        page = client.get(ITEMS)
        made = client.send("POST", ITEMS, feature(f"W{west:.0f}", west))
        assert made.status_code == 201
        after = client.get("/collections/parcels").json()
        assert after["itemCount"] == before["itemCount"] + 1
        assert after["extent"]["spatial"]["bbox"][0][2] >= west
        assert client.get(ITEMS, headers={"if-none-match": page.headers["etag"]}).status_code == 200
        listed = next(one for one in client.get("/collections").json()["collections"] if one["id"] == "parcels")
        assert listed["itemCount"] == after["itemCount"]


def test_a_table_has_no_geometry(client: Writing) -> None:
    rows = "/collections/statistics/items"
    body = feature("S1") | {"geometry": None}
    assert client.send("POST", rows, body).status_code == 201
    refused = client.send("POST", rows, feature("S2"))
    assert refused.json()["faults"][0]["where"] == "geometry"


@pytest.mark.parametrize("member", ["name", "links", "valid_from"])
def test_a_patch_names_members_that_can_be_changed(client: Writing, member: str) -> None:
    answer = client.send("PATCH", f"{ITEMS}/P003", {member: "x"})
    assert answer.status_code == 400
    assert answer.json()["faults"][0]["where"] == member


def test_very_many_wrong_properties_are_counted(client: Writing) -> None:
    answer = client.send("PATCH", f"{ITEMS}/P003", {"properties": {f"n{n}": n for n in range(5000)}})
    assert answer.status_code == 422
    assert len(answer.json()["faults"]) == 21
    assert answer.json()["faults"][-1]["what"] == "4980 more that the collection does not have"


def test_a_wrong_type_is_said_in_chinese(client: Writing) -> None:
    answer = client.send("PATCH", f"{ITEMS}/P003", {"properties": {"floors": "x"}}, accept_language="zh")
    assert answer.json()["faults"][0]["what"] == "floors 的值 x 不是整数"


def test_a_put_without_media_type_is_a_feature(client: Writing) -> None:
    """OWSLib sends it so."""
    body = client.get(f"{ITEMS}/P003").content
    assert client.send("PUT", f"{ITEMS}/P003", body.decode(), content_type="").status_code == 204
