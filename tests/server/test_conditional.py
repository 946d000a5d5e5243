"""Validators: 304 where nothing changed, without the page's query; another tag where anything did."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from server.app import create_app
from server.http.conditional import matches, version_of
from server.node import Node
from tests.server import tiny
from tests.server.client import Client

ITEMS = "/collections/parcels/items"


def tag(client: Client, path: str, **headers: str) -> str:
    answer = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == 200
    return answer.headers["etag"]


@pytest.mark.parametrize("path", ["/", "/collections", "/collections/parcels", "/collections/parcels/schema", "/api"])
@pytest.mark.parametrize("coding", ["identity", "br", "gzip"])
def test_documents_are_not_sent_twice(client: Client, path: str, coding: str) -> None:
    first = client.get(path, headers={"accept-encoding": coding})
    again = client.get(path, headers={"accept-encoding": coding, "if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == first.headers["vary"]
    assert "content-type" not in again.headers


@pytest.mark.parametrize("form", ["{}", '{}, W/"other"', 'W/"other" , {}', "*", '"x",{},"y"'])
def test_lists_weak_forms_and_the_star_match(client: Client, form: str) -> None:
    for path in (ITEMS, f"{ITEMS}/P003"):
        held = tag(client, path)
        for written in (held, held.removeprefix("W/"), f"W/{held.removeprefix('W/')}"):
            given = form.format(written)
            assert client.get(path, headers={"if-none-match": given}).status_code == 304


@pytest.mark.parametrize("form", ['"other"', 'W/"other"', "other", '"', "", '""', '"a" "b"', ","])
def test_other_tags_do_not_match(client: Client, form: str) -> None:
    assert client.get(ITEMS, headers={"if-none-match": form}).status_code == 200


def test_304_needs_no_page_query(client: Client, node: Node) -> None:
    held = tag(client, f"{ITEMS}?limit=5&sortby=name")
    before = node.store.pages  # type: ignore[attr-defined]
    again = client.get(f"{ITEMS}?sortby=name&limit=5", headers={"if-none-match": held})
    assert again.status_code == 304
    assert node.store.pages == before  # type: ignore[attr-defined]


def test_a_write_moves_the_tag(client: Client, node: Node) -> None:
    held = tag(client, ITEMS)
    node.store.touch("parcels")  # type: ignore[attr-defined]
    answer = client.get(ITEMS, headers={"if-none-match": held})
    assert answer.status_code == 200
    assert answer.headers["etag"] != held


def test_whatever_is_asked_differently_has_another_tag(client: Client) -> None:
    base = f"{ITEMS}?limit=5"
    crs = "http://www.opengis.net/def/crs/EPSG/0/4490"
    paths = ("", "&offset=1", "&sortby=name", "&properties=name", f"&crs={crs}", "&floors=1", "&numberMatched=false")
    tags = [tag(client, base + more) for more in paths]
    tags += [tag(client, base, accept_encoding="br"), tag(client, base, accept_encoding="gzip")]
    tags += [tag(client, base + "&f=html"), tag(client, base + "&f=html&lang=en")]
    assert len(set(tags)) == len(tags)


def test_the_same_asked_in_another_order_has_the_same_tag(client: Client) -> None:
    assert tag(client, f"{ITEMS}?limit=5&floors=1") == tag(client, f"{ITEMS}?floors=1&limit=5")


def test_an_items_tag_is_its_version_and_a_digest(client: Client) -> None:
    plain = tag(client, f"{ITEMS}/P003")
    assert re.fullmatch('"3-[0-9a-f]{8}"', plain)
    assert tag(client, f"{ITEMS}/P003", accept_encoding="br") == f'{plain[:-1]}-br"'
    html = tag(client, f"{ITEMS}/P003?f=html")
    assert html.startswith('"3-html-zh-')
    assert tag(client, f"{ITEMS}/P003?f=html&lang=en") != html
    assert all(version_of(one) == 3 for one in ('"3"', '"3-br"', plain, f'{plain[:-1]}-gzip"', html, f"W/{plain}"))


def test_an_items_tag_moves_with_the_layers_definition_and_with_its_text(tmp_path: Path, node: Node) -> None:
    path = f"{ITEMS}/P003"
    with Client(create_app(node)) as client:
        held = tag(client, path)
        node.store.rows["parcels"][3]["properties"]["more"] = None  # type: ignore[attr-defined]
        assert tag(client, path) != held
        del node.store.rows["parcels"][3]["properties"]["more"]  # type: ignore[attr-defined]
        assert tag(client, path) == held
    layers = {**tiny.LAYERS, "parcels": replace(tiny.PARCELS, digest="e1" * 32)}
    other = Node(tiny.settings(tmp_path), tiny.registry(), layers, node.store)
    with Client(create_app(other)) as client:
        answer = client.get(path, headers={"if-none-match": held})
        assert answer.status_code == 200
        assert answer.headers["etag"] != held
        assert version_of(answer.headers["etag"]) == version_of(held)


@pytest.mark.parametrize("foreign", ["3", '"x"', '"3x"', '"-3"', "*", "", '"3', '"99999999999999999999"'])
def test_a_foreign_tag_has_no_version(foreign: str) -> None:
    assert version_of(foreign) is None


def test_matching_is_linear_in_the_header() -> None:
    assert not matches(",".join(['"x"'] * 5000), '"y"')
    assert matches(",".join([*['"x"'] * 5000, 'W/"y"']), '"y"')


def test_nothing_is_kept_without_asking_again(client: Client) -> None:
    for path in ("/collections", ITEMS, f"{ITEMS}/P003"):
        assert client.get(path).headers["cache-control"] == "no-cache"
