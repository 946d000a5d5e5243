"""JSON-FG 1.0 (21-045r1), Annex A: `core`, `types-schemas`, `profiles` and `api`."""

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
import shapely
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from server.node import Node
from store.criteria import CRS84
from tests.conformance import ITEMS
from tests.server.client import Client
from tests.server.formats.conftest import client, node  # noqa: F401  the sample: points, lines, a table
from tests.server.formats.reading import DAY

STANDARD = "http://www.opengis.net/spec/json-fg-1/1.0"
PROFILE = "http://www.opengis.net/def/profile/OGC/0/"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
TABLE = "/collections/statistics/items"
KINDS = {0: {"Point", "MultiPoint"}, 1: {"LineString", "MultiLineString"}, 2: {"Polygon", "MultiPolygon"}}

DOCUMENTS = tuple(
    f"{path}{'&' if '?' in path else '?'}{form}{crs}"
    for path in (f"{ITEMS}?limit=20", f"{ITEMS}/P003", f"{ITEMS}?datetime=2010-01-01", f"{TABLE}?limit=2")
    for form in ("f=jsonfg", "f=json&profile=jsonfg", "profile=jsonfg-plus")
    for crs in ("", f"&crs={EPSG}4490", f"&crs={EPSG}4527", f"&crs={EPSG}3857")
    if "statistics" not in path or not crs
)
every_document = pytest.mark.parametrize("path", DOCUMENTS)


@cache
def validator() -> Draft202012Validator:
    found = [json.loads(path.read_text("utf-8")) for path in (Path(__file__).parent / "schemas").glob("*.json")]
    registry: Any = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in found)
    root = next(one for one in found if one["$id"].endswith("jsonfg-root-object.json"))
    return Draft202012Validator(root, registry=registry)


def document(iut: Client, path: str) -> dict[str, Any]:
    answer = iut.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    found: dict[str, Any] = answer.json()
    return found


def features(root: dict[str, Any]) -> list[dict[str, Any]]:
    return root["features"] if root["type"] == "FeatureCollection" else [root]


def positions(geometry: Any) -> Iterator[list[float]]:
    def inside(found: Any) -> Iterator[list[float]]:
        if found and isinstance(found[0], int | float):
            yield found
        else:
            for one in found:
                yield from inside(one)

    if geometry is not None:
        yield from inside(geometry["coordinates"])


@every_document
def test_core_schema_valid(iut: Client, path: str) -> None:
    """/conf/core/schema-valid: against OGC's own schemas."""
    root = document(iut, path)
    assert [error.message for error in validator().iter_errors(root)] == []
    assert f"{STANDARD}/conf/core" in root["conformsTo"]


def test_core_schema_valid_refuses_what_is_wrong(iut: Client) -> None:
    """The judge judges: each of these is no JSON-FG."""
    root = document(iut, f"{ITEMS}?limit=1&f=jsonfg&crs={EPSG}4527")
    wrong: list[dict[str, Any]] = [
        {name: value for name, value in root.items() if name != "conformsTo"},
        root | {"conformsTo": []},
        root | {"features": [root["features"][0] | {"time": {"interval": ["2016", ".."]}}]},
        root | {"features": [root["features"][0] | {"coordRefSys": f"{EPSG}4527"}]},
    ]
    assert all(not validator().is_valid(one) for one in wrong) and validator().is_valid(root)


@every_document
def test_core_metadata_geometry_extension_and_metadata_measures_and_metadata_types_schemas(
    iut: Client, path: str
) -> None:
    """/conf/core/metadata-*: only simple features; what is used of the standard is declared."""
    root = document(iut, path)
    used = {place["type"] for one in features(root) if (place := one["place"])}
    assert used <= set().union(*KINDS.values())
    assert '"measures"' not in json.dumps(root)
    assert f"{STANDARD}/conf/types-schemas" in root["conformsTo"]


def test_core_interval_start_end(iut: Client) -> None:
    """/conf/core/interval-start-end: closed days; the last is the one before that on which the state ends."""
    for one in features(document(iut, f"{ITEMS}?datetime=../..&limit=100&f=jsonfg")):
        start, end = one["time"]["interval"]
        assert start == one["properties"]["valid_from"]
        until = one["properties"]["valid_to"]
        if until is None:
            assert end == ".."
        else:
            assert (date.fromisoformat(until) - date.fromisoformat(end)).days == 1 and start <= end
    selected = document(iut, f"{ITEMS}?properties=name&limit=1&f=jsonfg")["features"][0]
    assert selected["properties"].keys() == {"name"} and selected["time"]["interval"][0] == "2016-01-01"


