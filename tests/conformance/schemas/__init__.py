"""Common Part 3 (23-058r2), Annex A: schemas, their resources and profiles."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from tests.server.client import Client

STANDARD = "http://www.opengis.net/spec/ogcapi-common-3/1.0"
STANDARDS = (STANDARD, "http://www.opengis.net/spec/ogcapi-features-5/1.0")
"""The second is the name of the draft, which clients still look for."""
NAMES = ("schema", "queryables", "sortables")
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
REGISTER = "http://www.opengis.net/def/profile/OGC/0/"
CODELISTS, DOMAINS = ("codelist-inline", "codelist-ref"), ("valid-domain", "actual-domain")
COLLECTIONS = ("parcels", "statistics", "permits")


def paths(client: Client, name: str) -> Iterator[str]:
    """The address of a schema of every collection of features that anybody may read."""
    for one in client.get("/collections").json()["collections"]:
        found = next((link["href"] for link in one["links"] if link["rel"] == REL + name), None)
        if found is not None:
            yield found.partition("?")[0]


def schemas_of(client: Client, name: str) -> Iterator[dict[str, Any]]:
    for path in paths(client, name):
        for profiles in ("", *(f"?profile={code},{domain}" for code, domain in product(CODELISTS, DOMAINS))):
            answer = client.get(path + profiles, headers={"accept": "application/schema+json"})
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"] == "application/schema+json"
            yield answer.json()


def used(answer: Any) -> set[str]:
    """The profiles to which an answer links in its headers."""
    parts = answer.headers["link"].split(", <")
    return {one.split(">")[0].lstrip("<").removeprefix(REGISTER) for one in parts if 'rel="profile"' in one}
