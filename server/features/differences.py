"""Two states of a feature set against each other: attributes before and after, and the areas of polygons."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import shapely

from config.layers import GeometryType, Layer
from store.differences import Difference, Kind, compared
from store.values import VALIDITY

AREAS = (GeometryType.POLYGON, GeometryType.MULTI_POLYGON, GeometryType.GEOMETRY)

type Feature = dict[str, Any]


def parsed(text: str) -> Feature:
    """A finished text as a document."""
    found: Feature = orjson.loads(text)
    return found


def described(layer: Layer, before: Feature | None, after: Feature | None) -> dict[str, Any]:
    """What changed from one state to the next.

    `kind` is added, removed, geometry, attributes, geometry-and-attributes, or validity where only the days differ;
    `before` and `after` hold the attributes that differ; `area` (m2, geodesic) is told where a geometry changed.
    """
    made = _kind(before, after)
    if made is None:
        return {"kind": "validity"}
    told: dict[str, Any] = {"kind": made.kind.value}
    if before and after:
        told["changed"] = list(made.changed)
        told["before"] = {name: before["properties"].get(name) for name in made.changed}
        told["after"] = {name: after["properties"].get(name) for name in made.changed}
    if made.kind is not Kind.ATTRIBUTES:
        told |= area(layer, [(before, after)])[0]
    return told


def _kind(before: Feature | None, after: Feature | None) -> Difference | None:
    texts = [None if one is None else _text(one) for one in (before, after)]
    return compared(0, *texts)


def _text(feature: Feature) -> str:
    parts = {name: feature[name] for name in ("type", "id", "geometry", "properties")}
    return orjson.dumps(parts).decode()


def area(layer: Layer, pairs: Sequence[tuple[Feature | None, Feature | None]]) -> list[dict[str, Any]]:
    """For each pair of states `{"area": {"before", "after", "difference"}}` in m2; empty for what has no area."""
    if layer.geometry not in AREAS:
        return [{} for _ in pairs]
    from processes.area import Geodesic

    shapes = np.empty(2 * len(pairs), dtype=object)
    shapes[:] = [_shape(one) for pair in pairs for one in pair]
    measured, _ = Geodesic().measure(shapes)
    sizes = [None if shape is None else round(size, 2) for shape, size in zip(shapes, measured.tolist(), strict=True)]
    told: list[dict[str, Any]] = []
    for before, after in zip(sizes[::2], sizes[1::2], strict=True):
        if before is None and after is None:
            told.append({})
        else:
            difference = round((after or 0.0) - (before or 0.0), 2)
            told.append({"area": {"before": before, "after": after, "difference": difference, "unit": "m2"}})
    return told


def _shape(feature: Feature | None) -> Any:
    geometry = feature["geometry"] if feature else None
    if geometry is None or not geometry["type"].endswith("Polygon"):
        return None
    return shapely.from_geojson(orjson.dumps(geometry))


def feature(layer: Layer, one: Difference) -> tuple[Feature | None, Feature | None, Feature]:
    """A change as a GeoJSON feature that a map can draw: the later geometry, or what was taken away.

    `geometryBefore` is the former geometry where it changed. Attributes of an added or removed feature are told whole,
    of a changed one those that differ.
    """
    before, after = (None if text is None else parsed(text) for text in (one.before, one.after))
    present = after or before or {}
    properties: dict[str, Any] = {"change": one.kind.value, "changed": list(one.changed)}
    for name, state in (("before", before), ("after", after)):
        chosen = (one.changed if one.before and one.after else [a.name for a in layer.attributes]) if state else ()
        values = state["properties"] if state else {}
        properties[name] = {key: values.get(key) for key in (*chosen, *VALIDITY)} if state else None
    made = {"type": "Feature", "id": present["id"], "geometry": present["geometry"], "properties": properties}
    if one.kind in (Kind.GEOMETRY, Kind.BOTH) and before is not None:
        made["geometryBefore"] = before["geometry"]
    return before, after, made
