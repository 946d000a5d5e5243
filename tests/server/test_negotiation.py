"""Formats, languages and codings: parameters first, then headers with their quality values."""

import gzip

import brotli
import pytest

from config.errors import ParameterError
from server.http.errors import HttpError
from server.http.negotiate import FEATURES, GEOJSON, HTML, JSON, PAGES, pick_coding, pick_format, pick_language
from tests.server.client import Client

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("asked", "accept", "expected"),
    [
        (None, None, JSON),
        (None, "*/*", JSON),
        (None, "application/json", JSON),
        (None, "application/*", JSON),
        (None, "text/html", HTML),
        (None, "text/*", HTML),
        (None, BROWSER, HTML),
        (None, "text/html;q=0.1, application/json;q=0.2", JSON),
        (None, "text/html;q=0, */*", JSON),
        (None, "application/json;q=0, */*;q=0.1", HTML),
        (None, "TEXT/HTML", HTML),
        (None, "image/png, */*;q=0.001", JSON),
        ("html", "application/json", HTML),
        ("json", BROWSER, JSON),
        ("application/json", None, JSON),
    ],
)
def test_format(asked: str | None, accept: str | None, expected: object) -> None:
    assert pick_format(PAGES, asked, accept) is expected


def test_features_are_geojson_for_whoever_asks_for_json() -> None:
    for accept in ("application/json", "application/geo+json", "application/vnd.geo+json", "*/*"):
        assert pick_format(FEATURES, None, accept) is GEOJSON


@pytest.mark.parametrize("accept", ["image/png", "text/html;q=0"])
def test_what_accept_does_not_allow_is_406(accept: str) -> None:
    with pytest.raises(HttpError) as refused:
        pick_format(PAGES, None, accept)
    assert refused.value.status == 406
    assert refused.value.faults[0].remedy


@pytest.mark.parametrize("path", ["/", "/collections", "/collections/parcels/items", "/processes", "/jobs", "/api"])
@pytest.mark.parametrize("asked", ["xml", "", "JSON"])
def test_an_unknown_or_empty_format_is_an_invalid_parameter(client: Client, path: str, asked: str) -> None:
    answer = client.get(f"{path}?f={asked}", headers={"accept": "application/problem+json"})
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["parameter"] == "f"
    assert asked in problem["detail"]
    assert problem["remedy"].startswith("use one of: json, html")


@pytest.mark.parametrize(
    ("asked", "accept", "expected"),
    [
        (None, None, "zh"),
        (None, "en", "en"),
        (None, "en-GB,zh;q=0.5", "en"),
        (None, "fr, zh-CN;q=0.3, en;q=0.2", "zh"),
        (None, "fr", "zh"),
        (None, "en;q=0", "zh"),
        (None, "*", "zh"),
        (None, "en;q=rubbish, zh", "zh"),
        ("en", "zh", "en"),
        ("zh-CN", "en", "zh"),
        ("EN", None, "en"),
    ],
)
def test_language(asked: str | None, accept: str | None, expected: str) -> None:
    assert pick_language(asked, accept) == expected


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ParameterError, match="lang"):
        pick_language("fr", None)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, None),
        ("identity", None),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("br", "br"),
        ("gzip, br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip;q=0.9", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
    ],
)
def test_coding(accept: str | None, expected: str | None) -> None:
    assert pick_coding(accept) == expected


@pytest.mark.parametrize("path", ["/collections", "/collections/parcels/items?limit=20", "/api"])
def test_codings_carry_the_same_document(client: Client, path: str) -> None:
    plain = client.get(path)
    assert "content-encoding" not in plain.headers
    for coding in ("br", "gzip"):
        coded = client.get(path, headers={"accept-encoding": coding})
        assert coded.headers["content-encoding"] == coding
        assert "Accept-Encoding" in coded.headers["vary"]
        assert int(coded.headers["content-length"]) < len(plain.content)
        left, right = coded.json(), plain.json()
        for one in (left, right):
            one.pop("timeStamp", None)
        assert left == right


def test_the_bytes_are_really_coded() -> None:
    from server.http.coding import encode, encode_pieces

    body = b"abc" * 10_000
    for kept in (False, True):
        assert brotli.decompress(encode(body, "br", kept=kept)) == body
        assert gzip.decompress(encode(body, "gzip", kept=kept)) == body
    pieces = [body[n : n + 999] for n in range(0, len(body), 999)]
    assert brotli.decompress(b"".join(encode_pieces(pieces, "br"))) == body
    assert gzip.decompress(b"".join(encode_pieces(pieces, "gzip"))) == body


def test_a_short_answer_is_not_compressed(client: Client) -> None:
    assert "content-encoding" not in client.get("/livez", headers={"accept-encoding": "br"}).headers


def test_titles_are_in_the_callers_language(client: Client) -> None:
    chinese = client.get("/collections/parcels")
    english = client.get("/collections/parcels", headers={"accept-language": "en-GB"})
    assert chinese.json()["title"] == "规划用地"
    assert english.json()["title"] == "Planned land use"
    assert chinese.headers["content-language"] == "zh"
    assert english.headers["content-language"] == "en"
    assert "Accept-Language" in english.headers["vary"]
    assert client.get("/collections/parcels?lang=en").json()["title"] == "Planned land use"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/conformance",
        "/collections",
        "/collections/parcels",
        "/collections/parcels/items",
        "/collections/parcels/items/P003",
        "/collections/parcels/schema",
        "/collections/parcels/queryables",
        "/collections/parcels/sortables",
        "/api",
    ],
)
def test_every_resource_has_a_page(client: Client, path: str) -> None:
    for language in ("zh", "en"):
        page = client.get(path, headers={"accept": BROWSER, "accept-language": language})
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-language"] == language
        assert page.text.lstrip().lower().startswith("<!doctype html>")
        assert 'rel="alternate"' in page.headers["link"]


def test_a_browser_gets_its_refusal_as_a_page(client: Client) -> None:
    page = client.get("/collections/parcels/items?limt=1", headers={"accept": BROWSER})
    assert page.status_code == 400
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "limt" in page.text
    unreadable = client.get("/collections/parcels/items?name=%ff", headers={"accept": BROWSER})
    assert unreadable.status_code == 400
