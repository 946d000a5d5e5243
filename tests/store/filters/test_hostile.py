"""Filters that are made to hurt are refused or answered in bounded time, and the next question is answered."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import numpy as np
import orjson
import pytest

from config.errors import ParameterError
from store.criteria import Criteria
from store.filters import guard, read
from store.sql import SqlStore
from tests.store.filters.test_text import liked
from tests.store.layers import PARCELS

SECONDS = 5.0  # on a machine that is busy with other things; most take milliseconds


def _json(op: str, *args: Any) -> str:
    return orjson.dumps({"op": op, "args": list(args)}).decode()


def _deep(depth: int) -> str:
    return '{"op":"not","args":[' * depth + "true" + "]}" * depth


def _wide_and_deep(levels: int, terms: int) -> str:
    made: Any = {"property": "protected"}
    for level in range(levels):
        others = [{"op": "=", "args": [NAME, f"{level} {term}"]} for term in range(terms)]
        made = {"op": "or" if level % 2 else "and", "args": [*others, made]}
    return orjson.dumps(made).decode()


def _balanced(levels: int) -> str:
    """A sum of 2 ** levels numbers, in brackets by pairs."""
    return "floors" if levels == 0 else f"({_balanced(levels - 1)} + {_balanced(levels - 1)})"


def _polygon(count: int) -> dict[str, Any]:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = np.column_stack([115 + np.cos(angles), 31 + np.sin(angles)]).tolist()
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _scribble(count: int) -> dict[str, Any]:
    """A line that crosses itself some hundred thousand times for each thousand positions."""
    places = [[114.5 + n * 7919 % 10007 / 10007, 30.5 + n * 104729 % 10009 / 10009] for n in range(count)]
    return {"type": "LineString", "coordinates": places}


GEOMETRY = {"property": "geometry"}
NAME = {"property": "name"}

REFUSED: dict[str, tuple[str, Callable[[], str]]] = {
    "parentheses": ("cql2-text", lambda: "(" * 100_000 + "floors = 1" + ")" * 100_000),
    "parentheses-short": ("cql2-text", lambda: "(" * 2_000 + "floors = 1" + ")" * 2_000),
    "not": ("cql2-text", lambda: "NOT " * 3_000 + "protected"),
    "and-or-17": ("cql2-text", lambda: "(floors = 1 AND (area > 0 OR " * 9 + "protected" + "))" * 9),
    "not-parentheses": ("cql2-text", lambda: "NOT (" * 101 + "protected" + ")" * 101),
    "and": ("cql2-text", lambda: " AND ".join(["floors = 1"] * 100_000)),
    "and-short": ("cql2-text", lambda: " AND ".join(["a=1"] * 1_500)),
    "sum": ("cql2-text", lambda: "floors = 1" + "+floors" * 900),
    "calls": ("cql2-text", lambda: "name = " + "CASEI(" * 100_000 + "name" + ")" * 100_000),
    "folds": ("cql2-text", lambda: "name = " + "CASEI(ACCENTI(" * 30 + "name" + "))" * 30),
    "list": ("cql2-text", lambda: f"floors IN ({','.join(map(str, range(100_000)))})"),
    "json-deep": ("cql2-json", lambda: _deep(100_000)),
    "json-brackets": ("cql2-json", lambda: "[" * 1_000_000),
    "json-strings": ("cql2-json", lambda: '"' * 1_000_000),
    "json-and": ("cql2-json", lambda: _json("and", *([{"op": "=", "args": [NAME, "x"]}] * 5_000))),
    "json-list": ("cql2-json", lambda: _json("in", NAME, [f"x{n}" for n in range(50_000)])),
    "json-polygon": ("cql2-json", lambda: _json("s_intersects", GEOMETRY, _polygon(40_000)) + " " * 3_000_000),
    "json-scribble": ("cql2-json", lambda: _json("s_touches", GEOMETRY, _scribble(20_000))),
    "json-collections": ("cql2-json", lambda: _collections(300)),
    "quotes": ("cql2-text", lambda: "name = " + "'" * 16_001),
    "quotes-escaped": ("cql2-text", lambda: "name = '" + "\\'" * 8_000),
    "names": ("cql2-text", lambda: '"' * 16_001),
    "nul": ("cql2-text", lambda: "name = 'a\0b'"),
    "nul-json": ("cql2-json", lambda: _json("=", NAME, "a\0b")),
    "nul-name": ("cql2-json", lambda: _json("=", {"property": "na\0me"}, "x")),
    "surrogate": ("cql2-text", lambda: "name = '\ud800'"),
    "surrogate-json": ("cql2-json", lambda: '{"op": "=", "args": [{"property": "name"}, "\\ud800"]}'),
    "huge-number": ("cql2-json", lambda: '{"op": "=", "args": [{"property": "area"}, 1e999]}'),
    "long-number": ("cql2-json", lambda: '{"op": "=", "args": [{"property": "area"}, ' + "9" * 100_000 + "]}"),
    "not-a-number": ("cql2-json", lambda: '{"op": "=", "args": [{"property": "area"}, NaN]}'),
}


def _collections(depth: int) -> str:
    inside = '{"type": "Point", "coordinates": [1, 2]}'
    shape = '{"type": "GeometryCollection", "geometries": [' * depth + inside + "]}" * depth
    return '{"op": "s_intersects", "args": [{"property": "geometry"}, ' + shape + "]}"


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_before_it_hurts(name: str) -> None:
    lang, made = REFUSED[name]
    text = made()
    began = monotonic()
    with pytest.raises(ParameterError) as refused:
        read(text, lang, PARCELS)
    assert monotonic() - began < SECONDS
    assert refused.value.parameter == "filter"
    assert len(str(refused.value)) < 2_000


ANSWERED: dict[str, tuple[str, Callable[[], str]]] = {
    "depth": ("cql2-text", lambda: "(" * 100 + "floors = 1" + ")" * 100),
    "not-16": ("cql2-text", lambda: "NOT (" * 16 + "protected" + ")" * 16),
    "and-or-deep": ("cql2-text", lambda: "(floors = 1 AND (area > 0 OR " * 8 + "protected" + "))" * 8),
    "wide-and-deep": ("cql2-json", lambda: _wide_and_deep(15, 60)),
    "equals-deep": ("cql2-text", lambda: "protected = (" * 15 + "protected" + ")" * 15),
    "sum-balanced": ("cql2-text", lambda: f"area > {_balanced(9)}"),
    "sum-deep": ("cql2-text", lambda: "area > floors" + " + floors" * 95),
    "power-deep": ("cql2-text", lambda: "area > floors" + " ^ floors" * 95),
    "or-many": ("cql2-text", lambda: " OR ".join(f"floors={n}" for n in range(500))),
    "between-many": ("cql2-text", lambda: " OR ".join(f"floors between {n} and {n}" for n in range(330))),
    "time-many": (
        "cql2-text",
        lambda: " OR ".join(["T_OVERLAPS(INTERVAL(approval_date,surveyed_at),INTERVAL('..','2020-01-02'))"] * 150),
    ),
    "like": ("cql2-text", lambda: f"name LIKE '{'%a' * 4_000}b'"),
    "like-any": ("cql2-text", lambda: f"name LIKE '{'%_' * 4_000}'"),
    "like-folded": ("cql2-text", lambda: f"CASEI(ACCENTI(name)) LIKE CASEI('{'%ß' * 2_000}%')"),
    "list": ("cql2-json", lambda: _json("in", NAME, [f"x{n}" for n in range(10_000)])),
    "numbers": ("cql2-json", lambda: _json("in", {"property": "area"}, [n / 7 for n in range(10_000)])),
    "polygon": ("cql2-json", lambda: _json("s_intersects", GEOMETRY, _polygon(40_000))),
    "polygon-not": ("cql2-json", lambda: _json("not", orjson.loads(_json("s_within", GEOMETRY, _polygon(30_000))))),
    "scribble-short": ("cql2-json", lambda: _json("s_crosses", GEOMETRY, _scribble(500))),
    "places-many": ("cql2-text", lambda: " OR ".join(["S_TOUCHES(geometry,BBOX(114,30,115,31))"] * 150)),
    "quotes": ("cql2-text", lambda: "name = '" + "''" * 8_000 + "'"),
    "injection": ("cql2-text", lambda: "name = '''; DROP TABLE layer_parcels; --' OR name = ''' OR 1=1 --'"),
    "percent": ("cql2-text", lambda: "name = '%(day)s' OR name = ':day' OR name LIKE '\\%s%%'"),
    "areas": ("cql2-text", lambda: " OR ".join(["area() > 1e12"] * 200)),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_it_is_answered_in_bounded_time(sample_store: SqlStore, name: str) -> None:
    lang, made = ANSWERED[name]
    text = made()
    began = monotonic()
    asked = read(text, lang, PARCELS)
    sample_store.page("parcels", Criteria(filter=asked))
    sample_store.count("parcels", Criteria(filter=asked))
    assert monotonic() - began < SECONDS
    assert sample_store.page("parcels", Criteria(limit=1)).features


def test_a_long_text_and_many_wildcards(sample_store: SqlStore) -> None:
    """The databases' LIKE on a text of 20,000 characters, where backtracking would never end."""
    began = monotonic()
    assert liked(sample_store.database, ["a" * 20_000], "%a" * 30 + "%b") == set()
    assert monotonic() - began < SECONDS


def test_the_limits_are_said() -> None:
    for text, limit in (
        ("(" * 101, guard.MOST_DEPTH),
        ("=" * 1_001, guard.MOST_OPERATORS),
        ("x" * 20_000, guard.MOST_TEXT),
    ):
        with pytest.raises(ParameterError, match=str(limit)):
            read(text, "cql2-text", PARCELS)
