"""The tiny node over an embedded store, and what the abstract tests ask again and again."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.app import create_app
from tests.server.client import Client
from tests.server.conftest import fill, make_node

ITEMS = "/collections/parcels/items"


@pytest.fixture(scope="package")
def iut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The implementation under test."""
    folder = tmp_path_factory.mktemp("iut")
    node = make_node(folder, fill(f"sqlite:///{folder}/store"))
    with Client(create_app(node)) as client:
        yield client
    node.close()


@pytest.fixture(scope="package")
def collections(iut: Client) -> list[dict[str, Any]]:
    """The descriptions of all collections of features that anybody may read."""
    found = iut.get("/collections").json()["collections"]
    return [one for one in found if one.get("itemType") == "feature"]


@pytest.fixture(scope="package")
def api(iut: Client) -> dict[str, Any]:
    document: dict[str, Any] = iut.get("/api").json()
    return document
