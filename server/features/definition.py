"""What the API document says of the versions of a feature and of the changes of a collection."""

from typing import TYPE_CHECKING, Any

from server.features import changes
from server.http.negotiate import GEOJSON
from store.differences import Kind

if TYPE_CHECKING:
    from server.node import Node

type Json = dict[str, Any]


def paths(node: "Node") -> Json:
    """The two resources of every collection of features."""
    from server.openapi import operation, success

    if not any(layer.stored for layer in node.layers.values()):
        return {}
    found = success("All states of the feature, with what changed from one to the next", "application/json", "Versions")
    found["content"]["application/link-format"] = {"schema": {"type": "string"}}
    named = ("collectionId", "featureId", "versionsFormat", "lang")
    versions = operation("getVersions", "The versions of a feature", "features", named, found, "401", "404", "503")
    differing = success("The features that differ", GEOJSON, "Changes")
    choice = ["changesInterval", "knownInterval", *(name for name in changes.CHOICE[2:])]
    names = ("collectionId", "changesFormat", "lang", "limit", "cursor", "numberMatched", *choice)
    summary = "What changed between two days"
    compared = operation("getChanges", summary, "features", names, differing, "401", "404", "503")
    return {
        "/collections/{collectionId}/items/{featureId}/versions": {"get": versions},
        "/collections/{collectionId}/changes": {"get": compared},
    }


def components(_node: "Node") -> Json:
    """Their parameters and documents."""
    text: Json = {"type": "string"}
    kinds = [one.value for one in Kind]
    parameters = {
        "versionsFormat": _query("f", "Format", {"type": "string", "enum": ["json", "html", "links"]}),
        "changesFormat": _query("f", "Format", {"type": "string", "enum": ["json", "html"]}),
        "changesInterval": _query("datetime", "Two days as earlier/later; an open end is today", text),
        "knownInterval": _query("known-on", "As known at an instant or on a day, or at two as earlier/later", text),
        "change-kind": _query(
            "change-kind",
            "Kinds of change",
            {"type": "array", "minItems": 1, "items": {"type": "string", "enum": kinds}},
        ),
    }
    links = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
    state = {"type": "object", "required": ["version", "validFrom", "knownFrom", "href", "change"]}
    versions = {
        "type": "object",
        "required": ["id", "versions", "links"],
        "properties": {"id": text, "versions": {"type": "array", "items": state}, "links": links},
    }
    whole: Json = {"type": "integer", "minimum": 0}
    listed = {
        "type": "object",
        "required": ["type", "features", "compared", "links"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
            "compared": {"type": "object"},
            "counts": {"type": "object", "additionalProperties": whole},
            "numberReturned": whole,
            "numberMatched": whole,
            "links": links,
        },
    }
    return {"parameters": parameters, "schemas": {"Versions": versions, "Changes": listed}}


def _query(name: str, description: str, schema: Json) -> Json:
    made = {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
    return made | {"style": "form", "explode": False}
