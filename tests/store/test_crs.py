"""Coordinate reference systems: names, axis order, check values, boxes."""

import math
import threading

import numpy as np
import pyproj
import pytest
import shapely

from config.errors import ParameterError
from store import crs
from store.criteria import CRS84, Box

WUHAN = np.array([[114.3, 30.6]])


@pytest.mark.parametrize(
    ("code", "north", "east"), [("4547", 3386666.2506, 528770.2373), ("4526", 3386666.2506, 38528770.2373)]
)
def test_gauss_krueger_is_north_then_east(code: str, north: float, east: float) -> None:
    assert crs.KNOWN[code].forward(WUHAN)[0] == pytest.approx([north, east], abs=5e-5)
    assert crs.KNOWN[code].inverse(np.array([[north, east]]))[0] == pytest.approx([114.3, 30.6], abs=1e-9)


@pytest.mark.parametrize("code", [code for code in crs.KNOWN if code != "CRS84"])
def test_every_system_agrees_with_what_pyproj_says_of_its_authority(code: str) -> None:
    authority = pyproj.CRS.from_epsg(int(code))
    known = crs.KNOWN[code]
    assert known.swap == (authority.axis_info[0].direction == "north")
    assert known.projected == authority.is_projected
    if known.meridian is not None:
        operation = authority.coordinate_operation
        assert operation is not None
        parameters = {one.name: one.value for one in operation.params}
        assert parameters["Longitude of natural origin"] == known.meridian
        assert parameters["False easting"] == known.false_easting


@pytest.mark.parametrize("code", ["4326", "4490"])
def test_geographic_systems_pass_coordinates_on_to_the_last_bit(code: str) -> None:
    point = np.array([[114.123456789, 30.987654321]])
    assert crs.KNOWN[code].forward(point).tolist() == [[30.987654321, 114.123456789]]


@pytest.mark.parametrize(
    "text",
    [
        "http://www.opengis.net/def/crs/EPSG/0/4490",
        "https://www.opengis.net/def/crs/EPSG/0/4490",
        "http://www.opengis.net/def/crs/EPSG/9.9.1/4490",
        "urn:ogc:def:crs:EPSG::4490",
        "urn:ogc:def:crs:EPSG:9.9.1:4490",
        "[EPSG:4490]",
    ],
)
def test_a_system_has_several_names(text: str) -> None:
    assert crs.resolve(text).uri == crs.STORAGE_CRS


@pytest.mark.parametrize("text", [CRS84, "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "[OGC:CRS84]"])
def test_crs84_has_several_names(text: str) -> None:
    assert crs.resolve(text).uri == CRS84


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:4490",
        "4490",
        "",
        "http://www.opengis.net/def/crs/EPSG/0/4610",
        "http://www.opengis.net/def/crs/EPSG/0/CRS84",
        "http://www.opengis.net/def/crs/OGC/1.3/4490",
        "http://www.opengis.net/def/crs/EPSG/0/4490 ",
        "http://www.opengis.net/def/crs/EPSG/0/" + "4" * 300,
    ],
)
def test_other_names_are_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        crs.resolve(text, "bbox-crs")
    assert refusal.value.parameter == "bbox-crs"
    assert CRS84 in refusal.value.remedy


def test_a_plain_name_is_taken_where_it_is_asked_for() -> None:
    assert crs.resolve("EPSG:4490", plain=True).code == "4490"


def test_a_layer_offers_the_zones_that_it_touches() -> None:
    hebei = crs.layer_crs(Box(113.4, 36.0, 119.9, 42.7))
    codes = [uri.rsplit("/", 1)[1] for uri in hebei]
    assert hebei[0] == CRS84
    assert codes[1:4] == ["4326", "4490", "3857"]
    assert set(codes[4:]) == {"4497", "4498", "4508", "4509", *map(str, (4526, 4527, 4528, 4547, 4548, 4549))}


def test_a_layer_never_offers_more_than_twenty() -> None:
    nation = crs.layer_crs(Box(73.5, 3.8, 135.1, 53.6))
    assert len(nation) == len(set(nation)) == crs.MOST


@pytest.mark.parametrize("extent", [None, Box(-71.2, 42.3, -71.0, 42.4), Box(100, -30, 101, -29), Box(170, 0, -170, 1)])
def test_elsewhere_a_layer_offers_the_four(extent: Box | None) -> None:
    assert len(crs.layer_crs(extent)) == 4


