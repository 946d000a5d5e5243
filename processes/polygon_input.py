"""A GeoJSON polygon as an input: what is wrong with it, said so that its sender can mend it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import shapely

from config.errors import Fault
from processes.inputs import InputError

MOST_VERTICES = 100_000
"""Positions of one polygon that a caller sends: the most detailed county border has about a tenth of it."""

_RING = "at least four positions [longitude, latitude], the last one equal to the first"


def check(name: str, value: Mapping[str, Any]) -> None:
    """Refuse what is no polygon of RFC 7946 in longitude and latitude.

    Args:
        name: of the input.
        value: an object whose `type` is Polygon or MultiPolygon.

    Raises:
        InputError: names the input and the ring, what is wrong and what would be right.
    """
    whole = value["type"] == "Polygon"
    polygons = [value["coordinates"]] if whole else value["coordinates"]
    if not polygons:
        raise _refused(f"{name}.coordinates", "it is empty", "at least one polygon")
    left = MOST_VERTICES
    for number, polygon in enumerate(polygons):
        where = f"{name}.coordinates" if whole else f"{name}.coordinates[{number}]"
        if not isinstance(polygon, Sequence) or isinstance(polygon, str) or not polygon:
            raise _refused(where, "it has no ring", f"an outer ring, then its holes: {_RING}")
        for place, ring in enumerate(polygon):
            left -= len(ring) if isinstance(ring, Sequence) else 0
            if left < 0:
                raise _refused(name, f"it has more than {MOST_VERTICES} positions", "a simpler outline")
            _check_ring(f"{where}[{place}]", ring)
    shape = shapely.from_geojson(orjson.dumps({"type": value["type"], "coordinates": value["coordinates"]}))
    if not shape.is_valid:
        reason, _, at = shapely.is_valid_reason(shape).partition("[")
        found = f"{reason[:1].lower()}{reason[1:]}" + (f" near {at.rstrip(']')}" if at else "")
        raise _refused(name, found, "rings that neither cross nor overlap themselves or each other")


def _check_ring(where: str, ring: Any) -> None:
    if not isinstance(ring, Sequence) or isinstance(ring, str) or not ring:
        raise _refused(where, "it has no positions", _RING)
    for number, position in enumerate(ring):
        if not _is_position(position):
            raise _refused(f"{where}[{number}]", f"{position!r:.60} is no position", "[longitude, latitude] in degrees")
    if len(ring) < 4:
        raise _refused(where, f"the ring has {len(ring)} positions", _RING)
    if ring[0] != ring[-1]:
        raise _refused(where, "the ring is not closed", f"repeat its first position, {ring[0]}, at its end")


def _is_position(value: Any) -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) not in (2, 3):
        return False
    if not all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in value):
        return False
    return bool(abs(value[0]) <= 180 and abs(value[1]) <= 90)


def _refused(where: str, what: str, remedy: str) -> InputError:
    name = where.partition(".")[0]
    return InputError(f"Input '{name}' is no valid polygon: {what}", Fault(where, what, remedy))
