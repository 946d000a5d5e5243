"""The coordinate reference systems of the answers, all computed from stored x, y in EPSG:4490.

Axis order is the authority's: 4326 and 4490 latitude, longitude; Gauss-Krueger north, east; CRS84 and 3857 x, y.
EPSG knows only the null transformation between 4490 and 4326, CRS84, 3857 (`ballpark`, accuracy unknown), so it is
never refused; between geographic systems coordinates are therefore passed on as they are, to the last bit.
Source: EPSG dataset 4490, 4491-4554; OGC API Features Part 2, /req/crs.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from threading import local
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from config.errors import ParameterError
from store.criteria import CRS84, Box

EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
STORAGE_CRS: Final = f"{EPSG}4490"
MOST: Final = 20  # the executable test suite tests at most so many

MERCATOR_LIMIT: Final = 20037508.342789244
EASTING_REACH: Final = 2_000_000.0  # metres beside the central meridian where Gauss-Krueger is still meant
METRE_DECIMALS: Final = 6  # a micrometre: fine enough that 9 decimals of a degree come back the same
DENSIFY: Final = 21  # points added on each edge of a box, whose edges are curves in the other system

_AREA = Box(73.62, 16.7, 134.77, 53.56)  # where EPSG says that 4490 is used
_THREADS = local()


@dataclass(frozen=True, slots=True)
class Crs:
    """One system. `swap`: its authority's first axis is the one that points north.

    `meridian` and `false_easting` are of Gauss-Krueger systems only.
    """

    uri: str
    code: str
    swap: bool
    projected: bool
    meridian: float | None = None
    false_easting: float = 0.0

    def transform(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Stored geometries in this system, axes in its authority's order; metres are rounded to micrometres."""

        def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            moved = self.forward(xy)
            return np.round(moved, METRE_DECIMALS) if self.projected else moved

        moved: NDArray[np.object_] = shapely.transform(geometries, move)
        return moved

    def forward(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Stored x, y (n, 2) in this system, axes in its authority's order."""
        if self.projected:
            xy = np.column_stack(_transformer(self.code).transform(xy[:, 0], xy[:, 1]))
        return xy[:, ::-1] if self.swap else xy

    def inverse(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates (n, 2) of this system, axes in its authority's order, as x, y in EPSG:4490.

        What the projection cannot invert is infinite.
        """
        xy = coordinates[:, ::-1] if self.swap else coordinates
        if not self.projected:
            return xy
        return np.column_stack(_transformer(self.code).transform(xy[:, 0], xy[:, 1], direction="INVERSE"))


def _transformer(code: str) -> Any:
    """From 4490 as x, y to `code` as x, y. pyproj's objects belong to one thread, and looking one up is slow."""
    known: dict[str, Any] | None = getattr(_THREADS, "known", None)
    if known is None:
        known = _THREADS.known = {}
    if code not in known:
        from pyproj import Transformer

        known[code] = Transformer.from_crs("EPSG:4490", f"EPSG:{code}", always_xy=True)
    return known[code]


def _gauss_krueger() -> dict[str, Crs]:
    made = {}
    rows = [
        *((4491 + n, 75.0 + 6 * n, (13 + n) * 1e6 + 5e5) for n in range(11)),
        *((4502 + n, 75.0 + 6 * n, 5e5) for n in range(11)),
        *((4513 + n, 75.0 + 3 * n, (25 + n) * 1e6 + 5e5) for n in range(21)),
        *((4534 + n, 75.0 + 3 * n, 5e5) for n in range(21)),
    ]
    for number, meridian, easting in rows:
        made[str(number)] = Crs(f"{EPSG}{number}", str(number), True, True, meridian, easting)
    return made


KNOWN: Final = {
    "CRS84": Crs(CRS84, "CRS84", False, False),
    "4326": Crs(f"{EPSG}4326", "4326", True, False),
    "4490": Crs(STORAGE_CRS, "4490", True, False),
    "3857": Crs(f"{EPSG}3857", "3857", False, True),
    **_gauss_krueger(),
}
BASE: Final = ("CRS84", "4326", "4490", "3857")

_VERSION = r"[0-9]+(?:\.[0-9]+)*"
_FORMS = (
    re.compile(rf"https?://www\.opengis\.net/def/crs/(?P<authority>EPSG|OGC)/{_VERSION}/(?P<code>\w+)"),
    re.compile(rf"urn:ogc:def:crs:(?P<authority>EPSG|OGC):(?:{_VERSION})?:(?P<code>\w+)"),
    re.compile(r"\[(?P<authority>EPSG|OGC):(?P<code>\w+)\]"),
)
_PLAIN = re.compile(r"(?P<authority>EPSG|OGC):(?P<code>\w+)")


@cache
def _find(text: str, plain: bool) -> Crs | None:
    for form in (*_FORMS, _PLAIN) if plain else _FORMS:
        found = form.fullmatch(text)
        if found and (found["authority"] == "OGC") == (found["code"] == "CRS84"):
            return KNOWN.get(found["code"])
    return None


def resolve(text: str, parameter: str = "crs", *, plain: bool = False) -> Crs:
    """The system that a URI (http or https, any version), URN or safe CURIE (`[EPSG:4490]`) names.

    Args:
        text: what the caller wrote.
        parameter: whose value it is, for the message.
        plain: also take `EPSG:4490`.

    Raises:
        ParameterError: not one that this server computes.
    """
    found = _find(text, plain) if len(text) <= 200 else None
    if found is None:
        remedy = f"use {CRS84}, {EPSG}4326, 4490, 3857 or a Gauss-Krueger system of CGCS2000 ({EPSG}4491 to 4554)"
        raise ParameterError(parameter, f"'{text[:200]}' is not a coordinate reference system of this server", remedy)
    return found


def layer_crs(extent: Box | None) -> tuple[str, ...]:
    """URIs of what a layer offers: CRS84 first, then 4326, 4490, 3857 and the Gauss-Krueger zones that it touches.

    3 and 6 degree zones, with and without zone prefix. Of too many, those nearest the middle of the extent.
    """
    base = [KNOWN[code].uri for code in BASE]
    if extent is None or extent.west > extent.east:
        return tuple(base)
    if extent.north < _AREA.south or extent.south > _AREA.north:
        return tuple(base)
    west, east = max(extent.west, _AREA.west), min(extent.east, _AREA.east)
    touched = []
    for one in KNOWN.values():
        if one.meridian is None:
            continue
        half = 3.0 if int(one.code) < 4513 else 1.5
        if west <= one.meridian + half and east >= one.meridian - half and west <= east:
            touched.append((abs(one.meridian - (west + east) / 2), half, one))
    touched.sort(key=lambda found: (found[0], found[1], found[2].code))
    nearest = sorted(one.code for _, _, one in touched[: MOST - len(base)])
    return (*base, *(KNOWN[code].uri for code in nearest))


def to_box(values: Sequence[float], crs: Crs, parameter: str = "bbox") -> Box | None:
    """The box in degrees (x, y in EPSG:4490) of four numbers, or six with heights, in the system's axis order.

    None where nothing can lie in it: outside the system's domain, or not finite. A box that reaches beyond the domain
    is cut. A geographic box whose west exceeds its east crosses the antimeridian. A Gauss-Krueger box is not one of
    degrees: the answer is the box around it, and carries its exact `shape`.

    Raises:
        ParameterError: not four or six numbers, or minimum above maximum.
    """
    if len(values) not in (4, 6):
        raise ParameterError(parameter, f"{len(values)} numbers", "give four, or six with heights: minima, then maxima")
    half = len(values) // 2
    low, high = list(values[:2]), list(values[half : half + 2])
    if not all(math.isfinite(one) for one in (*low, *high)):
        return None
    if crs.swap:
        low.reverse()
        high.reverse()
    if low[1] > high[1]:
        raise ParameterError(parameter, "its southern edge lies north of its northern edge", _order(crs))
    if crs.projected and low[0] > high[0]:
        raise ParameterError(parameter, "its western edge lies east of its eastern edge", _order(crs))
    return _geographic(low, high) if not crs.projected else _unprojected(low, high, crs)


def _order(crs: Crs) -> str:
    axes = "north, east" if crs.projected else "latitude, longitude"
    axes = axes if crs.swap else "x (east), y (north)"
    return f"the axes of {crs.uri} are {axes}: give both minima first, then both maxima"


def _geographic(low: Sequence[float], high: Sequence[float]) -> Box | None:
    south, north = max(low[1], -90.0), min(high[1], 90.0)
    if south > north:
        return None
    west, east = low[0], high[0]
    if west > east:
        return Box(max(west, -180.0), south, min(east, 180.0), north) if west <= 180 and east >= -180 else None
    west, east = max(west, -180.0), min(east, 180.0)
    return Box(west, south, east, north) if west <= east else None


def _unprojected(low: Sequence[float], high: Sequence[float], crs: Crs) -> Box | None:
    if crs.meridian is None:
        reach = (-MERCATOR_LIMIT, MERCATOR_LIMIT, -MERCATOR_LIMIT, MERCATOR_LIMIT)
    else:
        reach = (crs.false_easting - EASTING_REACH, crs.false_easting + EASTING_REACH, -1e7, 1e7)
    west, east = max(low[0], reach[0]), min(high[0], reach[1])
    south, north = max(low[1], reach[2]), min(high[1], reach[3])
    if west > east or south > north:
        return None
    if crs.meridian is None:
        corners = crs.inverse(np.array([[west, south], [east, north]]))
        return Box(*corners[0].tolist(), *corners[1].tolist())
    ring = _ring(west, south, east, north)
    degrees = crs.inverse(ring[:, ::-1])
    if not np.isfinite(degrees).all():
        return None
    (west, south), (east, north) = degrees.min(axis=0).tolist(), degrees.max(axis=0).tolist()
    if west == east or south == north:
        return Box(west, south, east, north)
    return Box(west, south, east, north, shape=shapely.to_wkb(shapely.polygons(degrees)))


def _ring(west: float, south: float, east: float, north: float) -> NDArray[np.float64]:
    """The closed ring (n, 2) of a box as east, north, with points added on each edge."""
    x, y = np.linspace(west, east, DENSIFY + 2), np.linspace(south, north, DENSIFY + 2)
    lower = np.column_stack([x, np.full_like(x, south)])
    right = np.column_stack([np.full_like(y, east), y])
    upper = np.column_stack([x[::-1], np.full_like(x, north)])
    left = np.column_stack([np.full_like(y, west), y[::-1]])
    return np.concatenate([lower[:-1], right[:-1], upper[:-1], left])