@every_document
def test_core_instant_and_interval_a_and_instant_and_interval_bc_and_instant_and_interval_de(
    iut: Client, path: str
) -> None:
    """/conf/core/instant-and-interval-*: there are only intervals, so that nothing contradicts them."""
    assert all(one["time"].keys() == {"interval"} for one in features(document(iut, path)))


@every_document
def test_core_coordinate_dimension_geometry_and_coordinate_dimension_place(iut: Client, path: str) -> None:
    """/conf/core/coordinate-dimension-*: two numbers everywhere."""
    for one in features(document(iut, path)):
        for name in ("geometry", "place"):
            assert all(len(position) == 2 for position in positions(one[name]))


@every_document
def test_core_geometry_wgs84(iut: Client, path: str) -> None:
    """/conf/core/geometry-wgs84, geometry-no-jsonfg-extension: longitude, latitude whatever system is asked for."""
    for one in features(document(iut, path)):
        assert all(116 < x < 118 and 38 < y < 39 for x, y in positions(one["geometry"]))
        assert one["geometry"] is None or one["geometry"].keys() == {"type", "coordinates"}


@every_document
def test_core_valid_geometry(iut: Client, path: str) -> None:
    """/conf/core/valid-geometry."""
    for one in features(document(iut, path)):
        for name in ("geometry", "place"):
            assert one[name] is None or shapely.from_geojson(orjson.dumps(one[name])).is_valid


@every_document
def test_core_place_geometries(iut: Client, path: str) -> None:
    """/conf/core/place-geometries (and /req/core/fallback, same-crs): a place is never in CRS84; one system for all."""
    root = document(iut, path)
    placed = "crs=" in path
    assert root.get("coordRefSys") == (path.partition("&crs=")[2] if placed else None)
    for one in features(root):
        assert (one["place"] is not None) == placed
        assert one["place"] is None or (root["coordRefSys"] != CRS84 and one["place"] != one["geometry"])


@pytest.mark.parametrize("code", ["4490", "4326", "3857", "4527", "4548"])
def test_core_axis_order(iut: Client, code: str) -> None:
    """/conf/core/axis-order: the same coordinates as GeoJSON in that system; north before east where EPSG says so."""
    query = f"limit=5&crs={EPSG}{code}"
    plain = document(iut, f"{ITEMS}?{query}")
    fg = document(iut, f"{ITEMS}?{query}&profile=jsonfg")
    assert [one["place"] for one in fg["features"]] == [one["geometry"] for one in plain["features"]]
    first, second = next(positions(fg["features"][0]["place"]))
    north = {"4490": 38.3, "4326": 38.3, "3857": 4_620_000}.get(code, 4_240_000)
    assert (second if code == "3857" else first) == pytest.approx(north, rel=0.01)


def test_types_schemas_feature_type_1_and_feature_type_2(iut: Client) -> None:
    """/conf/types-schemas/feature-type-1, -2: the collection's id."""
    for path in (f"{ITEMS}?f=jsonfg", f"{ITEMS}/P003?f=jsonfg"):
        assert document(iut, path)["featureType"] == "parcels"


@pytest.mark.parametrize(("layer", "dimension"), [("parcels", 2), ("roads", 1), ("permits", None)])
def test_types_schemas_geometry_dimension(client: Client, layer: str, dimension: int | None) -> None:  # noqa: F811
    """/conf/types-schemas/geometry-dimension: of the primary geometries, place or geometry."""
    root = client.get(f"/collections/{layer}/items?f=jsonfg&limit=100&datetime={DAY}&crs={CRS84}").json()
    assert root.get("geometryDimension") == dimension
    assert validator().is_valid(root)
    for one in root["features"]:
        geometry = one["place"] or one["geometry"]
        assert geometry is None or geometry["type"] in KINDS[dimension or 0]
    single = client.get(f"/collections/{layer}/items/f1?f=jsonfg&datetime={DAY}").json()
    assert "geometryDimension" not in single and validator().is_valid(single)


