"""The questions whose answers are kept as golden files: name, layer, criteria."""

from datetime import UTC, date, datetime

from store import crs
from store.criteria import CRS84, Box, Criteria, SortKey, ValidTime

EPSG = crs.EPSG
FIRST, SECOND = datetime(2024, 1, 3, tzinfo=UTC), datetime(2024, 1, 6, tzinfo=UTC)


def up(name: str) -> SortKey:
    return SortKey(name)


def down(name: str) -> SortKey:
    return SortKey(name, descending=True)


def _on(year: int, month: int = 1, day: int = 1) -> ValidTime:
    return ValidTime(date(year, month, day), date(year, month, day))


def _box(values: tuple[float, ...], code: str) -> Box:
    box = crs.to_box(values, crs.KNOWN[code])
    assert box is not None
    return box


CASES: dict[str, tuple[str, Criteria]] = {
    "all": ("parcels", Criteria(limit=100)),
    "first-page": ("parcels", Criteria(limit=7)),
    "offset": ("parcels", Criteria(limit=5, offset=11)),
    "table": ("permits", Criteria(limit=100)),
    "lines": ("roads", Criteria(limit=100)),
    "points": ("stations", Criteria(limit=100)),
    "day-2012": ("parcels", Criteria(limit=100, valid=_on(2012))),
    "day-2018": ("parcels", Criteria(limit=100, valid=_on(2018))),
    "day-in-gap": ("parcels", Criteria(limit=100, valid=_on(2024, 3))),
    "tomorrow": ("parcels", Criteria(limit=100, valid=_on(2024, 6, 2))),
    "before-all": ("parcels", Criteria(limit=100, valid=_on(1949, 10))),
    "interval": ("parcels", Criteria(limit=100, valid=ValidTime(date(2012, 1, 1), date(2018, 1, 1)))),
    "interval-open-start": ("parcels", Criteria(limit=100, valid=ValidTime(None, date(2019, 12, 31)))),
    "interval-open-end": ("parcels", Criteria(limit=100, valid=ValidTime(date(2016, 1, 1), None))),
    "all-time": ("parcels", Criteria(limit=100, valid=ValidTime(None, None))),
    "known-before": ("parcels", Criteria(limit=100, known=datetime(2023, 1, 1, tzinfo=UTC))),
    "known-first": ("parcels", Criteria(limit=100, known=FIRST)),
    "known-second": ("parcels", Criteria(limit=100, known=SECOND)),
    "known-first-interval": ("parcels", Criteria(limit=100, known=FIRST, valid=ValidTime(date(2012, 1, 1), None))),
    "known-first-sorted": ("parcels", Criteria(limit=100, known=FIRST, sort=(down("area"), up("name")))),
    "known-first-box": ("parcels", Criteria(limit=100, known=FIRST, box=Box(117.9, 34.9, 119.1, 36.1))),
    "box": ("parcels", Criteria(limit=100, box=Box(114.05, 29.9, 114.15, 30.02))),
    "box-corner-of-a-diamond": ("parcels", Criteria(limit=100, box=Box(115, 31.08, 115.02, 31.1))),
    "box-touching-an-edge": ("parcels", Criteria(limit=100, box=Box(114.014, 30.0, 114.019, 30.2))),
    "box-between-32-bit-steps": ("parcels", Criteria(limit=100, box=Box(116.00000001, 32, 116.1, 32.1))),
    "box-point": ("parcels", Criteria(limit=100, box=Box(115.1, 31, 115.1, 31))),
    "box-line": ("parcels", Criteria(limit=100, box=Box(114, 30.012, 120, 30.012))),
    "box-empty": ("parcels", Criteria(limit=100, box=Box(0, 0, 1, 1))),
    "box-world": ("parcels", Criteria(limit=100, box=Box(-180, -90, 180, 90))),
    "box-across-180": ("roads", Criteria(limit=100, box=Box(179, 9, -179, 12))),
    "box-sorted": ("parcels", Criteria(limit=100, box=Box(114, 29, 114.2, 31), sort=(down("name"),))),
    "box-2012": ("parcels", Criteria(limit=100, box=Box(116.9, 32, 117.2, 34.2), valid=_on(2012))),
    "box-of-table": ("permits", Criteria(limit=100, box=Box(-180, -90, 180, 90))),
    "box-in-gauss-krueger": ("parcels", Criteria(limit=100, box=_box((3318e3, 505e3, 3322e3, 520e3), "4547"))),
    "sort-text": ("parcels", Criteria(limit=100, sort=(up("name"),))),
    "sort-text-down": ("parcels", Criteria(limit=100, sort=(down("name"),))),
    "sort-number-down": ("parcels", Criteria(limit=100, sort=(down("area"),))),
    "sort-three": ("parcels", Criteria(limit=100, sort=(up("protected"), down("floors"), up("approval_date")))),
    "sort-instant": ("parcels", Criteria(limit=100, sort=(down("surveyed_at"), down("id")))),
    "sort-validity": ("parcels", Criteria(limit=100, sort=(down("valid_from"), up("valid_to")))),
    "equals-text": ("parcels", Criteria(limit=100, equals=(("name", "apple"),))),
    "equals-indexed": ("parcels", Criteria(limit=100, equals=(("division_code", "130101"), ("protected", True)))),
    "equals-number": ("parcels", Criteria(limit=100, equals=(("area", 0.5),))),
    "equals-date": ("parcels", Criteria(limit=100, equals=(("approval_date", date(2020, 2, 2)),))),
    "equals-instant": (
        "parcels",
        Criteria(limit=100, equals=(("surveyed_at", datetime(2021, 3, 2, 8, 30, tzinfo=UTC)),)),
    ),
    "in-4326": ("stations", Criteria(limit=100, crs=f"{EPSG}4326")),
    "in-4490": ("parcels", Criteria(limit=5, crs=f"{EPSG}4490")),
    "in-gauss-krueger": ("stations", Criteria(limit=2, crs=f"{EPSG}4547")),
    "in-mercator": ("roads", Criteria(limit=100, crs=f"{EPSG}3857")),
    "box-in-4490": ("parcels", Criteria(limit=4, box=Box(114.05, 29.9, 114.15, 30.02), crs=f"{EPSG}4490")),
    "world-in-4490": ("parcels", Criteria(limit=4, offset=29, box=Box(-180, -90, 180, 90), crs=f"{EPSG}4490")),
    "some-properties": ("parcels", Criteria(limit=5, properties=("area", "name"))),
    "no-geometry": ("parcels", Criteria(limit=5, geometry=False, crs=CRS84)),
    "no-properties": ("parcels", Criteria(limit=5, properties=(), crs=f"{EPSG}4490")),
}
