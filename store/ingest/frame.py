"""How a file's coordinates become longitude and latitude of EPSG:4490: decided once, from what is declared, what the
file says, and what the numbers allow (docs/loading.md has the rules)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from store.crs import Crs
from store.ingest.datum import DatumShift, title
from store.ingest.problems import Collector, RefusedError
from store.ingest.zones import BEIJING54, CGCS2000, DATUMS, WGS84, XIAN80, Datum, Zone, prefix_zone, zone_of

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

NEW_BEIJING = "New Beijing"
OLD_DATUMS = frozenset({XIAN80.id, BEIJING54.id, NEW_BEIJING})
NULL_DATUMS = frozenset({CGCS2000.id, WGS84.id})
"""CGCS2000 and WGS 84 are one at planning accuracy: no transformation between them."""

UNDECLARED = "undeclared"
DATUM_WORDS = {
    CGCS2000.id: ("cgcs2000", "chinageodeticcoordinatesystem2000", "china2000", "国家2000"),
    XIAN80.id: ("xian80", "xian1980", "西安80", "80西安"),
    NEW_BEIJING: ("newbeijing",),
    BEIJING54.id: ("beijing1954", "beijing54", "北京54", "54北京"),
    WGS84.id: ("wgs84", "wgs1984", "worldgeodeticsystem1984"),
    UNDECLARED: ("unknown", "notspecified", "unnamed"),
}
"""What names of CRSs and datums say, in EPSG's and Esri's spelling without blanks; the first match counts."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said about a file's coordinates: by the file, and by the operator (EPSG:n, a datum's id)."""

    found: str | None = None
    declared: str | None = None
    datum: str | None = None
    zone: Zone | None = None
    swap: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The decision. `to_geographic` is None where coordinates are longitude and latitude already."""

    name: str
    code: str | None
    origin: str
    datum: str
    zone: Zone | None
    geographic: bool
    swap: bool
    operation: str
    shift: DatumShift | None
    to_geographic: "Transformer | _ToStored | None"

    def apply(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) coordinates of the file to (n, 2) lon, lat in EPSG:4490, not rounded; inf where impossible."""
        x, y = (xy[:, 1], xy[:, 0]) if self.swap else (xy[:, 0], xy[:, 1])
        if self.to_geographic is not None:
            x, y = self.to_geographic.transform(x, y)
        if self.shift is not None:
            x, y = self.shift.apply(np.asarray(x), np.asarray(y))
        return np.column_stack((x, y))

    def summary(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "code": self.code,
            "origin": self.origin,
            "datum": self.datum,
            "zone": self.zone and self.zone.number,
            "zone_width": self.zone and self.zone.width,
            "swapped": self.swap,
            "operation": self.operation,
            "datum_parameters": self.shift and self.shift.describe(),
        }


