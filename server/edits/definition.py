"""The share of edits in the OpenAPI document: only of a node that takes them, and of the collections that it takes."""

from typing import TYPE_CHECKING, Any

from config.layers import Layer
from server.edits.door import FEATURE_TYPES, PATCH_TYPES, can_edit
from server.edits.transactions import TYPES

if TYPE_CHECKING:
    from server.node import Node

type Json = dict[str, Any]

_REFUSALS = ("400", "401", "403", "404", "405", "409", "410", "412", "413", "415", "422", "428", "503")
_ITEM = "/collections/{collectionId}/items/{featureId}"
_HEADERS = ("contentCrs", "mutationDatetime", "prefer")
_LOCKS = ("ifMatch", "ifUnmodifiedSince")


def paths(node: "Node") -> dict[str, Json]:
    """POST of items for each collection that can be edited, PUT, PATCH and DELETE of an item, POST of transactions."""
    open_to = [one for one in node.layers.values() if can_edit(node, one)]
    if not open_to:
        return {}
    made: dict[str, Json] = {f"/collections/{one.id}/items": {"post": _create(one)} for one in open_to}
    item = ("collectionId", "featureId")
    replaced = _operation("replaceItem", "Replace a feature", (*item, *_HEADERS, *_LOCKS), "Replaced")
    replaced["requestBody"] = _body(FEATURE_TYPES, "EditedFeature")
    replaced["responses"]["201"] = {"$ref": "#/components/responses/Created"}
    updated = _operation("updateItem", "Change parts of a feature", (*item, *_HEADERS, *_LOCKS), "Replaced")
    updated["requestBody"] = _body(PATCH_TYPES, "FeaturePatch")
    deleted = _operation("deleteItem", "Delete a feature", (*item, "mutationDatetime", *_LOCKS), "Deleted")
    made[_ITEM] = {"put": replaced, "patch": updated, "delete": deleted}
    several = _operation("postTransaction", "Several changes at once", _HEADERS, "Replaced")
    several["requestBody"] = _body(TYPES, "Transaction")
    made["/transactions"] = {"post": several}
    for one in (replaced, updated, several):
        one["responses"]["200"] = {"$ref": "#/components/responses/Written"}
    return made


def _create(layer: Layer) -> Json:
    """POST on items creates a feature or, by the type of its body, is a query."""
    name = "".join(part.title() for part in layer.id.split("-"))
    made = _operation(f"post{name}Items", "Create a feature, or query by a body", _HEADERS, "Replaced")
    del made["responses"]["204"]
    made["security"] = [{"token": []}, {}]  # a query needs none
    made["responses"] |= {
        "200": {"$ref": "#/components/responses/Written"},
        "201": {"$ref": "#/components/responses/Created"},
    }
    made["requestBody"] = _body(FEATURE_TYPES, "EditedFeature")
    for media in ("text/cql2", "application/cql2+json", "application/x-www-form-urlencoded"):
        shape = {"type": "object"} if media != "text/cql2" else {"type": "string"}
        made["requestBody"]["content"][media] = {"schema": shape}
    return made


def _operation(id: str, summary: str, names: tuple[str, ...], success: str) -> Json:
    refusals = {status: {"$ref": "#/components/responses/Refusal"} for status in (*_REFUSALS, "default")}
    return {
        "operationId": id,
        "summary": summary,
        "tags": ["edits"],
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names],
        "responses": {"204": {"$ref": f"#/components/responses/{success}"}, **refusals},
        "security": [{"token": []}],
    }


def _body(types: tuple[str, ...], schema: str) -> Json:
    shape = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {"required": True, "content": dict.fromkeys(types, shape)}


def components(_node: "Node") -> dict[str, dict[str, Json]]:
    """Headers, answers and bodies of edits."""
    text: Json = {"type": "string"}
    parameters = {
        "contentCrs": ("Content-Crs", "The system of the body's coordinates, its authority's axes; default CRS84"),
        "mutationDatetime": ("OGC-Mutation-Datetime", "The day from which the edit holds; default today"),
        "prefer": ("Prefer", "return=minimal or return=representation"),
        "ifMatch": ("If-Match", "Entity tags, one of which the feature must have"),
        "ifUnmodifiedSince": ("If-Unmodified-Since", "An HTTP date after which nobody must have changed the feature"),
    }
    tags = {name: {"$ref": f"#/components/headers/{name}"} for name in ("ETag",)}
    place = {"Location": {"description": "Address of the new feature", "schema": text}}
    return {
        "parameters": {
            key: {"name": name, "in": "header", "required": False, "description": told, "schema": text}
            for key, (name, told) in parameters.items()
        },
        "responses": {
            "Created": {"description": "Created", "headers": tags | place},
            "Replaced": {"description": "Done", "headers": tags},
            "Deleted": {"description": "Done"},
            "Written": {
                "description": "Done; what is there now, what the transaction did, or what the query found",
                "content": {
                    media: {"schema": {"type": "object"}} for media in ("application/geo+json", "application/json")
                },
            },
        },
        "schemas": {"EditedFeature": _FEATURE, "FeaturePatch": _PATCH, "Transaction": _TRANSACTION},
    }


_GEOMETRY: Json = {
    "type": "object",
    "nullable": True,
    "required": ["type", "coordinates"],
    "properties": {"type": {"type": "string"}, "coordinates": {"type": "array", "items": {}}},
}
_FEATURE: Json = {
    "description": "The collection's schema?type=create and schema?type=replace say which properties",
    "type": "object",
    "required": ["type", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "geometry": _GEOMETRY,
        "properties": {"type": "object", "nullable": True},
    },
}
_PATCH: Json = {
    "description": "JSON Merge Patch (RFC 7396); the collection's schema?type=update says which properties",
    "type": "object",
    "properties": {"geometry": _GEOMETRY, "properties": {"type": "object"}},
}
_TRANSACTION: Json = {
    "description": "OGC API Features Part 11: insert, replace, update and delete",
    "type": "object",
    "required": ["transaction"],
    "properties": {
        "semantic": {"type": "string", "enum": ["atomic", "batch"], "default": "atomic"},
        "transaction": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["action", "collection"],
                "properties": {
                    "action": {"type": "string", "enum": ["insert", "replace", "update", "delete"]},
                    "collection": {"type": "string"},
                },
            },
        },
    },
}