def test_types_schemas_feature_schemas_and_single_feature_schema(iut: Client) -> None:
    """/conf/types-schemas/feature-schemas, single-feature-schema: one schema (Common Part 3), one type."""
    for path in (f"{ITEMS}?f=jsonfg", f"{ITEMS}/P003?f=jsonfg"):
        root = document(iut, path)
        schema = iut.get(root["featureSchema"], headers={"accept": "application/schema+json"})
        assert schema.headers["content-type"] == "application/schema+json"
        assert features(root)[0]["properties"].keys() <= schema.json()["properties"].keys()
        assert all("featureType" not in one for one in root.get("features", ()))


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/P003"])
def test_profiles_rfc7946(iut: Client, path: str) -> None:
    """/conf/profiles/rfc7946: nothing of JSON-FG, also where the profile is not asked for."""
    for query in ("", "?profile=rfc7946", f"?profile={PROFILE}rfc7946"):
        root = document(iut, path + query)
        assert "conformsTo" not in root and all("place" not in one and "time" not in one for one in features(root))


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/P003"])
def test_profiles_json_fg(iut: Client, path: str) -> None:
    """/conf/profiles/json-fg: a link to the profile in body and header; by f, profile, its URI, or Accept."""
    asked: list[tuple[str, dict[str, str]]] = [
        ("?f=jsonfg", {}),
        ("?profile=jsonfg", {}),
        (f"?profile={PROFILE}jsonfg", {}),
        ("", {"accept": f'application/geo+json;profile="{PROFILE}jsonfg"'}),
        ("", {"accept": "application/vnd.ogc.fg+json"}),
    ]
    for query, headers in asked:
        answer = iut.get(path + query, headers=headers)
        root = answer.json()
        assert validator().is_valid(root)
        assert [one["href"] for one in root["links"] if one["rel"] == "profile"] == [f"{PROFILE}jsonfg"] or query.count(
            "profile"
        )
        assert f'<{PROFILE}jsonfg>; rel="profile"' in answer.headers["link"]
        assert answer.headers["content-type"] == "application/geo+json"


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/P003"])
def test_profiles_jsonfg_plus(iut: Client, path: str) -> None:
    """/conf/profiles/jsonfg-plus: with a geometry beside each place; without the plus it is null."""
    for profile, kept in (("jsonfg-plus", True), ("jsonfg", False)):
        root = document(iut, f"{path}?profile={profile}&crs={EPSG}4490")
        for one in features(root):
            assert one["place"] is not None and (one["geometry"] is not None) == kept
        plain = features(document(iut, path))
        assert not kept or [one["geometry"] for one in features(root)] == [one["geometry"] for one in plain]


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/P003"])
def test_api_profile_parameter_rfc7946(iut: Client, path: str) -> None:
    """/conf/api/profile-parameter-rfc7946."""
    answer = iut.get(f"{path}?profile=rfc7946", headers={"accept": "application/geo+json"})
    assert answer.headers["content-type"] == "application/geo+json"
    assert f'<{PROFILE}rfc7946>; rel="profile"' in answer.headers["link"]


@pytest.mark.parametrize("path", [ITEMS, f"{ITEMS}/P003"])
def test_api_profile_parameter_jsonfg(iut: Client, path: str) -> None:
    """/conf/api/profile-parameter-jsonfg; the two forms have tags of their own, and the definition lists both."""
    answer = iut.get(f"{path}?profile=jsonfg", headers={"accept": "application/geo+json"})
    assert answer.headers["content-type"] == "application/geo+json"
    assert f'<{PROFILE}jsonfg>; rel="profile"' in answer.headers["link"]
    tags = {iut.get(f"{path}?profile={one}").headers["etag"] for one in ("rfc7946", "jsonfg")}
    tags.add(iut.get(path, headers={"accept": "application/geo+json;profile=jsonfg"}).headers["etag"])
    assert len(tags) >= 2
    offered = iut.get("/api").json()["components"]["parameters"]["profile"]["schema"]["items"]["enum"]
    assert {"rfc7946", "jsonfg", "jsonfg-plus"} <= set(offered)


def test_core_pages_of_the_sample(client: Client, node: Node) -> None:  # noqa: F811
    """Points, lines, NULL geometries and both stores: every document is valid, and pages follow each other."""
    for layer in ("parcels", "roads", "permits"):
        url: str | None = f"/collections/{layer}/items?f=jsonfg&limit=7&datetime=../..&crs={EPSG}4490"
        if layer == "permits":
            url = f"/collections/{layer}/items?f=jsonfg&limit=7"
        seen = 0
        while url:
            root = client.get(url).json()
            assert [error.message for error in validator().iter_errors(root)] == []
            seen += len(root["features"])
            url = next((one["href"] for one in root["links"] if one["rel"] == "next"), None)
        assert seen == node.store.count(layer, _all(layer))


def _all(layer: str) -> Any:
    from store.criteria import Criteria, ValidTime

    return Criteria() if layer == "permits" else Criteria(valid=ValidTime(None, None))
