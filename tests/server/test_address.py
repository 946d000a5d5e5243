"""Links never depend on an unchecked Host, and a sub-path works."""

from pathlib import Path

import pytest

from config.errors import DefinitionError
from server.app import create_app
from server.http.links import Link
from tests.server.client import Client
from tests.server.conftest import make_node


def ask(folder: Path, path: str, peer: str = "127.0.0.1", headers: dict[str, str] | None = None, **server: object):
    node = make_node(folder, **server)
    with Client(create_app(node), peer=peer) as client:
        answer = client.get(path, headers=headers or {})
    node.close()
    return answer


def hrefs(answer) -> set[str]:
    links: list[Link] = answer.json()["links"]
    return {one["href"].split("?")[0] for one in links if one["rel"] in ("self", "alternate", "collection")}


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:9", "LOCALHOST"])
def test_loopback_is_always_answered(tmp_path: Path, host: str) -> None:
    answer = ask(tmp_path, "/collections", headers={"host": host})
    assert all(one.startswith(f"http://{host.lower()}/") for one in hrefs(answer))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "a b", "", "localhost@evil.example", "x" * 300])
def test_a_foreign_host_is_refused(tmp_path: Path, host: str) -> None:
    answer = ask(tmp_path, "/collections", headers={"host": host})
    assert answer.status_code == 400
    assert answer.json()["faults"][0]["where"] == "Host"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_a_probe_may_come_by_any_address(tmp_path: Path, path: str) -> None:
    assert ask(tmp_path, path, headers={"host": "10.1.2.3:8080"}).status_code == 200


def test_an_allowed_host_is_answered(tmp_path: Path) -> None:
    answer = ask(tmp_path, "/collections", headers={"host": "map.example"}, allowed_hosts=["map.example"])
    assert hrefs(answer) == {"http://map.example/collections"}


def test_the_public_url_wins_over_every_header(tmp_path: Path) -> None:
    lies = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example;proto=http"}
    answer = ask(tmp_path, "/collections", headers=lies, public_url="https://map.example/one/")
    assert hrefs(answer) == {"https://map.example/one/collections"}
    assert "evil" not in answer.text


@pytest.mark.parametrize("path", ["/collections", "/one/collections", "/one/collections/"])
def test_a_sub_path_works_whether_the_proxy_strips_it_or_not(tmp_path: Path, path: str) -> None:
    answer = ask(tmp_path, path, public_url="https://map.example/one")
    assert hrefs(answer) == {"https://map.example/one/collections"}
    one = answer.json()["collections"][0]
    assert all(link["href"].startswith("https://map.example/one/") for link in one["links"])


def test_a_sub_path_leads_to_features_and_back(tmp_path: Path) -> None:
    answer = ask(tmp_path, "/one/collections/parcels/items?limit=1", public_url="https://map.example/one")
    assert hrefs(answer) == {
        "https://map.example/one/collections/parcels/items",
        "https://map.example/one/collections/parcels",
    }
    landing = ask(tmp_path, "/one", public_url="https://map.example/one")
    assert "https://map.example/one/" in hrefs(landing)
    assert landing.status_code == 200
    assert ask(tmp_path, "/ones/collections", public_url="https://map.example/one").status_code == 404


def test_a_root_path_without_a_public_url(tmp_path: Path) -> None:
    answer = ask(tmp_path, "/one/map/collections", root_path="/one/map")
    assert hrefs(answer) == {"http://localhost:8080/one/map/collections"}


FORWARDED = [
    {"x-forwarded-proto": "https", "x-forwarded-host": "map.example", "x-forwarded-prefix": "/one"},
    {"forwarded": "for=1.2.3.4;proto=https;host=map.example", "x-forwarded-prefix": "/one/"},
    {"forwarded": 'for=1.2.3.4;host=evil.example, proto=https;host="map.example"', "x-forwarded-prefix": "/one"},
]


@pytest.mark.parametrize("headers", FORWARDED)
def test_a_trusted_proxy_is_believed(tmp_path: Path, headers: dict[str, str]) -> None:
    server = {"trusted_proxies": ["10.0.0.0/8"], "allowed_hosts": ["map.example"]}
    answer = ask(tmp_path, "/collections", "10.1.2.3", headers, **server)
    assert hrefs(answer) == {"https://map.example/one/collections"}


@pytest.mark.parametrize("headers", FORWARDED)
def test_nobody_else_is_believed(tmp_path: Path, headers: dict[str, str]) -> None:
    server = {"trusted_proxies": ["10.0.0.0/8"], "allowed_hosts": ["map.example"]}
    answer = ask(tmp_path, "/collections", "192.168.1.1", headers, **server)
    assert hrefs(answer) == {"http://localhost:8080/collections"}


def test_even_a_trusted_proxy_names_no_foreign_host(tmp_path: Path) -> None:
    headers = {"x-forwarded-host": "evil.example"}
    assert ask(tmp_path, "/", "10.1.2.3", headers, trusted_proxies=["10.0.0.0/8"]).status_code == 400


@pytest.mark.parametrize("prefix", ["//evil.example", "/a b", "x", '/"><script>', "/a?b"])
def test_a_proxys_prefix_is_a_path(tmp_path: Path, prefix: str) -> None:
    headers = {"x-forwarded-prefix": prefix}
    assert ask(tmp_path, "/", "10.1.2.3", headers, trusted_proxies=["10.0.0.0/8"]).status_code == 400


def test_kept_documents_do_not_leak_between_hosts(tmp_path: Path) -> None:
    node = make_node(tmp_path, allowed_hosts=["a.example", "b.example"])
    with Client(create_app(node)) as client:
        for host in ("a.example", "b.example", "a.example"):
            answer = client.get("/collections", headers={"host": host})
            assert hrefs(answer) == {f"http://{host}/collections"}
    node.close()


def test_a_sub_path_named_like_a_resource_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="node configuration"):
        create_app(make_node(tmp_path, public_url="https://map.example/collections"))
