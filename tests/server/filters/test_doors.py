"""Filters nested 100,000 deep, and 100,000 operators in a row, through every door; the same worker answers afterwards.

The parser of CQL2 ends the process at a few thousand levels: whatever takes a filter must guard it first. A new door is
one line in `DOORS`.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.server.filters.conftest import LAYER, ROOT, Worker

ITEMS = f"/collections/{LAYER}/items"
TILE = f"/collections/{LAYER}/tiles/WebMercatorQuad/10/394/843"
EXECUTION = "/processes/conflict-detection/execution"
PLAIN = "land_use_code = 'R2'"
TREE = '{"op":"=","args":[{"property":"land_use_code"},"R2"]}'
DEPTHS = (100_000, 5_000, 2_000, 101)
"""The last is one more than is allowed; those in the middle fit into an address."""


@dataclass(frozen=True)
class Door:
    """Where a filter comes in. `path` and `body` are made from its text; `json`: what the door takes is CQL2 JSON."""

    name: str
    path: Callable[[str], str]
    body: Callable[[str], bytes] | None = None
    media: str = ""
    json: bool = False


def execute(filter: str) -> bytes:
    """The body of an execute request with a filter on its left side; `filter` is JSON."""
    side = f'{{"collection":"{LAYER}","filter":{filter}}}'
    return f'{{"inputs":{{"left":{side},"right":"{LAYER}"}}}}'.encode()


DOORS = (
    Door("items", lambda text: f"{ITEMS}?filter={quote(text)}"),
    Door("items as JSON", lambda text: f"{ITEMS}?filter-lang=cql2-json&filter={quote(text)}", json=True),
    Door("items by POST", lambda _: ITEMS, str.encode, "text/cql2"),
    Door("items by POST of JSON", lambda _: ITEMS, str.encode, "application/cql2+json", json=True),
    Door("items by POST of a form", lambda _: ITEMS, lambda text: f"filter={quote(text)}".encode(),
         "application/x-www-form-urlencoded"),
    Door("items as a page", lambda text: f"{ITEMS}?f=html&filter={quote(text)}"),
    Door("items as a page by POST", lambda _: f"{ITEMS}?f=html", lambda text: f"filter={quote(text)}".encode(),
         "application/x-www-form-urlencoded"),
    Door("items as a file", lambda text: f"{ITEMS}?f=csv&filter={quote(text)}"),
    Door("collections", lambda text: f"/collections?filter={quote(text)}"),
    Door("tiles", lambda text: f"{TILE}?filter={quote(text)}"),
    Door("input of a process", lambda _: EXECUTION, lambda text: execute(json.dumps(text)), "application/json"),
    Door("input of a process as JSON", lambda _: EXECUTION, lambda text: execute(text), "application/json", json=True),
)  # fmt: skip
REFUSED = frozenset({400, 414})
"""A filter that is too much is a wrong parameter; an address that is too long is that."""


def parentheses(depth: int, json: bool) -> str:
    return nots(depth, json=True) if json else "(" * depth + PLAIN + ")" * depth


def nots(depth: int, json: bool) -> str:
    if json:
        return '{"op":"not","args":[' * depth + TREE + "]}" * depth
    return "NOT (" * depth + PLAIN + ")" * depth


def unclosed(depth: int, json: bool) -> str:
    return '{"op":"not","args":[' * depth if json else "(" * depth


def row(count: int, json: bool) -> str:
    """Operators side by side: not deep at all, and yet the parser recurses."""
    if json:
        return '{"op":"and","args":[' + ",".join([TREE] * count) + "]}"
    return " AND ".join([PLAIN] * count)


def sums(count: int, json: bool) -> str:
    if json:
        left = '{"op":"+","args":[' * count + "1" + ",1]}" * count
        return f'{{"op":">","args":[{left},0]}}'
    return "1" + " + 1" * count + " > 0"


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
@pytest.mark.parametrize("make", [parentheses, nots, unclosed, row, sums])
def test_a_filter_that_is_too_much_is_refused_and_the_worker_lives(
    worker: Worker, door: Door, make: Callable[[int, bool], str]
) -> None:
    for depth in DEPTHS if make not in (row, sums) else (100_000, 1_001):
        filter = make(depth, door.json)
        body = door.body(filter) if door.body else None
        answer = worker.ask("POST" if body else "GET", door.path(filter), body, door.media)
        assert answer.status in REFUSED, (depth, answer.status, answer.body[:300])
        assert answer.seconds < 10
    assert worker.lives()


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_each_door_takes_a_filter(worker: Worker, door: Door) -> None:
    """Else the refusals above would prove nothing."""
    filter = TREE if door.json else PLAIN
    if door.name == "collections":
        filter = "title IS NOT NULL"
    body = door.body(filter) if door.body else None
    answer = worker.ask("POST" if body else "GET", door.path(filter), body, door.media)
    assert answer.status in (200, 204), answer.body[:500]
    wrong = filter.replace("land_use_code", "no_such_property").replace("title", "no_such_property")
    body = door.body(wrong) if door.body else None
    refused = worker.ask("POST" if body else "GET", door.path(wrong), body, door.media)
    assert refused.status == 400
    assert b"no_such_property" in refused.body


@pytest.mark.parametrize("text", ["(" * 100_000 + PLAIN + ")" * 100_000, '{"op":"not","args":[' * 100_000 + TREE],
                         ids=["text", "JSON"])  # fmt: skip
def test_the_export_command_refuses_it_too(worker: Worker, tmp_path: Path, text: str) -> None:
    file = tmp_path / "filter"
    file.write_text(text, encoding="utf8")
    command = [sys.executable, "-P", "-m", "server.cli.main", "export", "--layer", LAYER]
    command += ["--config", str(worker.configuration), "--filter", f"@{file}", str(tmp_path / "out.csv")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done.stderr
    assert "filter" in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_the_export_command_takes_a_filter(worker: Worker, tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "server.cli.main", "export", "--layer", LAYER, "--config"]
    command += [str(worker.configuration), "--filter", "identifier < 'P00003'", "--json", str(tmp_path / "out.csv")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").count("P0000") == 3
