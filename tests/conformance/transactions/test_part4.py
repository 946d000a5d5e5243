"""Features Part 4: create, replace, update and delete (20-002r1, draft)."""

import pytest

from store.crs import resolve
from tests.conformance import ITEMS
from tests.server.edits.conftest import Writing, feature

STANDARD = "http://www.opengis.net/spec/ogcapi-features-4/1.0"
ITEM = f"{ITEMS}/P003"
EARLY = "Wed, 01 Jan 2020 00:00:00 GMT"


def test_create_replace_delete_options_op_and_options_response(iut: Writing) -> None:
    """Every resource answers OPTIONS with 200 and Allow; items name POST, an item PUT, PATCH and DELETE."""
    for path in ("/", "/conformance", "/collections", "/collections/parcels", "/transactions"):
        answer = iut.request("OPTIONS", path)
        assert answer.status_code == 200
        assert answer.headers["allow"]
    assert "POST" in iut.request("OPTIONS", ITEMS).headers["allow"].split(", ")
    assert {"PUT", "PATCH", "DELETE"} <= set(iut.request("OPTIONS", ITEM).headers["allow"].split(", "))


@pytest.mark.parametrize("media", ["application/geo+json", "application/json", "application/vnd.ogc.fg+json"])
def test_create_replace_delete_post_op_and_post_response(iut: Writing, media: str) -> None:
    """POST of a feature: 201 and Location, where the new feature is."""
    made = iut.send("POST", ITEMS, feature(identifier="C1", name="新"), media)
    assert made.status_code == 201
    got = iut.get(made.headers["location"])
    assert got.status_code == 200
    assert got.json()["properties"]["name"] == "新"


def test_create_replace_delete_post_content_type_and_post_body(iut: Writing) -> None:
    """The body's media type is said and is what the body is."""
    assert iut.send("POST", ITEMS, feature("C1"), "image/png").status_code == 415
    assert iut.request("POST", ITEMS, content=b"{}", headers={"authorization": "Bearer " + "b" * 24}).status_code == 415
    assert iut.send("POST", ITEMS, b"<gml/>", "application/geo+json").status_code == 400


def test_create_replace_delete_post_response_rid(iut: Writing) -> None:
    """A new feature's id is unique in its collection, also among those that were deleted."""
    assert iut.send("POST", ITEMS, feature("P003")).status_code == 409
    assert iut.send("DELETE", ITEM).status_code == 204
    assert iut.send("POST", ITEMS, feature("P003")).status_code == 409


def test_create_replace_delete_put_op_and_put_response(iut: Writing) -> None:
    """PUT: 204, and the feature is what was sent."""
    assert iut.send("PUT", ITEM, feature(name="put", floors=2)).status_code == 204
    now = iut.get(ITEM).json()["properties"]
    assert (now["name"], now["floors"], now["area"]) == ("put", 2, None)


def test_create_replace_delete_put_content_type_and_put_body(iut: Writing) -> None:
    """As for POST."""
    assert iut.send("PUT", ITEM, feature(), "text/plain").status_code == 415
    assert iut.send("PUT", ITEM, b"[]").status_code == 400


def test_create_replace_delete_put_rid(iut: Writing) -> None:
    """An id in the body is ignored."""
    assert iut.send("PUT", ITEM, feature("P004", name="mine")).status_code == 204
    assert iut.get(ITEM).json()["properties"]["name"] == "mine"
    assert iut.get(f"{ITEMS}/P004").json()["properties"]["name"] != "mine"


def test_create_replace_delete_put_rid_exception(iut: Writing) -> None:
    """PUT of a feature that is not there, with If-Match: 412; without, it creates, as the collection says."""
    assert iut.send("PUT", f"{ITEMS}/N1", feature(), if_match="*").status_code == 412
    assert iut.get(f"{ITEMS}/N1").status_code == 404
    assert iut.send("PUT", f"{ITEMS}/N1", feature()).status_code == 201


def test_create_replace_delete_delete_op_and_delete_response(iut: Writing) -> None:
    """DELETE: 204, and then the feature is gone."""
    assert iut.send("DELETE", ITEM).status_code == 204
    assert iut.get(ITEM).status_code == 410
    assert iut.send("DELETE", f"{ITEMS}/never").status_code == 404


def test_update_update_patch_op_and_update_patch_response(iut: Writing) -> None:
    """PATCH: 204, and only what was sent is different."""
    before = iut.get(ITEM).json()
    assert iut.send("PATCH", ITEM, {"properties": {"name": "patched", "area": None}}).status_code == 204
    after = iut.get(ITEM).json()
    assert after["geometry"] == before["geometry"]
    changed = {name for name, value in after["properties"].items() if before["properties"][name] != value}
    assert changed == {"name", "area", "valid_from"}


def test_update_update_patch_body_and_methods(iut: Writing) -> None:
    """The body is a merge patch; OPTIONS names PATCH."""
    assert iut.send("PATCH", ITEM, {}, "application/geo+json").status_code == 415
    assert "PATCH" in iut.request("OPTIONS", ITEM).headers["allow"]


def test_update_rid(iut: Writing) -> None:
    """An id in the body is ignored."""
    assert iut.send("PATCH", ITEM, {"id": "P004", "properties": {"floors": 9}}).status_code == 204
    assert iut.get(ITEM).json()["properties"]["floors"] == 9


def test_features_collection_endpoint(iut: Writing) -> None:
    """Collections whose features PUT can create say so, in the list too."""
    assert iut.get("/collections/parcels").json()["supportsNonAutogeneratedResourceIds"] is True
    listed = {one["id"]: one for one in iut.get("/collections").json()["collections"]}
    assert listed["parcels"]["supportsNonAutogeneratedResourceIds"] is True


