"""A real browser on the served demo province: every kind of page at two widths, and what a person does on them."""

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients import webdriver
from tests.clients.webdriver import Browser

pytestmark = pytest.mark.skipif(bool(webdriver.missing()), reason=f"{webdriver.missing()} is not installed")

WIDE, NARROW = (1280, 900), (390, 844)
AREAS, LINES, POINTS, TABLE = "plan-land-use", "plan-road-centreline", "current-education-facility", "indicator-value"
SHIFT = """
const done = arguments[arguments.length - 1];
const seen = [];
new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
setTimeout(() => done(seen.filter((one) => !one.hadRecentInput).reduce((sum, one) => sum + one.value, 0)), 150);
"""
DRAWN = """
const shapes = [...document.querySelectorAll(".map .leaflet-overlay-pane path.leaflet-interactive")];
return window.L ? shapes.filter((one) => (one.getAttribute("d") || "").length > 8).length : -1;
"""
OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with webdriver.browser(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture
def browser(started: Browser) -> Browser:
    started.resize(*WIDE)
    started.languages("en")
    started.requests()
    started.log("browser")
    return started


@pytest.fixture(scope="module")
def job(demo: str) -> str:
    """The path of a job of the demo."""
    body = {"inputs": {"left": "plan-urban-development-boundary", "right": "plan-ecological-redline"}}
    headers = {"Content-Type": "application/json", "Prefer": "respond-async"}
    address = f"{demo}/processes/conflict-detection/execution"
    with urllib.request.urlopen(urllib.request.Request(address, json.dumps(body).encode(), headers)) as answer:
        return str(answer.headers["Location"]).removeprefix(demo)


def paths(demo: str, job: str) -> dict[str, str]:
    """One address for every kind of page."""
    with urllib.request.urlopen(f"{demo}/collections/{AREAS}/items?limit=1&f=json") as answer:
        first = json.load(answer)["features"][0]["id"]
    return {
        "landing": "/",
        "collections": "/collections",
        "collection": f"/collections/{AREAS}",
        "queryables": f"/collections/{AREAS}/queryables",
        "areas": f"/collections/{AREAS}/items",
        "lines": f"/collections/{LINES}/items",
        "points": f"/collections/{POINTS}/items",
        "table": f"/collections/{TABLE}/items",
        "item": f"/collections/{AREAS}/items/{first}",
        "processes": "/processes",
        "process": "/processes/conflict-detection",
        "job": job,
        "api": "/api",
        "missing": "/collections/no-such-collection",
    }


def faults(browser: Browser, demo: str, missing: bool = False) -> list[str]:
    """What the page that is shown does wrong: strangers asked, console messages, shifts, too wide."""
    found = [
        f"asks {one}" for one in browser.requests() if not one.startswith((f"{demo}/", "data:", "about:", "chrome:"))
    ]
    console = [one["message"] for one in browser.log("browser")]
    found += [one for one in console if not (missing and "404" in one)]
    shift = browser.post("/execute/async", {"script": SHIFT, "args": []})
    if shift >= 0.1:
        found.append(f"layout shift {shift:.3f}")
    if browser.run(OVERFLOW) > 0:
        found.append(f"{browser.run(OVERFLOW)} px too wide")
    if len(browser.run("return document.querySelector('main').innerText")) < 40:
        found.append("next to no text")
    return found


@pytest.mark.parametrize(("size", "language"), [(WIDE, "zh"), (NARROW, "zh"), (NARROW, "en")])
def test_every_page_keeps_to_its_server_and_its_width(
    browser: Browser, demo: str, job: str, size: tuple[int, int], language: str
) -> None:
    browser.resize(*size)
    browser.languages(language)
    wrong: dict[str, Any] = {}
    for name, path in paths(demo, job).items():
        browser.open(f"{demo}{path}?f=html")
        said = browser.run("return document.documentElement.lang")
        found = faults(browser, demo, name == "missing") + ([] if said.startswith(language) else [f"lang {said}"])
        wrong |= {name: found} if found else {}
    assert wrong == {}


@pytest.mark.parametrize("name", [AREAS, LINES, POINTS])
def test_the_map_of_a_page_of_features_shows_each_of_them(browser: Browser, demo: str, name: str) -> None:
    browser.open(f"{demo}/collections/{name}/items?f=html")
    assert browser.run(DRAWN) == 10
    assert browser.run("return document.querySelectorAll('table.data tbody tr').length") == 10


def test_the_maps_of_a_collection_and_of_a_feature_are_drawn(browser: Browser, demo: str, job: str) -> None:
    known = paths(demo, job)
    for name in ("collection", "item"):
        browser.open(f"{demo}{known[name]}?f=html")
        assert browser.run(DRAWN) == 1
        # The borders of divisions come from the server's own features, a moment later.
        browser.wait("return document.querySelector('.map path[stroke-dasharray=\"6 3\"]') !== null")


def test_a_table_without_geometry_has_no_map_and_no_word_of_one(browser: Browser, demo: str) -> None:
    browser.open(f"{demo}/collections/{TABLE}/items?f=html")
    assert browser.run("return document.querySelector('.map, .aside')") is None
    assert browser.run("return document.querySelectorAll('table.data tbody tr').length") == 10


def test_the_language_is_switched_by_a_click_and_kept(browser: Browser, demo: str) -> None:
    browser.languages("zh-CN")
    browser.open(f"{demo}/")
    assert browser.run("return document.documentElement.lang") == "zh-Hans"
    assert "这里有什么" in browser.run("return document.body.innerText")
    browser.follow('.languages a[hreflang="en"]')
    assert browser.run("return document.documentElement.lang") == "en"
    browser.follow(".hero .button")
    assert browser.run("return document.documentElement.lang") == "en"
    text = browser.run("return document.querySelector('main').innerText")
    assert "Planned land use" in text
    browser.follow('.languages a[hreflang="zh"]')
    assert "规划用地" in browser.run("return document.querySelector('h1 ~ section, main').innerText")


def test_the_next_page_and_the_first_are_a_click_away(browser: Browser, demo: str) -> None:
    ids = "return [...document.querySelectorAll('tr[data-id]')].map((one) => one.dataset.id)"
    browser.open(f"{demo}/collections/{AREAS}/items?f=html")
    first = browser.run(ids)
    browser.follow("a[rel=next]")
    second = browser.run(ids)
    assert len(second) == 10
    assert not set(first) & set(second)
    browser.follow(".pager a:not([rel])")
    assert browser.run(ids) == first


def test_the_filter_form_sends_what_was_filled_in(browser: Browser, demo: str) -> None:
    browser.open(f"{demo}/collections/{AREAS}/items?f=html")
    browser.click(".filter summary")
    browser.run("document.querySelector('#filter-land_use_code').value = 'A33'")
    browser.follow(".filter button[type=submit]")
    assert re.search(r"land_use_code=A33", browser.run("return location.search"))
    assert "bbox" not in browser.run("return location.search")
    keys = browser.run("return [...document.querySelectorAll('tbody tr')].map((row) => row.innerText.includes('A33'))")
    assert keys
    assert all(keys)


def test_a_search_leaves_only_the_collections_that_fit(browser: Browser, demo: str) -> None:
    browser.open(f"{demo}/collections?f=html&lang=zh")
    browser.run("const field = document.querySelector('[data-search] input'); field.value = 'farmland';"
                "field.dispatchEvent(new Event('input'))")  # fmt: skip
    shown = "return [...document.querySelectorAll('[data-row]:not([hidden]) a')].map((one) => one.textContent)"
    assert "永久基本农田" in browser.run(shown)
    assert len(browser.run(shown)) < 10


def test_the_keyboard_is_seen_on_the_first_link_and_on_the_next(browser: Browser, demo: str) -> None:
    browser.open(f"{demo}/")
    seen = (
        "const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);"
        "return [one.tagName, style.outlineStyle, parseFloat(style.outlineWidth), box.left >= 0 && box.top >= 0]"
    )
    for _ in range(2):
        browser.press("\ue004")
        assert browser.run(seen) == ["A", "solid", 3, True]


def test_the_example_of_a_process_runs_from_its_page_to_its_results(browser: Browser, demo: str) -> None:
    browser.open(f"{demo}/processes/conflict-detection?f=html&lang=en")
    browser.follow("form[data-run] button")
    assert browser.run("return location.pathname").startswith("/jobs/")
    # The page of a job that runs asks again by itself, until it can lead to the results.
    browser.wait("return document.querySelector('main .actions .button') !== null", seconds=30)
    browser.follow("main .actions .button")
    rows = browser.run("return document.querySelectorAll('table.data tbody tr').length")
    assert rows > 0
    assert browser.run(DRAWN) >= rows
    assert "suspected conflicts" in browser.run("return document.querySelector('.lead').innerText")
    assert faults(browser, demo) == []


def test_a_process_says_on_its_page_why_it_refuses(browser: Browser, demo: str) -> None:
    browser.open(f"{demo}/processes/conflict-detection?f=html&lang=en")
    browser.run("""document.querySelector('#inputs').value = '{"inputs": {"left": "no-such-layer", "right": "x"}}'""")
    browser.click("form[data-run] button")
    browser.wait("return document.querySelector('form[data-run] output').innerText.includes('no-such-layer')")
    assert browser.run("return location.pathname") == "/processes/conflict-detection"
