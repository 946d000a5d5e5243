"""What of a filter fixes its SQL, apart from the values that it binds.

Every literal becomes a numbered parameter, so that filters that differ in their literals alone share one compiled
statement. LIKE becomes the range of what it begins with, and a pattern only where more is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import singledispatchmethod
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from pygeofilter import ast

from store.filters import scalar, texts, tree
from store.filters.filter import Asked, Place


class Use(StrEnum):
    """How a parameter is bound: as it is, as a list, or converted by what only the store knows."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    DAY_OF = "day of"
    START_OF = "start of"
    END_OF = "end of"
    PATTERN = "pattern"
    SHAPE = "shape"


_USES: Mapping[type, Use] = {
    str: Use.TEXT,
    bool: Use.BOOLEAN,
    int: Use.INTEGER,
    float: Use.NUMBER,
    date: Use.DATE,
    datetime: Use.INSTANT,
    tree.Shape: Use.SHAPE,
}
_CONVERTED: Mapping[type, Use] = {tree.DayOf: Use.DAY_OF, tree.StartOf: Use.START_OF, tree.EndOf: Use.END_OF}


@dataclass(frozen=True)
class Parameter:
    """A literal's place: bound under `name`."""

    number: int
    use: Use
    many: bool = False

    @property
    def name(self) -> str:
        return f"filter{self.number}"


@dataclass
class Matches(ast.Predicate):  # type: ignore[misc] # pygeofilter has no types
    """Text against a pattern whose wildcards stand anywhere."""

    lhs: Any
    pattern: Parameter

    def get_sub_nodes(self) -> list[Any]:
        return [self.lhs, self.pattern]


@dataclass(frozen=True, slots=True)
class Template:
    """The shape of a filter. `conditions` all hold for a feature that it picks; `key` is their canonical text.

    `equals` are properties that a condition holds equal to one value, `others` those that the other conditions name.
    """

    key: str
    conditions: tuple[Any, ...] = field(compare=False, repr=False)
    equals: frozenset[str] = field(compare=False, repr=False)
    others: frozenset[str] = field(compare=False, repr=False)

    @property
    def parameters(self) -> list[Parameter]:
        return _parameters(self.conditions)

    @property
    def placed(self) -> bool:
        """Whether features must lie somewhere, not only in one case of several."""
        spatial = [one for one in self.conditions if isinstance(one, ast.SpatialComparisonPredicate)]
        return any(not isinstance(one, ast.GeometryDisjoint) for one in spatial)

    @property
    def places(self) -> tuple[ast.SpatialComparisonPredicate, ...]:
        """The spatial predicates in it: their second operands are parameters."""
        return tuple(one for condition in self.conditions for one in _places(condition))


def place(condition: Any) -> Place | None:
    """The first geometry that a checked tree asks features to intersect, and the rest of the tree."""
    conjuncts = _conjuncts(condition)
    for number, one in enumerate(conjuncts):
        if isinstance(one, ast.GeometryIntersects):
            rest = [*conjuncts[:number], *conjuncts[number + 1 :]]
            return Place(one.rhs, made(tree.balanced(ast.And, rest)) if rest else None)
    return None


def made(condition: Any) -> Asked:
    """The template of a checked tree and the literals that it left out."""
    templater = _Templater()
    parts = [templater.part(one) for one in _conjuncts(condition)]
    equals = [one.lhs.name for _, one in parts if _holds_equal(one)]
    others = [name for _, one in parts if not _holds_equal(one) for name in _names(one)]
    key, conditions = " ".join(key for key, _ in parts), tuple(one for _, one in parts)
    return Asked(Template(key, conditions, frozenset(equals), frozenset(others)), tuple(templater.values))


def _names(node: Any) -> list[str]:
    """The properties that a node mentions."""
    if isinstance(node, ast.Attribute):
        return [str(node.name)]
    return [name for one in node.get_sub_nodes() for name in _names(one)] if isinstance(node, ast.Node) else []


def _holds_equal(node: Any) -> bool:
    equal = isinstance(node, ast.Equal) and isinstance(node.lhs, ast.Attribute)
    return equal and isinstance(node.rhs, Parameter)


def _conjuncts(node: Any) -> list[Any]:
    return [*_conjuncts(node.lhs), *_conjuncts(node.rhs)] if isinstance(node, ast.And) else [node]


def _places(node: Any) -> list[ast.SpatialComparisonPredicate]:
    if isinstance(node, ast.SpatialComparisonPredicate):
        return [node]
    if isinstance(node, ast.Node):
        return [found for one in node.get_sub_nodes() for found in _places(one)]
    return []


_Part = tuple[str, Any]


