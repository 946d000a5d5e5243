"""A tiny node and a client that speaks to its application."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.app import create_app
from server.node import Node
from tests.server import tiny
from tests.server.client import Client
from tests.server.fake import FakeStore


def make_node(folder: Path, **changes: object) -> Node:
    """A node over the store in memory."""
    stored = {id: layer for id, layer in tiny.LAYERS.items() if layer.stored}
    return Node(tiny.settings(folder, **changes), tiny.registry(), tiny.LAYERS, FakeStore(stored))  # type: ignore[arg-type]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = make_node(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(node: Node) -> Iterator[Client]:
    with Client(create_app(node)) as made:
        yield made
