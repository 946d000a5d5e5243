"""Common Part 4 (25-046 rc2), Annex A: discovery within many collections."""

from typing import Any

from tests.server.client import Client

STANDARDS = tuple(f"{scheme}://www.opengis.net/spec/ogcapi-common-4/1.0" for scheme in ("https", "http"))
REL = "https://www.opengis.net/def/rel/ogc/1.0/"
CRS84 = "[OGC:CRS84]"
BRANCHES = ("division-100000", "division-130000", "division-130900", "theme-planning")
"""Nation, province and city of the tiny node, and its one theme."""
LAYERS = ("parcels", "secret", "statistics", "imagery", "empty")
ALL = (*LAYERS, *BRANCHES)


def found(client: Client, **parameters: object) -> list[str]:
    """The ids that a search answers, which must say how many they are."""
    answer = client.get("/collections", params=parameters)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    ids = [one["id"] for one in document["collections"]]
    assert document["numberReturned"] == len(ids) <= document["numberMatched"]
    return ids


def refused(client: Client, **parameters: object) -> str:
    """The parameter that a refused search is told to be wrong."""
    answer = client.get("/collections", params=parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    document: dict[str, Any] = answer.json()
    assert document["faults"][0]["what"] and document["faults"][0]["remedy"]
    return str(document["parameter"])
