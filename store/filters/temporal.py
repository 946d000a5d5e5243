"""Days, instants, intervals, and the fifteen temporal functions as comparisons of their ends.

Intervals are closed, as CQL2 has them: INTERVAL('2024-01-01', '2024-12-31') holds both days. An open end (`..`) lies
before or after everything. The validity of features is half-open in the store; here `valid_to` as the end of an
interval means the last day, so that T_INTERSECTS(INTERVAL(valid_from, valid_to), DATE('2024-06-01')) says what
`datetime=2024-06-01` does. Where a day meets an instant it is all of that day in the node's time zone.
Source: OGC 21-065r2, 7.7 and 7.8.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any

from pygeofilter import ast

from store.criteria import END_OF_TIME
from store.filters import tree
from store.filters.functions import Kind
from store.filters.values import TEMPORAL, Refuse, Value, described

_LEAST, _MOST = "start", "end"

# Each function as comparisons, all of which (or, with "|", one of which) hold between the ends: a is the first.
RELATIONS: Mapping[str, str] = {
    "t_after": "a.start > b.end",
    "t_before": "a.end < b.start",
    "t_disjoint": "a.end < b.start | a.start > b.end",
    "t_equals": "a.start = b.start & a.end = b.end",
    "t_intersects": "a.start <= b.end & a.end >= b.start",
    "t_contains": "a.start < b.start & a.end > b.end",
    "t_during": "a.start > b.start & a.end < b.end",
    "t_starts": "a.start = b.start & a.end < b.end",
    "t_startedby": "a.start = b.start & a.end > b.end",
    "t_finishes": "a.start > b.start & a.end = b.end",
    "t_finishedby": "a.start < b.start & a.end = b.end",
    "t_meets": "a.end = b.start",
    "t_metby": "a.start = b.end",
    "t_overlaps": "a.start < b.start & a.end > b.start & a.end < b.end",
    "t_overlappedby": "a.start > b.start & a.start < b.end & a.end > b.end",
}


@dataclass(frozen=True, slots=True)
class Period:
    """The ends of what a temporal function takes; both are the same for a day or an instant."""

    start: Value
    end: Value


def literal(item: Mapping[str, Any], refuse: Refuse) -> Value:
    """DATE('...') and TIMESTAMP('...')."""
    (name, text), *rest = item.items()
    if rest or not isinstance(text, str):
        raise refuse(f"{name.upper()} takes a text", "write DATE('2024-06-01') or TIMESTAMP('2024-06-01T08:00:00Z')")
    return _day(text, refuse) if name == "date" else _instant(text, refuse)


def _day(text: str, refuse: Refuse) -> Value:
    try:
        if len(text) != 10:
            raise ValueError("not YYYY-MM-DD")
        return Value(date.fromisoformat(text), Kind.DATE)
    except ValueError:
        raise refuse(f"'{text[:40]}' is not a day", "write YYYY-MM-DD") from None


def _instant(text: str, refuse: Refuse) -> Value:
    try:
        found = datetime.fromisoformat(text)
        if "T" not in text.upper() or len(text) < 16:
            raise ValueError("a day")
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse(f"'{text[:40]}' is not an instant", "write YYYY-MM-DDThh:mm:ssZ") from None
    return Value(found, Kind.INSTANT)


def _either(text: str, refuse: Refuse) -> Value:
    return _day(text, refuse) if len(text) == 10 else _instant(text, refuse)


def coerced(lhs: Value, rhs: Value, refuse: Refuse) -> tuple[Value, Value]:
    """The operands; a text literal beside a day or an instant is read as one."""
    if lhs.kind in TEMPORAL and rhs.kind is Kind.TEXT and rhs.literal:
        return lhs, _either(rhs.node, refuse)
    return lhs, rhs


def operand(item: Any, value: Callable[[Any], Value], refuse: Refuse) -> Period:
    """What a temporal function takes: a property, a day, an instant or an interval."""
    match item:
        case {"interval": [start, end]}:
            made = Period(_bound(start, _LEAST, value, refuse), _bound(end, _MOST, value, refuse))
        case {"interval": _}:
            raise refuse("an interval has two ends", "write INTERVAL('2024-01-01', '..')")
        case _:
            one = _either(item, refuse) if isinstance(item, str) else value(item)
            made = Period(one, one)
    for end in (made.start, made.end):
        if end.kind not in TEMPORAL:
            raise refuse(f"{described(end)} is no time", "give a DATE, a TIMESTAMP, an INTERVAL or a property of time")
    if made.start.literal and made.end.literal and made.start.kind is made.end.kind and made.start.node > made.end.node:
        raise refuse(f"the interval ends on {made.end.node} before it begins", "give the earlier end first")
    return made


def _bound(item: Any, side: str, value: Callable[[Any], Value], refuse: Refuse) -> Value:
    if item == "..":
        return Value(date.min if side == _LEAST else END_OF_TIME, Kind.DATE)
    found = _either(item, refuse) if isinstance(item, str) else value(item)
    if side == _MOST and isinstance(found.node, ast.Attribute) and found.node.name == "valid_to":
        return Value(tree.LastDay(found.node), Kind.DATE)
    return found


def relation(name: str, first: Period, second: Period, refuse: Refuse) -> Any:
    """The comparisons that a temporal function stands for."""
    from store.filters.compare import comparison

    ends = {"a.start": first.start, "a.end": first.end, "b.start": second.start, "b.end": second.end}
    if any(one.kind is Kind.INSTANT for one in ends.values()):
        ends = {name: _as_instant(name, one) for name, one in ends.items()}
    rule = RELATIONS[name]
    made, sign = (ast.Or, "|") if "|" in rule else (ast.And, "&")
    conditions = []
    for part in rule.split(sign):
        left, how, right = part.split()
        conditions.append(comparison(how, ends[left], ends[right], refuse))
    return reduce(made, conditions)


def _as_instant(name: str, one: Value) -> Value:
    if one.kind is Kind.INSTANT:
        return one
    return Value((tree.StartOf if name.endswith("start") else tree.EndOf)(one.node), Kind.INSTANT)
