"""An independent evaluator of CQL2 JSON on GeoJSON features: plain Python and shapely, one feature at a time.

It shares no code with `store.filters`. None is unknown, in values and in conditions.
"""

import math
import operator
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from shapely.geometry import shape

ZONE = ZoneInfo("Asia/Shanghai")
COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Judge:
    """Decides on features whose properties are text but for those of `types` (name: date or datetime)."""

    def __init__(self, types: dict[str, type]) -> None:
        self.types = types

    def picks(self, expression: Any, feature: dict[str, Any]) -> bool:
        return self.value(expression, feature) is True

    def value(self, item: Any, feature: dict[str, Any]) -> Any:
        match item:
            case {"property": name}:
                return self._property(name, feature)
            case {"op": name, "args": args}:
                return self._operation(name.lower(), args, feature)
            case dict():
                return _literal(item)
        return item

    def _property(self, name: str, feature: dict[str, Any]) -> Any:
        if name == "geometry":
            return None if feature["geometry"] is None else shape(feature["geometry"])
        found = feature["id"] if name == "id" else feature["properties"][name]
        kind = self.types.get(name)
        return found if found is None or kind is None else kind.fromisoformat(found)

    def _operation(self, name: str, args: list[Any], feature: dict[str, Any]) -> Any:
        if name.startswith("t_"):
            return self._time(name, args, feature)
        if name.startswith("a_"):
            return _arrays(name, *([self.value(one, feature) for one in arg] for arg in args))
        if name == "in":
            low = self.value(args[0], feature)
            return _any([_compare("=", low, self.value(one, feature)) for one in args[1]])
        values = [self.value(one, feature) for one in args]
        special = {"and": _all, "or": _any, "isnull": lambda found: found[0] is None}
        if name in special:
            return special[name](values)
        return self._with_null(name, values) if None in values else _strict(name, values)

    def _with_null(self, name: str, values: list[Any]) -> Any:
        if name == "between" and values[0] is not None:
            return _all([_compare(">=", values[0], values[1]), _compare("<=", values[0], values[2])])
        return None

    def _time(self, name: str, args: list[Any], feature: dict[str, Any]) -> Any:
        (a, b), (c, d) = (self._ends(one, feature) for one in args)
        if any(self._has_instant(one) for one in args):
            a, b, c, d = _first(a), _last(b), _first(c), _last(d)
        if name in ("t_disjoint", "t_intersects"):
            # unknown only where neither comparison decides
            apart = _any([_less(b, c), _less(d, a)])
            return apart if name == "t_disjoint" or apart is None else not apart
        parts = {
            "t_after": [_less(d, a)],
            "t_before": [_less(b, c)],
            "t_equals": [_same(a, c), _same(b, d)],
            "t_contains": [_less(a, c), _less(d, b)],
            "t_during": [_less(c, a), _less(b, d)],
            "t_starts": [_same(a, c), _less(b, d)],
            "t_startedby": [_same(a, c), _less(d, b)],
            "t_finishes": [_less(c, a), _same(b, d)],
            "t_finishedby": [_less(a, c), _same(b, d)],
            "t_meets": [_same(b, c)],
            "t_metby": [_same(a, d)],
            "t_overlaps": [_less(a, c), _less(c, b), _less(b, d)],
            "t_overlappedby": [_less(c, a), _less(a, d), _less(d, b)],
        }[name]
        return _all(parts)

    def _has_instant(self, item: Any) -> bool:
        """Whether an instant is among the ends, also where it is NULL."""
        if isinstance(item, str):
            return len(item) > 10
        ends = item.get("interval")
        if ends is not None:
            return any(self._has_instant(one) for one in ends)
        return "timestamp" in item or self.types.get(item.get("property")) is datetime

    def _ends(self, item: Any, feature: dict[str, Any]) -> tuple[Any, Any]:
        """The first and the last day or instant of what a temporal function takes; None where it is unknown."""
        if isinstance(item, dict) and "interval" in item:
            start, end = item["interval"]
            first = date.min if start == ".." else self._end(start, feature)
            return first, date.max if end == ".." else self._end(end, feature)
        found = self.value(item, feature)
        return found, found

    def _end(self, item: Any, feature: dict[str, Any]) -> Any:
        if isinstance(item, str):
            return date.fromisoformat(item) if len(item) == 10 else datetime.fromisoformat(item)
        found = self.value(item, feature)
        if item.get("property") == "valid_to":
            return date.max if found is None else found - timedelta(days=1)
        return found


