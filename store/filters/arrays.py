"""Array functions. Layers have no properties that are arrays, so both operands are written out; their elements are
literals or properties.

The functions compare them as sets, by comparisons of their elements. Source: OGC 21-065r2, 7.9.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pygeofilter import ast

from config.errors import ParameterError
from store.filters import tree
from store.filters.compare import comparison
from store.filters.values import Refuse, Value, described

MOST_PAIRS = 1_000


def operand(item: Any, value: Callable[[Any], Value], refuse: Refuse) -> list[Value]:
    """The elements of an array."""
    if not isinstance(item, list):
        raise refuse(f"{described(value(item))} is no array", "write ('a', 'b')")
    return [value(one) for one in item]


def _contains(first: Sequence[Value], second: Sequence[Value], refuse: Refuse) -> Any:
    return _all([_any([_same(a, b, refuse) for a in first]) for b in second])


def _equals(first: Sequence[Value], second: Sequence[Value], refuse: Refuse) -> Any:
    return _all([_contains(first, second, refuse), _contains(second, first, refuse)])


def _contained(first: Sequence[Value], second: Sequence[Value], refuse: Refuse) -> Any:
    return _contains(second, first, refuse)


def _overlaps(first: Sequence[Value], second: Sequence[Value], refuse: Refuse) -> Any:
    return _any([_same(a, b, refuse) for a in first for b in second])


RELATIONS: Mapping[str, Callable[[Sequence[Value], Sequence[Value], Refuse], Any]] = {
    "a_equals": _equals,
    "a_contains": _contains,
    "a_containedby": _contained,
    "a_overlaps": _overlaps,
}


def relation(name: str, first: Sequence[Value], second: Sequence[Value], refuse: Refuse) -> Any:
    """The comparisons that an array function stands for."""
    if len(first) * len(second) > MOST_PAIRS:
        raise refuse(f"the arrays have {len(first)} and {len(second)} elements", f"at most {MOST_PAIRS} pairs")
    return RELATIONS[name](first, second, refuse)


def _same(a: Value, b: Value, refuse: Refuse) -> Any:
    """Whether two elements are equal; those of different types are not."""
    try:
        return comparison("=", a, b, refuse)
    except ParameterError:
        return False


def _all(conditions: Sequence[Any]) -> Any:
    """AND without the conditions that are decided already."""
    if any(one is False for one in conditions):
        return False
    left = [one for one in conditions if one is not True]
    return tree.balanced(ast.And, left) if left else True


def _any(conditions: Sequence[Any]) -> Any:
    """OR without the conditions that are decided already."""
    if any(one is True for one in conditions):
        return True
    left = [one for one in conditions if one is not False]
    return tree.balanced(ast.Or, left) if left else False
