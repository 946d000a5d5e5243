"""Five kinds of hostile filter: each is answered with 200 or 400, in bounded time, and the worker goes on."""

import json
import math
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.server.filters.conftest import LAYER, ROWS, Answer, Worker
from tests.server.filters.test_doors import nots, parentheses

ITEMS = f"/collections/{LAYER}/items"
BOUND = 10.0
"""Seconds within which the worst of them is answered here; most take milliseconds."""


def in_json(operation: str, *arguments: object) -> str:
    return json.dumps({"op": operation, "args": list(arguments)})


def star(points: int) -> list[list[float]]:
    """A ring whose every edge crosses nearly every other one."""
    step = points // 2 if points % 2 else points // 2 - 1
    turns = [2 * math.pi * n * step / points for n in range(points)]
    ring = [[round(116.2 + 0.3 * math.cos(turn), 9), round(38.2 + 0.3 * math.sin(turn), 9)] for turn in turns]
    return [*ring, ring[0]]


def circle(points: int) -> list[list[float]]:
    turns = [2 * math.pi * n / points for n in range(points)]
    ring = [[round(116.2 + 0.3 * math.cos(turn), 9), round(38.2 + 0.3 * math.sin(turn), 9)] for turn in turns]
    return [*ring, ring[0]]


def polygon(ring: list[list[float]]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [ring]}


GEOMETRY = {"property": "geometry"}
CODE = {"property": "land_use_code"}
HOSTILE: dict[str, Callable[[], tuple[str, str]]] = {
    # deep nesting
    "parentheses": lambda: ("text/cql2", parentheses(100_000, False)),
    "negations": lambda: ("application/cql2+json", nots(100_000, True)),
    "functions": lambda: ("text/cql2", "CASEI(" * 5_000 + "plan_name" + ")" * 5_000 + " = 'a'"),
    "brackets in a text": lambda: ("text/cql2", "plan_name = '" + "(" * 15_000 + "'"),
    # patterns that try again and again
    "LIKE": lambda: ("text/cql2", "plan_name LIKE '" + "%a" * 30 + "%b'"),
    "LIKE of underscores": lambda: ("text/cql2", "plan_name LIKE '" + "%_a" * 60 + "b'"),
    "LIKE without case": lambda: ("text/cql2", "CASEI(plan_name) LIKE CASEI('" + "%A" * 30 + "%B')"),
    "LIKE without accents": lambda: ("text/cql2", "ACCENTI(plan_name) LIKE ACCENTI('" + "%á" * 30 + "%b')"),
    "LIKE of 7,000 wildcards": lambda: ("text/cql2", "plan_name LIKE '" + "%a" * 7_000 + "'"),
    "LIKE, many times": lambda: (
        "text/cql2", " OR ".join(["plan_name LIKE '" + "%a" * 20 + "%b'"] * 200)
    ),
    # huge polygons
    "a polygon of 60,000 vertices": lambda: (
        "application/cql2+json", in_json("s_intersects", GEOMETRY, polygon(circle(60_000)))
    ),
    "a star of 5,001 points": lambda: (
        "application/cql2+json", in_json("s_intersects", GEOMETRY, polygon(star(5_001)))
    ),
    "ten stars": lambda: (
        "application/cql2+json",
        json.dumps({"op": "or", "args": [
            {"op": "s_crosses", "args": [GEOMETRY, polygon(star(1_001))]} for _ in range(10)
        ]}),
    ),
    "a polygon of no extent": lambda: (
        "application/cql2+json", in_json("s_within", GEOMETRY, polygon([[116.2, 38.2]] * 10_000))
    ),
    "numbers without end": lambda: ("text/cql2", "S_INTERSECTS(geometry, POINT(1e308 1e308))"),
    # huge lists
    "100,000 values": lambda: (
        "application/cql2+json", in_json("in", CODE, [f"R{n}" for n in range(100_000)])
    ),
    "9,999 values": lambda: ("application/cql2+json", in_json("in", CODE, [f"R{n}" for n in range(9_999)])),
    "2,000 values in text": lambda: ("text/cql2", f"area IN ({','.join(map(str, range(2_000)))})"),
    # quotes, NULs and other characters
    "a quote": lambda: ("text/cql2", "plan_name = '"),
    "10,000 quotes": lambda: ("text/cql2", "plan_name = " + "'" * 10_001),
    "an injection": lambda: ("text/cql2", "plan_name = '''; DROP TABLE layer_plan_land_use; --'"),
    "a name of an injection": lambda: ("text/cql2", '"plan_name""; DROP TABLE x; --" = 1'),
    "a NUL in JSON": lambda: ("application/cql2+json", in_json("=", CODE, "R\x002")),
    "a NUL": lambda: ("text/cql2", "plan_name = 'a\x00b'"),
    "half a surrogate pair": lambda: (
        "application/cql2+json", '{"op":"=","args":[{"property":"plan_name"},"\\ud800"]}'
    ),
    "a number of 10,000 digits": lambda: ("text/cql2", "area > " + "9" * 10_000),
    "a huge power": lambda: ("text/cql2", "area ^ 1000000 > 9 ^ 9 ^ 9"),
    "division by zero": lambda: ("text/cql2", "area / 0 > 1 OR area % 0 = 0 OR area div 0 = 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_answered_in_bounded_time(worker: Worker, name: str) -> None:
    media, filter = HOSTILE[name]()
    answer = worker.ask("POST", f"{ITEMS}?limit=10&numberMatched=true", filter.encode("utf8", "surrogatepass"), media)
    assert answer.status in (200, 400), (answer.status, answer.body[:400])
    assert answer.seconds < BOUND
    json.loads(answer.body)
    assert worker.lives()


def test_what_is_large_but_allowed_is_right(worker: Worker) -> None:
    def matched(answer: Answer) -> int:
        assert answer.status == 200, answer.body[:300]
        return int(json.loads(answer.body)["numberMatched"])

    def ask(name: str) -> int:
        media, filter = HOSTILE[name]()
        return matched(worker.ask("POST", f"{ITEMS}?limit=1&numberMatched=true", filter.encode(), media))

    assert ask("9,999 values") == ROWS
    assert ask("2,000 values in text") == ROWS
    assert ask("an injection") == 0
    assert ask("LIKE") == 0
    assert 0 < ask("a polygon of 60,000 vertices") < ROWS


@pytest.mark.parametrize(
    "filter", ["plan_name%20%3D%20'%00'", "%ff", "plan_name%20%3D%20'%ed%a0%80'", "%", "'", "%27%27%27"]
)
def test_broken_characters_in_an_address(worker: Worker, filter: str) -> None:
    assert worker.ask("GET", f"{ITEMS}?filter={filter}").status == 400
    assert worker.ask("GET", f"{ITEMS}?filter={quote('plan_name = ')}{filter}").status == 400
    assert worker.lives()
