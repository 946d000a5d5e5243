"""Numbers and arithmetic of filters: on doubles, as `store.filters.scalar.compute` has it, alike on both stores."""

import math
from typing import Final

from pygeofilter import ast

from store.filters import scalar
from store.filters.functions import Kind
from store.filters.values import NUMERIC, Refuse, Value, described

_EXACT: Final = 2**53


def number(item: float, refuse: Refuse) -> float:
    """A number as it was written: a double, or a whole number that no double holds."""
    if isinstance(item, int):
        if abs(item) >= 2**63:
            raise refuse(f"{str(item)[:40]} is too large", "give a number of at most 64 bits")
        return float(item) if abs(item) <= _EXACT else item
    if not math.isfinite(item):
        raise refuse("a number is not finite", "give numbers below 1e308")
    return item


def operation(made: type[ast.Arithmetic], lhs: Value, rhs: Value, refuse: Refuse) -> Value:
    """The node of an operation; its number where both operands are literals."""
    for one in (lhs, rhs):
        if one.kind not in NUMERIC:
            raise refuse(f"{described(one)} is no number", f"'{_sign(made)}' takes numbers")
    if not (lhs.literal and rhs.literal):
        return Value(made(lhs.node, rhs.node), Kind.NUMBER)
    result = scalar.compute(_sign(made), lhs.node, rhs.node)
    if result is None:
        raise refuse(
            f"{lhs.node!r} {_sign(made)} {rhs.node!r} has no value", "divide by no zero, keep numbers below 1e150"
        )
    return Value(result, Kind.NUMBER)


def _sign(made: type[ast.Arithmetic]) -> str:
    return str(made.op.value)
