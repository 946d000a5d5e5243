"""Finished GeoJSON Feature texts from geometry and attributes, and back to their parts; all in bulk.

The stored text is CRS84 (RFC 7946): coordinates x, y with at most 9 decimals, each the shortest text of the very
double that the WKB carries, so that text -> WKB -> text is the identity. Its layout is fixed:
`{"type":"Feature","id":...,"geometry":...,"properties":{...}}`, no spaces, so that parts can be exchanged
without reading the whole. A quote inside a JSON string is always escaped, so the seams cannot occur in a value.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from config.layers import Layer
from store.criteria import END_OF_TIME
from store.crs import Crs

DECIMALS = 9

_SEAM_GEOMETRY = ',"geometry":'
_SEAM_PROPERTIES = ',"properties":'
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC

_NAMES = {0: "Point", 1: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString", 6: "MultiPolygon"}
_MULTI = 4  # type ids from here on hold parts


def rounded(geometries: NDArray[np.object_], decimals: int = DECIMALS) -> NDArray[np.object_]:
    """Geometries in two dimensions with each coordinate rounded by itself; empty ones become None.

    Rounding is idempotent. It can make a geometry invalid (a sliver closes): check validity afterwards.
    """
    flat = shapely.force_2d(geometries)
    # Adding zero turns -0.0 into 0.0.
    done: NDArray[np.object_] = shapely.transform(flat, lambda xy: np.round(xy, decimals) + 0.0)
    done[shapely.is_empty(done)] = None
    return done


def normalise(wkb: NDArray[np.object_]) -> NDArray[np.object_]:
    """WKB (x, y in EPSG:4490) as the store keeps it: 2D, little endian, 9 decimals; None for none or empty.

    Raises:
        shapely.errors.GEOSException: bytes that are not WKB.
    """
    done: NDArray[np.object_] = shapely.to_wkb(
        rounded(shapely.from_wkb(wkb)), output_dimension=2, byte_order=1, include_srid=False
    )
    return done


def coordinates(geometries: NDArray[np.object_]) -> list[Any]:
    """GeoJSON `coordinates` of each geometry as nested lists over arrays (n, 2); None where there is no geometry.

    Raises:
        ValueError: a geometry that is empty or a collection.
    """
    types = shapely.get_type_id(geometries)
    unknown = [int(one) for one in np.unique(types) if one >= 0 and int(one) not in _NAMES]
    if unknown:
        raise ValueError(f"geometries of type ids {unknown} have no place in a layer")
    parts, owners = shapely.get_parts(geometries, return_index=True)
    nested: list[list[Any]] = [[] for _ in range(len(geometries))]
    polygonal = shapely.get_type_id(parts) == 3
    by_part: list[Any] = [None] * len(parts)
    rings, ring_owners = shapely.get_rings(parts[polygonal], return_index=True)
    for index, arrays in zip(np.flatnonzero(polygonal).tolist(), _grouped(rings, ring_owners), strict=True):
        by_part[index] = arrays
    for index, array in zip(np.flatnonzero(~polygonal).tolist(), _slices(parts[~polygonal]), strict=True):
        by_part[index] = array
    points = shapely.get_type_id(parts) == 0
    for index in np.flatnonzero(points).tolist():
        by_part[index] = by_part[index][0]
    for owner, part in zip(owners.tolist(), by_part, strict=True):
        nested[owner].append(part)
    return [
        None if kind < 0 else found if kind >= _MULTI else found[0]
        for kind, found in zip(types.tolist(), nested, strict=True)
    ]


def _slices(geometries: NDArray[np.object_]) -> list[NDArray[np.float64]]:
    """The coordinates of each simple geometry, as views of one array."""
    xy, owners = shapely.get_coordinates(geometries, return_index=True)
    ends = np.cumsum(np.bincount(owners, minlength=len(geometries))).tolist()
    return [xy[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)] if ends else []


def _grouped(rings: NDArray[np.object_], owners: NDArray[np.int64]) -> list[list[NDArray[np.float64]]]:
    arrays = _slices(rings)
    ends = np.cumsum(np.bincount(owners)).tolist() if len(owners) else []
    return [arrays[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)] if ends else []


def geometry_objects(geometries: NDArray[np.object_]) -> list[dict[str, Any] | None]:
    """GeoJSON geometry objects whose coordinates orjson writes with OPT_SERIALIZE_NUMPY."""
    kinds = shapely.get_type_id(geometries).tolist()
    return [
        None if kind < 0 else {"type": _NAMES[kind], "coordinates": found}
        for kind, found in zip(kinds, coordinates(geometries), strict=True)
    ]


def values(column: NDArray[Any] | Sequence[Any]) -> list[Any]:
    """A column as Python values; NaN and NaT are None."""
    listed: list[Any] = column.tolist() if isinstance(column, np.ndarray) else list(column)
    return [None if one is None or one != one else one for one in listed]


def features(
    layer: Layer,
    ids: Sequence[str],
    geometries: NDArray[np.object_],
    columns: Mapping[str, NDArray[Any] | Sequence[Any]],
    validity: Sequence[tuple[date, date]],
) -> list[str]:
    """The stored texts of many features.

    Args:
        layer: fixes the order of the properties; a column that is missing is null in each feature.
        ids: feature ids.
        geometries: shapely geometries as `rounded` gives them, None for none.
        columns: attribute values by name.
        validity: [valid_from, valid_to) of each; END_OF_TIME is written null.
    """
    count = len(ids)
    names = [one.name for one in layer.attributes]
    listed = [values(columns[name]) if name in columns else [None] * count for name in names]
    names += ["valid_from", "valid_to"]
    starts = [start for start, _ in validity]
    ends = [None if end == END_OF_TIME else end for _, end in validity]
    rows = zip(*listed, starts, ends, strict=True)
    return [
        orjson.dumps(
            {"type": "Feature", "id": id, "geometry": geometry, "properties": dict(zip(names, row, strict=True))},
            option=_OPTIONS,
        ).decode()
        for id, geometry, row in zip(ids, geometry_objects(geometries), rows, strict=True)
    ]


def parts(text: str) -> tuple[str, str, str]:
    """A stored text cut at its seams: `{"type":"Feature","id":"..."`, the geometry, and `{...}` of properties."""
    first = text.index(_SEAM_GEOMETRY)
    second = text.index(_SEAM_PROPERTIES, first)
    return text[:first], text[first + len(_SEAM_GEOMETRY) : second], text[second + len(_SEAM_PROPERTIES) : -1]


def with_properties(text: str, change: Callable[[dict[str, Any]], None]) -> str:
    """A stored text with its properties changed in place."""
    head, geometry, tail = parts(text)
    properties = orjson.loads(tail)
    change(properties)
    return f"{head}{_SEAM_GEOMETRY}{geometry}{_SEAM_PROPERTIES}{orjson.dumps(properties).decode()}}}"


def reshape(
    texts: Sequence[str],
    wkb: Sequence[bytes | None] | None = None,
    crs: Crs | None = None,
    properties: Sequence[str] | None = None,
    *,
    geometry: bool = True,
) -> list[str]:
    """Stored texts in another CRS (axis order of its authority), with some properties only, or without geometry.

    Args:
        texts: stored texts.
        wkb: geometries as stored, needed where `crs` is given.
        crs: None leaves the coordinates as they are.
        properties: names to keep, in the layer's order; None keeps all.
        geometry: False writes null.
    """
    shapes: Sequence[str | None] = [None] * len(texts)
    if geometry and crs is not None and wkb is not None:
        shapes = _in_crs(wkb, crs)
    done = []
    for text, shape in zip(texts, shapes, strict=True):
        head, stored, tail = parts(text)
        kept = (shape or stored) if geometry else "null"
        if properties is not None:
            every = orjson.loads(tail)
            tail = orjson.dumps({name: value for name, value in every.items() if name in properties}).decode()
        done.append(f"{head}{_SEAM_GEOMETRY}{kept}{_SEAM_PROPERTIES}{tail}}}")
    return done


def _in_crs(wkb: Sequence[bytes | None], crs: Crs) -> list[str]:
    stored = np.empty(len(wkb), dtype=object)
    stored[:] = wkb
    moved = crs.transform(shapely.from_wkb(stored))
    return [orjson.dumps(one, option=_OPTIONS).decode() for one in geometry_objects(moved)]