def test_a_box_is_read_in_the_order_of_its_authority() -> None:
    assert crs.to_box([114, 30, 115, 31], crs.KNOWN["CRS84"]) == Box(114, 30, 115, 31)
    assert crs.to_box([30, 114, 31, 115], crs.KNOWN["4490"]) == Box(114, 30, 115, 31)
    assert crs.to_box([30, 114, -5, 31, 115, 5], crs.KNOWN["4490"]) == Box(114, 30, 115, 31)
    mercator = crs.to_box([12690421.950, 3503549.844, 12801741.441, 3632749.143], crs.KNOWN["3857"])
    assert mercator is not None
    assert (mercator.west, mercator.south, mercator.east, mercator.north) == pytest.approx((114, 30, 115, 31), abs=1e-6)


def test_a_box_may_cross_the_antimeridian() -> None:
    assert crs.to_box([179, 10, -179, 11], crs.KNOWN["CRS84"]) == Box(179, 10, -179, 11)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([200, 10, 210, 20], "CRS84"),
        ([10, 91, 20, 95], "CRS84"),
        ([math.nan, 0, 1, 1], "CRS84"),
        ([0, 0, math.inf, 1], "4490"),
        ([528000, 3386000, 529000, 3387000], "4547"),  # axes exchanged: 29 degrees east of the meridian
        ([3386000, 528000, 3387000, 529000], "4526"),  # without the zone prefix
        ([3e7, 0, 4e7, 1], "3857"),
    ],
)
def test_a_box_outside_the_domain_holds_nothing(values: list[float], code: str) -> None:
    assert crs.to_box(values, crs.KNOWN[code]) is None


def test_a_box_that_reaches_beyond_the_domain_is_cut() -> None:
    assert crs.to_box([-500, -100, 500, 100], crs.KNOWN["CRS84"]) == Box(-180, -90, 180, 90)
    assert crs.to_box([-1e9, -1e9, 1e9, 1e9], crs.KNOWN["3857"]) is not None


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([0, 1, 1, 0], "CRS84"),
        ([31, 114, 30, 115], "4490"),
        ([3387000, 528000, 3386000, 529000], "4547"),
        ([3386000, 529000, 3387000, 528000], "4547"),
        ([1, 0, 0, 1], "3857"),
        ([0, 0, 1], "CRS84"),
        ([0, 0, 1, 1, 2], "CRS84"),
    ],
)
def test_a_box_the_wrong_way_round_is_refused(values: list[float], code: str) -> None:
    with pytest.raises(ParameterError):
        crs.to_box(values, crs.KNOWN[code])


def test_a_gauss_krueger_box_keeps_its_curved_edges() -> None:
    zone = crs.KNOWN["4547"]
    box = crs.to_box([3.3e6, 4.5e5, 3.5e6, 6.5e5], zone)
    assert box is not None and box.shape is not None
    region = shapely.from_wkb(box.shape)
    assert region.bounds == pytest.approx((box.west, box.south, box.east, box.north), abs=1e-12)
    # Points a metre inside and outside the middle of each edge, and those between the points that were added.
    east = np.linspace(4.51e5, 6.49e5, 97)
    for north, inside in ((3.3e6 + 1, True), (3.3e6 - 1, False), (3.5e6 - 1, True), (3.5e6 + 1, False)):
        degrees = zone.inverse(np.column_stack([np.full_like(east, north), east]))
        assert (shapely.intersects_xy(region, degrees[:, 0], degrees[:, 1]) == inside).all()


def test_metres_come_back_to_the_same_nine_decimals() -> None:
    random = np.random.default_rng(5)
    stored = np.round(random.uniform([112.6, 20], [115.4, 50], (2_000, 2)), 9)
    for code in ("4547", "4526", "3857"):
        moved = crs.KNOWN[code].transform(shapely.points(stored))
        back = crs.KNOWN[code].inverse(shapely.get_coordinates(moved))
        assert (np.round(back, 9) == stored).all()


def test_threads_share_nothing() -> None:
    found: list[float] = []

    def work() -> None:
        found.extend(float(crs.KNOWN["4547"].forward(WUHAN)[0, 0]) for _ in range(200))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 800
    assert len(set(found)) == 1
