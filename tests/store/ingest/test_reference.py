"""Coordinate systems: what is recognised, what contradicts itself, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from config.errors import DefinitionError
from store.ingest.datum import read_shifts
from store.ingest.frame import datum_of, parse
from store.ingest.loader import Node
from store.ingest.problems import RefusedError
from store.ingest.reference import Boundaries
from store.ingest.zones import DATUMS, Zone, prefix_zone, zone_of
from tests.store.ingest import fake
from tests.store.ingest.support import LAT, LON, codes, load, parcels, square, write

SEVEN = {"dx": 1.0, "dy": 2.0, "dz": 3.0, "rx": 0.1, "ry": 0.2, "rz": 0.3, "scale": 1.0}


def moved(code: int | str, count: int = 3, swap: bool = False) -> list[Any]:
    """Squares in another system, as a file has them (east, north)."""
    transformer = Transformer.from_crs(4490, code, always_xy=True)

    def forward(xy: Any) -> Any:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))[:, :: -1 if swap else 1]

    return [shapely.transform(square(n), forward) for n in range(count)]


def upload(tmp_path: Path, shapes: list[Any], crs: str | None, name: str = "a.gpkg") -> str:
    return write(tmp_path / name, shapes, parcels(len(shapes)), crs)


def node(**more: Any) -> Node:
    return Node(codelists=fake.CODELISTS, **more)


def right(store: fake.FakeStore) -> bool:
    return all(
        shapely.hausdorff_distance(shapely.from_wkb(wkb), square(n)) < 2e-9
        for n, (wkb, _) in enumerate(store.rows.values())
    )


def test_zone_codes_are_those_of_the_register() -> None:
    """Every zone of every datum, against the EPSG register's own parameters."""
    for datum in DATUMS.values():
        for width, numbers in ((3, range(25, 46)), (6, range(13, 24))):
            for number in numbers:
                for prefixed in (True, False):
                    zone = Zone(width, number, prefixed)
                    assert zone_of(CRS.from_epsg(datum.code(zone))) == zone
    assert zone_of(CRS.from_epsg(32650)) is None and zone_of(CRS.from_epsg(3857)) is None


@pytest.mark.parametrize(
    ("easting", "zone"),
    [
        (39_500_000, Zone(3, 39, True)),
        (20_500_000, Zone(6, 20, True)),
        (500_000, None),
        (24_500_000, None),
        (46e6, None),
    ],
)
def test_prefixes(easting: float, zone: Zone | None) -> None:
    assert prefix_zone(easting) == zone


