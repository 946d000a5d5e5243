"""A tiny node, over a store in memory and over real ones, and a client that speaks to its application."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely

from server.app import create_app
from server.node import Node
from store import open_store
from store.criteria import Edit, Operation
from store.engine import connect
from store.migrate import migrate
from tests.server import tiny
from tests.server.client import Client
from tests.server.fake import FakeStore

STORED = {id: layer for id, layer in tiny.LAYERS.items() if layer.stored}


def make_node(folder: Path, store: Any = None, **changes: object) -> Node:
    """A node over a store, by default over the one in memory."""
    return Node(tiny.settings(folder, **changes), tiny.registry(), tiny.LAYERS, store or FakeStore(STORED))


def fill(url: str) -> Any:
    """A real store with the tiny features."""
    database = connect(url, STORED)
    migrate(database, lambda _: None)
    database.close()
    store = open_store(url, STORED)
    for id in STORED:
        if id != "empty":
            store.write([edit(id, row) for row in tiny.features()], "test")
    return store


def edit(layer: str, row: dict[str, Any]) -> Edit:
    geometry = shapely.to_wkb(shapely.box(*row["box"])) if STORED[layer].geometry else None
    end: date | None = row["valid_to"]
    return Edit(layer, Operation.CREATE, row["id"], geometry, False, row["properties"], row["valid_from"], end)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node whose store lies in memory and can be told to fail."""
    made = make_node(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(node: Node) -> Iterator[Client]:
    with Client(create_app(node)) as made:
        yield made


@pytest.fixture(scope="module", params=["memory", "sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def each_client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The tiny node over each store in turn; one node for a module, which must not write."""
    folder = tmp_path_factory.mktemp("node")
    store = None
    if request.param != "memory":
        url = f"sqlite:///{folder}/store" if request.param == "sqlite" else request.getfixturevalue("postgis_url")
        store = fill(url)
    made = make_node(folder, store)
    with Client(create_app(made)) as speaking:
        yield speaking
    made.close()
