"""What a feature must be to be written: JSON Schemas of the bodies of POST, PUT and PATCH.

Features Part 4, /req/features/representation-geojson-replace: `schema?type=replace` is a schema that a replacement
validates against, so that it is one of the GeoJSON document, not of the logical properties; `create` and `update` (a
merge patch, RFC 7396) likewise. What is read only is taken and passed over, since a client sends back what it got; in a
patch it is refused, since whoever names it means it. The id may always be left out: it stands in the member `id` or in
the address, or is drawn.
"""

from collections.abc import Mapping
from typing import Any

from config.layers import GeometryType, Layer
from server.schemas.logical import DIALECT, Context, Json, properties
from store.values import VALIDITY

KINDS = ("create", "replace", "update")
_TITLES = {
    "create": {"zh": "新增要素", "en": "Creating a feature"},
    "replace": {"zh": "替换要素", "en": "Replacing a feature"},
    "update": {"zh": "修改要素", "en": "Updating a feature"},
}
_POSITION: Json = {"type": "array", "minItems": 2, "items": {"type": "number"}}
_LINE: Json = {"type": "array", "minItems": 2, "items": _POSITION}
_RING: Json = {"type": "array", "minItems": 4, "items": _POSITION}
_COORDINATES: Mapping[str, Json] = {
    "Point": _POSITION,
    "LineString": _LINE,
    "Polygon": {"type": "array", "minItems": 1, "items": _RING},
}
_PLACE: Json = {"type": ["object", "null"]}
"""JSON-FG's geometry in a system of its own."""
_NULLABLE = ("title", "description", "x-ogc-")


def body(layer: Layer, kind: str, context: Context) -> Json:
    """The schema of a request's body; `kind` is create, replace or update."""
    fields = properties(layer, context, spatial=False)
    required = [one.name for one in layer.attributes if one.required]
    drawn = {layer.id_attribute.name} if layer.id_attribute else set()
    inner = {
        name: one if name in required and (name not in drawn or kind == "update") else _or_null(one)
        for name, one in fields.items()
        if kind != "update" or name not in VALIDITY
    }
    inside: Json = {"type": "object", "properties": inner, "additionalProperties": False}
    whole: Json = {
        "type": {"const": "Feature"},
        "id": {"type": ["string", "integer"]},
        "geometry": _geometry(layer.geometry),
        "properties": inside,
    }
    made: Json = {
        "$schema": DIALECT,
        "$id": f"{context.base}/collections/{layer.id}/schema?type={kind}",
        "title": f"{_TITLES[kind][context.language]}: {layer.title[context.language]}",
        "type": "object",
        "properties": whole,
    }
    if kind != "update":
        made["required"] = ["type", "geometry", "properties"]
        inside["required"] = [name for name in required if name not in drawn]
    else:
        whole |= {"place": _PLACE, "coordRefSys": {}}
        made["additionalProperties"] = False
    return made


def _or_null(one: Json) -> Json:
    """The same, or null: how GeoJSON says that there is no value."""
    about = {name: value for name, value in one.items() if name.startswith(_NULLABLE)}
    return {**about, "anyOf": [{name: value for name, value in one.items() if name not in about}, {"type": "null"}]}


def _geometry(kind: GeometryType | None) -> Json:
    """A geometry of the layer's type, a Multi type's single form too; null for a feature without geometry."""
    if kind is None:
        return {"type": "null"}
    named = kind.value.removeprefix("Multi")
    names = [named] if kind is not GeometryType.GEOMETRY else list(_COORDINATES)
    allowed: list[Json] = [_shape(name, _COORDINATES[name]) for name in names]
    if kind is GeometryType.GEOMETRY or kind.value != named:
        parts = [(f"Multi{name}", {"type": "array", "items": _COORDINATES[name]}) for name in names]
        allowed += [_shape(name, coordinates) for name, coordinates in parts]
    return {"anyOf": [*allowed, {"type": "null"}]}


def _shape(name: str, coordinates: Json) -> dict[str, Any]:
    shape = {"type": {"const": name}, "coordinates": coordinates}
    return {"type": "object", "required": ["type", "coordinates"], "properties": shape}
