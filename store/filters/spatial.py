"""Geometry literals and the eight spatial functions.

Coordinates come in the filter's CRS, axes in its authority's order, and leave as x, y in EPSG:4490, rounded like stored
geometries: so that a border read from this server touches its own feature. Straight lines of a projected system are
curves here and are followed to a few centimetres.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import shapely
from pygeofilter import ast

from config.errors import ParameterError
from store import crs as systems
from store.criteria import Box
from store.crs import Crs
from store.filters import tree
from store.filters.functions import Kind
from store.filters.values import Refuse, Value, described
from store.places import regions
from store.render import rounded

MOST_VERTICES = 100_000
MOST_CROSSED = 500  # of a line that crosses itself, where a relation needs all of its crossings
STEP = 1_000.0  # metres along a straight line between points that follow its curve

RELATIONS: Mapping[str, type[ast.SpatialComparisonPredicate]] = {
    "s_intersects": ast.GeometryIntersects,
    "s_disjoint": ast.GeometryDisjoint,
    "s_equals": ast.GeometryEquals,
    "s_touches": ast.GeometryTouches,
    "s_within": ast.GeometryWithin,
    "s_contains": ast.GeometryContains,
    "s_overlaps": ast.GeometryOverlaps,
    "s_crosses": ast.GeometryCrosses,
}
_FLIPPED = {"s_within": "s_contains", "s_contains": "s_within"}
_INDEXED = frozenset({"s_intersects", "s_disjoint"})
_OF_ITSELF = frozenset({"s_intersects", "s_equals", "s_within", "s_contains"})
_TYPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")

DECIDE: Mapping[type[ast.SpatialComparisonPredicate], Callable[..., Any]] = {
    ast.GeometryIntersects: shapely.intersects,
    ast.GeometryDisjoint: shapely.disjoint,
    ast.GeometryEquals: shapely.equals,
    ast.GeometryTouches: shapely.touches,
    ast.GeometryWithin: shapely.within,
    ast.GeometryContains: shapely.contains,
    ast.GeometryOverlaps: shapely.overlaps,
    ast.GeometryCrosses: shapely.crosses,
}
"""The predicates as shapely has them, vectorised; the first operand is the feature's geometry."""


def relation(name: str, lhs: Value, rhs: Value, refuse: Refuse) -> Any:
    """The node of a spatial function: the geometry of the feature first, then the literal."""
    for one in (lhs, rhs):
        if one.kind is not Kind.GEOMETRY:
            raise refuse(f"{described(one)} is no geometry", f"{name.upper()} takes geometries")
    if lhs.literal and rhs.literal:
        return bool(DECIDE[RELATIONS[name]](lhs.node.geometry, rhs.node.geometry))
    if not lhs.literal and not rhs.literal:
        return tree.Known(lhs.node, name in _OF_ITSELF)
    if lhs.literal:
        name, lhs, rhs = _FLIPPED.get(name, name), rhs, lhs
    made, shape = RELATIONS[name], rhs.node.geometry
    _check_cost(name, shape, refuse)
    if shape.geom_type != "GeometryCollection":
        return made(lhs.node, rhs.node)
    if name not in _INDEXED:
        remedy = "use S_INTERSECTS or S_DISJOINT, or geometries of one dimension"
        raise refuse(f"{name.upper()} takes no collection of points, lines and areas", remedy)
    pieces = [made(lhs.node, tree.Shape(one)) for one in shape.geoms]
    return tree.balanced(ast.Or if name == "s_intersects" else ast.And, pieces)


def _check_cost(name: str, shape: Any, refuse: Refuse) -> None:
    """A long line that crosses itself is cut at all its crossings anew for each feature, which may take hours."""
    if name in _INDEXED or shapely.get_num_coordinates(shape) <= MOST_CROSSED or shapely.get_dimensions(shape) != 1:
        return
    if not shapely.is_simple(shape):
        remedy = f"use S_INTERSECTS, or a line without crossings, or one of at most {MOST_CROSSED} positions"
        raise refuse(f"{name.upper()} takes no long line that crosses itself", remedy)


def literal(item: Mapping[str, Any], crs: Crs, refuse: Refuse) -> tree.Shape:
    """A GeoJSON geometry or a box, in `crs`, as the store has geometries."""
    if "bbox" in item:
        return _checked([_box(item["bbox"], crs, refuse)], refuse)
    return _checked(list(_parts(_read(item, refuse), crs, refuse)), refuse)


