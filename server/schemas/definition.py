"""What schemas and code lists say of themselves in the OpenAPI document."""

from typing import Any

from server.codelists import LIST
from server.http.negotiate import SCHEMA
from server.node import Node
from server.profiles import CODELISTS, DOMAINS
from server.schemas.geojson import KINDS

type Json = dict[str, Any]


def paths(node: Node) -> Json:
    """The schemas, where the node holds a layer, and the code lists."""
    from server.openapi import operation, success

    made: Json = {}
    if any(layer.stored for layer in node.layers.values()):
        for name in ("schema", "queryables", "sortables"):
            names = ("collectionId", "f", "lang", "schemaProfile", *(["bodyType"] if name == "schema" else []))
            found = success(f"JSON Schema: {name}", SCHEMA)
            more = ("401", "404", "503")
            about = f"The {name} of a collection"
            made[f"/collections/{{collectionId}}/{name}"] = operation(
                f"get{name.title()}", about, "collections", names, found, *more
            )
    lists = success("The code lists", "application/json")
    names = ("f", "lang", "codesOn")
    made["/codelists"] = operation("getCodelists", "The code lists", "collections", names, lists)
    if node.registry.codelists:
        codes = success("The code list", "application/json")
        codes["content"][LIST[-1].media] = {"schema": {"type": "object"}}
        names = ("codelistId", "codelistFormat", "lang", "codesOn")
        made["/codelists/{codelistId}"] = operation("getCodelist", "One code list", "collections", names, codes, "404")
    return {path: {"get": one} for path, one in made.items()}


def components(node: Node) -> Json:
    """The parameters that only they take."""
    profiles = {"type": "array", "items": {"type": "string", "enum": [*CODELISTS, *DOMAINS]}, "minItems": 1}
    day = "Day, RFC 3339 time or interval (.. is open): what is in force then"
    made = {
        "schemaProfile": _query("profile", "How code lists and value domains are told (OGC's register)", profiles),
        "bodyType": _query("type", "The schema of a body to write", {"type": "string", "enum": list(KINDS)}),
        "codesOn": _query("datetime", day, {"type": "string"}),
        "codelistFormat": _query("f", "Format", {"type": "string", "enum": [one.key for one in LIST]}),
    }
    if lists := sorted(node.registry.codelists):
        made["codelistId"] = {
            "name": "codelistId",
            "in": "path",
            "required": True,
            "description": "Id of a code list",
            "schema": {"type": "string", "enum": lists},
        }
    return {"parameters": made}


def _query(name: str, description: str, schema: Json) -> Json:
    made: Json = {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
    return made | {"style": "form", "explode": False}
