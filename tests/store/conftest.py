"""The same tests on both stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.engine import Database
from store.migrate import migrate
from store.sql import SqlStore
from store.verify import verify
from tests.store import sample, writable


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


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind without any table, for one test."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store'}"
    url = str(request.getfixturevalue("postgis_url"))
    writable.clear(url)
    return url


@pytest.fixture
def clock() -> writable.Clock:
    return writable.Clock()


@pytest.fixture
def empty_database(empty_url: str, clock: writable.Clock) -> Iterator[Database]:
    """A store of each kind with the tables of `tests.store.layers`, to be written to; afterwards it must be sound."""
    database = writable.opened(empty_url, clock)
    migrate(database)
    yield database
    assert verify(database) == []
    database.close()