def _read(item: Mapping[str, Any], refuse: Refuse) -> Any:
    if item["type"] not in _TYPES:
        raise refuse(f"'{str(item['type'])[:40]}' is no type of geometry", "use one of: " + ", ".join(_TYPES))
    try:
        shape = shapely.from_geojson(orjson.dumps(item))
    except (shapely.errors.GEOSException, TypeError) as error:
        reason = str(error).partition(": ")[2].strip()[:160] or "it cannot be read"
        raise refuse(f"a geometry is not right: {reason}", "give it as GeoJSON or WKT has it") from error
    if shapely.is_empty(shape):
        raise refuse("a geometry is empty", "give it coordinates")
    if shapely.get_num_coordinates(shape) > MOST_VERTICES:
        raise refuse("a geometry has too many positions", f"give at most {MOST_VERTICES}")
    return shapely.force_2d(shape)


def _parts(shape: Any, crs: Crs, refuse: Refuse) -> Iterator[Any]:
    """The geometry, or the members of a collection, in storage coordinates."""
    if shape.geom_type == "GeometryCollection":
        for one in shape.geoms:
            if not one.is_empty:
                yield from _parts(one, crs, refuse)
        return
    if crs.projected:
        shape = shapely.segmentize(shape, max(STEP, shape.length / MOST_VERTICES))
    yield _within_world(shapely.transform(shape, crs.inverse), crs, refuse)


def _within_world(shape: Any, crs: Crs, refuse: Refuse) -> Any:
    xy = shapely.get_coordinates(shape)
    if not np.isfinite(xy).all() or (np.abs(xy) > (180.0, 90.0)).any():
        order = "longitude, latitude" if not crs.swap else "latitude, longitude"
        order = order if not crs.projected else "north, east" if crs.swap else "east, north"
        raise refuse(f"a position lies outside the world or its CRS {crs.uri}", f"its axes are {order}")
    reason = shapely.is_valid_reason(shape)
    if reason != "Valid Geometry":
        raise refuse(f"a geometry is invalid: {reason[:120]}", "give a valid one: no ring crosses itself or another")
    return shape


def _box(numbers: Any, crs: Crs, refuse: Refuse) -> Any:
    """West, south, east, north in the axis order of `crs`; west > east crosses the antimeridian."""
    wanted = isinstance(numbers, list) and len(numbers) in (4, 6)
    if not wanted or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
        raise refuse("a BBOX has not four numbers", "write BBOX(west, south, east, north)")
    half = len(numbers) // 2
    corners = np.array([numbers[:2], numbers[half : half + 2]], dtype=float)
    if not crs.projected:
        _within_world(shapely.multipoints(crs.inverse(corners)), crs, refuse)
    try:
        box: Box | None = systems.to_box(numbers, crs, "bbox")
    except ParameterError as error:
        raise refuse(error.faults[0].what, error.remedy) from error
    if box is None:
        raise refuse(f"a BBOX lies outside its CRS {crs.uri}", "give one within it")
    found = [one.shape for one in regions(box)]
    return found[0] if len(found) == 1 else shapely.union_all(found)


def _checked(parts: Sequence[Any], refuse: Refuse) -> tree.Shape:
    """Rounded and valid; a collection only where dimensions remain mixed after what lies in areas is left out."""
    shapes = [one for one in rounded(np.array(parts, dtype=object)) if one is not None]
    valid = [one if shapely.is_valid(one) else shapely.make_valid(one) for one in shapes]
    if len(valid) == 1 and valid[0].geom_type != "GeometryCollection":
        return tree.Shape(valid[0])
    kept: list[Any] = []
    flat = shapely.get_parts(shapely.get_parts(np.array(valid, dtype=object)))
    for dimension in (2, 1, 0):
        mine = [one for one in flat if shapely.get_dimensions(one) == dimension]
        piece = shapely.difference(shapely.union_all(mine), shapely.union_all(kept)) if mine else None
        if piece is not None and not piece.is_empty:
            kept.append(piece)
    if not kept:
        raise refuse("a geometry is smaller than the store's coordinates are exact", "give a larger one")
    return tree.Shape(kept[0] if len(kept) == 1 else shapely.geometrycollections(kept))
