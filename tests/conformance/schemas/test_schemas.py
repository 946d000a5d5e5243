"""Annex A: conformance classes `schemas`, `advanced-property-roles` and `references`."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.conformance.schemas import DOMAINS, STANDARDS
from tests.server.client import Client

__all__ = ["STANDARDS"]

type Schemas = list[dict[str, Any]]
INSTANTS = ("primary-instant", "primary-interval-start", "primary-interval-end")
OWN = {"$schema", "$id", "title", "description", "type", "properties", "required", "additionalProperties", "format"}
OWN |= {"enum", "oneOf", "const", "pattern", "not", "minLength", "maxLength", "minimum", "maximum", "readOnly"}
_UNIT = r"([A-Za-z%]+\d?|\{\w+\}|\[\w+\]|1)"
UCUM = re.compile(rf"(10\*-?\d\.)?{_UNIT}([./]{_UNIT})*")


def every(schemas: Schemas, keyword: str, value: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    found = [pair for one in schemas for pair in one["properties"].items() if keyword in pair[1]]
    return [pair for pair in found if value is None or pair[1][keyword] == value]


def spatial(schema: dict[str, Any]) -> bool:
    return str(schema.get("format", "")).startswith("geometry-")


def test_schemas_basic_schema_inspection(logical: Schemas, iut: Client, referrer: Client) -> None:
    """/conf/schemas/basic-schema-inspection"""
    assert len(logical) > 40
    for one in logical:
        assert one["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert one["$id"].startswith("http://") and "?" not in one["$id"]
        client = referrer if "permits" in one["$id"] else iut
        answer = client.get(one["$id"], headers={"accept": "application/schema+json"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")
        assert one["type"] == "object"
        Draft202012Validator.check_schema(one)
        assert set(one) <= OWN
        for name, schema in one["properties"].items():
            assert ("type" in schema) != spatial(schema), name
            assert "$ref" not in schema
            assert all(key in OWN or key.startswith("x-ogc-") for key in schema), name
            assert schema["title"]
    dates = [schema for _, schema in every(logical, "format", "date")]
    assert dates and all(one["type"] == "string" for one in dates)
    assert every(logical, "readOnly")


def test_schemas_role(logical: Schemas) -> None:
    """/conf/schemas/role"""
    assert all(isinstance(schema["x-ogc-role"], str) for _, schema in every(logical, "x-ogc-role"))


def test_schemas_role_id(logical: Schemas) -> None:
    """/conf/schemas/role-id"""
    for one in logical:
        (found,) = every([one], "x-ogc-role", "id")
        assert found[1]["type"] in ("string", "integer")


def test_schemas_property_seq(logical: Schemas) -> None:
    """/conf/schemas/property-seq, /rec/schemas/property-seq-unique"""
    for one in logical:
        places = [schema["x-ogc-propertySeq"] for schema in one["properties"].values()]
        assert places == list(range(1, len(places) + 1))


def test_schemas_unit(logical: Schemas) -> None:
    """/conf/schemas/unit"""
    found = every(logical, "x-ogc-unit")
    assert {schema["x-ogc-unit"] for _, schema in found} == {"m", "m2"}
    for _, schema in found:
        assert schema["type"] in ("number", "integer")
        assert schema["x-ogc-unitLang"] == "UCUM"
        assert UCUM.fullmatch(schema["x-ogc-unit"])


def test_schemas_definition(logical: Schemas) -> None:
    """/conf/schemas/definition"""
    found = every(logical, "x-ogc-definition")
    assert {name for name, _ in found} == {"depth", "valid_from", "valid_to"}
    assert all(re.fullmatch(r"https?://\S+", schema["x-ogc-definition"]) for _, schema in found)


def test_schemas_nullvalues(logical: Schemas) -> None:
    """/conf/schemas/nullvalues"""
    found = every(logical, "x-ogc-nullValues")
    assert found and all(schema["x-ogc-nullValues"] == [-9999] for _, schema in found)


def test_advanced_property_roles_role_primary_geometry(logical: Schemas) -> None:
    """/conf/advanced-property-roles/role-primary-geometry"""
    for one in logical:
        found = every([one], "x-ogc-role", "primary-geometry")
        assert len(found) <= 1
        assert all(spatial(schema) for _, schema in found)
        assert len(found) == len([name for name, schema in one["properties"].items() if spatial(schema)])


def test_advanced_property_roles_role_primary_temporal(logical: Schemas) -> None:
    """/conf/advanced-property-roles/role-primary-temporal, /req/.../primary-temporal-constraints: validity, alone."""
    for one in logical:
        found = {role: every([one], "x-ogc-role", role) for role in (*INSTANTS, "primary-interval")}
        assert [len(found[role]) for role in found] == [0, 1, 1, 0]
        for role in INSTANTS[1:]:
            assert (found[role][0][1]["type"], found[role][0][1]["format"]) == ("string", "date")


def test_advanced_property_roles_role_type(logical: Schemas) -> None:
    """/conf/advanced-property-roles/role-type"""
    for one in logical:
        found = every([one], "x-ogc-role", "type")
        assert len(found) <= 1
        assert all(schema["type"] == "string" for _, schema in found)


def test_references_role_reference(logical: Schemas, referrer: Client) -> None:
    """/conf/references/role-reference"""
    found = every(logical, "x-ogc-role", "reference")
    assert {name for name, _ in found} == {"parcel", "closed", "earlier", "project"}
    for _, schema in found:
        assert schema["type"] in ("string", "integer")
        assert ("x-ogc-uriTemplate" in schema) != ("x-ogc-collectionId" in schema)
        if "x-ogc-uriTemplate" in schema:
            assert "{resourceId}" in schema["x-ogc-uriTemplate"]
            continue
        target = referrer.get(f"/collections/{schema['x-ogc-collectionId']}/schema").json()
        assert every([target], "x-ogc-role", "id")[0][1]["type"] == schema["type"]


@pytest.mark.parametrize("domain", DOMAINS)
def test_references_role_of_what_is_not_published(referrer: Client, domain: str) -> None:
    """A reference into a collection that this node does not publish is none that a client could follow."""
    schema = referrer.get(f"/collections/permits/schema?profile={domain}").json()["properties"]["absent"]
    assert not {"x-ogc-role", "x-ogc-collectionId"} & schema.keys()
