"""Comparisons: operands of one type, whole numbers with whole numbers, days with instants by the day.

So written that a column stands alone on one side wherever it can: an index then serves the comparison.
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pygeofilter import ast

from store.filters import temporal, tree
from store.filters.functions import Kind
from store.filters.guard import MOST_OPERATORS
from store.filters.values import NUMERIC, TEMPORAL, Refuse, Value, described

OPERATORS: Mapping[str, type[ast.Comparison]] = {
    "=": ast.Equal,
    "<>": ast.NotEqual,
    "<": ast.LessThan,
    "<=": ast.LessEqual,
    ">": ast.GreaterThan,
    ">=": ast.GreaterEqual,
}
_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_PYTHON: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MOST = 2**63 - 1


def comparison(name: str, lhs: Value, rhs: Value, refuse: Refuse) -> Any:
    """The node of `lhs name rhs`; true or false where both are literals."""
    if lhs.literal and not rhs.literal:
        name, lhs, rhs = _FLIPPED[name], rhs, lhs
    lhs, rhs = temporal.coerced(lhs, rhs, refuse)
    _check(name, lhs, rhs, refuse)
    if lhs.kind is not rhs.kind and lhs.kind in TEMPORAL:
        return _mixed(name, lhs, rhs)
    if lhs.literal:
        return _PYTHON[name](lhs.node, rhs.node)
    if rhs.literal and lhs.kind is Kind.INTEGER:
        return _whole(name, lhs.node, rhs.node)
    node = float(rhs.node) if rhs.literal and lhs.kind is Kind.NUMBER else rhs.node
    return OPERATORS[name](lhs.node, node)


def _check(name: str, lhs: Value, rhs: Value, refuse: Refuse) -> None:
    same = lhs.kind is rhs.kind or any(lhs.kind in kinds and rhs.kind in kinds for kinds in (NUMERIC, TEMPORAL))
    if not same:
        raise refuse(f"{described(lhs)} is compared with {described(rhs)}", "compare values of one type")
    if lhs.kind is Kind.GEOMETRY:
        raise refuse(f"geometries are not compared with {name}", "use S_EQUALS, S_INTERSECTS, ...")


def _whole(name: str, node: Any, value: float) -> Any:
    """A whole number against a literal: with the nearest whole number that says the same."""
    if value == math.floor(value) and -_MOST - 1 <= value <= _MOST:
        return OPERATORS[name](node, int(value))
    if name in ("=", "<>"):
        return tree.Known(node, name == "<>")
    if abs(value) > _MOST:
        return tree.Known(node, (value > 0) == (name in ("<", "<=")))
    return ast.LessEqual(node, math.floor(value)) if name in ("<", "<=") else ast.GreaterEqual(node, math.ceil(value))


def _mixed(name: str, lhs: Value, rhs: Value) -> Any:
    """A day against an instant: equal where the instant lies in the day."""
    if lhs.kind is Kind.DATE:
        name, lhs, rhs = _FLIPPED[name], rhs, lhs
    if lhs.literal or not rhs.literal:
        return OPERATORS[_FLIPPED[name]](rhs.node, tree.DayOf(lhs.node))
    start, end = tree.StartOf(rhs.node), tree.EndOf(rhs.node)
    match name:
        case "=":
            return ast.And(ast.GreaterEqual(lhs.node, start), ast.LessEqual(lhs.node, end))
        case "<>":
            return ast.Or(ast.LessThan(lhs.node, start), ast.GreaterThan(lhs.node, end))
        case "<" | ">=":
            return OPERATORS[name](lhs.node, start)
        case _:
            return OPERATORS[name](lhs.node, end)


def one_of(lhs: Value, options: Sequence[Value], refuse: Refuse) -> Any:
    """The node of `lhs IN (options)`: of one list where all are literals of the type of `lhs`."""
    options = [temporal.coerced(lhs, one, refuse)[1] for one in options]
    for one in options:
        _check("=", lhs, one, refuse)
    listed = [one for one in options if _listed(lhs, one)]
    others = [one for one in options if not _listed(lhs, one)]
    if len(others) > MOST_OPERATORS:
        raise refuse(f"the list of IN has {len(others)} expressions", f"give at most {MOST_OPERATORS} of them")
    found = [comparison("=", lhs, one, refuse) for one in others]
    if listed:
        made = sorted({_converted(lhs.kind, one.node) for one in listed})
        first = ast.In(lhs.node, made, not_=False) if len(made) > 1 else ast.Equal(lhs.node, made[0])
        found.insert(0, first)
    return tree.balanced(ast.Or, found)


def _listed(lhs: Value, one: Value) -> bool:
    """Whether a literal of IN can stand in the list: not a day among instants, not 2.5 among whole numbers."""
    if lhs.literal or not one.literal:
        return False
    if lhs.kind is Kind.INTEGER:
        return bool(one.node == math.floor(one.node) and abs(one.node) <= _MOST)
    return lhs.kind is one.kind or lhs.kind is Kind.NUMBER


def _converted(kind: Kind, value: Any) -> Any:
    """A literal as the list holds it."""
    return int(value) if kind is Kind.INTEGER else float(value) if kind is Kind.NUMBER else value
