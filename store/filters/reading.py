"""From what a caller wrote to a `Filter`: guard, parse, check."""

from typing import Any

from config.errors import ParameterError
from config.layers import Layer
from store.filters import guard
from store.filters.filter import Filter, Vocabulary

TEXT = "cql2-text"
JSON = "cql2-json"


def read_filter(
    source: str | bytes, lang: str, layer: Layer, crs: str, parameter: str, vocabulary: Vocabulary
) -> Filter:
    """See `store.filters.read`."""
    if lang not in (TEXT, JSON):
        raise ParameterError(f"{parameter}-lang", f"'{lang[:80]}' is not a filter language", f"use {TEXT} or {JSON}")
    parsed = _parsed(source, parameter) if lang == TEXT else guard.json(source, parameter)
    return Filter(str(parsed), frozenset(), parsed)


def _parsed(source: str | bytes, parameter: str) -> Any:
    """CQL2 text as CQL2 JSON."""
    import cql2

    safe = guard.text(source if isinstance(source, str) else source.decode(errors="replace"), parameter)
    try:
        return cql2.parse_text(safe).to_json()
    except (cql2.ParseError, cql2.ValidationError) as error:
        remedy = "for instance: land_use_code = '07' AND S_INTERSECTS(geometry, BBOX(114, 37, 115, 38))"
        raise ParameterError(parameter, f"it is not CQL2 text: {_where(str(error))}", remedy) from error


def _where(message: str) -> str:
    """The place and expectation of the parser's message, on one line."""
    lines = [line.strip() for line in message.splitlines()]
    return " ".join(line for line in lines if line and line != "|")[:400]
