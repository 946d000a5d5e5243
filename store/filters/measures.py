"""Geodesic measures of a geometry on the CGCS2000 ellipsoid, as PostGIS computes them for `geography`.

Both stores follow Karney's algorithm (GeographicLib, by PROJ), edges being geodesics: they agree to 1e-9.
"""

from functools import cache
from typing import Any

import sqlalchemy as sa

SEMI_MAJOR = 6378137.0
INVERSE_FLATTENING = 298.257222101


@cache
def _ellipsoid() -> Any:
    from pyproj import Geod

    return Geod(a=SEMI_MAJOR, rf=INVERSE_FLATTENING)


def _rings(shape: Any) -> list[tuple[float, float]]:
    """Area (negative for holes) and length of each ring of the polygons of a geometry."""
    import shapely

    found = []
    for polygon in shapely.get_parts(shape):
        if polygon.geom_type != "Polygon":
            continue
        for number, ring in enumerate([polygon.exterior, *polygon.interiors]):
            xy = shapely.get_coordinates(ring)
            area, around = _ellipsoid().polygon_area_perimeter(xy[:, 0], xy[:, 1])
            found.append((-abs(area) if number else abs(area), around))
    return found


def area(shape: Any) -> float:
    """Square metres of the polygons of a geometry."""
    return float(sum(one for one, _ in _rings(shape)))


def perimeter(shape: Any) -> float:
    """Metres of the borders of the polygons of a geometry, those of holes too."""
    return float(sum(around for _, around in _rings(shape)))


def length(shape: Any) -> float:
    """Metres of the lines of a geometry."""
    import shapely

    lines = [one for one in shapely.get_parts(shape) if one.geom_type == "LineString"]
    return float(sum(_ellipsoid().line_length(*shapely.get_coordinates(one).T) for one in lines))


def on_ellipsoid(name: str) -> Any:
    """PostGIS's own measure of that name: makes the SQL from the geometry column."""

    def made(geometry: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        found: sa.ColumnElement[Any] = getattr(sa.func, name)(sa.func.geography(geometry), type_=sa.Double())
        return found

    return made
