"""Schemas beyond the abstract tests: lists that may be refined, long lists, layers without an id of their own."""

import re
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from config.layers import Code, CodeList, Text
from server.http.finished import Shelf
from server.node import Node
from server.profiles import CODELISTS, INLINE
from server.schemas import codes, geojson
from server.schemas.logical import Context, schema
from server.schemas.resources import INLINE_CODES
from store.interface import Domain
from tests.server import tiny
from tests.server.client import Client
from tests.server.referring import PERMITS

OPEN = CodeList(
    "land-use",
    Text("可细分", "Open"),
    "made up",
    MappingProxyType({one: Code(one, Text(one, one)) for one in ("R", "R1", "A.3", "B-1")}),
    fallback=True,
)


def context(found: CodeList = tiny.LAND_USE, profile: str = INLINE, **domains: Domain) -> Context:
    lists = {"land-use": found}
    return Context("en", "http://localhost", frozenset({"parcels"}), lists, profile, domains or None)


def judge(found: CodeList, profile: str, used: tuple[str, ...] | None = None) -> Draft202012Validator:
    made = codes.keywords(found, context(found, profile), used)
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


@pytest.mark.parametrize("profile", CODELISTS)
def test_a_list_that_may_be_refined_takes_longer_codes(profile: str) -> None:
    one = judge(OPEN, profile)
    for code in ("R", "R1", "R12", "RX", "A.3", "A.31", "B-1", "B-1a"):
        assert one.is_valid(code), code
        assert OPEN.find(code) is not None
    for code in ("", "A", "A3", "A331", "B", "X", "1R"):
        assert not one.is_valid(code), code
        assert OPEN.find(code) is None


@pytest.mark.parametrize("profile", CODELISTS)
def test_a_closed_list_takes_its_codes_only(profile: str) -> None:
    one = judge(tiny.LAND_USE, profile)
    assert [code for code in ("01", "07", "10", "0101", "0", "") if one.is_valid(code)] == ["01", "07", "10"]


@pytest.mark.parametrize("profile", CODELISTS)
def test_the_codes_that_occur_are_listed_even_where_they_are_finer(profile: str) -> None:
    one = judge(OPEN, profile, ("A.31", "R"))
    assert [code for code in ("A.31", "R", "R1", "A.3") if one.is_valid(code)] == ["A.31", "R"]
    nothing = judge(OPEN, profile, ())
    assert nothing.is_valid(None) and not nothing.is_valid("R")


def test_a_layer_without_an_id_of_its_own_has_one_in_its_schemas() -> None:
    bare = replace(tiny.PARCELS, attributes=tuple(one for one in tiny.ATTRIBUTES if one.name != "identifier"))
    for name in ("schema", "queryables", "sortables"):
        properties = schema(bare, name, context())["properties"]
        assert properties["id"] == {
            "title": "Identifier",
            "type": "string",
            "readOnly": True,
            "x-ogc-role": "id",
            "x-ogc-propertySeq": 1,
        }


def test_an_instant_is_no_primary_one_beside_the_validity() -> None:
    found = schema(PERMITS, "schema", context())["properties"]
    assert "x-ogc-role" not in found["reviewed_on"]
    assert found["valid_from"]["x-ogc-role"] == "primary-interval-start"


@pytest.mark.parametrize(
    ("types", "format"),
    [
        (("Point",), "geometry-point"),
        (("MultiPolygon", "Polygon"), "geometry-polygon-or-multipolygon"),
        (("LineString", "Point"), "geometry-any"),
        ((), "geometry-any"),
    ],
)
def test_the_geometry_types_that_occur(types: tuple[str, ...], format: str) -> None:
    found = schema(PERMITS, "schema", context(geometry=Domain(values=types)))["properties"]
    assert found["geometry"]["format"] == format


def test_bodies_name_what_they_are() -> None:
    for kind in geojson.KINDS:
        made = geojson.body(tiny.TABLE, kind, context())
        assert made["$id"].endswith(f"/schema?type={kind}")
        assert Draft202012Validator(made["properties"]["geometry"]).is_valid(None)
        assert not Draft202012Validator(made["properties"]["geometry"]).is_valid(
            {"type": "Point", "coordinates": [0, 0]}
        )


def test_long_lists_are_told_by_their_address(client: Client, node: Node) -> None:
    def told(answer: Any) -> str:
        return str(re.search(r"codelist-\w+", answer.headers["link"]))

    assert "inline" in told(client.get("/collections/parcels/schema"))
    long = {str(n): Code(str(n), Text("", "")) for n in range(INLINE_CODES + 1)}
    lists = {"land-use": replace(tiny.LAND_USE, codes=MappingProxyType(long))}
    node.registry = replace(node.registry, codelists=MappingProxyType(lists), digest="other")
    node.shelf = Shelf()
    answer = client.get("/collections/parcels/schema")
    assert "ref" in told(answer)
    assert len(answer.json()["properties"]["land_use_code"]["enum"]) == INLINE_CODES + 1
