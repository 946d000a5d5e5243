"""Fixtures that all rooms' tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgis


@pytest.fixture(scope="session")
def postgis_server() -> Iterator[str]:
    """A PostgreSQL server with PostGIS: the one named in the environment, else a throw-away cluster."""
    given = os.environ.get(postgis.URL_VARIABLE)
    if given:
        yield given
        return
    if postgis.programs() is None:
        reason = f"no PostgreSQL with PostGIS is installed and {postgis.URL_VARIABLE} names none"
        if os.environ.get(postgis.REQUIRED_VARIABLE):
            pytest.fail(reason)
        pytest.skip(reason)
    with postgis.cluster() as url:
        yield url


@pytest.fixture(scope="module")
def postgis_url(postgis_server: str) -> Iterator[str]:
    """A fresh database for one test module."""
    with postgis.database(postgis_server) as url:
        yield url


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that lies beside a checkout of the developers; skips where it is absent."""
    root = Path(__file__).resolve().parents[1]
    folder = Path(os.environ.get("DUOGUI_SHARED_DATA", root.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real data are not at hand ({folder}); set DUOGUI_SHARED_DATA")
    return folder
