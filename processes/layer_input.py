"""A collection of this node as an input: its schema, its checks, and its rows as polygons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import orjson
import shapely

from config.errors import Fault, ParameterError, UnavailableError
from config.layers import GeometryType, Kind, Layer
from processes.contract import Context, Setting
from processes.inputs import InputError
from processes.overlay.polygons import Defect, Polygons, prepare
from store import filters
from store.criteria import Box, Criteria, ValidTime
from store.filters import Filter, Vocabulary

_DAY = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
SCHEMA: Mapping[str, Any] = {
    "oneOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "required": ["collection"],
            "properties": {
                "collection": {"type": "string", "minLength": 1},
                "datetime": _DAY,
                "filter": {"oneOf": [{"type": "string", "minLength": 1}, {"type": "object"}]},
            },
            "additionalProperties": False,
        },
    ]
}
"""A collection's id, or an object with its id, the day whose state is meant, and a filter: CQL2 text, or an object that
is CQL2 JSON; its coordinates are longitude, latitude."""
DAY_SCHEMA: Mapping[str, Any] = _DAY

_AREAL = (GeometryType.POLYGON, GeometryType.MULTI_POLYGON, GeometryType.GEOMETRY)
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class LayerPolygons:
    """What was read: the usable polygons, those that were not, how many rows there were, and the revision."""

    polygons: Polygons
    defects: tuple[Defect, ...]
    rows: int
    revision: int


def resolve(name: str, value: Any, default_day: date, setting: Setting) -> dict[str, Any]:
    """`{"collection": id, "datetime": day}` of an input that fits `SCHEMA`, with its `filter` where it has one.

    Raises:
        InputError: names the input; the collection does not exist or has no polygons, the day is none, or the filter
            is none of this collection.
    """
    given = {"collection": value} if isinstance(value, str) else dict(value)
    layer = setting.layers.get(given["collection"])
    if layer is None:
        fault = Fault(name, f"no collection '{given['collection'][:80]}'", "see /collections")
        raise InputError(f"Input '{name}' names no collection of this node", fault)
    if layer.kind is not Kind.VECTOR or layer.geometry not in _AREAL:
        kind = layer.geometry or layer.kind
        fault = Fault(name, f"'{layer.id}' holds {kind}", "name a collection of polygons")
        raise InputError(f"Input '{name}' wants polygons", fault)
    when = day(f"{name}.datetime", given["datetime"]) if "datetime" in given else default_day
    resolved = {"collection": layer.id, "datetime": when.isoformat()}
    if "filter" in given:
        try:
            read_filter(given["filter"], layer, setting.vocabulary)
        except ParameterError as error:
            fault = Fault(f"{name}.filter", error.faults[0].what, error.remedy)
            raise InputError(f"The filter of input '{name}' is wrong: {error.faults[0].what}", fault) from error
        resolved["filter"] = given["filter"]
    return resolved


def read_filter(given: str | Mapping[str, Any], layer: Layer, vocabulary: Vocabulary) -> Filter:
    """A filter of an input, text or JSON.

    Raises:
        ParameterError: it is no filter of this layer.
    """
    if isinstance(given, str):
        return filters.read(given, "cql2-text", layer, vocabulary=vocabulary)
    try:
        text = orjson.dumps(given)
    except TypeError as error:  # what it writes has an end to its depth, beyond that of filters
        raise ParameterError("filter", "the filter is nested too deep", "nest at most 100 levels") from error
    return filters.read(text, "cql2-json", layer, vocabulary=vocabulary)


def day(name: str, text: str) -> date:
    """A day of the calendar.

    Raises:
        InputError: names the input.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        fault = Fault(name, f"'{text[:40]}' is no day of the calendar", "write e.g. 2017-12-31")
        raise InputError(f"Input '{name}' is no day", fault) from error


def read(resolved: Mapping[str, Any], box: Box | None, context: Context) -> LayerPolygons:
    """The polygons of a resolved collection input, on its day, that meet `box`; all of one revision.

    Raises:
        UnavailableError: the layer was written to during every attempt.
    """
    store, layer = context.store(), resolved["collection"]
    when = date.fromisoformat(resolved["datetime"])
    asked = resolved.get("filter")
    picked = None if asked is None else read_filter(asked, store.layers()[layer], context.vocabulary)
    criteria = Criteria(scope=context.scope, box=box, valid=ValidTime(when, when), filter=picked, properties=())
    for _ in range(_ATTEMPTS):
        revision = store.state(layer).revision
        ids, versions, shapes = [], [], []
        for batch in store.batches(layer, criteria):
            ids.append(batch.id)
            versions.append(batch.version)
            shapes.append(shapely.from_wkb(batch.wkb, on_invalid="ignore"))
            context.progress(0.0, f"{layer}: {sum(map(len, ids))}")
        if store.state(layer).revision == revision:
            break
    else:
        raise UnavailableError(f"Collection '{layer}' is being written to; try again later")
    none = np.empty(0, dtype=object)
    polygons, defects = prepare(
        np.concatenate([none, *ids]),
        np.concatenate([np.empty(0, dtype=np.int64), *versions]),
        np.concatenate([none, *shapes]),
    )
    return LayerPolygons(polygons, defects, sum(map(len, ids)), revision)
