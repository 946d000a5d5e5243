"""A checked filter, answered for one description in memory: three-valued logic, as SQL has it.

The nodes are those of a checked tree (`store.filters.tree` and what it says of pygeofilter's); nothing else can occur.
"""

import math
import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pygeofilter import ast

from store.criteria import END_OF_TIME
from store.filters import FUNCTIONS, spatial, texts, tree

_COMPARE: Mapping[type, Callable[[Any, Any], bool]] = {
    ast.Equal: operator.eq,
    ast.NotEqual: operator.ne,
    ast.LessThan: operator.lt,
    ast.LessEqual: operator.le,
    ast.GreaterThan: operator.gt,
    ast.GreaterEqual: operator.ge,
}
_CALCULATE: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mul: operator.mul,
    ast.Div: operator.truediv,
    tree.Quotient: lambda a, b: math.trunc(a / b),
    tree.Remainder: math.fmod,
    tree.Power: operator.pow,
}


class Evaluator:
    """Evaluates trees against the values of one description; days are those of the node's zone."""

    def __init__(self, values: Mapping[str, Any], zone: ZoneInfo) -> None:
        self._values = values
        self._zone = zone

    def value(self, node: Any) -> Any:
        """The value of an expression; of a condition True, False or None (unknown). Literals are their own."""
        kind = next((one for one in type(node).__mro__ if one in _NODES), None)
        return node if kind is None else _NODES[kind](self, node)

    def _attribute(self, node: ast.Attribute) -> Any:
        found = self._values.get(node.name)
        return None if found == END_OF_TIME else found  # an open end is no value, as in features

    def _both(self, node: ast.And) -> bool | None:
        return self._joined(node.lhs, node.rhs, False)

    def _either(self, node: ast.Or) -> bool | None:
        return self._joined(node.lhs, node.rhs, True)

    def _negated(self, node: ast.Not) -> bool | None:
        found = self.value(node.sub_node)
        return None if found is None else not found

    def _is_null(self, node: ast.IsNull) -> bool:
        return (self.value(node.lhs) is None) != bool(node.not_)

    def _known(self, node: tree.Known) -> bool | None:
        return None if self.value(node.lhs) is None else node.value

    def _like(self, node: ast.Like) -> bool | None:
        found = self.value(node.lhs)
        return None if found is None else texts.matches(found, str(node.pattern)) != bool(node.not_)

    def _among(self, node: ast.In) -> bool | None:
        found = self.value(node.lhs)
        return None if found is None else (found in map(self.value, node.sub_nodes)) != bool(node.not_)

    def _related(self, node: ast.SpatialComparisonPredicate) -> bool | None:
        found = self.value(node.lhs)
        return None if found is None else bool(spatial.DECIDE[type(node)](found, node.rhs.geometry))

    def _joined(self, lhs: Any, rhs: Any, decisive: bool) -> bool | None:
        """AND is decided by one False, OR by one True; else unknown where a side is."""
        first: bool | None = self.value(lhs)
        if first is decisive:
            return decisive
        second: bool | None = self.value(rhs)
        if second is decisive:
            return decisive
        return None if first is None or second is None else not decisive

    def _operated(self, node: Any) -> Any:
        first, second = self.value(node.lhs), self.value(node.rhs)
        if first is None or second is None:
            return None
        if type(node) in _COMPARE:
            return _COMPARE[type(node)](first, second)
        try:
            made = _CALCULATE[type(node)](first, second)
        except (ArithmeticError, ValueError):
            return None
        return made if isinstance(made, int | float) and math.isfinite(made) else None

    def _called(self, node: ast.Function) -> Any:
        value = self.value(node.arguments[0])
        if value is None:
            return None
        if node.name in texts.FOLDS:
            return texts.FOLDS[node.name](value)
        measure = FUNCTIONS[node.name].measure
        return measure(value) if measure else None

    def _day(self, node: tree.DayOf) -> date | None:
        value = self.value(node.value)
        return value.astimezone(self._zone).date() if isinstance(value, datetime) else value

    def _last_day(self, node: tree.LastDay) -> date | None:
        value: date | None = self._values.get(node.value.name)
        return value if value is None or value == END_OF_TIME else value - timedelta(days=1)

    def _start(self, node: tree.StartOf) -> datetime | None:
        value = self.value(node.value)
        return None if value is None else datetime.combine(value, time.min, self._zone)

    def _end(self, node: tree.EndOf) -> datetime | None:
        value = self.value(node.value)
        return None if value is None else datetime.combine(value, time.max, self._zone)


_NODES: Mapping[type, Callable[[Evaluator, Any], Any]] = {
    ast.Attribute: Evaluator._attribute,
    ast.And: Evaluator._both,
    ast.Or: Evaluator._either,
    ast.Not: Evaluator._negated,
    ast.IsNull: Evaluator._is_null,
    ast.Like: Evaluator._like,
    ast.In: Evaluator._among,
    ast.Function: Evaluator._called,
    ast.SpatialComparisonPredicate: Evaluator._related,
    ast.Comparison: Evaluator._operated,
    ast.Arithmetic: Evaluator._operated,
    tree.Known: Evaluator._known,
    tree.DayOf: Evaluator._day,
    tree.StartOf: Evaluator._start,
    tree.EndOf: Evaluator._end,
    tree.LastDay: Evaluator._last_day,
}
