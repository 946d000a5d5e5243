"""Gauss-Krueger zones of China by number: EPSG codes of the datums in use, and the zone that an easting's prefix tells.

A zone-prefixed easting is zone x 1,000,000 + 500,000 + offset; the prefix tells the zone's width too (13-23 are 6
degrees wide, 25-45 are 3), never the datum. Codes: the EPSG register, as docs/loading.md lists them.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyproj import CRS

PREFIXED_FROM = 13_000_000.0
"""The smallest easting that carries a zone prefix."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone of `width` 3 or 6 degrees around `meridian` (degrees east); `prefixed` is whether eastings carry it."""

    width: int
    number: int
    prefixed: bool

    @property
    def meridian(self) -> int:
        return 3 * self.number if self.width == 3 else 6 * self.number - 3

    @property
    def false_easting(self) -> float:
        return self.number * 1e6 + 5e5 if self.prefixed else 5e5


@dataclass(frozen=True, slots=True)
class Datum:
    """A geodetic datum of Chinese data: its geographic code and the first codes of its four series of zones."""

    id: str
    zh: str
    en: str
    geographic: int
    zone3: int
    meridian3: int
    zone6: int
    meridian6: int

    def code(self, zone: Zone) -> int:
        """The EPSG code of `zone` on this datum."""
        if zone.width == 3:
            return (self.zone3 if zone.prefixed else self.meridian3) + zone.number - 25
        return (self.zone6 if zone.prefixed else self.meridian6) + zone.number - 13


CGCS2000 = Datum("cgcs2000", "2000国家大地坐标系", "CGCS2000", 4490, 4513, 4534, 4491, 4502)
WGS84 = Datum("wgs84", "WGS 84", "WGS 84", 4326, 4513, 4534, 4491, 4502)
XIAN80 = Datum("xian80", "1980西安坐标系", "Xi'an 80", 4610, 2349, 2370, 2327, 2338)
BEIJING54 = Datum("beijing54", "1954北京坐标系", "Beijing 54", 4214, 2401, 2422, 21413, 21453)
DATUMS = {one.id: one for one in (CGCS2000, WGS84, XIAN80, BEIJING54)}


def prefix_zone(easting: float) -> Zone | None:
    """The zone that a prefixed easting tells, or None where there is no prefix or no such zone."""
    if not easting >= PREFIXED_FROM:
        return None
    number = int(easting // 1_000_000)
    if 13 <= number <= 23:
        return Zone(6, number, True)
    return Zone(3, number, True) if 25 <= number <= 45 else None


@lru_cache(maxsize=64)
def zone_of(crs: "CRS") -> Zone | None:
    """The zone of a projected CRS that is a transverse Mercator with scale 1 as China's zones are, else None."""
    operation = crs.coordinate_operation if crs.is_projected else None
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    values = {one.name: float(one.value) for one in operation.params}
    meridian, easting = values.get("Longitude of natural origin", 0), values.get("False easting", 0)
    if values.get("Scale factor at natural origin") != 1 or meridian % 3 or not 75 <= meridian <= 135:
        return None
    if easting == 5e5:
        return _by_meridian(int(meridian), wide=_wide(crs.name))
    zone = prefix_zone(easting)
    return zone if zone and easting == zone.false_easting and zone.meridian == meridian else None


def _by_meridian(meridian: int, wide: bool) -> Zone:
    if wide and meridian % 6 == 3:
        return Zone(6, (meridian + 3) // 6, False)
    return Zone(3, meridian // 3, False)


def _wide(name: str) -> bool:
    """EPSG names 3-degree systems `3-degree`, Esri `3_Degree`; what names neither is of 6 degrees."""
    return re.search(r"3[-_ ]degree", name, re.IGNORECASE) is None
