"""The functions that filters know beside those of CQL2: Features Part 3 (/req/filter/get-functions-operation) and CQL2
(/req/functions). They are data in `store.filters.functions`."""

from typing import TYPE_CHECKING, Any

from config.layers import Language
from server.block import Block, LandingLink, route
from server.documents import Kind, document
from server.http.answer import Answer
from server.http.call import Call
from server.http.links import own
from server.http.negotiate import JSON, PAGES, Format
from store.filters import FUNCTIONS, Function
from store.filters import Kind as ValueKind

if TYPE_CHECKING:
    from server.node import Node

CONFORMANCE = ("http://www.opengis.net/spec/cql2/1.0/conf/functions",)
_DATE = {ValueKind.DATE: "datetime"}
"""The schema of the answer has one name for days and instants."""
_TYPES = sorted({_DATE.get(one, str(one)) for one in ValueKind})


async def get_functions(call: Call) -> Answer:
    """Every function with its arguments and what it returns (/req/filter/get-functions-response-json)."""

    def build(form: Format) -> dict[str, Any]:
        listed = [_described(one, call.language) for one in FUNCTIONS.values()]
        return {"functions": listed, "links": own(call, "/functions", PAGES, form)}

    return await document(call, Kind("functions", PAGES), "", build)


def _described(one: Function, language: Language) -> dict[str, Any]:
    return {
        "name": one.name,
        "description": one.description[language],
        "arguments": [
            {
                "title": argument.name,
                "description": argument.description[language],
                "type": [_DATE.get(kind, str(kind)) for kind in argument.kinds],
            }
            | ({"optional": True} if argument.optional else {})
            for argument in one.arguments
        ],
        "returns": [_DATE.get(one.returns, str(one.returns))],
    }


def _paths(_node: "Node") -> dict[str, Any]:
    from server.openapi import operation, success

    found = success("The functions", JSON, "Functions")
    return {"/functions": {"get": operation("getFunctions", "Functions of filters", "features", ("f", "lang"), found)}}


def _components(_node: "Node") -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string"}
    types: dict[str, Any] = {"type": "array", "items": {"type": "string", "enum": _TYPES}}
    argument = {"title": text, "description": text, "type": types, "optional": {"type": "boolean"}}
    arguments = {"type": "array", "items": {"type": "object", "required": ["type"], "properties": argument}}
    function = {"name": text, "description": text, "arguments": arguments, "returns": types}
    items = {"type": "object", "required": ["name", "returns"], "properties": function}
    listed = {
        "type": "object",
        "required": ["functions"],
        "properties": {"functions": {"type": "array", "items": items}},
    }
    return {"schemas": {"Functions": listed}}


BLOCK = Block(
    "functions",
    conformance=CONFORMANCE,
    routes=(route("/functions", get_functions, operation="getFunctions"),),
    links=(
        LandingLink(
            "http://www.opengis.net/def/rel/ogc/1.0/functions",
            "/functions",
            "application/json",
            "过滤函数",
            "Functions",
        ),
    ),
    paths=_paths,
    components=_components,
)
