"""A node whose schemas have references, units, definitions and null values."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.schemas import NAMES, schemas_of
from tests.server import referring
from tests.server.client import Client


@pytest.fixture(scope="session")
def referrer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with referring.served(tmp_path_factory.mktemp("referring")) as client:
        yield client


@pytest.fixture(scope="session")
def logical(referrer: Client, iut: Client) -> list[dict[str, Any]]:
    """Every schema, queryables and sortables of both nodes, in every profile."""
    return [one for client in (iut, referrer) for name in NAMES for one in schemas_of(client, name)]
