"""GeoJSON geometries that others send (RFC 7946, 3.1): read, or why they cannot be, said of the very position."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import shapely

from config.errors import Fault

_DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_CLOSED = frozenset({"Polygon", "MultiPolygon"})
_LINE = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}
"""The least number of positions of a line and of a ring."""


def read(value: Any, where: str) -> shapely.Geometry | Fault:
    """The geometry of a GeoJSON object, coordinates as they stand there; or what is wrong with it and where.

    Args:
        value: a JSON value.
        where: the name of the member that holds it, for the fault.
    """
    kind = value.get("type") if isinstance(value, Mapping) else value
    if not isinstance(value, Mapping) or not isinstance(kind, str) or kind not in _DEPTHS:
        return Fault(where, f"{str(kind)[:40]!r} is no type of geometry", f"use one of {', '.join(_DEPTHS)}")
    coordinates = value.get("coordinates")
    try:
        return shapely.from_geojson(orjson.dumps({"type": kind, "coordinates": coordinates}))
    except (shapely.errors.GEOSException, TypeError) as error:
        found = _explain(f"{where}.coordinates", coordinates, kind, _DEPTHS[kind])
        return found or Fault(where, f"it cannot be read: {str(error).strip()[:120]}", "see RFC 7946, section 3.1")


def _explain(where: str, value: Any, kind: str, depth: int) -> Fault | None:
    """The first thing that is wrong with coordinates nested `depth` times."""
    if depth == 0:
        return (
            None if _is_position(value) else Fault(where, f"{str(value)[:60]} is no position", "two or three numbers")
        )
    if not isinstance(value, Sequence) or isinstance(value, str):
        return Fault(
            where, f"{str(value)[:60]!r} is no list", "a list of positions" if depth == 1 else "a list of lists"
        )
    for number, part in enumerate(value):
        found = _explain(f"{where}[{number}]", part, kind, depth - 1)
        if found is not None:
            return found
    if depth == 1 and kind in _LINE:
        return _explain_line(where, value, kind)
    return None


def _explain_line(where: str, line: Sequence[Any], kind: str) -> Fault | None:
    if kind in _CLOSED and line and line[0] != line[-1]:
        return Fault(where, "the ring is not closed", f"repeat its first position, {line[0]}, at its end")
    if len(line) < _LINE[kind]:
        return Fault(where, f"{len(line)} positions are too few", f"at least {_LINE[kind]}")
    return None


def _is_position(value: Any) -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) not in (2, 3):
        return False
    return all(isinstance(one, int | float) and not isinstance(one, bool) for one in value)
