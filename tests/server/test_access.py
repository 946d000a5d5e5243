"""Sharing classes: open ones are read by all, the rest by a token; descriptions are public."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.access import require
from server.app import create_app
from server.http.errors import UnauthorizedError
from store.criteria import ALL, PUBLIC
from tests.server import tiny
from tests.server.client import Client
from tests.server.conftest import make_node

TOKEN = {"authorization": "Bearer s3cret"}
SECRET = "/collections/secret"


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("DUOGUI_TOKEN", "s3cret")
    node = make_node(tmp_path)
    with Client(create_app(node)) as client:
        yield client
    node.close()


@pytest.mark.parametrize("path", ["/items", "/items?limit=1", "/items/P003", "/items/nothing", "/items?nonsense=1"])
def test_a_closed_class_needs_a_token(guarded: Client, path: str) -> None:
    answer = guarded.get(SECRET + path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert "natural-resources" in answer.json()["faults"][0]["remedy"]
    assert answer.headers["cache-control"] == "no-store"


def test_the_token_opens_it(guarded: Client) -> None:
    answer = guarded.get(f"{SECRET}/items?limit=1", headers=TOKEN)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "Authorization" in answer.headers["vary"]


@pytest.mark.parametrize("token", ["Bearer wrong", "Bearer ", "bearer s3cret2", "Bearer"])
def test_a_wrong_token_is_told_so_everywhere(guarded: Client, token: str) -> None:
    answer = guarded.get("/collections", headers={"authorization": token})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_another_scheme_is_a_proxys_business(guarded: Client) -> None:
    assert guarded.get("/collections", headers={"authorization": "Basic eDp5"}).status_code == 200
    assert guarded.get(f"{SECRET}/items", headers={"authorization": "Basic eDp5"}).status_code == 401


def test_without_a_configured_token_none_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DUOGUI_TOKEN", raising=False)
    node = make_node(tmp_path)
    with Client(create_app(node)) as client:
        assert client.get(f"{SECRET}/items", headers={"authorization": "Bearer "}).status_code == 401
    node.close()


def test_a_closed_layer_is_described_but_its_data_are_not(guarded: Client) -> None:
    described = guarded.get(SECRET).json()
    assert described["title"] == "受限"
    assert "自然资源局" in described["access"]
    assert "Authorization: Bearer" in described["access"]
    assert described["itemType"] == "record"
    assert "extent" not in described
    assert "itemCount" not in described
    assert not [one for one in described["links"] if one["rel"] == "items"]
    opened = guarded.get(SECRET, headers=TOKEN).json()
    assert [one for one in opened["links"] if one["rel"] == "items"]
    assert "access" not in opened
    assert opened["itemType"] == "feature"
    assert "layerDataType" not in opened


def test_documents_of_one_scope_are_never_sent_to_the_other(guarded: Client) -> None:
    private = guarded.get("/collections", headers=TOKEN)
    public = guarded.get("/collections")
    again = guarded.get("/collections", headers=TOKEN | {"if-none-match": private.headers["etag"]})
    assert private.headers["etag"] != public.headers["etag"]
    assert again.status_code == 304
    assert guarded.get("/collections", headers={"if-none-match": private.headers["etag"]}).status_code == 200


def test_a_validator_of_one_scope_does_not_hold_in_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUOGUI_TOKEN", "s3cret")
    node = make_node(tmp_path)
    with Client(create_app(node)) as client:
        public = client.get("/collections/parcels/items").headers["etag"]
        private = client.get("/collections/parcels/items", headers=TOKEN).headers["etag"]
    node.close()
    assert public != private


def test_a_node_can_open_every_class(tmp_path: Path) -> None:
    node = make_node(tmp_path, access={"open": ["unconditional", "conditional", "withheld"]})
    with Client(create_app(node)) as client:
        assert client.get(f"{SECRET}/items").status_code == 200
    node.close()


def test_the_same_check_serves_every_door() -> None:
    require(ALL, tiny.SECRET)
    require(PUBLIC, tiny.PARCELS)
    with pytest.raises(UnauthorizedError) as refused:
        require(PUBLIC, tiny.SECRET)
    assert refused.value.status == 401
