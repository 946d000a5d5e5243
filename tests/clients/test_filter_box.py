"""The filter box of a page of features in a real browser: completed, submitted, refused, sorted; by keyboard alone."""

import json
import urllib.request
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.clients import webdriver
from tests.clients.webdriver import Browser

pytestmark = pytest.mark.skipif(bool(webdriver.missing()), reason=f"{webdriver.missing()} is not installed")

LAYER = "plan-land-use"
BOX = "#filter"
ENTER, TAB, ESCAPE, DOWN = "\ue007", "\ue004", "\ue00c", "\ue015"
CHOICES = (
    "return [...document.querySelectorAll('#filter-choices:not([hidden]) [role=option] code')]"
    ".map((one) => one.textContent)"
)
VALUE = "return document.querySelector('#filter').value"
TOTAL = "return document.querySelector('.total strong').innerText"
LEAVING = "return !window.left && document.readyState === 'complete'"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with webdriver.browser(tmp_path_factory.mktemp("browser")) as started:
        started.resize(1280, 900)
        started.languages("en")
        yield started


@pytest.fixture
def page(browser: Browser, demo: str) -> Browser:
    browser.open(f"{demo}/collections/{LAYER}/items?f=html")
    browser.requests()
    browser.log("browser")
    return browser


def submit(browser: Browser) -> None:
    browser.run("window.left = true")
    browser.type(BOX, ENTER)
    browser.wait(LEAVING)


def matched(demo: str, filter: str) -> int:
    with urllib.request.urlopen(
        f"{demo}/collections/{LAYER}/items?f=json&limit=1&numberMatched=true&filter={quote(filter)}"
    ) as answer:
        return int(json.load(answer)["numberMatched"])


def test_a_filter_is_written_with_completion_and_submitted_by_keyboard(page: Browser, demo: str) -> None:
    page.type(BOX, "land_use")
    assert page.run(CHOICES)[0] == "land_use_code"
    page.type(BOX, ENTER)
    assert page.run(VALUE) == "land_use_code"
    page.type(BOX, " ")
    assert page.run(CHOICES)[:2] == ["=", "<>"]
    page.type(BOX, TAB)
    assert page.run(VALUE) == "land_use_code = "
    page.type(BOX, "A33")  # a code of the attribute's list, offered with its title
    assert page.run(CHOICES)[0] == "A33"
    assert "school" in page.run("return document.querySelector('#filter-choices').innerText").lower()
    page.type(BOX, ENTER)
    assert page.run(VALUE) == "land_use_code = 'A33'"
    submit(page)
    assert parse_qs(urlsplit(page.run("return location.href")).query)["filter"] == ["land_use_code = 'A33'"]
    expected = matched(demo, "land_use_code = 'A33'")
    assert 0 < expected < matched(demo, "true")
    assert page.run(TOTAL) == f"{expected:,}"
    rows = page.run("return [...document.querySelectorAll('tbody tr')].map((row) => row.innerText)")
    assert rows and all("A33" in row for row in rows)
    assert page.run(VALUE) == "land_use_code = 'A33'"
    assert [one for one in page.requests() if not one.startswith((demo, "data:"))] == []
    assert page.log("browser") == []


def test_names_are_found_by_their_titles_in_either_language(page: Browser) -> None:
    page.type(BOX, "面积")
    assert "area" in page.run(CHOICES)
    page.type(BOX, ESCAPE)
    assert page.run(CHOICES) == []
    assert page.run(VALUE) == "面积"


def test_a_value_is_completed_within_its_quotes(page: Browser) -> None:
    page.type(BOX, "land_use_code IN ('R2', 'A3")
    assert "A33" in page.run(CHOICES)
    page.type(BOX, "3" + ENTER)
    assert page.run(VALUE) == "land_use_code IN ('R2', 'A33'"


def test_functions_are_offered(page: Browser) -> None:
    page.type(BOX, "in_cl")
    assert page.run(CHOICES) == ["in_class(attribute, code)"]
    page.type(BOX, TAB + "land_use_code, 'R')")
    page.type(BOX, ESCAPE)
    submit(page)
    assert page.run("return document.querySelectorAll('tbody tr').length") == 10
    codes = page.run("return [...document.querySelectorAll('tbody tr')].map((row) => row.innerText)")
    assert all("R" in one for one in codes)


