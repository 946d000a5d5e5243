"""One small function per query parameter, each with the requirement that defines it.

Every function refuses a wrong value with a ParameterError that names parameter, fault and remedy: status 400.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from config.errors import ParameterError
from config.layers import AttributeType, Layer
from config.settings import Limits
from server.http.query import unknown
from store import paging
from store.criteria import CRS84, Box, Cursor, SortKey, ValidTime
from store.crs import Crs, resolve, to_box
from store.search import Search, parse
from store.values import VALIDITY, type_of

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_INTEGER = re.compile(r"[+-]?\d+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d+)?([Zz]|[+ -]\d{2}:\d{2})")
_WHOLE_FID = 2**53  # features' integer keys are below it
MOST_NUMBERS = 6
MOST_DIGITS = 18
FILTER_LANGUAGES = ("cql2-text", "cql2-json")
"""The first is the one of a filter that does not say."""


def limit(text: str | None, limits: Limits) -> int:
    """/req/core/fc-limit-definition: at least 1; more than the maximum is clipped (fc-limit-response-1)."""
    if text is None:
        return min(limits.default_page, limits.page)
    value = _integer("limit", text, f"an integer from 1 to {limits.page}")
    if value < 1:
        raise ParameterError("limit", f"{text[:20]} is below 1", f"an integer from 1 to {limits.page}")
    return min(value, limits.page)


def offset(text: str | None, limits: Limits) -> int:
    """No standard's: how many features to skip. Clients send it; next links never do."""
    if text is None:
        return 0
    value = _integer("offset", text, f"an integer from 0 to {limits.offset}")
    if not 0 <= value <= limits.offset:
        remedy = f"an integer from 0 to {limits.offset}; beyond it follow the next links"
        raise ParameterError("offset", f"{text[:20]} is out of range", remedy)
    return value


def _integer(name: str, text: str, remedy: str) -> int:
    if not _INTEGER.fullmatch(text) or not text.isascii():
        raise ParameterError(name, f"'{text[:40]}' is no integer", remedy)
    return int(text[:40]) if len(text) <= MOST_DIGITS else (-1 if text.startswith("-") else 10**MOST_DIGITS)


def crs(text: str | None, offered: Sequence[str], name: str = "crs") -> Crs:
    """/req/crs/fc-crs-valid-value, fc-bbox-crs-valid-value: one of the systems that the collection lists.

    Raises:
        ParameterError: another system, or a collection that does not offer it.
    """
    if text is None:
        return resolve(CRS84)
    found = resolve(text, name)
    if found.uri not in offered:
        raise ParameterError(name, f"this collection does not offer {found.uri}", f"one of: {', '.join(offered)}")
    return found


def filter_language(text: str | None) -> str:
    """/req/filter/filter-lang-param: in what a filter is written, in an address as in a body that does not say."""
    if text is None:
        return FILTER_LANGUAGES[0]
    if text not in FILTER_LANGUAGES:
        raise ParameterError("filter-lang", f"'{text[:40]}' is not offered", f"one of: {', '.join(FILTER_LANGUAGES)}")
    return text


def bbox(text: str, system: Crs) -> Box | None:
    """/req/core/fc-bbox-definition with /req/crs/fc-bbox-crs-action: None where nothing can lie in it."""
    remedy = "four numbers, minima first, or six with heights, separated by commas"
    parts = text.split(",", MOST_NUMBERS)
    for part in parts:
        if not _NUMBER.fullmatch(part.strip()):
            raise ParameterError("bbox", f"'{part[:40]}' is no number", remedy)
    if len(parts) not in (4, MOST_NUMBERS):
        raise ParameterError("bbox", f"{len(parts)} numbers", remedy)
    values = [float(part) for part in parts]
    if len(values) == MOST_NUMBERS and values[2] > values[5]:
        raise ParameterError("bbox", "its lowest height is above its highest", remedy)
    return to_box(values, system)


def moment(text: str, zone: ZoneInfo) -> ValidTime:
    """/req/core/fc-time-definition: an instant or an interval, open ends as `..` or empty; days of the node's zone."""
    parts = text.split("/")
    if len(parts) == 1:
        day = _day(text, zone)
        return ValidTime(day, day)
    if len(parts) != 2:
        raise _wrong_time(text)
    start, end = (None if part in ("", "..") else _day(part, zone) for part in parts)
    if start is not None and end is not None and start > end:
        raise ParameterError("datetime", "the interval ends before it begins", "earlier/later")
    return ValidTime(start, end)


def _day(text: str, zone: ZoneInfo) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        found = _INSTANT.fullmatch(text)
        if found is None:
            raise _wrong_time(text)
        clock, leap = found[2], found[2].endswith(":60")
        offset = found[4].upper().replace(" ", "+")  # a `+` not encoded arrives as a space
        stamp = f"{found[1]}T{clock[:-2] + '59' if leap else clock}{offset}"
        local = datetime.fromisoformat(stamp) + timedelta(seconds=leap)
        return local.astimezone(zone).date()
    except (ValueError, OverflowError) as err:
        raise _wrong_time(text) from err


def _wrong_time(text: str) -> ParameterError:
    remedy = "2020-01-31, 2020-01-31T08:00:00Z, or an interval start/end with .. for an open end"
    return ParameterError("datetime", f"'{text[:60]}' is no date, RFC 3339 time or interval", remedy)