class _ToStored:
    """From a system of the node's answers to lon, lat; both as x, y."""

    def __init__(self, crs: Crs) -> None:
        self._crs = crs

    def transform(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        lonlat = self._crs.inverse(np.column_stack((y, x) if self._crs.swap else (x, y)))
        return lonlat[:, 0], lonlat[:, 1]


def frame_of(crs: Crs) -> Frame:
    """The frame of coordinates that a program sends in one of the systems of the node's answers, axes as there."""
    zone = None
    if crs.meridian is not None:
        width = 6 if int(crs.code) < CGCS2000.zone3 else 3
        number = int((crs.meridian + 3) // 6) if width == 6 else int(crs.meridian // 3)
        zone = Zone(width, number, crs.false_easting > 1e6)
    return Frame(
        name=crs.uri,
        code=None if crs.code == "CRS84" else f"EPSG:{crs.code}",
        origin="request",
        datum=CGCS2000.id,
        zone=zone,
        geographic=not crs.projected,
        swap=crs.swap,
        operation="none",
        shift=None,
        to_geographic=_ToStored(crs) if crs.projected else None,
    )


def decide(claim: Claim, bounds: NDArray[np.float64], shifts: Mapping[str, DatumShift], log: Collector) -> Frame:
    """The frame of a file whose first features have `bounds` (n, 4), in the file's numbers.

    Raises:
        RefusedError: crs-missing, crs-unknown, datum-undeclared, datum-shift-missing.
    """
    median = _median(bounds, claim.swap)
    text = claim.declared or claim.found
    if text is None:
        crs, origin = _detect(claim, median), "detected"
        log.note("crs-detected", value=crs.name)
    else:
        crs, origin = parse(text), "declared" if claim.declared else "file"
        if claim.declared and claim.found and not crs.equals(parse(claim.found), ignore_axis_order=True):
            log.note("crs-overridden", found=parse(claim.found).name, value=crs.name)
    datum = datum_of(crs)
    if datum == UNDECLARED:
        crs, datum = _with_datum(crs, claim)
    crs = _with_prefix(crs, datum, median, log)
    return _frame(crs, (datum, origin), claim, shifts.get(datum), log)


def parse(text: str) -> "CRS":
    """The CRS of an EPSG code, URN, URI or WKT; compound and bound CRSs are reduced to their horizontal part."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        raise RefusedError("crs-unknown", value=text[:120]) from error
    while crs.is_compound or crs.is_bound:
        crs = crs.sub_crs_list[0] if crs.is_compound else _source(crs)
    if not (crs.is_geographic or crs.is_projected):
        raise RefusedError("crs-unknown", value=crs.name)
    return crs


def datum_of(crs: "CRS") -> str:
    """cgcs2000, wgs84, xian80, beijing54, `undeclared`, or the name of another datum."""
    geodetic = _geodetic(crs)
    names = " ".join((crs.name, geodetic.name, geodetic.datum.name if geodetic.datum else ""))
    squeezed = "".join(letter for letter in names.lower() if letter.isalnum())
    for datum, words in DATUM_WORDS.items():
        if any(word in squeezed for word in words):
            return datum
    if crs.ellipsoid and crs.ellipsoid.semi_major_metre == 6378140.0:
        return XIAN80.id
    return str(geodetic.datum.name if geodetic.datum else geodetic.name)


def _geodetic(crs: "CRS") -> "CRS":
    """The geographic CRS under a horizontal one; `parse` lets no other kind through."""
    if crs.geodetic_crs is None:
        raise RefusedError("crs-unknown", value=crs.name)
    return crs.geodetic_crs


def _source(crs: "CRS") -> "CRS":
    if crs.source_crs is None:
        raise RefusedError("crs-unknown", value=crs.name)
    return crs.source_crs


def _median(bounds: NDArray[np.float64], swap: bool) -> tuple[float, float]:
    finite = bounds[np.isfinite(bounds).all(axis=1)] if len(bounds) else bounds
    if not len(finite):
        return (float("nan"), float("nan"))
    x, y = float(np.median(finite[:, 0])), float(np.median(finite[:, 1]))
    return (y, x) if swap else (x, y)


def _detect(claim: Claim, median: tuple[float, float]) -> "CRS":
    """A CRS from the numbers, where the operator or the file's header declares the datum."""
    datum = DATUMS.get(claim.datum or "")
    x, y = median
    degrees = abs(x) <= 180 and abs(y) <= 90
    found = prefix_zone(x)
    zone = claim.zone or found
    if claim.zone and found:
        zone = Zone(claim.zone.width, claim.zone.number, True)
    if datum is None:
        raise RefusedError("crs-missing", **_hint(degrees, zone))
    if degrees:
        return parse(f"EPSG:{datum.geographic}")
    if zone is None:
        raise RefusedError("crs-missing", **_hint(False, None))
    return parse(f"EPSG:{datum.code(zone)}")


def _hint(degrees: bool, zone: Zone | None) -> dict[str, str]:
    if degrees:
        return {"hint": "坐标值像经纬度。", "hint_en": "The numbers look like degrees."}
    if zone is None:
        hint = "The eastings carry no zone prefix, so the zone cannot be told."
        return {"hint": "横坐标没有带号前缀，不能判断投影带。", "hint_en": hint}
    return {
        "hint": f"横坐标前缀表示 {zone.width} 度带第 {zone.number} 带，但不表示基准。",
        "hint_en": f"The easting's prefix tells {zone.width}-degree zone {zone.number}, but not the datum.",
    }


def _with_datum(crs: "CRS", claim: Claim) -> tuple["CRS", str]:
    """A CRS without a known datum, on the datum that the operator declares."""
    datum = DATUMS.get(claim.datum or "")
    zone = zone_of(crs)
    if datum is None or (crs.is_projected and zone is None):
        raise RefusedError("datum-undeclared", value=crs.name)
    code = datum.code(zone) if zone else datum.geographic
    return parse(f"EPSG:{code}"), datum.id


def _with_prefix(crs: "CRS", datum: str, median: tuple[float, float], log: Collector) -> "CRS":
    """The prefixed twin of a zone's CRS, where the eastings carry this very zone's prefix."""
    zone, found = zone_of(crs), prefix_zone(median[0])
    known: Datum | None = DATUMS.get(datum)
    if zone is None or known is None or found is None or zone.prefixed or found.meridian != zone.meridian:
        return crs
    twin = parse(f"EPSG:{known.code(found)}")
    log.note("crs-detected", value=twin.name)
    return twin


def _frame(crs: "CRS", said: tuple[str, str], claim: Claim, shift: DatumShift | None, log: Collector) -> Frame:
    datum, origin = said
    if datum in OLD_DATUMS and shift is None:
        raise RefusedError("datum-shift-missing", datum=title(datum))
    own = shift is not None or datum in NULL_DATUMS
    transformer = None
    if not (own and crs.is_geographic):
        transformer = _transformer(crs, _geodetic(crs) if own else parse("EPSG:4490"))
    operation = transformer.description if transformer else "none"
    if datum not in NULL_DATUMS and shift is None:
        log.note("crs-operation", value=f"{crs.name}: {operation}")
    if shift is not None:
        log.note("datum-shift-used", datum=title(datum), parameters=shift.describe())
    code = crs.to_epsg()
    return Frame(
        name=crs.name,
        code=f"EPSG:{code}" if code else None,
        origin=origin,
        datum=datum,
        zone=zone_of(crs),
        geographic=crs.is_geographic,
        swap=claim.swap,
        operation=operation,
        shift=shift,
        to_geographic=transformer,
    )


def _transformer(source: "CRS", target: "CRS") -> "Transformer":
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)
