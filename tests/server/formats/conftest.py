"""A node over the store's sample: polygons, lines, points and a table, with every type of value, NULLs and Chinese."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from config.layers import Sharing
from server.app import create_app
from server.node import Node
from store import open_store
from tests.server import tiny
from tests.server.client import Client
from tests.store import sample
from tests.store.layers import LAYERS

TOKEN = "let-me-in"
OPEN = {one.id: replace(one, sharing=Sharing.UNCONDITIONAL) for one in LAYERS if one.id != "stations"}
SAMPLE = OPEN | {one.id: one for one in LAYERS if one.id == "stations"}


def make_node(folder: Path, url: str) -> Node:
    """A node over a store that holds the sample."""
    registry = replace(tiny.registry(), layers=MappingProxyType(dict(SAMPLE)))
    settings = tiny.settings(folder, store={"url": url}, access={"token_env": "DUOGUI_TEST_FORMATS"})
    return Node(settings, registry, SAMPLE, open_store(url, SAMPLE))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The sample node over each store in turn; one for a module."""
    folder = tmp_path_factory.mktemp("formats")
    url = f"sqlite:///{folder}/store" if request.param == "sqlite" else request.getfixturevalue("postgis_url")
    sample.make(url).close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUOGUI_TEST_FORMATS", TOKEN)
        made = make_node(folder, url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(node: Node) -> Iterator[Client]:
    with Client(create_app(node)) as made:
        yield made
