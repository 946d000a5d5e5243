"""A source's value as an attribute's: text to number, the ways in which Chinese files write a day, yes and no.

Each converter returns the value, None for no value, and raises ValueError where the value cannot be meant.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from config.layers import AttributeType, Text

EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_DAYS = (10_000, 80_000)
"""Excel serials that can be a day of a plan: 1927 to 2119. Smaller numbers may be years, larger ones 20160501."""

YES = frozenset({"是", "y", "yes", "true", "t", "1", "有", "√"})
NO = frozenset({"否", "n", "no", "false", "f", "0", "无", "×"})
EMPTY = frozenset({"", "null", "none", "nan", "<null>", "<空>", "\\n"})
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T\s].*)?")
COMPACT = re.compile(r"(1[89]\d\d|2[01]\d\d)(\d\d)(\d\d)")

TYPES: Mapping[AttributeType, Text] = {
    AttributeType.STRING: Text("文字", "text"),
    AttributeType.INTEGER: Text("整数", "whole number"),
    AttributeType.NUMBER: Text("数", "number"),
    AttributeType.BOOLEAN: Text("是/否", "yes or no"),
    AttributeType.DATE: Text("日期（如 2016-05-01）", "day (2016-05-01)"),
    AttributeType.DATETIME: Text("时刻（如 2016-05-01T08:00:00+08:00）", "instant (2016-05-01T08:00:00+08:00)"),
}


def is_empty(value: Any) -> bool:
    """Nothing, NaN, or a text that stands for nothing."""
    if value is None or value != value:
        return True
    return isinstance(value, str) and value.strip().lower() in EMPTY


def to_text(value: Any) -> str:
    if isinstance(value, str):
        text = value.strip()
        if "\0" in text:
            raise ValueError(value)
        return text
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ";".join(to_text(one) for one in value)
    if isinstance(value, bytes | dict):
        raise ValueError(value)
    return str(value)


def to_number(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError(value)
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value).strip()
        if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", text):
            text = text.replace(",", "")
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
            raise ValueError(value)
        value = text
    elif not isinstance(value, int | float | Decimal):
        raise ValueError(value)
    number = float(value)
    if number in (float("inf"), float("-inf")):
        raise ValueError(value)
    return number


def to_integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d+\s*", unicodedata.normalize("NFKC", value)):
        number = int(unicodedata.normalize("NFKC", value))
    else:
        floating = to_number(value)
        if not floating.is_integer():
            raise ValueError(value)
        number = int(floating)
    if not -(2**63) <= number < 2**63:
        raise ValueError(value)
    return number


def to_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = to_text(value).lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise ValueError(value)


def to_date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = unicodedata.normalize("NFKC", to_text(value))
    found = COMPACT.fullmatch(text) or DAY.fullmatch(text)
    if found:
        return date(*(int(part) for part in found.groups()[:3]))
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and EXCEL_DAYS[0] <= float(text) <= EXCEL_DAYS[1]:
        return EXCEL_EPOCH + timedelta(days=int(float(text)))
    raise ValueError(value)


def to_instant(value: Any, zone: ZoneInfo) -> datetime:
    """In UTC; a value without a time zone is in the node's, a day is its beginning."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip().replace("/", "-"))
        except ValueError:
            value = to_date(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        return to_instant(to_date(value), zone)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def converter(kind: AttributeType, zone: ZoneInfo) -> Callable[[Any], Any]:
    """What turns a source value into one of `kind`; it raises ValueError or OverflowError where that is impossible."""
    table: dict[AttributeType, Callable[[Any], Any]] = {
        AttributeType.STRING: to_text,
        AttributeType.INTEGER: to_integer,
        AttributeType.NUMBER: to_number,
        AttributeType.BOOLEAN: to_boolean,
        AttributeType.DATE: to_date,
        AttributeType.DATETIME: lambda value: to_instant(value, zone),
    }
    return table[kind]
