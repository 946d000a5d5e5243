"""How the abstract tests evaluate a filter: over HTTP, in either language."""

import json
from dataclasses import dataclass
from typing import Any

import cql2
import httpx

from tests.server.client import Client

VALUES = {
    ("string", None): "'foo'",
    ("boolean", None): "true",
    ("number", None): "3.14",
    ("integer", None): "1",
    ("string", "date-time"): "TIMESTAMP('2022-04-14T14:48:46Z')",
    ("string", "date"): "DATE('2022-04-14')",
}
"""The literals of the abstract tests, by type and format of a queryable."""


@dataclass(frozen=True)
class Source:
    """A data source: one collection with its queryables."""

    client: Client
    collection: str
    language: str
    queryables: dict[str, dict[str, Any]]

    def names(self, *kinds: tuple[str, str | None]) -> list[str]:
        """The queryables of these types and formats."""
        return [name for name, one in self.queryables.items() if (one.get("type"), one.get("format")) in kinds]

    @property
    def simple(self) -> list[tuple[str, str]]:
        """Every queryable of a simple type, and the literal of its type."""
        return [
            (name, VALUES[one["type"], one.get("format")]) for name, one in self.queryables.items() if "type" in one
        ]

    @property
    def spatial(self) -> list[str]:
        return [name for name, one in self.queryables.items() if str(one.get("format")).startswith("geometry-")]

    def ask(self, filter: str, **more: str) -> httpx.Response:
        if self.language == "cql2-json":
            filter = json.dumps(cql2.parse_text(filter).to_json())
        asked = {"filter": filter, "filter-lang": self.language, "limit": "1000", "datetime": "../.."} | more
        return self.client.get(f"/collections/{self.collection}/items", params=asked)

    def ids(self, filter: str, **more: str) -> set[str]:
        """The features for which the filter is true."""
        answer = self.ask(filter, **more)
        assert answer.status_code == 200, f"{filter}: {answer.text}"
        return {one["id"] for one in answer.json()["features"]}

    def refuses(self, filter: str) -> bool:
        return self.ask(filter).status_code == 400


def sources(client: Client, language: str) -> list[Source]:
    """Every collection of features."""
    listed = client.get("/collections").json()["collections"]
    found = []
    for one in listed:
        if one.get("itemType") == "feature":
            queryables = client.get(f"/collections/{one['id']}/queryables").json()["properties"]
            found.append(Source(client, one["id"], language, queryables))
    return found