def test_the_arrow_keys_choose(page: Browser) -> None:
    page.type(BOX, "plan_")
    offered = page.run(CHOICES)
    assert len(offered) > 1
    page.type(BOX, DOWN)
    active = "return document.getElementById(document.querySelector('#filter').getAttribute('aria-activedescendant'))"
    assert page.run(f"{active}.querySelector('code').textContent") == offered[1]
    page.type(BOX, ENTER)
    assert page.run(VALUE) == offered[1]


@pytest.mark.parametrize(
    ("filter", "word"),
    [("land_use_code == 'A33'", "="), ("storeys > 3", "storeys"), ("area >", ""), ("area = 'x'", "area")],
)
def test_what_is_wrong_is_shown_where_it_is_wrong(page: Browser, filter: str, word: str) -> None:
    page.type(BOX, filter + ESCAPE)
    submit(page)
    assert page.run(VALUE) == filter
    assert page.run("return document.querySelector('#filter').getAttribute('aria-invalid')") == "true"
    assert len(page.run("return document.querySelector('#filter-fault').innerText")) > 20
    chosen = (
        "const one = document.querySelector('#filter'); return one.value.slice(one.selectionStart, one.selectionEnd)"
    )
    assert page.run(chosen) == word
    # It is put right in the same place.
    page.run("document.querySelector('#filter').value = ''")
    page.type(BOX, "land_use_code = 'A33'" + ESCAPE)
    submit(page)
    assert page.run("return document.querySelector('.fault')") is None
    assert page.run("return document.querySelectorAll('tbody tr').length") == 10


def test_a_click_on_a_heading_sorts_up_then_down_then_not(page: Browser) -> None:
    cells = (
        "const at = [...document.querySelectorAll('thead th')].findIndex((one) => one.title === 'area');"
        "return [...document.querySelectorAll('tbody tr')].map((row) =>"
        " Number(row.children[at].innerText.replaceAll(',', '')))"
    )
    sort = "return document.querySelector('th[title=area]').getAttribute('aria-sort')"
    plain = page.run(cells)
    page.follow("th[title=area] a")
    assert page.run(sort) == "ascending"
    up = page.run(cells)
    assert up == sorted(up)
    page.follow("th[title=area] a")
    assert page.run(sort) == "descending"
    down = page.run(cells)
    assert down == sorted(down, reverse=True)
    assert down[0] > up[0]
    page.follow("th[title=area] a")
    assert page.run(sort) is None
    assert page.run(cells) == plain


def test_a_filter_is_kept_while_sorting_and_paging(page: Browser) -> None:
    page.type(BOX, "land_use_code = 'A33'" + ESCAPE)
    submit(page)
    page.follow("th[title=area] a")
    page.follow("a[rel=next]")
    assert page.run(VALUE) == "land_use_code = 'A33'"
    rows = page.run("return [...document.querySelectorAll('tbody tr')].map((row) => row.innerText)")
    assert rows and all("A33" in row for row in rows)


def test_the_day_and_the_map_ask_too(page: Browser) -> None:
    page.run("document.querySelector('#filter-datetime').value = '2016-12-31'")
    page.follow(".filter button[type=submit]")
    assert "datetime=2016-12-31" in page.run("return location.search")
    assert page.run("return document.querySelector('#filter-datetime').value") == "2016-12-31"
    page.follow("button[data-bbox-from]")
    found = parse_qs(urlsplit(page.run("return location.href")).query)
    assert len(found["bbox"][0].split(",")) == 4
    assert found["datetime"] == ["2016-12-31"]


def test_examples_are_a_click_away(page: Browser) -> None:
    page.click("button[data-example]")
    assert page.run(VALUE) == page.run("return document.querySelector('button[data-example]').dataset.example")
    submit(page)
    assert page.run("return document.querySelectorAll('tbody tr').length") > 0


def test_downloads_keep_the_filter(page: Browser) -> None:
    page.type(BOX, "land_use_code = 'A33'" + ESCAPE)
    submit(page)
    places = page.run("return [...document.querySelectorAll('.downloads a')].map((one) => one.href)")
    assert len(places) >= 2
    for place in places:
        assert parse_qs(urlsplit(place).query)["filter"] == ["land_use_code = 'A33'"]
        with urllib.request.urlopen(place) as answer:
            assert answer.status == 200
            assert answer.read(100)
