"""Annex A: conformance classes `profile-parameter`, `profile-references`, `profile-codelists` and `profile-domains`."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conformance.schemas import CODELISTS, DOMAINS, NAMES, REGISTER, STANDARDS, used
from tests.server import referring
from tests.server.client import BASE, Client

__all__ = ["STANDARDS"]

REFERENCES = ("rel-as-key", "rel-as-uri", "rel-as-link")
PERMITS = "/collections/permits/items"
PROFILED = {
    **{f"/collections/permits/{name}": (*CODELISTS, *DOMAINS) for name in NAMES},
    PERMITS: REFERENCES,
    f"{PERMITS}/X2": REFERENCES,
}


def check_declared(client: Client, name: str) -> None:
    listed = client.get("/conformance", headers={"accept": "application/json"}).json()["conformsTo"]
    assert all(f"{standard}/conf/profile-{name}" in listed for standard in STANDARDS)


def test_profile_parameter_get_conformance(iut: Client) -> None:
    """/conf/profile-parameter/get-conformance"""
    check_declared(iut, "parameter")


def test_profile_references_get_conformance(iut: Client) -> None:
    """/conf/profile-references/get-conformance"""
    check_declared(iut, "references")


def test_profile_codelists_get_conformance(iut: Client) -> None:
    """/conf/profile-codelists/get-conformance"""
    check_declared(iut, "codelists")


def test_profile_domains_get_conformance(iut: Client) -> None:
    """/conf/profile-domains/get-conformance"""
    check_declared(iut, "domains")


@pytest.mark.parametrize("path", PROFILED)
def test_profile_parameter_profile_param(referrer: Client, path: str) -> None:
    """/conf/profile-parameter/profile-param: defined as a comma-separated list of ids of the register."""
    api = referrer.get("/api").json()
    shape = path.replace("X2", "{featureId}")
    shape = shape if shape.endswith("/items") else shape.replace("permits", "{collectionId}")
    names = [one["$ref"].rpartition("/")[2] for one in api["paths"][shape]["get"]["parameters"]]
    found = [api["components"]["parameters"][name] for name in names]
    (one,) = [parameter for parameter in found if parameter["name"] == "profile"]
    assert (one["in"], one["required"], one["style"], one["explode"]) == ("query", False, "form", False)
    assert one["schema"]["type"] == "array"
    assert set(one["schema"]["items"]["enum"]) >= set(PROFILED[path])


@pytest.mark.parametrize("path", PROFILED)
def test_profile_parameter_profile_param_response(referrer: Client, path: str) -> None:
    """/conf/profile-parameter/profile-param-response"""
    offered = PROFILED[path]
    plain = referrer.get(path)
    assert plain.status_code == 200
    for asked in (*offered, *(f"{REGISTER}{one}" for one in offered), ",".join(offered)):
        answer = referrer.get(path, params={"profile": asked})
        assert answer.status_code == 200
        wanted = asked.split(",")[0].removeprefix(REGISTER)
        assert wanted in used(answer)
        if "links" in answer.json():
            linked = {one["href"] for one in answer.json()["links"] if one["rel"] == "profile"}
            assert f"{REGISTER}{wanted}" in linked
    for asked in ("no-such", f"{offered[0]},no-such", "", "https://example.com/profile"):
        refused = referrer.get(path, params={"profile": asked})
        assert refused.status_code == 400
        assert refused.json()["parameter"] == "profile"


def test_profile_references_ref_profiles(referrer: Client) -> None:
    """/conf/profile-references/ref-profiles: items and single features take the parameter."""
    for path in (PERMITS, f"{PERMITS}/X1"):
        assert all(referrer.get(f"{path}?profile={one}").status_code == 200 for one in REFERENCES)


def properties(client: Client, profile: str) -> list[dict[str, Any]]:
    """The properties of every permit: from the page, which must say the same as each feature by itself."""
    features = client.get(f"{PERMITS}?profile={profile}&limit=100").json()["features"]
    for feature in features:
        alone = client.get(f"{PERMITS}/{feature['id']}?profile={profile}").json()
        assert alone["properties"] == feature["properties"]
        assert alone["geometry"] == feature["geometry"]
    return [one["properties"] for one in features]


def test_profile_references_rel_as_key(referrer: Client) -> None:
    """/conf/profile-references/rel-as-key: as stored, byte for byte."""
    for row, found in zip(referring.ROWS, properties(referrer, "rel-as-key"), strict=True):
        assert {name: found[name] for name in row} == row
    plain = referrer.get(PERMITS).json()["features"]
    assert [one["properties"] for one in plain] == properties(referrer, "rel-as-key")


def test_profile_references_rel_as_uri(referrer: Client) -> None:
    """/conf/profile-references/rel-as-uri: each an address, of a feature here or elsewhere; all else as it was."""
    for row, found in zip(referring.ROWS, properties(referrer, "rel-as-uri"), strict=True):
        for name in ("parcel", "closed", "earlier", "project"):
            if row.get(name) is None:
                assert found[name] is None
            else:
                assert urlsplit(found[name]).scheme in ("http", "https")
        assert (found["identifier"], found["use"], found["absent"]) == (row["identifier"], row["use"], None)
    first = properties(referrer, "rel-as-uri")[0]
    assert referrer.get(first["parcel"]).json()["id"] == "P001"
    assert first["project"] == "https://example.com/collections/project/items/2016%2F7%20a"


def test_profile_references_rel_as_link(referrer: Client) -> None:
    """/conf/profile-references/rel-as-link: objects with an address, and a title where the caller may read it."""
    first, second, third = properties(referrer, "rel-as-link")
    parcel = referrer.get("/collections/parcels/items/P001").json()["properties"]["name"]
    assert first["parcel"] == {"href": f"{BASE}/collections/parcels/items/P001", "title": parcel}
    assert first["project"] == {"href": "https://example.com/collections/project/items/2016%2F7%20a"}
    assert second["closed"] == {"href": f"{BASE}/collections/secret/items/P001"}
    assert second["earlier"]["title"] == "许可一"
    assert third["earlier"] == {"href": f"{BASE}{PERMITS}/X2"}
    assert third["parcel"] == {"href": f"{BASE}/collections/parcels/items/gone"}


def test_profile_references_with_other_parameters(referrer: Client) -> None:
    """Chosen properties, another system and pages keep the profile."""
    page = referrer.get(f"{PERMITS}?profile=rel-as-uri&properties=parcel&limit=1&crs=[EPSG:4490]").json()
    assert page["features"][0]["properties"] == {"parcel": f"{BASE}/collections/parcels/items/P001"}
    assert page["features"][0]["geometry"]["coordinates"] == [38.3, 116.9]
    following = next(one["href"] for one in page["links"] if one["rel"] == "next")
    second = referrer.get(following).json()["features"][0]
    assert second["properties"] == {"parcel": f"{BASE}/collections/parcels/items/P003"}
    tags = {referrer.get(f"{PERMITS}?profile={one}").headers["etag"] for one in REFERENCES}
    assert len(tags) == len(REFERENCES)


def listed(properties: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The properties with `oneOf` of constants, and those with `enum` and the address of a list."""
    inline = {name: one for name, one in properties.items() if all("const" in two for two in one.get("oneOf", [{}]))}
    by_reference = {name: one for name, one in properties.items() if "enum" in one and "x-ogc-codelistUri" in one}
    return inline, by_reference


