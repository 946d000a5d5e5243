"""The logical schema of a layer: JSON Schema 2020-12 with the keywords of Common Part 3, the same for every encoding.

It says nothing of null: an absent value is null in GeoJSON, empty in CSV, missing elsewhere (`server.schemas.geojson`
has the schemas of documents). Validity is the primary temporal information of every feature, so that no attribute can
be its primary instant (/req/advanced-property-roles/primary-temporal-constraints).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.layers import Attribute, AttributeType, GeometryType, Language, Layer, Role
from server.profiles import INLINE
from server.schemas import codes
from store.domains import GEOMETRY
from store.interface import Domain

DIALECT = "https://json-schema.org/draft/2020-12/schema"
type Json = dict[str, Any]

TYPES: Mapping[AttributeType, Json] = {
    AttributeType.STRING: {"type": "string"},
    AttributeType.INTEGER: {"type": "integer"},
    AttributeType.NUMBER: {"type": "number"},
    AttributeType.BOOLEAN: {"type": "boolean"},
    AttributeType.DATE: {"type": "string", "format": "date"},
    AttributeType.DATETIME: {"type": "string", "format": "date-time"},
}
_NUMBERS = (AttributeType.INTEGER, AttributeType.NUMBER)
_DEFINED = "http://purl.org/dc/terms/valid"
_VALIDITY = (
    ("valid_from", "primary-interval-start", "有效期起", "Valid from"),
    ("valid_to", "primary-interval-end", "有效期止(不含)", "Valid to (exclusive)"),
)
_TITLES = {"geometry": {"zh": "几何", "en": "Geometry"}, "id": {"zh": "标识", "en": "Identifier"}}
_SHOWN_ROLES = (Role.ID, Role.TYPE)


@dataclass(frozen=True, slots=True)
class Context:
    """What a schema is made for.

    Attributes:
        language: of titles and descriptions.
        base: what addresses start with.
        targets: the collections of this node that a value can refer to.
        codes: the code lists by id.
        profile: how code lists are told, `codelist-inline` or `codelist-ref`.
        domains: what occurs of each property, for the actual domain; None tells what may occur.
    """

    language: Language
    base: str
    targets: frozenset[str]
    codes: codes.Lists
    profile: str = INLINE
    domains: Mapping[str, Domain] | None = None


def schema(layer: Layer, name: str, context: Context) -> Json:
    """The schema `name` (schema, queryables or sortables) of a layer."""
    language = context.language
    made: Json = {
        "$schema": DIALECT,
        "$id": f"{context.base}/collections/{layer.id}/{name}",
        "type": "object",
        "title": layer.title[language],
        "description": layer.description[language],
        "properties": properties(layer, context, spatial=name != "sortables"),
        "additionalProperties": False,
    }
    required = [one.name for one in layer.attributes if one.required]
    if name == "schema" and required:
        made["required"] = required
    return made


def properties(layer: Layer, context: Context, *, spatial: bool = True) -> Json:
    """The properties in the order of `x-ogc-propertySeq`: attributes, validity, geometry."""
    made: Json = {}
    if layer.id_attribute is None:
        made["id"] = {"title": _TITLES["id"][context.language], "type": "string", "readOnly": True, "x-ogc-role": "id"}
    for attribute in layer.attributes:
        made[attribute.name] = attribute_schema(attribute, context)
    for name, role, zh, en in _VALIDITY:
        title = en if context.language == "en" else zh
        made[name] = {"title": title, "type": "string", "format": "date", "readOnly": True, "x-ogc-role": role}
        made[name]["x-ogc-definition"] = _DEFINED
    if spatial and layer.geometry is not None:
        made["geometry"] = {
            "title": _TITLES["geometry"][context.language],
            "x-ogc-role": "primary-geometry",
            "format": _geometry(layer.geometry, context.domains),
        }
    for sequence, one in enumerate(made.values(), 1):
        one["x-ogc-propertySeq"] = sequence
    return made


def _geometry(kind: GeometryType, domains: Mapping[str, Domain] | None) -> str:
    """/req/schemas/properties C. A layer of one type promotes what it takes, so that only that type occurs in it."""
    if kind is not GeometryType.GEOMETRY:
        return f"geometry-{kind.value.lower()}"
    found = {one.lower() for one in domains[GEOMETRY].values} if domains and GEOMETRY in domains else set()
    if len(found) == 1:
        return f"geometry-{found.pop()}"
    for single in ("point", "linestring", "polygon"):
        if found and found <= {single, f"multi{single}"}:
            return f"geometry-{single}-or-multi{single}"
    return "geometry-any"


def attribute_schema(attribute: Attribute, context: Context) -> Json:
    """One attribute, without its place among the others."""
    made: Json = {"title": attribute.title[context.language]}
    if attribute.description is not None:
        made["description"] = attribute.description[context.language]
    made |= TYPES[attribute.type] | _reference(attribute, context)
    if attribute.role in _SHOWN_ROLES:
        made["x-ogc-role"] = attribute.role.value
    if attribute.unit is not None:
        made |= {"x-ogc-unit": attribute.unit, "x-ogc-unitLang": "UCUM"}
    if attribute.definition is not None:
        made["x-ogc-definition"] = attribute.definition
    if attribute.null_values:
        made["x-ogc-nullValues"] = list(attribute.null_values)
    domain = None if context.domains is None else context.domains.get(attribute.name, Domain())
    if attribute.codelist is not None:
        used = None if domain is None else domain.values
        return made | codes.keywords(context.codes[attribute.codelist], context, used)
    return made | (_possible(attribute) if domain is None else _occurring(attribute, domain))


def _reference(attribute: Attribute, context: Context) -> Json:
    """/req/references/role-reference: to a collection of this node, or by a template to another server."""
    if attribute.reference is not None and attribute.reference in context.targets:
        return {"x-ogc-role": "reference", "x-ogc-collectionId": attribute.reference}
    if attribute.uri_template is not None:
        return {"x-ogc-role": "reference", "x-ogc-uriTemplate": attribute.uri_template}
    return {}


def _possible(attribute: Attribute) -> Json:
    limits = {"maxLength": attribute.length, "minimum": attribute.minimum, "maximum": attribute.maximum}
    return {name: value for name, value in limits.items() if value is not None}


def _occurring(attribute: Attribute, domain: Domain) -> Json:
    """/req/profile-domains/actual-domain; nothing can be said where no feature has a value."""
    if domain.low is None:
        return {}
    if attribute.type in _NUMBERS:
        return {"minimum": domain.low, "maximum": domain.high}
    return {"minLength": domain.low, "maxLength": domain.high}
