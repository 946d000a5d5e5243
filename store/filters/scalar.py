"""The functions on single values that filters compute alike in Python, on SQLite and on PostGIS.

Here is the rule of each. SQLite calls these themselves (`register`), PostGIS has them as SQL
(`store.filters.dialects`), literals are computed with them beforehand. NULL in, NULL out, and never an error.
"""

import math
import operator
import sqlite3
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from store.columns import GEOPACKAGE_HEADER
from store.criteria import END_OF_TIME

LEAST: Final = 1e-150
MOST: Final = 1e150
MOST_LOG: Final = 340.0  # of a power's result, natural: within the magnitudes above
INFINITE: Final = datetime.combine(END_OF_TIME, time.max, UTC)


# --- text ---


def casei(text: str) -> str:
    """Unicode's full case folding: ß is ss."""
    return text.casefold()


def accenti(text: str) -> str:
    """The letters without their marks: decomposed canonically, less nonspacing marks, composed again."""
    if text.isascii():
        return text
    plain = "".join(one for one in unicodedata.normalize("NFD", text) if unicodedata.category(one) != "Mn")
    return unicodedata.normalize("NFC", plain)


# --- numbers ---


def compute(sign: str, a: float, b: float) -> float | None:
    """One operation on doubles.

    None where there is no result: division by zero, the root of a negative number, an operand that is not zero and
    whose magnitude lies beyond 1e-150 to 1e150, so that no operation can overflow.
    """
    return _OPERATIONS[sign](float(a), float(b)) if _fits(a) and _fits(b) else None


def _fits(x: float) -> bool:
    return x == 0 or LEAST <= abs(x) <= MOST


def _power(a: float, b: float) -> float | None:
    if a == 0:
        return None if b < 0 else 0.0 if b > 0 else 1.0
    if abs(b * math.log(abs(a))) > MOST_LOG or (a < 0 and b != math.trunc(b)):
        return None
    return math.pow(a, b)


def _divided(a: float, b: float) -> float | None:
    return None if b == 0 else a / b


def _quotient(a: float, b: float) -> float | None:
    return None if b == 0 else float(math.trunc(a / b))


def _remainder(a: float, b: float) -> float | None:
    return None if b == 0 else a - b * float(math.trunc(a / b))


_OPERATIONS: Mapping[str, Callable[[float, float], float | None]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "div": _quotient,
    "%": _remainder,
    "^": _power,
}


# --- time ---


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The day in which an instant lies."""
    return instant.astimezone(zone).date()


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day."""
    if day == date.min:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last instant of a day, to the microsecond."""
    if day >= END_OF_TIME:
        return INFINITE
    return start_of(day + timedelta(days=1), zone) - timedelta(microseconds=1)


def written(instant: datetime) -> str:
    """An instant as SQLite keeps it."""
    return f"{instant:%Y-%m-%dT%H:%M:%S.%f}Z".rjust(27, "0")


# --- SQLite ---


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _compute(program: str, *operands: float | None) -> float | None:
    """Several operations in postfix order: `? ? + ? *` takes three operands."""
    given = iter(operands)
    stack: list[float | None] = []
    for step in program.split(" "):
        if step == "?":
            stack.append(next(given))
            continue
        b, a = stack.pop(), stack.pop()
        stack.append(None if a is None or b is None else compute(step, a, b))
    return stack[0]


def _day_of(text: str | None, zone: str) -> str | None:
    return None if text is None else day_of(datetime.fromisoformat(text), _zone(zone)).isoformat()


def _start_of(text: str | None, zone: str) -> str | None:
    return None if text is None else written(start_of(date.fromisoformat(text), _zone(zone)))


def _end_of(text: str | None, zone: str) -> str | None:
    return None if text is None else written(end_of(date.fromisoformat(text), _zone(zone)))


def _measure(name: str, blob: bytes | None) -> float | None:
    if blob is None:
        return None
    import shapely

    from store.filters.functions import FUNCTIONS

    measure = FUNCTIONS[name].measure
    return measure(shapely.from_wkb(blob[len(GEOPACKAGE_HEADER) :])) if measure is not None else None


def register(connection: sqlite3.Connection) -> None:
    """Make the functions known to a connection: what `store.filters.dialects` calls on SQLite."""
    for name, arguments, function in (
        ("duogui_casei", 1, lambda text: None if text is None else casei(text)),
        ("duogui_accenti", 1, lambda text: None if text is None else accenti(text)),
        ("duogui_compute", -1, _compute),
        ("duogui_day_of", 2, _day_of),
        ("duogui_start_of", 2, _start_of),
        ("duogui_end_of", 2, _end_of),
        ("duogui_measure", 2, _measure),
    ):
        made: Any = function
        connection.create_function(name, arguments, made, deterministic=True)
