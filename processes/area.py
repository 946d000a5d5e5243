"""Areas and perimeters of polygons, in metres: geodesic on the CGCS2000 ellipsoid, or plane in a named CRS.

Polygons come as shapely arrays in x, y (lon, lat) degrees of EPSG:4490. An edge is the geodesic between its ends,
as `pyproj.Geod` has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from config.errors import Fault
from processes.inputs import InputError
from store.criteria import Box

Floats = NDArray[np.float64]

SEMI_MAJOR = 6378137.0
INVERSE_FLATTENING = 298.257222101
_FLATTENING = 1 / INVERSE_FLATTENING
_E2 = _FLATTENING * (2 - _FLATTENING)
_CHUNK = 2_000  # polygons at once: their arrays stay in the cache

LONGEST_EDGE = 10_000.0
"""Metres: rings with a longer edge go to `pyproj.Geod`; what is neglected below grows with (edge / radius)^4."""

MOST_DISTORTION = 0.01
"""Part of an area by which a plane may be off where the data lie: Gauss-Krueger in the zone next to its own is off by
0.2 %, Web Mercator at 38 N by 61 %."""


class AreaMethod(Protocol):
    """How areas are measured. `name` and `parameters` say so in every result."""

    @property
    def name(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, Any]: ...

    def measure(self, polygons: NDArray[np.object_]) -> tuple[Floats, Floats]:
        """Area (m2) and perimeter (m) of each Polygon or MultiPolygon; 0 for None and empty ones."""


@dataclass(frozen=True, slots=True)
class Geodesic:
    """Area on the CGCS2000 ellipsoid.

    The area under a geodesic edge is its trapezium of authalic heights plus the bulge between the geodesic and the
    straight line in longitude and latitude, from the geodesic equation; both together, for small edges, are

        dlon * ((Q1 + Q2) / 2 + sin(lat) / 12 * (r^2 dlon^2 + 3 M^2 dlat^2)),

    Q being the area per radian below the latitude, r the radius of the parallel and M of the meridian in the middle.
    """

    name: str = "geodesic"
    parameters: Mapping[str, Any] = field(
        default_factory=lambda: {
            "ellipsoid": "CGCS2000",
            "semi_major_axis": SEMI_MAJOR,
            "inverse_flattening": INVERSE_FLATTENING,
        }
    )

    def measure(self, polygons: NDArray[np.object_]) -> tuple[Floats, Floats]:
        """Area (m2) and perimeter (m) of each Polygon or MultiPolygon; 0 for None and empty ones."""
        area, perimeter = np.zeros(len(polygons)), np.zeros(len(polygons))
        for start in range(0, len(polygons), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            area[chunk], perimeter[chunk] = _geodesic(polygons[chunk])
        return area, perimeter


@dataclass(frozen=True, slots=True)
class Plane:
    """Area in a projected CRS, such as a Gauss-Krueger zone ("EPSG:4548"): what permits and plan texts state."""

    crs: str
    name: str = "plane"

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {"crs": self.crs}

    def check(self, place: Box | None = None) -> None:
        """Refuse a CRS that cannot measure, or that cannot measure here.

        Args:
            place: degrees, where the data lie; None where that is not known.

        Raises:
            InputError: the CRS is unknown, not projected or not in metres; its area of use does not meet the place,
                or its plane areas there are off by more than `MOST_DISTORTION`.
        """
        _transformer(self.crs)
        if place is not None:
            _check_place(self.crs, place)

    def measure(self, polygons: NDArray[np.object_]) -> tuple[Floats, Floats]:
        """Area and perimeter of each Polygon or MultiPolygon in the CRS's own metres; 0 for None and empty ones.

        Raises:
            InputError: the CRS is unknown, not projected or not in metres.
        """
        transformer = _transformer(self.crs)
        flat = shapely.transform(polygons, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))
        return np.nan_to_num(shapely.area(flat)), np.nan_to_num(shapely.length(flat))


def _geodesic(polygons: NDArray[np.object_]) -> tuple[Floats, Floats]:
    parts, owner = shapely.get_parts(polygons, return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return np.zeros(len(polygons)), np.zeros(len(polygons))
    area, perimeter = _ring_measures(rings)
    exterior = np.ones(len(rings), dtype=bool)
    exterior[1:] = part_of[1:] != part_of[:-1]
    signed = np.where(exterior, area, -area)
    owners = owner[part_of]
    return (
        np.bincount(owners, signed, len(polygons)),
        np.bincount(owners, perimeter, len(polygons)),
    )


def _check_place(crs: str, place: Box) -> None:
    from pyproj import CRS, Proj

    target = CRS.from_user_input(crs)
    used = target.area_of_use
    x, y = (place.west + place.east) / 2, (place.south + place.north) / 2
    remedy = f"a Gauss-Krueger or other transverse Mercator system of the place, e.g. {_gauss_krueger(x)}"
    if used is not None:
        east_west = used.west > used.east or (used.west <= place.east and used.east >= place.west)
        if not (east_west and used.south <= place.north and used.north >= place.south):
            what = f"{target.name} is for {used.name or 'another place'}; the data lie near {x:.1f} E, {y:.1f} N"
            raise InputError("Input 'areaCrs' names a CRS of another place", Fault("areaCrs", what[:300], remedy))
    scale = Proj(target).get_factors(x, y).areal_scale
    if not abs(scale - 1) <= MOST_DISTORTION:
        what = f"areas in {target.name} are {scale:.3g} times the true ones near {x:.1f} E, {y:.1f} N"
        raise InputError(
            "Input 'areaCrs' names a CRS that does not keep areas here", Fault("areaCrs", what[:300], remedy)
        )


def _gauss_krueger(longitude: float) -> str:
    """The 3-degree zone of CGCS2000 without zone prefix, EPSG:4534 (75 E) to 4554 (135 E), that is nearest."""
    zone = min(max(round((longitude - 75) / 3), 0), 20)
    return f"EPSG:{4534 + zone}, CGCS2000 / 3-degree Gauss-Kruger CM {75 + 3 * zone}E"


@lru_cache(maxsize=16)
def _transformer(crs: str) -> Any:
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError

    try:
        target = CRS.from_user_input(crs)
    except CRSError as error:
        raise InputError(
            "Input 'areaCrs' names no known CRS", Fault("areaCrs", f"'{crs}'", "e.g. EPSG:4548")
        ) from error
    if not target.is_projected or any(axis.unit_conversion_factor != 1 for axis in target.axis_info):
        raise InputError(
            "Input 'areaCrs' names no projected CRS in metres",
            Fault("areaCrs", target.name, "e.g. EPSG:4548, CGCS2000 / 117E"),
        )
    return Transformer.from_crs(4490, target, always_xy=True)


def _authalic(sine: Floats, z: Floats) -> Floats:
    """Area in m2 per radian of longitude between the equator and a latitude; `z` is (e sine)^2.

    The closed form has artanh(e sine) / e, here as its series: z is below 0.0067, the next term below 1e-16.
    """
    series = 1 + z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z / 13)))))
    return SEMI_MAJOR**2 * (1 - _E2) / 2 * sine * (1 / (1 - z) + series)


def _ring_measures(rings: NDArray[np.object_]) -> tuple[Floats, Floats]:
    """Area (not signed) and perimeter of linear rings in degrees."""
    degrees, ring_of = shapely.get_coordinates(rings, return_index=True)
    longitude, latitude = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    edge = ring_of[1:] == ring_of[:-1]
    first = np.flatnonzero(np.concatenate([[True], ~edge]))
    sine = np.sin(latitude)
    z = _E2 * sine * sine
    # heights count from each ring's own first point: the sum keeps its digits, since a ring's dlon add up to nothing
    height = _authalic(sine, z)
    height -= height[first][ring_of]
    normal = SEMI_MAJOR / np.sqrt(1 - z)
    radius = normal * np.sqrt(1 - sine * sine)
    meridian = normal * ((1 - _E2) / (1 - z))
    run = np.where(edge, np.diff(longitude), 0.0)
    run -= 2 * np.pi * np.round(run / (2 * np.pi))
    rise = np.where(edge, np.diff(latitude), 0.0)
    # what stands at the middle of an edge is the mean of its ends: good to (edge / radius)^2 of a term of that order
    north = (rise * _middle(meridian)) ** 2
    east = (run * _middle(radius)) ** 2
    strip = run * (_middle(height) + _middle(sine) * ((east + 3 * north) / 12))
    length = np.sqrt(north + east)
    owners = ring_of[:-1]
    area = np.abs(np.bincount(owners, strip, len(rings)))
    perimeter = np.bincount(owners, length, len(rings))
    for long in np.unique(owners[length > LONGEST_EDGE]):
        area[long], perimeter[long] = _geod(rings[long])
    return area, perimeter


def _middle(values: Floats) -> Floats:
    mean: Floats = (values[1:] + values[:-1]) / 2
    return mean


def _geod(ring: Any) -> tuple[float, float]:
    from pyproj import Geod

    geod = Geod(a=SEMI_MAJOR, rf=INVERSE_FLATTENING)
    xy = shapely.get_coordinates(ring)
    area, perimeter = geod.polygon_area_perimeter(xy[:, 0], xy[:, 1])
    return abs(float(area)), float(perimeter)
