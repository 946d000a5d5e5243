"""What an expression is while it is checked: a node with its type."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pygeofilter import ast

from config.errors import ParameterError
from store.filters import tree
from store.filters.functions import Kind

Refuse = Callable[[str, str], ParameterError]
"""Makes the error of the caller's parameter, of what is wrong and what would be right."""

NAMES = {
    Kind.TEXT: "text",
    Kind.INTEGER: "a whole number",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a day, DATE('2024-06-01')",
    Kind.INSTANT: "an instant, TIMESTAMP('2024-06-01T08:00:00Z')",
    Kind.GEOMETRY: "a geometry",
}

NUMERIC = (Kind.INTEGER, Kind.NUMBER)
TEMPORAL = (Kind.DATE, Kind.INSTANT)
_LITERALS = (str, bool, int, float, date, datetime, tree.Shape)


@dataclass(frozen=True, slots=True)
class Value:
    """A node of the tree, or a literal."""

    node: Any
    kind: Kind

    @property
    def literal(self) -> bool:
        return isinstance(self.node, _LITERALS)


def described(value: Value) -> str:
    """For a message."""
    if isinstance(value.node, ast.Attribute):
        return f"'{value.node.name}' ({NAMES[value.kind]})"
    if isinstance(value.node, str):
        return f"the text '{value.node[:40]}'"
    return NAMES[value.kind]
