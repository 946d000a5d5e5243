"""From what a caller wrote to a `Filter`: guard, parse, check."""

import re
from typing import Any

from config.errors import ParameterError
from config.layers import Layer
from store.crs import resolve
from store.filters import guard, template
from store.filters.check import Checker
from store.filters.filter import Filter, Vocabulary

TEXT = "cql2-text"
JSON = "cql2-json"
_EXAMPLE = "land_use_code = '07' AND S_INTERSECTS(geometry, BBOX(114, 37, 115, 38))"


def read_filter(  # noqa: PLR0913
    source: str | bytes, lang: str, layer: Layer, crs: str, parameter: str, vocabulary: Vocabulary
) -> Filter:
    """See `store.filters.read`."""
    if lang not in (TEXT, JSON):
        raise ParameterError(f"{parameter}-lang", f"'{lang[:80]}' is not a filter language", f"use {TEXT} or {JSON}")

    def refuse(what: str, remedy: str) -> ParameterError:
        return ParameterError(parameter, what, remedy)

    parsed = _parsed(source, parameter) if lang == TEXT else guard.json(source, parameter)
    guard.levels(parsed, parameter)
    checker = Checker(layer, resolve(crs, f"{parameter}-crs"), vocabulary, refuse, set())
    tree = checker.condition(parsed)
    asked = template.made(tree)
    normal = f"{asked.template.key}{template.written(asked.values)}"
    return Filter(normal, frozenset(checker.names), tree, asked, template.place(tree))


def _parsed(source: str | bytes, parameter: str) -> Any:
    """CQL2 text as CQL2 JSON."""
    import cql2

    safe = guard.text(source if isinstance(source, str) else source.decode(errors="replace"), parameter)
    try:
        return cql2.parse_text(safe).to_json()
    except (cql2.ParseError, cql2.ValidationError) as error:
        raise ParameterError(parameter, _explained(safe, str(error)), f"for instance: {_EXAMPLE}") from error


def _explained(source: str, message: str) -> str:
    """The parser's message as one line: where, and what could stand there."""
    place = re.search(r"--> (\d+):(\d+)", message)
    if place is None or not source.strip():
        return "it is not CQL2 text"
    lines = source.splitlines() or [""]
    line, column = int(place[1]), int(place[2])
    rest = lines[line - 1][column - 1 :][:30] if line <= len(lines) else ""
    where = f"'{rest}'" if rest else "its end"
    return f"it is not CQL2 text: at line {line}, column {column} it cannot go on with {where}"
