"""The parts of the search among collections: words, scales, and filters answered in memory."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from config.layers import Text
from server.collections import fields
from server.collections.catalogue import around
from server.collections.evaluate import Evaluator
from server.collections.scale import CELL, DEGREE, ranges
from server.collections.text import Words, plain_items, signed_items
from server.collections.tree import below
from store.filters import read

ZONE = ZoneInfo("Asia/Shanghai")
VALUES: dict[str, Any] = {
    "id": "plan-green-line",
    "title": "城市绿线",
    "itemCount": 7,
    "updated": datetime(2017, 12, 31, 17, tzinfo=UTC),
    "valid_from": date(2016, 1, 1),
    "valid_to": date(2018, 1, 1),
    "geometry": shapely.box(116, 38, 117, 39),
}


def truth(text: str, **values: Any) -> bool | None:
    found: bool | None = Evaluator(VALUES | values, ZONE).value(read(text, "cql2-text", fields.LAYER).tree)
    return found


TRUTHS = {
    "itemCount = 7 AND theme = 'x'": None,
    "itemCount = 8 AND theme = 'x'": False,
    "itemCount = 7 OR theme = 'x'": True,
    "itemCount = 8 OR theme = 'x'": None,
    "NOT theme = 'x'": None,
    "theme IS NULL": True,
    "NOT theme IS NULL": False,
    "theme IN ('x', 'y')": None,
    "theme LIKE '%'": None,
    "title LIKE '城_绿%'": True,
    "CASEI(id) LIKE CASEI('PLAN-%')": True,
    "itemCount BETWEEN 1 AND 7": True,
    "itemCount IN (1, 7)": True,
    "itemCount * 2 - 4 = 10": True,
    "itemCount / 0 = 1": None,
    "itemCount div 2 = 3 AND itemCount % 2 = 1 AND itemCount ^ 2 = 49": True,
    "updated > TIMESTAMP('2017-12-31T16:59:59Z')": True,
    "updated = DATE('2018-01-01')": True,
    "updated < DATE('2018-01-01')": False,
    "T_AFTER(updated, DATE('2017-12-31'))": True,
    "T_INTERSECTS(INTERVAL(valid_from, valid_to), INTERVAL('2017-12-31', '..'))": True,
    "T_INTERSECTS(INTERVAL(valid_from, valid_to), INTERVAL('2018-01-01', '..'))": False,
    "S_INTERSECTS(geometry, POINT(116.5 38.5))": True,
    "S_CONTAINS(geometry, BBOX(116.1, 38.1, 116.9, 38.9))": True,
    "area() BETWEEN 9000000000 AND 10000000000": True,
    "A_CONTAINS((id, title), ('plan-green-line'))": True,
}


@pytest.mark.parametrize("text", TRUTHS)
def test_a_filter_in_memory_is_true_false_or_unknown(text: str) -> None:
    assert truth(text) is TRUTHS[text]


def test_an_open_validity_never_ends() -> None:
    end = fields.days({"extent": {"temporal": {"interval": [["2016-01-01T00:00:00+08:00", None]]}}}, ZONE)[1]
    assert truth("T_INTERSECTS(INTERVAL(valid_from, valid_to), INTERVAL('3000-01-01', '..'))", valid_to=end) is True
    assert truth("valid_to IS NULL", valid_to=end) is True
    assert truth("valid_to > DATE('2018-01-01')", valid_to=end) is None


_NUMBERS = st.one_of(st.none(), st.integers(-3, 3))
_TESTS = st.sampled_from(["itemCount = {}", "itemCount < {}", "NOT itemCount >= {}", "itemCount IN ({}, 2)"])


@settings(max_examples=200, deadline=None)
@given(
    value=_NUMBERS,
    parts=st.lists(st.tuples(_TESTS, st.integers(-3, 3)), min_size=1, max_size=5),
    join=st.sampled_from(["AND", "OR"]),
)
def test_filters_in_memory_agree_with_sqlite(value: int | None, parts: list[tuple[str, int]], join: str) -> None:
    import sqlite3

    text = f" {join} ".join(f"({one.format(number)})" for one, number in parts)
    asked = sqlite3.connect(":memory:").execute(f"SELECT {text} FROM (SELECT ? AS itemCount)", (value,)).fetchone()[0]
    assert truth(text, itemCount=value) is (None if asked is None else bool(asked))


WORDS = Words.of([Text("永久基本农田", "Permanent basic farmland"), "plan-permanent-basic-farmland", "A1 of  B"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("农田", True),
        ("FARMLAND", True),
        ("farm", False),
        ("basic farmland", True),
        ("farmland basic", False),
        ("of b", True),
        ("x,farmland", True),
        ("x,y", False),
        ("A1", True),
        ("A", False),
        ("基本 农田", False),
        (".*", False),
        ("a (", False),
    ],
)
def test_words_and_phrases(text: str, found: bool) -> None:
    assert any(one.matches(WORDS) for one in plain_items(text)) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("农田 +farmland", True),
        ("农田 +forest", False),
        ("农田 -forest", True),
        ("-forest", True),
        ("-farmland", False),
        ("+basic +permanent", True),
        ("forest,basic -x", True),
        ("basic-farmland", True),
        ("permanent +basic farmland", True),
        ("农田 +farmland basic", False),
    ],
)
def test_signed_terms(text: str, found: bool) -> None:
    assert any(one.matches(WORDS) for one in signed_items(text)) is found


def test_scales() -> None:
    fine = {"minScaleDenominator": 500, "maxScaleDenominator": 10_000}
    cells = {"minCellSize": 0.01}

    def suits(one: dict[str, float], sd: str | None = None, resolution: str | None = None) -> bool:
        return all(range.suits(one) for range in ranges(sd, resolution))

    assert suits(fine, "500") and suits(fine, "10000/") and suits(fine, "/500") and suits(fine, "100/20000")
    assert not suits(fine, "10001/") and not suits(fine, "/499") and not suits(fine, "1000,20000")
    assert suits(cells, resolution="0.01/") and not suits(cells, resolution="/0.0099")
    least = 0.01 * DEGREE / CELL
    assert suits(cells, f"/{least * 1.01:.0f}") and not suits(cells, f"/{least * 0.99:.0f}")
    assert suits({}, "1") and suits({}, resolution="1")


def test_the_extent_of_several() -> None:
    def one(box: list[float], *days: str | None) -> dict[str, Any]:
        return {"spatial": {"bbox": [box]}, "temporal": {"interval": [[*days]], "trs": "t"}}

    made = around([one([1, 2, 3, 4], "2016", "2018"), one([0, 3, 2, 9], "2015", None), {}])
    assert made is not None
    assert made["spatial"]["bbox"] == [[0, 2, 3, 9]]
    assert made["temporal"]["interval"] == [["2015", None]]
    crossing = around([one([170, 0, -170, 1], "2016", "2018"), one([1, 2, 3, 4], "2016", "2018")])
    assert crossing is not None and crossing["spatial"]["bbox"] == [[-180.0, 0, 180.0, 4]]
    assert around([{}]) is None


def test_what_hangs_below() -> None:
    parents = {"a": None, "b": "a", "d": "b", "c": "a", "e": None}
    assert list(below(parents, "a")) == ["b", "c", "d"]
    assert list(below(parents, None)) == ["a", "e", "b", "c", "d"]
    assert list(below(parents, "d")) == []
