"""A node that serves the dataset of CQL2's abstract tests, over each real store in turn."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server.app import create_app
from tests import postgis
from tests.conformance.cql2 import natural_earth
from tests.server.client import Client
from tests.store.filters import ats


class Earth:
    """Evaluates filters over HTTP."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def ask(self, collection: str, filter: str, **more: str) -> httpx.Response:
        asked = {"filter": ats.in_our_words(filter), "limit": "1000", "skipGeometry": "true"} | more
        return self.client.get(f"/collections/{collection}/items", params=asked)


@pytest.fixture(scope="session")
def dataset(shared_data: Path) -> Path:
    """The folder of `shared_data`, in which the dataset and the filters are."""
    if not (shared_data / natural_earth.FILE).exists():
        pytest.skip(f"the dataset of CQL2's tests is not at hand ({shared_data / natural_earth.FILE})")
    return shared_data


@pytest.fixture(scope="package", params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def earth(request: pytest.FixtureRequest, dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Earth]:
    folder = tmp_path_factory.mktemp("earth")
    if request.param == "sqlite":
        node = natural_earth.served(dataset, f"sqlite:///{folder}/store", folder)
        with Client(create_app(node)) as client:
            yield Earth(client)
        node.close()
        return
    with postgis.database(request.getfixturevalue("postgis_server")) as url:
        node = natural_earth.served(dataset, url, folder)
        with Client(create_app(node)) as client:
            yield Earth(client)
        node.close()