def test_features_resources_endpoint_and_resource_endpoint(iut: Writing) -> None:
    """Features are created at items and changed at the address of the item that a page names."""
    for one in iut.get(f"{ITEMS}?limit=3").json()["features"]:
        assert iut.send("PUT", f"{ITEMS}/{one['id']}", one).status_code == 204


def test_features_default_crs_and_content_crs_header_and_crs_other_crs(iut: Writing) -> None:
    """CRS84 unless Content-Crs names another system; one that is not known is refused."""
    body = feature("C1")
    assert iut.send("POST", ITEMS, body).status_code == 201
    ring = iut.get(f"{ITEMS}/C1").json()["geometry"]["coordinates"][0][0]
    assert sorted(map(tuple, ring)) == sorted(map(tuple, body["geometry"]["coordinates"][0]))
    body["geometry"]["coordinates"] = [[[y, x] for x, y in body["geometry"]["coordinates"][0]]]
    uri = resolve("EPSG:4490", plain=True).uri
    same = iut.send("PUT", f"{ITEMS}/C1", body, content_crs=f"<{uri}>")
    assert same.headers["etag"] == iut.get(f"{ITEMS}/C1").headers["etag"]
    assert iut.get(f"{ITEMS}/C1").json()["geometry"]["coordinates"][0][0] == ring
    unknown = "<http://www.opengis.net/def/crs/EPSG/0/32607>"
    assert iut.send("PUT", f"{ITEMS}/C1", body, content_crs=unknown).status_code == 400


def test_features_schema(iut: Writing) -> None:
    """What the schema forbids is refused; a property that it does not have too, since it says so."""
    schema = iut.get("/collections/parcels/schema").json()
    assert schema["additionalProperties"] is False
    assert iut.send("POST", ITEMS, feature("C1", strange=1)).status_code == 422
    for name in schema["required"]:
        assert iut.send("PATCH", ITEM, {"properties": {name: None}}).status_code == 422


def test_features_representation_geojson_replace(iut: Writing) -> None:
    """A schema that a replacement validates against."""
    answer = iut.get("/collections/parcels/schema?type=replace")
    assert answer.headers["content-type"].startswith("application/schema+json")
    assert answer.json()["properties"]["type"] == {"const": "Feature"}


def test_features_geojson_create_replace(iut: Writing) -> None:
    """The member `geometry` is the primary geometry; the id of a replacement is ignored."""
    body = feature("C1")
    assert iut.send("POST", ITEMS, body).status_code == 201
    assert iut.send("PUT", f"{ITEMS}/C1", feature("C2", 117.5)).status_code == 204
    assert iut.get(f"{ITEMS}/C1").json()["geometry"]["coordinates"][0][0][0][0] in (117.5, 117.51)


def test_features_update_json_merge_patch(iut: Writing) -> None:
    """RFC 7396 on the schema's properties: null unsets, a geometry is whole, the id is refused."""
    shape = feature(west=117.6)["geometry"]
    assert iut.send("PATCH", ITEM, {"geometry": shape, "properties": {"name": None}}).status_code == 204
    now = iut.get(ITEM).json()
    assert now["properties"]["name"] is None
    assert now["geometry"]["coordinates"][0][0][0][0] in (117.6, 117.61)
    assert iut.send("PATCH", ITEM, {"properties": {"identifier": "other"}}).status_code == 422


def test_optimistic_locking_etags_get_etag_response(iut: Writing) -> None:
    """GET, PUT and PATCH answer with the entity tag of the state that is there now."""
    for method, body in (("PUT", feature(name="e")), ("PATCH", {"properties": {"floors": 4}})):
        assert iut.send(method, ITEM, body).headers["etag"] == iut.get(ITEM).headers["etag"]


@pytest.mark.parametrize(("method", "body"), [("PUT", feature(name="e")), ("PATCH", {"properties": {"floors": 4}})])
def test_optimistic_locking_etags_ifmatch_put_eval(iut: Writing, method: str, body: dict[str, object]) -> None:
    """/req/optimistic-locking-etags/ifmatch-put-eval, ifmatch-patch-eval: RFC 9110, 13.1.1."""
    tag = iut.get(ITEM).headers["etag"]
    assert iut.send(method, ITEM, body, if_match='"0-other"').status_code == 412
    assert iut.send(method, ITEM, body, if_match=f'"0-other", {tag}').status_code == 204
    assert iut.send(method, ITEM, body, if_match=tag).status_code == 412
    assert iut.send(method, ITEM, body, if_match="*").status_code == 204


def test_optimistic_locking_timestamps_get_last_modified_response(iut: Writing) -> None:
    """GET, PUT and PATCH answer with the date of the last change."""
    for method, body in (("PUT", feature(name="t")), ("PATCH", {"properties": {"floors": 4}})):
        assert iut.send(method, ITEM, body).headers["last-modified"] == iut.get(ITEM).headers["last-modified"]


@pytest.mark.parametrize(("method", "body"), [("PUT", feature(name="t")), ("PATCH", {"properties": {"floors": 4}})])
def test_optimistic_locking_timestamps_ifunmodifiedsince(iut: Writing, method: str, body: dict[str, object]) -> None:
    """/req/optimistic-locking-timestamps/ifunmodifiedsince-put-eval, -patch-eval: RFC 9110, 13.1.4."""
    assert iut.send(method, ITEM, body, if_unmodified_since=EARLY).status_code == 412
    known = iut.get(ITEM).headers["last-modified"]
    assert iut.send(method, ITEM, body, if_unmodified_since=known).status_code == 204
