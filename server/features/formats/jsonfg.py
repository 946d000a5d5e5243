"""JSON-FG 1.0 (OGC 21-045r1): GeoJSON with time, and with geometry in other systems than WGS 84 longitude, latitude.

The finished texts of features are taken apart at their seams, not parsed. `time` is the closed interval of days on
which a state is valid: its last day is the one before `valid_to`. `place` holds the geometry where the caller asks for
a system (/req/core/place-geometries: never CRS84), with the axes in its authority's order (/req/core/axis-order);
`geometry` is then null, or in the profile jsonfg-plus the same in CRS84 (/req/profiles/jsonfg-plus).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import orjson
import shapely

from config.layers import GeometryType, Layer
from server import profiles
from server.http.call import Call
from store.criteria import CRS84, Criteria
from store.crs import resolve
from store.render import geometry_objects, parts
from store.values import VALIDITY

_SPEC = "http://www.opengis.net/spec/json-fg-1/1.0/conf/"
CONFORMS_TO = (f"{_SPEC}core", f"{_SPEC}types-schemas")
"""What every document declares."""
CLASSES = (*CONFORMS_TO, f"{_SPEC}profiles", f"{_SPEC}api")
"""What the service declares."""
_DIMENSIONS = {
    GeometryType.POINT: 0,
    GeometryType.MULTI_POINT: 0,
    GeometryType.LINE: 1,
    GeometryType.MULTI_LINE: 1,
    GeometryType.POLYGON: 2,
    GeometryType.MULTI_POLYGON: 2,
}
_DAY = timedelta(days=1)


def readable(criteria: Criteria, profile: str) -> Criteria:
    """What to ask the store for: CRS84, and the days of validity whether or not they are returned."""
    if profile == profiles.RFC7946:
        return criteria
    names = criteria.properties
    wanted = None if names is None else tuple(dict.fromkeys((*names, *VALIDITY)))
    return replace(criteria, crs=CRS84, properties=wanted)


def features(texts: Sequence[str], criteria: Criteria, profile: str) -> list[str]:
    """Finished GeoJSON texts (CRS84) as texts of JSON-FG features; `criteria` are those of the caller."""
    taken = [parts(text) for text in texts]
    places = _places([geometry for _, geometry, _ in taken], criteria.crs)
    made = []
    for (head, geometry, tail), place in zip(taken, places, strict=True):
        properties = orjson.loads(tail)
        time = orjson.dumps(_time(properties)).decode()
        if criteria.properties is not None:
            kept = {name: value for name, value in properties.items() if name in criteria.properties}
            tail = orjson.dumps(kept).decode()
        shown = geometry if place == "null" or profile == profiles.JSONFG_PLUS else "null"
        made.append(f'{head},"time":{time},"place":{place},"geometry":{shown},"properties":{tail}}}')
    return made


def _time(properties: dict[str, Any]) -> dict[str, list[str]] | None:
    start, end = (properties.get(name) for name in VALIDITY)
    if start is None:
        return None
    return {"interval": [start, str(date.fromisoformat(end) - _DAY) if end else ".."]}


def _places(geometries: Sequence[str], crs: str) -> list[str]:
    """GeoJSON geometries (CRS84) in another system; `null` for CRS84 itself and for none."""
    if crs == CRS84:
        return ["null"] * len(geometries)
    given = np.array([None if one == "null" else one for one in geometries], dtype=object)
    moved = geometry_objects(resolve(crs).transform(shapely.from_geojson(given)))
    return [orjson.dumps(one, option=orjson.OPT_SERIALIZE_NUMPY).decode() for one in moved]


def members(call: Call, layer: Layer, criteria: Criteria, *, collection: bool) -> bytes:
    """The members of a root object beside those of GeoJSON, to be put behind another one: `,"conformsTo":...`."""
    made: dict[str, Any] = {
        "conformsTo": CONFORMS_TO,
        "featureType": layer.id,
        "featureSchema": f"{call.base}/collections/{layer.id}/schema",
    }
    if layer.geometry is not None and criteria.crs != CRS84 and criteria.geometry:
        made["coordRefSys"] = criteria.crs
    if collection and layer.geometry in _DIMENSIONS and criteria.geometry:
        made["geometryDimension"] = _DIMENSIONS[layer.geometry]
    return b"," + orjson.dumps(made)[1:-1]
