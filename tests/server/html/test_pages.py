"""Every page in both languages: well formed, self-contained, safe, complete without scripts."""

import re
import time
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from server.html import CONTENT_SECURITY_POLICY, PAGES, render
from store.criteria import END_OF_TIME
from store.interface import Item
from tests.server.html import examples
from tests.server.html.examples import BASE, HOSTILE, documents, page_view, registry

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "rect", "circle", "path", "polygon"}


class Page(HTMLParser):
    """The elements of a page, and whether every one that opens closes."""

    def __init__(self, body: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.feed(body.decode())
        self.faults += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "script":
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def shown(name: str, language: str = "zh", **changes: Any) -> Page:
    return Page(render(name, documents(language)[name], page_view(name, language, **changes)))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_well_formed_and_loads_nothing_from_elsewhere(name: str, language: str) -> None:
    page = shown(name, language)
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    assert page.all("html")[0]["lang"] == ("zh-Hans" if language == "zh" else "en")
    loaded = [*page.all("script"), *page.all("img"), *(one for one in page.all("link") if one["rel"] == "stylesheet")]
    for one in loaded:
        address = one.get("src") or one.get("href")
        assert (one.get("type") == "application/json") if address is None else address.startswith(f"{BASE}/static/")
    assert not any("style" in attributes for _, attributes in page.elements)
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_by_keyboard_and_reader(name: str) -> None:
    page = shown(name, "en")
    assert len(page.all("h1")) == 1
    assert page.all("main")[0]["id"] == "main"
    assert page.all("a")[0]["href"] == "#main"
    assert all("alt" in one for one in page.all("img"))
    labelled = {one.get("for") for one in page.all("label")}
    for tag in ("input", "select"):
        fields = [one for one in page.all(tag) if one.get("type") != "hidden"]
        assert all(one["id"] in labelled for one in fields)
    assert all(one.get("scope") in ("col", "row") for one in page.all("th"))


@pytest.mark.parametrize("name", PAGES)
def test_the_notice_and_the_other_language_are_on_every_page(name: str) -> None:
    page = shown(name, "zh", path="/here", query=(("limit", "5"), ("f", "html")))
    assert "模拟" in "".join(page.text)
    switch = next(one for one in page.all("a") if one.get("hreflang") == "en")
    assert switch["href"] == f"{BASE}/here?limit=5&f=html&lang=en"


@pytest.mark.parametrize("name", PAGES)
def test_a_chosen_language_stays_chosen(name: str) -> None:
    page = shown(name, "en", query=(("lang", "en"),))
    given = {one["href"] for one in documents("en")[name].get("links", [])}
    pages = [str(one["href"]) for one in page.all("a") if "f=html" in str(one.get("href")) and one["href"] not in given]
    assert pages
    assert all("lang=en" in one for one in pages)


def _poison(value: Any) -> Any:
    """The document with every text but addresses and words of the protocol made hostile."""
    if isinstance(value, dict):
        kept = ("href", "rel", "type", "status", "$ref", "in", "id", "jobID", "processID", "method")
        return {key: one if key in kept else _poison(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_poison(one) for one in value]
    return HOSTILE if isinstance(value, str) else value


@pytest.mark.parametrize("name", PAGES)
def test_hostile_texts_stay_texts(name: str) -> None:
    document = _poison(documents()[name])
    if name in ("items", "item"):
        for one in document.get("features", [document]):
            one["id"] = HOSTILE
    hostile = page_view(name, query=(("q", HOSTILE), (HOSTILE, "x")), path="/collections/x", notice=HOSTILE)
    body = render(name, document, hostile)
    page = Page(body)
    assert page.faults == []
    assert all(one.get("src") is not None or one.get("type") == "application/json" for one in page.all("script"))
    assert not any("onerror" in attributes for _, attributes in page.elements)
    assert b"<script>alert" not in body
    assert b"onerror=alert(2)>" not in body.replace(b"&gt;", b"")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x"])
def test_hostile_addresses_are_no_links(address: str) -> None:
    """A value of a feature is never an address; links come from this server only."""
    document = documents()["item"]
    document["properties"]["plan_name"] = address
    page = Page(render("item", document, page_view("item")))
    assert not any(str(one.get("href", "")).lower().startswith(("javascript", "data")) for one in page.all("a"))


def test_codes_are_shown_with_their_titles() -> None:
    text = "".join(shown("items").text)
    assert "二类居住用地" in text
    assert "新华区" in text
    assert "31,415.926" in text
    assert "平方米" in text
    assert "Area" in "".join(shown("items", "en").text)


def test_the_filter_form_keeps_what_was_chosen() -> None:
    query = (("land_use_code", "R2"), ("limit", "50"), ("cursor", "abc"), ("f", "html"))
    page = shown("items", query=query)
    hidden = {one["name"]: one["value"] for one in page.all("input") if one.get("type") == "hidden"}
    assert hidden == {"limit": "50", "f": "html"}
    chosen = [one["value"] for one in page.all("option") if "selected" in one]
    assert chosen == ["R2"]
    assert any("cursor" not in str(one["href"]) and "limit=50" in str(one["href"]) for one in page.all("a"))


def test_no_map_in_another_crs() -> None:
    crs = "http://www.opengis.net/def/crs/EPSG/0/4548"
    assert not any("data-map" in one for one in shown("items", query=(("crs", crs),)).all("div"))
    assert any("data-map" in one for one in shown("items").all("div"))


def test_an_empty_page_says_so() -> None:
    document = documents()["items"] | {"features": [], "numberMatched": 0}
    page = Page(render("items", document, page_view("items")))
    assert page.faults == []
    assert "没有符合条件的要素" in "".join(page.text)


def test_versions_and_validity() -> None:
    day, later, known = date(2012, 1, 1), date(2016, 9, 1), datetime(2017, 1, 5, tzinfo=UTC)
    versions = [
        Item("x", 1, 1, "", day, END_OF_TIME, known, known, "first"),
        Item("x", 1, 2, "", later, END_OF_TIME, known, None, "demo"),
    ]
    page = shown("item", extra={"versions": versions})
    text = "".join(page.text)
    assert any("datetime=2016-09-01" in str(one.get("href")) for one in page.all("a"))
    assert not any("datetime=2012-01-01" in str(one.get("href")) for one in page.all("a"))
    assert "2016-09-01" in text
    assert "demo" in text
    assert "长期" in text


def test_the_first_page_offers_five_requests_that_name_real_layers() -> None:
    page = shown("landing", "en")
    commands = re.findall(r"curl[^\n]*", "".join(page.text))
    assert len(commands) == 5
    named = re.findall(r"/collections/([a-z-]+)", "".join(commands))
    assert named
    assert all(id in registry().layers for id in named)


def test_the_collections_page_lists_every_layer_once() -> None:
    page = shown("collections")
    rows = [one for tag, one in page.elements if tag == "tr" and "data-row" in one]
    assert len(rows) == len(registry().layers)


def test_references_of_the_api_document_are_resolved() -> None:
    text = "".join(shown("openapi").text)
    assert "json" in text
    assert "#/components" not in text


def test_a_page_of_ten_features_is_quick() -> None:
    document, view = documents()["items"], page_view("items")
    render("items", document, view)
    best = min(_timed(document, view) for _ in range(20))
    assert best < 0.02, f"{best * 1000:.1f} ms of CPU"


def _timed(document: dict[str, Any], view: Any) -> float:
    began = time.process_time()
    render("items", document, view)
    return time.process_time() - began


def test_the_policy_allows_only_this_server() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert examples.ROOT.is_dir()
