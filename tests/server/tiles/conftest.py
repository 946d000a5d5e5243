"""A node with a layer of each kind of geometry, one without features and a closed one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.app import create_app
from server.node import Node
from store.sql import SqlStore
from tests.server import tiny
from tests.server.client import Client
from tests.tiles import data

TOKEN = "a-token-of-the-tests"


def make_node(folder: Path, store: SqlStore) -> Node:
    return Node(tiny.settings(folder), tiny.registry(), {**data.LAYERS, **_others()}, store)


def _others() -> dict[str, object]:
    return {id: layer for id, layer in tiny.LAYERS.items() if not layer.stored}


def filled(url: str) -> Iterator[SqlStore]:
    with data.opened(url) as store:
        for id, shapes in data.SHAPES.items():
            data.load(store, id, shapes())
        yield store


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("node")
    url = f"sqlite:///{folder}/store" if request.param == "sqlite" else request.getfixturevalue("postgis_url")
    environment = pytest.MonkeyPatch()
    environment.setenv("DUOGUI_TOKEN", TOKEN)
    for store in filled(url):
        made = make_node(folder, store)
        yield made
        made.close()
    environment.undo()


@pytest.fixture(scope="module")
def client(node: Node) -> Iterator[Client]:
    with Client(create_app(node)) as made:
        yield made