@pytest.mark.parametrize("name", NAMES)
def test_profile_codelists_codelists(referrer: Client, name: str) -> None:
    """/conf/profile-codelists/codelists: all lists in the same way, and the header says in which."""
    for asked in ("", *CODELISTS):
        answer = referrer.get(
            f"/collections/permits/{name}?profile={asked}" if asked else f"/collections/permits/{name}"
        )
        inline, by_reference = listed(answer.json()["properties"])
        told = used(answer) & set(CODELISTS)
        assert told == {asked or "codelist-inline"}
        assert (set(inline), set(by_reference)) == (
            ({"use"}, set()) if told == {"codelist-inline"} else (set(), {"use"})
        )
        uri = answer.json()["properties"]["use"]["x-ogc-codelistUri"]
        codes = [one["code"] for one in referrer.get(uri).json()["codes"]]
        assert codes == [one["const"] for one in inline["use"]["oneOf"]] if inline else by_reference["use"]["enum"]


@pytest.mark.parametrize("name", NAMES)
def test_profile_domains_domains(referrer: Client, name: str) -> None:
    """/conf/profile-domains/domains: the actual domain is what occurs, the valid one what may."""
    valid = referrer.get(f"/collections/permits/{name}?profile=valid-domain,codelist-ref")
    actual = referrer.get(f"/collections/permits/{name}?profile=actual-domain,codelist-ref")
    assert "valid-domain" in used(referrer.get(f"/collections/permits/{name}"))
    assert ("valid-domain" in used(valid), "actual-domain" in used(actual)) == (True, True)
    may, does = valid.json()["properties"], actual.json()["properties"]
    assert (may["depth"]["minimum"], may["depth"]["maximum"]) == (-9999, 500)
    assert (does["depth"]["minimum"], does["depth"]["maximum"]) == (-1.0, 2.5)
    assert (may["use"]["enum"], does["use"]["enum"]) == (["01", "07", "10"], ["01", "07"])
    assert (does["identifier"]["minLength"], does["identifier"]["maxLength"]) == (2, 2)
    assert not {"minLength", "maxLength"} & does["absent"].keys()
    if name != "sortables":
        assert (may["geometry"]["format"], does["geometry"]["format"]) == ("geometry-any", "geometry-point")


def test_profile_domains_of_a_closed_collection(iut: Client) -> None:
    """What occurs in a collection is told only to those who may read it; what may occur, to everybody."""
    assert iut.get("/collections/secret/schema").status_code == 200
    assert iut.get("/collections/secret/schema?profile=actual-domain").status_code == 401
