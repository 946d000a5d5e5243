"""CQL2 JSON, checked against a layer and made into pygeofilter's tree.

Every name is known, every operand has a type that its operator takes, and constants are computed. What is wrong is
refused with its name and with what would be right.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pygeofilter import ast

from config.errors import ParameterError
from config.layers import AttributeType, Layer
from store.crs import Crs
from store.filters import arithmetic, arrays, compare, guard, spatial, temporal, texts, tree
from store.filters.filter import Vocabulary
from store.filters.functions import FUNCTIONS, Call, Kind
from store.filters.values import NAMES, Refuse, Value, described
from store.values import VALIDITY

GEOMETRY = "geometry"
MOST_LIST = 10_000

_ARITHMETIC: Mapping[str, type[ast.Arithmetic]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mul,
    "/": ast.Div,
    "div": tree.Quotient,
    "%": tree.Remainder,
    "^": tree.Power,
}


@dataclass
class Checker:
    """Checks one expression. `names` gathers the properties that it mentions."""

    layer: Layer
    crs: Crs
    vocabulary: Vocabulary
    refuse: Refuse
    names: set[str]
    operators: int = 0

    def condition(self, item: Any) -> Any:
        """The node of an expression that is true, false or unknown."""
        value = self.value(item)
        if value.kind is not Kind.BOOLEAN:
            raise self.refuse(f"{described(value)} is not a condition", "compare it with something")
        return value.node

    def value(self, item: Any) -> Value:
        """The node and type of any expression but lists, intervals and what only some operators take."""
        match item:
            case {"property": str(name)}:
                return self.property(name)
            case {"op": str(name), "args": [*args]}:
                return self._operation(name.lower(), args)
            case {"date": _} | {"timestamp": _}:
                return temporal.literal(item, self.refuse)
            case {"type": _} | {"bbox": _}:
                return Value(spatial.literal(item, self.crs, self.refuse), Kind.GEOMETRY)
        return self._plain(item)

    def _plain(self, item: Any) -> Value:
        """A literal that JSON has itself."""
        match item:
            case bool():
                return Value(item, Kind.BOOLEAN)
            case int() | float():
                return Value(arithmetic.number(item, self.refuse), Kind.NUMBER)
            case str():
                return Value(texts.checked(item, self.refuse), Kind.TEXT)
            case None:
                raise self.refuse("NULL is compared with nothing", "use IS NULL")
            case list():
                raise self.refuse("a list stands alone", "use it after IN or in an array function")
            case {"interval": _}:
                raise self.refuse("an interval stands alone", "use it in a temporal function such as T_INTERSECTS")
        raise self.refuse(f"{str(item)[:80]} is not CQL2 JSON", 'write for instance {"op": "=", "args": [...]}')

    def property(self, name: str) -> Value:
        """A property of the layer by its name."""
        if name == GEOMETRY and self.layer.geometry is not None:
            kind = Kind.GEOMETRY
        elif name == "id":
            kind = Kind.TEXT
        elif name in VALIDITY:
            kind = Kind.DATE
        else:
            attribute = self.layer.attribute(name)
            if attribute is None:
                raise self._unknown(name)
            kind = _KINDS[attribute.type]
        self.names.add(name)
        return Value(ast.Attribute(name), kind)

    def _unknown(self, name: str) -> ParameterError:
        names = [one.name for one in self.layer.attributes]
        known = [*names, *VALIDITY] if self.layer.id_attribute else ["id", *names, *VALIDITY]
        if self.layer.geometry is not None:
            known.append(GEOMETRY)
        near = get_close_matches(name, known, n=3, cutoff=0.6)
        remedy = f"did you mean {' or '.join(near)}?" if near else "use one of: " + ", ".join(known)
        return self.refuse(f"'{name[:80]}' is not a property of {self.layer.id}", remedy)

    # --- operators ---

    def _operation(self, name: str, args: list[Any]) -> Value:
        self.operators += 1
        if self.operators > guard.MOST_OPERATORS:
            what = f"the filter has more than {guard.MOST_OPERATORS} operators"
            raise self.refuse(what, "use fewer, or IN with a list")
        found = _OPERATIONS.get(name)
        if found is not None:
            made, least, most = found
            if not least <= len(args) <= most:
                wanted = str(least) if least == most else f"{least} or more"
                raise self.refuse(f"{name} has {len(args)} arguments", f"give {wanted}")
            return Value(made(self, name, args), Kind.BOOLEAN)
        if name in _ARITHMETIC:
            if len(args) != 2:
                raise self.refuse(f"{name} has {len(args)} arguments", "give 2")
            return arithmetic.operation(_ARITHMETIC[name], self.value(args[0]), self.value(args[1]), self.refuse)
        if name in texts.FOLDS:
            if len(args) != 1:
                raise self.refuse(f"{name} has {len(args)} arguments", "give one text")
            return texts.folded(name, self.value(args[0]), self.refuse)
        return self._call(name, args)

    def combination(self, name: str, args: Sequence[Any]) -> Any:
        """AND or OR of any number of conditions, as a balanced tree: none is deeper than it must be."""
        made = ast.And if name == "and" else ast.Or
        return tree.balanced(made, [self.condition(one) for one in args])

    def negation(self, _: str, args: Sequence[Any]) -> Any:
        return ast.Not(self.condition(args[0]))

    def comparison(self, name: str, args: Sequence[Any]) -> Any:
        return compare.comparison(name, self.value(args[0]), self.value(args[1]), self.refuse)

    def between(self, _: str, args: Sequence[Any]) -> Any:
        flat = [args[0], *args[1]] if len(args) == 2 and isinstance(args[1], list) else args
        if len(flat) != 3:
            raise self.refuse("BETWEEN has no two bounds", "write x BETWEEN low AND high")
        middle, low, high = (self.value(one) for one in flat)
        return ast.And(
            compare.comparison(">=", middle, low, self.refuse), compare.comparison("<=", middle, high, self.refuse)
        )

    def like(self, _: str, args: Sequence[Any]) -> Any:
        return texts.like(self.value(args[0]), self.value(args[1]), self.refuse)

    def one_of(self, _: str, args: Sequence[Any]) -> Any:
        if not isinstance(args[1], list) or not args[1]:
            raise self.refuse("IN has no list", "write x IN ('a', 'b')")
        if len(args[1]) > MOST_LIST:
            raise self.refuse(f"the list of IN has {len(args[1])} values", f"give at most {MOST_LIST}")
        return compare.one_of(self.value(args[0]), [self.value(one) for one in args[1]], self.refuse)

    def is_null(self, _: str, args: Sequence[Any]) -> Any:
        found = self.value(args[0])
        return False if found.literal else ast.IsNull(found.node, not_=False)

    def relation(self, name: str, args: Sequence[Any]) -> Any:
        return spatial.relation(name, self.value(args[0]), self.value(args[1]), self.refuse)

    def time(self, name: str, args: Sequence[Any]) -> Any:
        first, second = (temporal.operand(one, self.value, self.refuse) for one in args)
        return temporal.relation(name, first, second, self.refuse)

    def array(self, name: str, args: Sequence[Any]) -> Any:
        first, second = (arrays.operand(one, self.value, self.refuse) for one in args)
        return arrays.relation(name, first, second, self.refuse)

    def _call(self, name: str, args: Sequence[Any]) -> Value:
        function = FUNCTIONS.get(name)
        if function is None:
            near = get_close_matches(name, [*FUNCTIONS, *_OPERATIONS, *texts.FOLDS], n=2, cutoff=0.6)
            remedy = f"did you mean {' or '.join(near)}?" if near else "use one of: " + ", ".join(FUNCTIONS)
            raise self.refuse(f"there is no function '{name[:80]}'", remedy)
        given = [self.value(one) for one in args]
        least = sum(not one.optional for one in function.arguments)
        if not least <= len(given) <= len(function.arguments):
            wanted = ", ".join(one.name for one in function.arguments)
            raise self.refuse(f"{name} has {len(given)} arguments", f"write {name}({wanted})")
        for argument, value in zip(function.arguments, given, strict=False):
            if value.kind not in argument.kinds or argument.attribute == value.literal:
                wanted = "a property, " if argument.attribute else ""
                wanted += " or ".join(NAMES[kind] for kind in argument.kinds)
                raise self.refuse(f"{name}({argument.name}) is {described(value)}", f"give {wanted}")
        if function.expand is None:
            if self.layer.geometry is None:
                raise self.refuse(f"{self.layer.id} has no geometry", f"{name} measures geometries")
            self.names.add(GEOMETRY)
            return Value(ast.Function(name, [ast.Attribute(GEOMETRY)]), function.returns)
        call = Call(name, self.layer, self.vocabulary, [one.node for one in given], self.refuse, self.names)
        return Value(function.expand(call), function.returns)


_KINDS = {
    AttributeType.STRING: Kind.TEXT,
    AttributeType.INTEGER: Kind.INTEGER,
    AttributeType.NUMBER: Kind.NUMBER,
    AttributeType.BOOLEAN: Kind.BOOLEAN,
    AttributeType.DATE: Kind.DATE,
    AttributeType.DATETIME: Kind.INSTANT,
}

_Made = Callable[[Checker, str, list[Any]], Any]
_OPERATIONS: Mapping[str, tuple[_Made, int, int]] = {
    "and": (Checker.combination, 1, guard.MOST_OPERATORS),
    "or": (Checker.combination, 1, guard.MOST_OPERATORS),
    "not": (Checker.negation, 1, 1),
    **dict.fromkeys(compare.OPERATORS, (Checker.comparison, 2, 2)),
    "between": (Checker.between, 2, 3),
    "like": (Checker.like, 2, 2),
    "in": (Checker.one_of, 2, 2),
    "isnull": (Checker.is_null, 1, 1),
    **dict.fromkeys(spatial.RELATIONS, (Checker.relation, 2, 2)),
    **dict.fromkeys(temporal.RELATIONS, (Checker.time, 2, 2)),
    **dict.fromkeys(arrays.RELATIONS, (Checker.array, 2, 2)),
}
