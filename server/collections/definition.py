"""What the collections say of themselves in the OpenAPI document."""

from typing import Any

from server.collections.search import DESCENDANTS, MOST
from server.collections.tree import branches
from server.http.negotiate import SCHEMA
from server.node import Node
from server.params import FILTER_LANGUAGES

type Json = dict[str, Any]


def paths(node: Node) -> Json:
    """The list, one collection, and the schemas of filters and sorting."""
    from server.openapi import operation, success

    json, common = "application/json", ("f", "lang")
    listed = success("The collections", json, "Collections")
    names = (*common, "bbox", "bbox-crs", *(f"collections.{name}" for name in _queries()))
    made = {"/collections": operation("getCollections", "The collections", "collections", names, listed, "503")}
    one = success("The collection", json, "Collection")
    names = ("anyCollection", *common)
    if node.layers:
        described = operation("describeCollection", "One collection", "collections", names, one, "404", "503")
        made["/collections/{collectionId}"] = described
    for name in ("Queryables", "Sortables"):
        found = success(f"JSON Schema: {name.lower()} of the collections", SCHEMA)
        about = f"The {name.lower()} of the collections"
        made[f"/collections{name}"] = operation(f"getCollections{name}", about, "collections", common, found)
    return {path: {"get": operation} for path, operation in made.items()}


def components(node: Node) -> Json:
    """The parameters that only they take."""
    made: Json = {}
    for name, (description, schema) in _queries().items():
        one: Json = {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
        made[f"collections.{name}"] = one | {"style": "form", "explode": False}
    if node.layers:
        made["anyCollection"] = {
            "name": "collectionId",
            "in": "path",
            "required": True,
            "description": "Id of a collection",
            "schema": {"type": "string", "enum": [*node.layers, *branches(node)]},
        }
    return {"parameters": made}


def _queries() -> dict[str, tuple[str, Json]]:
    """Name to description and schema of every query parameter that the list takes in a way of its own."""
    text: Json = {"type": "string"}
    terms: Json = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    uri: Json = {"type": "string", "format": "uri"}
    scales: Json = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2}
    return {
        "datetime": ("Day, RFC 3339 time or interval (.. is open) that the collection's extent meets", text),
        "limit": ("Collections of a page", {"type": "integer", "minimum": 1, "maximum": MOST, "default": MOST}),
        "offset": ("Collections to skip", {"type": "integer", "minimum": 0, "maximum": 100_000, "default": 0}),
        "q": ("Words or phrases in title, description or keywords; one of them must be there", terms),
        "query": ("As q; within a term +word must be there too and -word must not", terms),
        "sd": ("Scale denominators low/high for which the collection is meant", scales),
        "resolution": ("Cell sizes low/high in degrees for which the collection is meant", scales),
        "parent": ("Only what hangs below this collection", text),
        "descendants": ("immediate: only the next level", {"type": "string", "enum": [*DESCENDANTS], "default": "all"}),
        "filter": ("Collections for which this CQL2 expression is true; /collectionsQueryables names its words", text),
        "filter-lang": ("Language of filter", {"type": "string", "enum": list(FILTER_LANGUAGES)}),
        "filter-crs": ("System of the coordinates in filter: one that some collection lists", uri),
        "sortby": ("What to sort by, each with + (ascending) or - before it; see /collectionsSortables", terms),
    }