def _literal(item: dict[str, Any]) -> Any:
    match item:
        case {"date": text}:
            return date.fromisoformat(text)
        case {"timestamp": text}:
            return datetime.fromisoformat(text)
        case {"bbox": numbers}:
            return _box(*numbers)
    return shape(item)


def _all(found: list[bool | None]) -> bool | None:
    return False if False in found else None if None in found else True


def _any(found: list[bool | None]) -> bool | None:
    return True if True in found else None if None in found else False


def _strict(name: str, values: list[Any]) -> Any:
    """An operator none of whose operands is unknown."""
    if name in COMPARE:
        return _compare(name, *values)
    if name.startswith("s_"):
        return bool(getattr(shapely, name[2:])(*values))
    if name in _PLAIN:
        return _PLAIN[name](*values)
    return None if name in ("/", "div", "%") and values[1] == 0 else _NUMBERS[name](*values)


def _first(value: Any) -> Any:
    """A day's first instant; the first day of all has none before it."""
    if type(value) is date and value == date.min:
        return FIRST
    return datetime.combine(value, datetime.min.time(), ZONE) if type(value) is date else value


def _last(value: Any) -> Any:
    if type(value) is date and value == date.max:
        return LAST
    return datetime.combine(value, datetime.max.time(), ZONE) if type(value) is date else value


def _less(a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else bool(a < b)


def _same(a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else bool(a == b)


def _compare(name: str, a: Any, b: Any) -> bool | None:
    if a is None or b is None:
        return None
    if isinstance(a, datetime) and type(b) is date:
        a = a.astimezone(ZONE).date()
    if isinstance(b, datetime) and type(a) is date:
        b = b.astimezone(ZONE).date()
    return bool(COMPARE[name](a, b))


def _power(a: float, b: float) -> float | None:
    if (a == 0 and b < 0) or (a < 0 and b != int(b)):
        return None
    # Beyond 1e147 and its inverse there is no result, so that no database overflows.
    return None if a != 0 and abs(b * math.log(abs(a))) > 340 else float(a) ** b


_NUMBERS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "div": lambda a, b: math.trunc(a / b),
    "%": math.fmod,
    "^": _power,
}


def _unmarked(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(one for one in apart if not unicodedata.combining(one)))


def _like(text: str, pattern: str) -> bool:
    parts = re.findall(r"\\.|.", pattern, flags=re.DOTALL)
    wild = {"%": ".*", "_": "."}
    made = "".join(wild.get(one) or re.escape(one[-1]) for one in parts)
    return re.fullmatch(made, text, flags=re.DOTALL) is not None


def _arrays(name: str, a: list[Any], b: list[Any]) -> bool:
    first, second = set(a), set(b)
    return {
        "a_equals": first == second,
        "a_contains": first >= second,
        "a_containedby": first <= second,
        "a_overlaps": bool(first & second),
    }[name]


def _box(west: float, south: float, east: float, north: float) -> Any:
    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.union(shapely.box(west, south, 180, north), shapely.box(-180, south, east, north))


_PLAIN = {
    "not": operator.not_,
    "between": lambda value, low, high: _compare(">=", value, low) and _compare("<=", value, high),
    "like": _like,
    "casei": str.casefold,
    "accenti": _unmarked,
}
