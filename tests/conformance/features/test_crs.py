"""Features Part 2 (18-058r1): conformance class `crs`."""

from typing import Any

import pytest
from pyproj import Transformer

from tests.conformance import ITEMS
from tests.server.client import Client

STANDARD = "http://www.opengis.net/spec/ogcapi-features-2/1.0"

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
UNSUPPORTED = "http://www.opengis.net/def/crs/0/unsupported"


def ring(iut: Client, query: str = "") -> list[list[float]]:
    feature = iut.get(f"{ITEMS}/P003{query}").json()
    found: list[list[float]] = feature["geometry"]["coordinates"][0][0]
    return found


def offered(iut: Client) -> list[str]:
    listed: list[str] = iut.get("/collections/parcels").json()["crs"]
    return listed


def test_crs_crs_uri(collections: list[dict[str, Any]]) -> None:
    """/conf/crs/crs-uri: systems are named by URIs."""
    for one in collections:
        assert all(uri.startswith("http://www.opengis.net/def/crs/") for uri in one["crs"])


def test_crs_fc_md_crs_list(collections: list[dict[str, Any]]) -> None:
    """/conf/crs/fc-md-crs-list, fc-md-crs-list-global: each collection lists its systems, the default among them."""
    for one in collections:
        assert one["crs"][0] == CRS84
        assert len(one["crs"]) == len(set(one["crs"])) <= 20
    assert {f"{EPSG}{code}" for code in (4326, 4490, 3857, 4548, 4527)} <= set(collections[0]["crs"])


def test_crs_fc_md_storage_crs(collections: list[dict[str, Any]]) -> None:
    """/conf/crs/fc-md-storageCrs, fc-md-storageCrs-valid-value."""
    for one in collections:
        if "storageCrs" in one:
            assert one["storageCrs"] == f"{EPSG}4490"
            assert one["storageCrs"] in one["crs"]


def test_crs_fc_crs_definition_and_bbox_crs_definition(iut: Client, api: dict[str, Any]) -> None:
    """/conf/crs/fc-crs-definition, fc-bbox-crs-definition."""
    for name in ("crs", "bbox-crs"):
        found = api["components"]["parameters"][name]
        assert (found["in"], found["required"], found["style"], found["explode"]) == ("query", False, "form", False)
        assert (found["schema"]["type"], found["schema"]["format"]) == ("string", "uri")


@pytest.mark.parametrize("path", [f"{ITEMS}?crs=", f"{ITEMS}/P003?crs=", f"{ITEMS}?bbox=1,2,3,4&bbox-crs="])
def test_crs_fc_crs_valid_value(iut: Client, path: str) -> None:
    """/conf/crs/fc-crs-valid-value, fc-bbox-crs-valid-value, crs-exception, bbox-crs-exception."""
    assert iut.get(path + UNSUPPORTED).status_code == 400
    assert iut.get(f"{path}{EPSG}4513").status_code == 400  # computed here, but not listed by this collection
    for uri in offered(iut):
        assert iut.get(path + uri).status_code == 200


def test_crs_fc_crs_default_value(iut: Client) -> None:
    """/conf/crs/fc-crs-default-value: without the parameter as with CRS84."""
    assert ring(iut) == ring(iut, f"?crs={CRS84}")


def test_crs_fc_bbox_crs_default_value(iut: Client) -> None:
    """/conf/crs/fc-bbox-crs-default-value."""
    box = "bbox=116.831,38.301,116.839,38.309"
    plain = iut.get(f"{ITEMS}?{box}").json()["features"]
    assert [one["id"] for one in plain] == ["P003"]
    assert iut.get(f"{ITEMS}?{box}&bbox-crs={CRS84}").json()["features"] == plain


def expected(code: str, point: list[float]) -> tuple[float, float]:
    """A stored point in a system, axes in its authority's order, by PROJ alone."""
    if code == "CRS84":
        return point[0], point[1]
    moved = Transformer.from_crs("EPSG:4490", f"EPSG:{code}").transform(point[1], point[0])
    return float(moved[0]), float(moved[1])


def test_crs_fc_crs_action_and_geojson(iut: Client) -> None:
    """/conf/crs/fc-crs-action, geojson: coordinates in the asked system, in the axis order of its authority."""
    plain = ring(iut)
    for uri in offered(iut):
        code = uri.rpartition("/")[2]
        for found, point in zip(ring(iut, f"?crs={uri}"), plain, strict=True):
            assert found == pytest.approx(expected(code, point), abs=1e-6)
        page = iut.get(f"{ITEMS}?limit=1&crs={uri}").json()["features"][0]
        assert page["geometry"]["coordinates"][0][0][0] == pytest.approx(
            expected(code, iut.get(f"{ITEMS}?limit=1").json()["features"][0]["geometry"]["coordinates"][0][0][0]),
            abs=1e-6,
        )


def test_crs_known_coordinates(iut: Client) -> None:
    """Gauss-Krueger is north, east: the false easting of zone 39 leads the second number alone."""
    north, east = ring(iut, f"?crs={EPSG}4527")[0]
    assert 4_200_000 < north < 4_300_000
    assert 39_400_000 < east < 39_600_000
    latitude, longitude = ring(iut, f"?crs={EPSG}4490")[0]
    assert (int(latitude), int(longitude)) == (38, 116)


def test_crs_fc_bbox_crs_action(iut: Client) -> None:
    """/conf/crs/fc-bbox-crs-action: a box given in any listed system, with answers in any other, picks the same."""
    corners = ([116.832, 38.302], [116.838, 38.308])
    for uri in offered(iut):
        low, high = (expected(uri.rpartition("/")[2], corner) for corner in corners)
        box = ",".join(str(one) for one in (*low, *high))
        for answer_crs in (CRS84, f"{EPSG}4490"):
            found = iut.get(f"{ITEMS}?bbox={box}&bbox-crs={uri}&crs={answer_crs}")
            assert [one["id"] for one in found.json()["features"]] == ["P003"], uri


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/P003"])
def test_crs_ogc_crs_header(iut: Client, path: str) -> None:
    """/conf/crs/ogc-crs-header, ogc-crs-header-value: Content-Crs in angle brackets, also by default."""
    assert iut.get(path).headers["content-crs"] == f"<{CRS84}>"
    for uri in offered(iut):
        assert iut.get(f"{path}?crs={uri}").headers["content-crs"] == f"<{uri}>"
        assert iut.get(f"{path}?crs={uri}&f=html").headers["content-crs"] == f"<{uri}>"
