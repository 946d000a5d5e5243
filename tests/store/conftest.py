"""The same tests on both stores."""

from collections.abc import Iterator

import pytest

from store.engine import Database
from store.sql import SqlStore
from tests.store import sample


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def store_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty database of each kind, for one module."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('store')}"
    return str(request.getfixturevalue("postgis_url"))


@pytest.fixture(scope="module")
def sample_database(store_url: str) -> Iterator[Database]:
    """The sample, not to be written to."""
    database = sample.make(store_url)
    yield database
    database.close()


@pytest.fixture(scope="module")
def sample_store(sample_database: Database) -> SqlStore:
    return SqlStore(sample_database)
