"""The implementation under test: the tiny node over real stores, and what the abstract tests ask of it first."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.app import create_app
from tests.server.client import Client
from tests.server.conftest import fill, make_node


@contextmanager
def served(folder: Path, url: str) -> Iterator[Client]:
    node = make_node(folder, fill(url))
    with Client(create_app(node)) as client:
        yield client
    node.close()


@pytest.fixture(scope="session")
def iut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The implementation under test, over an embedded store. Tests that write make a node of their own."""
    folder = tmp_path_factory.mktemp("iut")
    with served(folder, f"sqlite:///{folder}/store") as client:
        yield client


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def each_iut(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The implementation under test, over each real store in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("iut")
    else:
        with served(tmp_path_factory.mktemp("iut"), request.getfixturevalue("postgis_url")) as client:
            yield client


@pytest.fixture(scope="session")
def collections(iut: Client) -> list[dict[str, Any]]:
    """The descriptions of all collections of features that anybody may read."""
    found = iut.get("/collections").json()["collections"]
    return [one for one in found if one.get("itemType") == "feature"]


@pytest.fixture(scope="session")
def api(iut: Client) -> dict[str, Any]:
    """The API definition."""
    document: dict[str, Any] = iut.get("/api").json()
    return document
