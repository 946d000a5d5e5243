"""The tiny node, which these tests edit: over each real store, with writers whose tokens the environment holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.app import create_app
from server.node import Node
from store.sql import SqlStore
from store.verify import verify
from tests.server.client import Client
from tests.server.conftest import fill, make_node
from tests.store import writable

BUREAU, CLERK, READER = "b" * 24, "c" * 24, "r" * 24
ITEMS = "/collections/parcels/items"
EDITING: dict[str, Any] = {
    "writers": [
        {"name": "规划局", "token_env": "TEST_BUREAU", "themes": ["planning"], "reads_closed": True},
        {"name": "clerk", "token_env": "TEST_CLERK", "collections": ["parcels"]},
        {"name": "nobody", "token_env": "TEST_UNSET", "themes": ["planning"]},
    ],
    "locking": {"collections": ["statistics"]},
}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


class Writing(Client):
    """A client that sends the bureau's token, and bodies as JSON, unless told otherwise."""

    node: Node

    def send(self, method: str, url: str, body: Any = None, media: str = "", **headers: str) -> Any:
        given = {"authorization": f"Bearer {BUREAU}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        options: dict[str, Any] = {}
        if body is not None:
            given.setdefault(
                "content-type",
                media or ("application/merge-patch+json" if method == "PATCH" else "application/geo+json"),
            )
            options["content" if isinstance(body, bytes | str) else "json"] = body
        return self.request(method, url, headers=given, **options)


def feature(id: str | None = None, west: float = 116.9, **properties: Any) -> dict[str, Any]:
    """A square of a hundredth of a degree near Cangzhou."""
    east = round(west + 0.01, 9)
    ring = [[west, 38.2], [east, 38.2], [east, 38.21], [west, 38.21], [west, 38.2]]
    made: dict[str, Any] = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"land_use_code": "07", **properties},
    }
    return made if id is None else made | {"id": id}


@contextmanager
def editable_node(folder: Path, url: str, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Iterator[Writing]:
    """A client of the tiny node, filled anew; afterwards its store must be sound."""
    for name, token in (("TEST_BUREAU", BUREAU), ("TEST_CLERK", CLERK), ("DUOGUI_TOKEN", READER)):
        monkeypatch.setenv(name, token)
    node = make_node(folder, fill(url), **({"editing": EDITING} | changes))
    with Writing(create_app(node)) as client:
        client.node = node
        yield client
    store = node.store
    assert isinstance(store, SqlStore)
    assert verify(store.database) == []
    node.close()


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store"
    found = str(request.getfixturevalue("postgis_url"))
    writable.clear(found)
    return found


@pytest.fixture
def client(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writing]:
    """A client that writes to the tiny node over each store."""
    with editable_node(tmp_path, url, monkeypatch) as made:
        yield made
