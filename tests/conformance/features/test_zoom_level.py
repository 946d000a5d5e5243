"""OGC API - Features - Part 7: Geometry Simplification (24-020, draft): the parameter `zoom-level`."""

from tests.conformance import ITEMS
from tests.server.client import Client

STANDARD = "http://www.opengis.net/spec/ogcapi-features-7/1.0"


def test_zoom_level_parameter(iut: Client, api: dict) -> None:
    """/req/zoom-level/parameter: a number of at least 0, decimals too."""
    parameter = api["components"]["parameters"]["zoom-level"]
    assert (parameter["in"], parameter["style"], parameter["explode"]) == ("query", "form", False)
    assert parameter["schema"] == {"type": "number", "minimum": 0}
    for level in ("0", "7", "9.5", "24", "1e2", "1000"):
        assert iut.get(f"{ITEMS}?zoom-level={level}").status_code == 200
    for level in ("-1", "x", "", "1e999", "NaN", "1,5", "inf"):
        refusal = iut.get(f"{ITEMS}?zoom-level={level}")
        assert (refusal.status_code, refusal.json()["parameter"]) == (400, "zoom-level")


def test_zoom_level_response(each_iut: Client) -> None:
    """/req/zoom-level/response: fit for a map of the level, in types that the schema allows; nothing else changes."""
    whole = each_iut.get(f"{ITEMS}?limit=5").json()["features"]
    coarse = each_iut.get(f"{ITEMS}?limit=5&zoom-level=3").json()["features"]
    fine = each_iut.get(f"{ITEMS}?limit=5&zoom-level=24").json()["features"]
    assert [one["properties"] for one in coarse] == [one["properties"] for one in whole]
    assert {one["geometry"]["type"] for one in coarse} == {"MultiPolygon"}
    for before, after in zip(whole, coarse, strict=True):
        (ring,), (simple,) = before["geometry"]["coordinates"][0], after["geometry"]["coordinates"][0]
        assert 4 <= len(simple) <= len(ring)
        assert all(point in ring for point in simple)
    rings = [[set(map(tuple, one["geometry"]["coordinates"][0][0])) for one in given] for given in (whole, fine)]
    assert rings[0] == rings[1]


def test_zoom_level_features_request(each_iut: Client) -> None:
    """/req/zoom-level-features/request: on items and on a single feature, in another system too; validators differ."""
    crs = "crs=http://www.opengis.net/def/crs/EPSG/0/4490"
    for path in (ITEMS, f"{ITEMS}/P003"):
        plain, simple, swapped = (each_iut.get(f"{path}?{one}") for one in ("", "zoom-level=2", f"zoom-level=2&{crs}"))
        assert plain.status_code == simple.status_code == swapped.status_code == 200
        assert plain.headers["etag"] != simple.headers["etag"]
        one, other = (answer.json().get("features", [answer.json()])[0]["geometry"] for answer in (simple, swapped))
        assert one["type"] == other["type"] == "MultiPolygon"
        ring, turned = one["coordinates"][0][0], other["coordinates"][0][0]
        assert turned == [[y, x] for x, y in ring]
    links = each_iut.get(f"{ITEMS}?zoom-level=2&limit=2").json()["links"]
    assert "zoom-level=2" in next(one["href"] for one in links if one["rel"] == "next")
