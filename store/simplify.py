"""Geometries made simpler for a map of a zoom level: OGC API - Features - Part 7 (24-020, draft), `zoom-level`.

A zoom level is that of WebMercatorQuad with tiles of 256 pixels. Points of a line or ring that are less than half a
pixel off are left out; what stays lies where it lay, to the last digit. Holes and parts of a multi-geometry that are
smaller than a pixel are left out too, but never the largest part: each feature keeps a geometry, of its type, and a
valid polygon stays valid. Where the polygons given together do not overlap, the borders that they share are made
simpler once, so that neighbours still meet; neighbours that are not among them are not known here.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from store import render

PIXEL = 360 / 256
"""Degrees of longitude in a pixel of level 0."""

MOST_LEVEL = 30.0
"""Where half a pixel is less than the last decimal that the store keeps: nothing becomes simpler."""

_STEEPEST = 85.06  # degrees: WebMercatorQuad ends there
_POLYGON, _MULTI_LINE, _MULTI_POLYGON = 3, 5, 6
_SINGLE = {_MULTI_LINE: 1, _MULTI_POLYGON: _POLYGON}
_JOINED = {_MULTI_LINE: shapely.multilinestrings, _MULTI_POLYGON: shapely.multipolygons}

Shapes = NDArray[np.object_]


def simplified(shapes: Shapes, level: float) -> Shapes:
    """Geometries for a map of a zoom level.

    Args:
        shapes: shapely geometries, x, y in EPSG:4490; None stays None.
        level: at least 0, decimals allowed.
    """
    if not len(shapes) or level >= MOST_LEVEL:
        return shapes
    pixel = PIXEL / 2**level
    kinds = shapely.get_type_id(shapes)
    polygonal = np.isin(kinds, (_POLYGON, _MULTI_POLYGON))
    together = bool(polygonal.sum() > 1) and bool(shapely.coverage_is_valid(shapes[polygonal]))
    stretch = _stretch(shapes, together=together)
    made = _stretched(shapes, stretch)
    holed = _without_small_holes(made[polygonal], pixel)
    if not together or shapely.coverage_is_valid(holed):
        made[polygonal] = holed  # else a neighbour lies in such a hole
    made = _without_small_parts(made, kinds, pixel)
    if together:
        made[polygonal] = shapely.coverage_simplify(made[polygonal], pixel / 2)
    made[~polygonal | (not together)] = shapely.simplify(made[~polygonal | (not together)], pixel / 2)
    made = _of_kind(render.rounded(_stretched(made, 1 / stretch)), kinds)
    bad = (shapely.is_empty(made) | ~shapely.is_valid(made)) & (kinds >= 0)
    made[bad] = shapes[bad]
    return made


def wkb(stored: Sequence[bytes | None], level: float) -> list[bytes | None]:
    """`simplified` from WKB to WKB."""
    given = np.empty(len(stored), dtype=object)
    given[:] = stored
    made: list[bytes | None] = shapely.to_wkb(simplified(shapely.from_wkb(given), level), byte_order=1).tolist()
    return made


def _stretch(shapes: Shapes, *, together: bool) -> NDArray[np.float64]:
    """What makes a degree of latitude as long as one of longitude, as Web Mercator does: by the middle of each
    geometry, or of all where borders are shared."""
    bounds = shapely.bounds(shapes)
    south, north = bounds[:, 1], bounds[:, 3]
    if together:
        south, north = np.full(len(shapes), np.nanmin(south)), np.full(len(shapes), np.nanmax(north))
    middle = np.clip(np.nan_to_num((south + north) / 2), -_STEEPEST, _STEEPEST)
    made: NDArray[np.float64] = 1 / np.cos(np.radians(middle))
    return made


def _stretched(shapes: Shapes, factors: NDArray[np.float64]) -> Shapes:
    """Geometries with the ordinates of each multiplied by its factor."""
    xy, owners = shapely.get_coordinates(shapes, return_index=True)
    xy[:, 1] *= factors[owners]
    made: Shapes = shapely.set_coordinates(shapes.copy(), xy)
    return made


def _of_kind(shapes: Shapes, kinds: NDArray[np.int64]) -> Shapes:
    """A multi-geometry of one part is still one: GEOS gives the part."""
    made = shapes.copy()
    for kind, join in _JOINED.items():
        single = np.flatnonzero((kinds == kind) & (shapely.get_type_id(shapes) == _SINGLE[kind]))
        made[single] = join(shapes[single], indices=np.arange(len(single)))
    return made


def _sizes(shapes: Any) -> NDArray[np.float64]:
    bounds = shapely.bounds(shapes)
    made: NDArray[np.float64] = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    return made


def _without_small_holes(shapes: Shapes, pixel: float) -> Shapes:
    """Polygons and multi-polygons without holes smaller than a pixel."""
    parts, owners = shapely.get_parts(shapes, return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    first = np.r_[True, part_of[1:] != part_of[:-1]] if len(rings) else np.zeros(0, dtype=bool)
    small = ~first & (_sizes(rings) < pixel)
    touched = np.unique(part_of[small])
    if not len(touched):
        return shapes
    for part in touched.tolist():
        mine = part_of == part
        holes = rings[mine & ~first & ~small]
        parts[part] = shapely.polygons(rings[mine & first][0], holes if len(holes) else None)
    made = shapes.copy()
    for owner in np.unique(owners[touched]).tolist():
        mine = parts[owners == owner]
        made[owner] = mine[0] if shapely.get_type_id(shapes[owner]) == _POLYGON else shapely.multipolygons(mine)
    return made


def _without_small_parts(shapes: Shapes, kinds: NDArray[np.int64], pixel: float) -> Shapes:
    """Multi-lines and multi-polygons without parts smaller than a pixel, but for the largest."""
    made = shapes.copy()
    for kind, join in _JOINED.items():
        places = np.flatnonzero((kinds == kind) & (shapely.get_num_geometries(shapes) > 1))
        parts, owners = shapely.get_parts(made[places], return_index=True)
        sizes = _sizes(parts)
        if not (sizes < pixel).any():
            continue
        largest = np.zeros(len(places))
        np.maximum.at(largest, owners, sizes)
        kept = (sizes >= pixel) | (sizes == largest[owners])
        made[places] = join(parts[kept], indices=owners[kept])
    return made