class _Templater:
    """Makes parts: the canonical text of a node, and the node with parameters for literals."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def _parameter(self, value: Any, use: Use, *, many: bool = False) -> _Part:
        parameter = Parameter(len(self.values), use, many)
        self.values.append(value)
        return f"?{use.value}{'*' if many else ''}", parameter

    @singledispatchmethod
    def part(self, node: Any) -> _Part:
        """A literal."""
        return self._parameter(node, _USES[type(node)])

    @part.register
    def _(self, node: bool) -> _Part:
        # A constant, which SQL has as it is: `1 = 1 OR ...` must not wait for a value.
        return str(node), node

    @part.register
    def _(self, node: ast.Attribute) -> _Part:
        return f'"{node.name}"', node

    @part.register
    def _(self, node: ast.Not) -> _Part:
        key, inner = self.part(node.sub_node)
        return f"(not {key})", ast.Not(inner)

    @part.register(ast.Combination)
    @part.register(ast.Comparison)
    @part.register(ast.Arithmetic)
    @part.register(ast.SpatialComparisonPredicate)
    def _(self, node: Any) -> _Part:
        left, lhs = self.part(node.lhs)
        right, rhs = self._boolean(node.rhs) if isinstance(node, ast.Comparison) else self.part(node.rhs)
        return f"({type(node).__name__} {left} {right})", type(node)(lhs, rhs)

    def _boolean(self, node: Any) -> _Part:
        return self._parameter(node, Use.BOOLEAN) if isinstance(node, bool) else self.part(node)

    @part.register
    def _(self, node: ast.In) -> _Part:
        left, lhs = self.part(node.lhs)
        key, values = self._parameter(list(node.sub_nodes), _USES[type(node.sub_nodes[0])], many=True)
        return f"(in {left} {key})", ast.In(lhs, [values], not_=False)

    @part.register
    def _(self, node: ast.IsNull) -> _Part:
        left, lhs = self.part(node.lhs)
        return f"(null {left})", ast.IsNull(lhs, not_=False)

    @part.register
    def _(self, node: tree.Known) -> _Part:
        left, lhs = self.part(node.lhs)
        return f"(known {left} {node.value})", tree.Known(lhs, node.value)

    @part.register
    def _(self, node: ast.Function) -> _Part:
        parts = [self.part(one) for one in node.arguments]
        return f"({node.name} {' '.join(key for key, _ in parts)})", ast.Function(node.name, [one for _, one in parts])

    @part.register
    def _(self, node: tree.Conversion) -> _Part:
        if type(node.value) in (date, datetime):
            return self._parameter(node.value, _CONVERTED[type(node)])
        key, inner = self.part(node.value)
        return f"({type(node).__name__} {key})", type(node)(inner)

    @part.register
    def _(self, node: ast.Like) -> _Part:
        start, rest = texts.prefix(str(node.pattern))
        if not rest:
            return self.part(ast.Equal(node.lhs, start))
        if rest == [("%", True)] and not start:
            return self.part(tree.Known(node.lhs, True))
        ranged = start and isinstance(node.lhs, ast.Attribute)
        if ranged and rest == [("%", True)]:
            return self.part(texts.starting(node.lhs, start))
        begins = self.part(texts.starting(node.lhs, start)) if ranged else None
        left, lhs = self.part(node.lhs)
        key, pattern = self._parameter(str(node.pattern), Use.PATTERN)
        found: _Part = f"(like {left} {key})", Matches(lhs, pattern)
        return found if begins is None else (f"(And {begins[0]} {found[0]})", ast.And(begins[1], found[1]))


def written(values: tuple[Any, ...]) -> str:
    """The literals as canonical text."""
    return orjson.dumps(values, default=_written).decode()


def _written(value: Any) -> str:
    return value.wkb.hex() if isinstance(value, tree.Shape) else str(value)


def bound(asked: Asked, zone: ZoneInfo, *, sqlite: bool) -> dict[str, Any]:
    """What a statement binds for the literals. Shapes are not bound on SQLite."""
    found: dict[str, Any] = {}
    for one in asked.template.parameters:
        value = asked.values[one.number]
        if one.use is Use.SHAPE:
            if not sqlite:
                found[one.name] = value.placed
        elif one.many:
            found[one.name] = _json(value) if sqlite else value
        else:
            found[one.name] = _converted(one.use, value, zone, sqlite=sqlite)
    return found


def _parameters(nodes: Any) -> list[Parameter]:
    if isinstance(nodes, Parameter):
        return [nodes]
    if isinstance(nodes, ast.Node):
        nodes = nodes.get_sub_nodes()
    return [found for one in nodes for found in _parameters(one)] if isinstance(nodes, list | tuple) else []


def _json(values: list[Any]) -> str:
    def text(value: Any) -> str:
        return scalar.written(value) if isinstance(value, datetime) else str(value)

    return orjson.dumps(values, default=text, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def _converted(use: Use, value: Any, zone: ZoneInfo, *, sqlite: bool) -> Any:
    match use:
        case Use.PATTERN:
            parts = texts.tokens(value)
            return texts.as_glob(parts) if sqlite else texts.as_like(parts)
        case Use.DAY_OF:
            return scalar.day_of(value, zone)
        case Use.START_OF:
            return scalar.start_of(value, zone)
        case Use.END_OF:
            return scalar.end_of(value, zone)
    return value
