"""A node that serves the dataset of CQL2's abstract tests (Natural Earth 1:110m)."""

import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from server.node import Node
from store import open_store
from store.engine import connect
from store.migrate import migrate
from tests.server import tiny
from tests.store.filters import ats

PLACES = "ne_110m_populated_places_simple"
FILE = f"{ats.FOLDER}/ne110m4cql2.gpkg"


def cases(data: Path) -> dict[str, Any]:
    """Filters with the number of features that each shall find, and combinations of four."""
    made: dict[str, Any] = json.loads((data / ats.FOLDER / "cql2_ats_cases.json").read_text(encoding="utf8"))
    return made


def served(data: Path, url: str, folder: Path) -> Node:
    """A node over a fresh store at `url`; `data` is that of `shared_data`."""
    known = {one.id: one for one in ats.layers(data)}
    database = connect(url, known)
    migrate(database, lambda _: None)
    database.close()
    store = open_store(url, known)
    ats.load(store, data)
    registry = replace(tiny.registry(), layers=MappingProxyType(known))
    return Node(tiny.settings(folder, store={"url": url}), registry, known, store)
