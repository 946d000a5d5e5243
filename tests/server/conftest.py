"""A tiny node and a client that speaks to its application."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from server.app import create_app
from server.node import Node
from tests.server import tiny
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
def client(node: Node) -> Iterator[TestClient]:
    with TestClient(create_app(node), base_url="http://localhost:8080", raise_server_exceptions=False) as made:
        made.headers.pop("accept-encoding", None)
        made.headers["accept"] = "*/*"
        yield made