@pytest.mark.parametrize("version", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
def test_datums_by_their_names_in_every_dialect(version: str) -> None:
    for code, datum in {4527: "cgcs2000", 2363: "xian80", 2415: "beijing54", 32650: "wgs84", 4610: "xian80"}.items():
        assert datum_of(CRS.from_wkt(CRS.from_epsg(code).to_wkt(version))) == datum
    assert datum_of(parse("EPSG:4555")) == "New Beijing"
    assert datum_of(CRS.from_proj4("+proj=tmerc +lon_0=117 +x_0=5e5 +ellps=GRS80")) == "undeclared"
    assert datum_of(CRS.from_epsg(26986)) == "North American Datum 1983"


@pytest.mark.parametrize("code", [4490, 4326, 4548, 4527, 4509, 4498, 3857, 32650])
def test_systems_are_transformed(tmp_path: Path, code: int) -> None:
    store = fake.FakeStore()
    outcome = load(upload(tmp_path, moved(code), f"EPSG:{code}"), store)
    assert outcome.passed and right(store)
    assert outcome.frame.code == f"EPSG:{code}" and outcome.frame.origin == "file"


def test_shapefile_prj_of_another_program(tmp_path: Path) -> None:
    """Esri's spelling, without any code."""
    path = upload(tmp_path, moved(4527), None, "a.shp")
    Path(path).with_suffix(".prj").write_text(CRS.from_epsg(4527).to_wkt("WKT1_ESRI"))
    store = fake.FakeStore()
    assert load(path, store).passed and right(store)


def test_file_without_crs(tmp_path: Path) -> None:
    """Nothing is guessed; the hint says what the numbers tell, and the operator declares the rest."""
    prefixed, plain, degrees = (
        upload(tmp_path, moved(code), None, name) for code, name in ((4527, "a.shp"), (4548, "b.shp"), (4490, "c.shp"))
    )
    for path, hint in ((prefixed, "3-degree zone 39"), (plain, "no zone prefix"), (degrees, "degrees")):
        outcome = load(path)
        assert codes(outcome) == {"crs-missing"}
        assert hint in outcome.log.kept["crs-missing"][0].params["hint_en"]
    for path, code in ((prefixed, "EPSG:4527"), (degrees, "EPSG:4490")):
        store = fake.FakeStore()
        outcome = load(path, store, datum="cgcs2000")
        assert outcome.passed and outcome.frame.code == code and outcome.frame.origin == "detected" and right(store)
    assert codes(load(plain, datum="cgcs2000")) == {"crs-missing"}
    store = fake.FakeStore()
    assert load(plain, store, crs="EPSG:4548").passed and right(store)


def test_system_without_datum(tmp_path: Path) -> None:
    wkt = CRS.from_proj4("+proj=tmerc +lon_0=117 +x_0=500000 +ellps=GRS80 +units=m").to_wkt("WKT1_ESRI")
    path = upload(tmp_path, moved(4548), None, "a.shp")
    Path(path).with_suffix(".prj").write_text(wkt)
    assert codes(load(path)) == {"datum-undeclared"}
    store = fake.FakeStore()
    assert load(path, store, datum="cgcs2000").passed and right(store)


def test_prefix_under_a_system_without_prefix_of_the_same_meridian(tmp_path: Path) -> None:
    store = fake.FakeStore()
    outcome = load(upload(tmp_path, moved(4527), "EPSG:4548"), store)
    assert outcome.passed and outcome.frame.code == "EPSG:4527" and right(store)
    assert outcome.log.counts["crs-detected"] == 1


@pytest.mark.parametrize(
    ("numbers", "declared", "code"),
    [
        (4526, "EPSG:4527", "crs-zone-contradiction"),  # zone 38 in a file of zone 39
        (4526, "EPSG:4548", "crs-zone-contradiction"),
        (4498, "EPSG:4526", "crs-zone-contradiction"),  # 6 degrees in a file of 3
        (4548, "EPSG:4527", "crs-prefix-missing"),
        (4527, "EPSG:4490", "crs-unit-contradiction"),
        (3857, "EPSG:4326", "crs-unit-contradiction"),
        (4490, "EPSG:4548", "crs-unit-contradiction"),
        (4490, "EPSG:3857", "crs-unit-contradiction"),
    ],
)
def test_numbers_that_contradict_the_system(tmp_path: Path, numbers: int, declared: str, code: str) -> None:
    outcome = load(upload(tmp_path, moved(numbers), declared))
    assert codes(outcome) == {code} and outcome.log.counts[code] == 3
    assert outcome.log.kept[code][0].feature == "13090200000000"


@pytest.mark.parametrize("code", [4490, 4527, 4548])
@pytest.mark.parametrize("bounded", [False, True])
def test_swapped_axes(tmp_path: Path, code: int, bounded: bool) -> None:
    """Said of each feature, and not of the file once more where the node's area shows it too."""
    area = Boundaries({"130902": shapely.box(116, 38, 117, 39)}, frozenset({"130902"}))
    path = upload(tmp_path, moved(code, swap=True), f"EPSG:{code}")
    outcome = load(path, node=node(boundaries=area) if bounded else None)
    assert codes(outcome) == {"crs-axes-swapped"} and outcome.log.errors == 3
    store = fake.FakeStore()
    assert load(path, store, swap=True).passed and right(store)


def test_one_feature_of_another_zone(tmp_path: Path) -> None:
    outcome = load(upload(tmp_path, [*moved(4527), *moved(4526, 1)], "EPSG:4527"))
    assert outcome.log.counts["crs-zone-contradiction"] == 1
    assert outcome.log.kept["crs-zone-contradiction"][0].row == 4


@pytest.mark.parametrize("code", [2363, 2384, 4610, 2415, 2436, 4214, 4555])
def test_old_datums_are_refused_without_parameters(tmp_path: Path, code: int) -> None:
    store = fake.FakeStore()
    assert codes(load(upload(tmp_path, moved(4490), f"EPSG:{code}"), store)) == {"datum-shift-missing"}
    assert store.loads == []


def test_the_nodes_parameters_shift_and_are_named(tmp_path: Path) -> None:
    """Against PROJ's own helmert between the two ellipsoids; the order of a hundred metres is not met by chance."""
    entry = {"name": "七参数", "parameters": SEVEN | {"dx": 100.0, "dy": -50.0}, "convention": "coordinate_frame"}
    shifts = read_shifts({"xian80": entry, "beijing54": {"pipeline": "+proj=noop"}})
    store = fake.FakeStore()
    outcome = load(upload(tmp_path, moved(4490), "EPSG:4610"), store, node(shifts=shifts))
    assert outcome.passed and outcome.log.counts["datum-shift-used"] == 1
    assert "七参数" in outcome.as_text("zh")
    own = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +a=6378140 +rf=298.257"
        " +step +proj=helmert +x=100 +y=-50 +z=3 +rx=-0.1 +ry=-0.2 +rz=-0.3 +s=1 +convention=position_vector"
        " +step +inv +proj=cart +ellps=GRS80 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    expected = shapely.transform(square(0), lambda xy: np.column_stack(own.transform(xy[:, 0], xy[:, 1])))
    found = shapely.from_wkb(store.rows["13090200000000"][0])
    assert shapely.hausdorff_distance(found, expected) < 2e-9
    assert shapely.hausdorff_distance(found, square(0)) > 5e-4
    plain = fake.FakeStore()
    assert load(upload(tmp_path, moved(4490), "EPSG:4214", "b.gpkg"), plain, node(shifts=shifts)).passed and right(
        plain
    )


def test_declared_system_overrides_the_files(tmp_path: Path) -> None:
    store = fake.FakeStore()
    outcome = load(upload(tmp_path, moved(4527), "EPSG:4526"), store, crs="EPSG:4527")
    assert outcome.passed and right(store)
    assert outcome.log.counts["crs-overridden"] == 1 and outcome.frame.origin == "declared"


def test_another_datum_names_its_operation(tmp_path: Path) -> None:
    outcome = load(upload(tmp_path, moved(4269), "EPSG:4269"))
    assert outcome.passed and "Ballpark" in outcome.log.kept["crs-operation"][0].params["value"]


def test_unknown_and_vertical_systems() -> None:
    for text in ("EPSG:999999", "nonsense", "EPSG:5737", "EPSG:4479"):
        with pytest.raises(RefusedError):
            parse(text)
    assert parse("EPSG:4549+5737").to_epsg() == 4549


def test_coordinates_off_the_globe(tmp_path: Path) -> None:
    far = shapely.transform(square(0), lambda xy: xy + np.array((200.0, 0.0)))
    outcome = load(upload(tmp_path, [far], "EPSG:4490"))
    assert codes(outcome) == {"coordinates-not-finite"}


AREA = Boundaries({"130902": shapely.box(LON - 0.3, LAT - 0.3, LON + 0.3, LAT + 0.3)}, frozenset({"130902"}))


def test_outside_the_nodes_area(tmp_path: Path) -> None:
    shapes = [square(0), shapely.transform(square(0), lambda xy: xy + np.array((2.0, 0.0)))]
    path = upload(tmp_path, shapes, "EPSG:4490")
    outcome = load(path, node=node(boundaries=AREA))
    assert codes(outcome) == {"outside-area"}
    assert outcome.log.kept["outside-area"][0].place == pytest.approx((LON + 2.0005, LAT + 0.0005))
    assert load(path, node=node(boundaries=AREA), accepted=frozenset({"outside-area"})).passed


def test_neighbouring_zone_is_told_by_the_place(tmp_path: Path) -> None:
    """Without prefix only the place can tell that numbers of CM 117 stand in a file of CM 114."""
    outcome = load(upload(tmp_path, moved(4548), "EPSG:4547"), node=node(boundaries=AREA))
    assert codes(outcome) == {"crs-zone-suspected"}
    assert outcome.log.kept["crs-zone-suspected"][0].params["value"] == "EPSG:4548"
    assert load(upload(tmp_path, moved(4548), "EPSG:4548", "b.gpkg"), node=node(boundaries=AREA)).passed


COUNTY = shapely.box(LON - 0.3, LAT - 0.3, LON + 0.3, LAT + 0.3)
PROVINCE = Boundaries({"130902": COUNTY, "130000": shapely.box(113, 36, 120, 43)}, frozenset({"130000"}))


@pytest.mark.parametrize(("offset", "numbers", "declared"), [(-1e6, 4527, "EPSG:4526"), (0.0, 4548, "EPSG:4547")])
def test_neighbouring_zone_is_told_by_the_stated_division(
    tmp_path: Path, offset: float, numbers: int, declared: str
) -> None:
    """A prefix put on by hand, or none: three degrees west is still within the node's area, but not in 130902."""
    wrong = [shapely.transform(one, lambda xy: xy + np.array((offset, 0.0))) for one in moved(numbers)]
    path = upload(tmp_path, wrong, declared)
    outcome = load(path, node=node(boundaries=PROVINCE))
    assert codes(outcome) == {"crs-zone-suspected"}
    assert outcome.log.kept["crs-zone-suspected"][0].params["value"] == f"EPSG:{numbers}"
    assert load(path, node=node(boundaries=PROVINCE), accepted=frozenset({"crs-zone-suspected"})).passed
    unstated = {name: values for name, values in parcels(3).items() if name != "XZQDM"}
    silent = write(tmp_path / "b.gpkg", wrong, unstated | {"XZQDM": [None] * 3}, declared)
    assert "crs-zone-suspected" not in codes(load(silent, node=node(boundaries=PROVINCE)))


@pytest.mark.parametrize(("code", "belongs"), [(4526, "EPSG:4527"), (4547, "EPSG:4548"), (4528, "EPSG:4527")])
def test_a_zone_in_which_the_place_is_not(tmp_path: Path, code: int, belongs: str) -> None:
    """Right in place, but drawn three degrees from the central meridian."""
    store = fake.FakeStore()
    outcome = load(upload(tmp_path, moved(code), f"EPSG:{code}"), store, node=node(boundaries=PROVINCE))
    assert codes(outcome) == {"crs-zone-distant"}
    assert outcome.log.kept["crs-zone-distant"][0].params["value"] == belongs
    assert outcome.passed and right(store)


@pytest.mark.parametrize(("code", "distant"), [(4548, False), (4509, False), (4508, True)])
def test_own_zone_is_not_distant(tmp_path: Path, code: int, distant: bool) -> None:
    """In six degrees too: 116.8 E is of zone 20 (CM 117)."""
    outcome = load(upload(tmp_path, moved(code), f"EPSG:{code}"), node=node(boundaries=PROVINCE))
    assert ("crs-zone-distant" in codes(outcome)) == distant


def test_just_beyond_a_zones_edge_is_common_practice(tmp_path: Path) -> None:
    """115.4 E, 0.1 degrees beyond zone 39 (CM 117)."""
    forward = Transformer.from_crs(4490, 4548, always_xy=True)
    west = shapely.transform(square(0), lambda xy: xy + np.array((115.4 - LON, 0.0)))
    drawn = shapely.transform(west, lambda xy: np.column_stack(forward.transform(xy[:, 0], xy[:, 1])))
    assert codes(load(upload(tmp_path, [drawn], "EPSG:4548"))) == set()


def test_axes_swapped_where_both_numbers_are_small(tmp_path: Path) -> None:
    """Latitude and longitude below 90: no number is impossible, but the place is."""
    area = Boundaries({"650100": shapely.box(87, 43, 88, 44)}, frozenset({"650100"}))
    shapes = [shapely.box(43.8, 87.5, 43.81, 87.51)]
    outcome = load(upload(tmp_path, shapes, "EPSG:4490"), node=node(boundaries=area))
    assert "crs-axes-swapped" in codes(outcome)


@pytest.mark.parametrize(
    "settings",
    [
        {"beijing53": {"pipeline": "+proj=noop"}},
        {"xian80": {}},
        {"xian80": {"pipeline": "+proj=noop", "parameters": SEVEN}},
        {"xian80": {"pipeline": "+proj=nothing"}},
        {"xian80": {"parameters": {"dx": 1.0}}},
        {"xian80": {"parameters": SEVEN | {"dx": "1"}}},
        {"xian80": {"parameters": SEVEN, "convention": "left"}},
        {"xian80": {"parameters": SEVEN, "sign": 1}},
    ],
)
def test_wrong_datum_settings(settings: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError):
        read_shifts(settings)
