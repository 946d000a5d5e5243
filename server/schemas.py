"""Common Part 3 (23-058r2): schema, queryables and sortables of a layer, and the code lists that they name.

JSON Schema 2020-12 with the `x-ogc-` keywords. The same texts under Features Part 5's older names serve QGIS.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from config.errors import Fault, NotFoundError
from config.layers import Attribute, AttributeType, CodeList, Layer, Role
from server.block import Block, route
from server.documents import Kind, document
from server.http.answer import Answer
from server.http.call import Call
from server.http.links import own
from server.http.negotiate import PAGES, SCHEMAS, Format

DIALECT = "https://json-schema.org/draft/2020-12/schema"
CONFORMANCE = (
    *(
        f"http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/{one}"
        for one in ("schemas", "advanced-property-roles", "returnables-and-receivables", "queryables", "sortables")
    ),
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sortables",
)
INLINE_CODES = 300
"""Codes up to which a list stands in the schema; a longer one is named by its address alone."""

_TYPES: dict[AttributeType, dict[str, Any]] = {
    AttributeType.STRING: {"type": "string"},
    AttributeType.INTEGER: {"type": "integer"},
    AttributeType.NUMBER: {"type": "number"},
    AttributeType.BOOLEAN: {"type": "boolean"},
    AttributeType.DATE: {"type": "string", "format": "date"},
    AttributeType.DATETIME: {"type": "string", "format": "date-time"},
}
_VALIDITY = (
    ("valid_from", "primary-interval-start", "有效期起", "Valid from"),
    ("valid_to", "primary-interval-end", "有效期止(不含)", "Valid to (exclusive)"),
)
_GEOMETRY = {"zh": "几何", "en": "Geometry"}


async def get_schema(call: Call) -> Answer:
    """The properties of the features as they are returned (/req/returnables-and-receivables/returnables)."""
    return await _schema(call, "schema")


async def get_queryables(call: Call) -> Answer:
    """The properties that may be filtered by (/req/queryables/get-queryables-response)."""
    return await _schema(call, "queryables")


async def get_sortables(call: Call) -> Answer:
    """The properties that may be sorted by (/req/sortables/get-sortables-response)."""
    return await _schema(call, "sortables")


async def _schema(call: Call, name: str) -> Answer:
    layer = stored_layer(call)

    def build(form: Format) -> dict[str, Any]:
        path = f"/collections/{layer.id}/{name}"
        made = schema(layer, name, f"{call.base}{path}", call)
        return made if form.key == "json" else made | {"links": own(call, path, SCHEMAS, form)}

    return await document(call, Kind(name, SCHEMAS, layer), layer.digest, build)


def stored_layer(call: Call) -> Layer:
    """The layer of the path, which must be one whose rows the node holds.

    Raises:
        NotFoundError: no such collection, or one that is only described here.
    """
    layer = call.node.layer(call.path_params["collectionId"])
    if not layer.stored:
        what = Fault("collectionId", f"'{layer.id}' is of kind {layer.kind}", f"see /collections/{layer.id}")
        raise NotFoundError(f"Collection '{layer.id}' holds no features", what)
    return layer


def schema(layer: Layer, name: str, address: str, call: Call) -> dict[str, Any]:
    """The JSON Schema `name` (schema, queryables or sortables) of a layer; `address` becomes its `$id`."""
    language = call.language
    properties: dict[str, Any] = {}
    for sequence, attribute in enumerate(layer.attributes, 1):
        properties[attribute.name] = _attribute(attribute, sequence, call)
    properties |= _validity(language, len(properties))
    if name != "sortables" and layer.geometry is not None:
        kind = layer.geometry.value.lower()
        properties["geometry"] = {
            "title": _GEOMETRY[language],
            "x-ogc-role": "primary-geometry",
            "x-ogc-propertySeq": len(properties) + 1,
            "format": "geometry-any" if kind == "geometry" else f"geometry-{kind}",
        }
    made: dict[str, Any] = {
        "$schema": DIALECT,
        "$id": address,
        "type": "object",
        "title": layer.title[language],
        "description": layer.description[language],
        "properties": properties,
        "additionalProperties": False,
    }
    if name == "schema":
        required = [one.name for one in layer.attributes if one.required]
        if required:
            made["required"] = required
    return made


def _validity(language: str, after: int) -> dict[str, Any]:
    return {
        name: {
            "title": en if language == "en" else zh,
            "type": "string",
            "format": "date",
            "readOnly": True,
            "x-ogc-role": role,
            "x-ogc-propertySeq": after + place,
        }
        for place, (name, role, zh, en) in enumerate(_VALIDITY, 1)
    }


def _attribute(attribute: Attribute, sequence: int, call: Call) -> dict[str, Any]:
    language = call.language
    made: dict[str, Any] = {"title": attribute.title[language]}
    if attribute.description is not None:
        made["description"] = attribute.description[language]
    made |= _TYPES[attribute.type]
    made["x-ogc-propertySeq"] = sequence
    if attribute.role is not None and attribute.role is not Role.TITLE:
        made["x-ogc-role"] = attribute.role.value
    if attribute.length is not None:
        made["maxLength"] = attribute.length
    if attribute.minimum is not None:
        made["minimum"] = attribute.minimum
    if attribute.maximum is not None:
        made["maximum"] = attribute.maximum
    if attribute.unit is not None:
        made |= {"x-ogc-unit": attribute.unit, "x-ogc-unitLang": "UCUM"}
    if attribute.reference is not None:
        made["x-ogc-collectionId"] = attribute.reference
    if attribute.codelist is not None:
        made["x-ogc-codelistUri"] = f"{call.base}/codelists/{attribute.codelist}"
        found = call.node.registry.codelists[attribute.codelist]
        if not found.fallback and len(found.codes) <= INLINE_CODES:
            made["oneOf"] = [{"const": code, "title": one.title[language]} for code, one in found.codes.items()]
    return made


async def get_codelists(call: Call) -> Answer:
    """The code lists that the published layers name."""

    def build(form: Format) -> dict[str, Any]:
        lists = [
            {
                "id": one.id,
                "title": one.title[call.language],
                "links": own(call, f"/codelists/{one.id}", PAGES[:1], PAGES[0]),
            }
            for one in _used(call)
        ]
        return {"codelists": lists, "links": own(call, "/codelists", PAGES[:1], form)}

    return await document(call, Kind("codelists", PAGES[:1]), call.node.registry.digest, build)


async def get_codelist(call: Call) -> Answer:
    """One code list with its codes, their titles, parents and days of validity."""
    name = call.path_params["codelistId"]
    found = call.node.registry.codelists.get(name)
    if found is None:
        raise NotFoundError(f"No code list '{name[:80]}'", Fault("codelistId", f"'{name[:80]}'", "see /codelists"))

    def build(form: Format) -> dict[str, Any]:
        return _codelist(found, call.language) | {"links": own(call, f"/codelists/{name}", PAGES[:1], form)}

    return await document(call, Kind(f"codelist {name}", PAGES[:1]), call.node.registry.digest, build)


def _used(call: Call) -> Iterable[CodeList]:
    attributes = (one for layer in call.node.layers.values() for one in layer.attributes)
    names = sorted({one.codelist for one in attributes if one.codelist})
    return [call.node.registry.codelists[name] for name in names]


def _codelist(found: CodeList, language: str) -> dict[str, Any]:
    def day(value: date | None) -> str | None:
        return None if value is None else value.isoformat()

    codes = [
        {"code": code, "title": one.title[language]}
        | ({"parent": one.parent} if one.parent else {})
        | ({"validFrom": day(one.valid_from)} if one.valid_from else {})
        | ({"validTo": day(one.valid_to)} if one.valid_to else {})
        for code, one in found.codes.items()
    ]
    return {
        "id": found.id,
        "title": found.title[language],
        "source": found.source,
        "extensible": found.fallback,
        "codes": codes,
    }


BLOCK = Block(
    "schemas",
    conformance=CONFORMANCE,
    routes=(
        route("/collections/{collectionId}/schema", get_schema, operation="getSchema"),
        route("/collections/{collectionId}/queryables", get_queryables, operation="getQueryables"),
        route("/collections/{collectionId}/sortables", get_sortables, operation="getSortables"),
        route("/codelists", get_codelists, operation="getCodelists"),
        route("/codelists/{codelistId}", get_codelist, operation="getCodelist"),
    ),
)
