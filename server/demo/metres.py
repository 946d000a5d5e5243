"""From metres to degrees and back, and geodesic areas, all on CGCS2000.

Plane coordinates are (east, north) of a 3-degree Gauss-Krueger zone without prefix (EPSG:4548: central meridian
117E); degrees are (lon, lat) rounded to 9 decimals, once, before anything shares them.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer

GEOD = Geod(a=6378137.0, rf=298.257222101)
DECIMALS = 9
ZONE_117 = 4548
ZONE_114 = 4547

Points = NDArray[np.float64]


@lru_cache(maxsize=8)
def _forward(zone: int) -> Transformer:
    return Transformer.from_crs(4490, zone, always_xy=True)


def to_plane(points: Points, zone: int = ZONE_117) -> Points:
    """(lon, lat) of shape (..., 2) to (east, north) metres."""
    east, north = _forward(zone).transform(points[..., 0], points[..., 1])
    return np.stack([east, north], axis=-1)


def to_degrees(points: Points, zone: int = ZONE_117) -> Points:
    """(east, north) metres of shape (..., 2) to (lon, lat), rounded to 9 decimals."""
    lon, lat = _forward(zone).transform(points[..., 0], points[..., 1], direction="INVERSE")
    return np.round(np.stack([lon, lat], axis=-1), DECIMALS)


def area(shape: shapely.Geometry) -> float:
    """Geodesic area in square metres."""
    return abs(float(GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0]))


def plane_areas(shapes: NDArray[np.object_], zone: int = ZONE_117) -> NDArray[np.float64]:
    """Plane areas in the Gauss-Krueger zone, as plan texts state them, in square metres."""
    moved = shapely.transform(shapes, lambda xy: to_plane(xy, zone))
    areas: NDArray[np.float64] = np.round(shapely.area(moved), 2)
    return areas


def solve(shape_of: Callable[[float], shapely.Geometry], wanted: float, low: float, high: float) -> shapely.Geometry:
    """The shape whose geodesic area is `wanted` (m2): `shape_of` grows with its argument from `low` to `high`."""
    small, large = area(shape_of(low)), area(shape_of(high))
    if not small <= wanted <= large:
        raise ValueError(f"{wanted} m2 lies outside {small:.1f} to {large:.1f} m2")
    for _ in range(60):
        middle = low + (high - low) * (wanted - small) / (large - small)
        shape = shape_of(middle)
        found = area(shape)
        if abs(found - wanted) < 5e-3 or high - low < 1e-7:
            break
        if found < wanted:
            low, small = middle, found
        else:
            high, large = middle, found
    return shape
