"""Following links as a client does."""

from typing import Any

from tests.server.client import Client

REL = "http://www.opengis.net/def/rel/ogc/1.0/"


def links(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(one) for one in document["links"]]


def link(document: dict[str, Any], rel: str) -> dict[str, Any]:
    """The first link of a relation."""
    return next(one for one in links(document) if one["rel"] == rel)


def tileset(iut: Client, source: str, set_: str) -> dict[str, Any]:
    """A tileset's metadata, by the list of the tilesets."""
    listed = iut.get(source).json()["tilesets"]
    entry = next(one for one in listed if one["tileMatrixSetId"] == set_)
    return dict(iut.get(link(entry, "self")["href"]).json())


def template(about: dict[str, Any]) -> str:
    """The template of a tileset's tiles."""
    return str(link(about, "item")["href"])