def known(text: str | None, zone: ZoneInfo) -> datetime | None:
    """No standard's: as the node knew it at an instant, or at the end of a day of its zone (the instant, UTC)."""
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            last = datetime.combine(date.fromisoformat(text), time.max, zone)
            return last.astimezone(UTC)
        found = _INSTANT.fullmatch(text)
        if found is not None:
            return _read_instant(text.replace(" ", "+")).astimezone(UTC)
    except (ValueError, OverflowError) as err:
        raise _wrong_known(text) from err
    raise _wrong_known(text)


def _wrong_known(text: str) -> ParameterError:
    return ParameterError(
        "known-on", f"'{text[:60]}' is no date or RFC 3339 time", "2020-01-31 or 2020-01-31T08:00:00Z"
    )


def words(text: str | None, layer: Layer) -> Search | None:
    """/req/text-search/q-definition: terms parted by commas, words of a term in their order; Features Part 9.

    Raises:
        ParameterError: the layer has no text to search, or there is no word to search for.
    """
    if text is None:
        return None
    if not any(one.searchable for one in layer.attributes):
        remedy = "ask by a property's own parameter or a filter"
        raise ParameterError("q", "no property of this collection has text that is searched", remedy)
    return parse(text, "q")


def level(text: str | None) -> float | None:
    """/req/zoom-level/parameter: a number, at least 0, in terms of WebMercatorQuad; Features Part 7."""
    if text is None:
        return None
    remedy = "a zoom level of WebMercatorQuad, 0 or more, such as 12 or 9.5"
    if not _NUMBER.fullmatch(text):
        raise ParameterError("zoom-level", f"'{text[:40]}' is no number", remedy)
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ParameterError("zoom-level", f"{text[:40]} is out of range", remedy)
    return value


def sortby(text: str | None, layer: Layer) -> tuple[SortKey, ...]:
    """/req/sorting/sortby-definition: `name`, `+name`, `-name`, in order. A `+` not encoded arrives as a space."""
    if text is None:
        return ()
    keys = []
    for part in text.split(","):
        name = part[1:] if part[:1] in ("+", "-", " ") else part
        if name not in queryables(layer):
            raise _unlisted("sortby", name, queryables(layer))
        keys.append(SortKey(name, part.startswith("-")))
    names = [key.name for key in keys]
    if len(set(names)) < len(names):
        raise ParameterError("sortby", "a property is named twice", "each once")
    return tuple(keys)


def properties(text: str | None, layer: Layer) -> tuple[str, ...] | None:
    """Features Part 6, /req/properties: the properties to return; None returns all."""
    if text is None:
        return None
    known = known_properties(layer)
    names = text.split(",")
    for name in names:
        if name not in known:
            raise _unlisted("properties", name, known)
    return tuple(dict.fromkeys(names))


def known_properties(layer: Layer) -> list[str]:
    """The names of all properties of a layer's features."""
    return [*(one.name for one in layer.attributes), *VALIDITY]


def queryables(layer: Layer) -> list[str]:
    """What features can be filtered and sorted by: their id too, where it is not an attribute already."""
    names = known_properties(layer)
    return names if layer.id_attribute else ["id", *names]


def _unlisted(parameter: str, name: str, known: Iterable[str]) -> ParameterError:
    hint = unknown(name, tuple(known), "property")
    return ParameterError(parameter, f"'{name[:60]}' is no property of this collection", hint.remedy)


def boolean(name: str, text: str | None) -> bool | None:
    """`true` or `false`; None where it is not given."""
    if text is None:
        return None
    if text not in ("true", "false"):
        raise ParameterError(name, f"'{text[:40]}' is neither true nor false", "true or false")
    return text == "true"


def equals(layer: Layer, name: str, text: str) -> Any:
    """/req/queryables-query-parameters/parameters: the value that a property must have, in the property's type."""
    kind = type_of(layer, name)
    try:
        return _READERS[kind](text)
    except (ValueError, OverflowError) as err:
        raise ParameterError(name, f"'{text[:60]}' is no {kind}", _EXAMPLES[kind]) from err


def _read_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or len(text) > MOST_DIGITS:
        raise ValueError
    return int(text)


def _read_number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise OverflowError
    return value


def _read_boolean(text: str) -> bool:
    return {"true": True, "false": False}[text] if text in ("true", "false") else _fail()


def _fail() -> bool:
    raise ValueError


def _read_day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def _read_instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise ValueError
    return datetime.fromisoformat(text[:10] + "T" + text[11:].upper().replace(" ", "+"))


_READERS: dict[AttributeType, Callable[[str], Any]] = {
    AttributeType.STRING: str,
    AttributeType.INTEGER: _read_integer,
    AttributeType.NUMBER: _read_number,
    AttributeType.BOOLEAN: _read_boolean,
    AttributeType.DATE: _read_day,
    AttributeType.DATETIME: _read_instant,
}
_EXAMPLES = {
    AttributeType.STRING: "text",
    AttributeType.INTEGER: "an integer such as 12",
    AttributeType.NUMBER: "a number such as 12.5",
    AttributeType.BOOLEAN: "true or false",
    AttributeType.DATE: "a date such as 2020-01-31",
    AttributeType.DATETIME: "a time such as 2020-01-31T08:00:00Z",
}


def cursor(text: str) -> Cursor:
    """The token of a next link; the store refuses one of another query, and values of a wrong type."""
    found = paging.decode(text)
    if found.fid >= _WHOLE_FID:
        raise paging.refused()
    return found
