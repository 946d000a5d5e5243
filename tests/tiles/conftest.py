"""The same layers in both stores."""

from collections.abc import Iterator

import pytest

from store.sql import SqlStore
from tests.tiles import data


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    with data.opened(f"sqlite:///{tmp_path_factory.mktemp('tiles')}") as store:
        for id, shapes in data.SHAPES.items():
            data.load(store, id, shapes())
        yield store


@pytest.fixture(scope="module")
def postgis(postgis_url: str) -> Iterator[SqlStore]:
    with data.opened(postgis_url) as store:
        for id, shapes in data.SHAPES.items():
            data.load(store, id, shapes())
        yield store
