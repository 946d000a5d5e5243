"""The nodes that pygeofilter's tree lacks.

The checked tree has pygeofilter's And, Or, Not, comparisons, Like, In, IsNull, Arithmetic, Attribute, Function,
array predicates and spatial comparisons (an Attribute, then a `Shape`), and these. Temporal predicates and BETWEEN
have become comparisons of their ends. Python's str, bool, int, float, date and aware datetime stand for themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

import shapely
from pygeofilter import ast

from store.columns import placed


@dataclass(frozen=True)
class Shape:
    """A geometry literal: 2D, valid, x, y in EPSG:4490, rounded as stored geometries are."""

    geometry: Any

    @property
    def wkb(self) -> bytes:
        return bytes(shapely.to_wkb(self.geometry, byte_order=1))

    @property
    def placed(self) -> str:
        """As `store.columns.PlacedGeometry`."""
        return placed(self.geometry)


@dataclass
class Known(ast.Predicate):  # type: ignore[misc] # pygeofilter has no types
    """`value` where `lhs` is known, unknown where it is NULL."""

    lhs: Any
    value: bool

    def get_sub_nodes(self) -> list[Any]:
        return [self.lhs]


class MoreArithmetic(Enum):
    QUOTIENT = "div"
    REMAINDER = "%"
    POWER = "^"


@dataclass
class Quotient(ast.Arithmetic):  # type: ignore[misc]
    """Division cut towards zero."""

    op: ClassVar[Any] = MoreArithmetic.QUOTIENT


@dataclass
class Remainder(ast.Arithmetic):  # type: ignore[misc]
    """What `Quotient` leaves; it has the sign of the first operand."""

    op: ClassVar[Any] = MoreArithmetic.REMAINDER


@dataclass
class Power(ast.Arithmetic):  # type: ignore[misc]
    op: ClassVar[Any] = MoreArithmetic.POWER


@dataclass
class Conversion(ast.Expression):  # type: ignore[misc]
    """One value of time as another kind. Days are those of the node's time zone, which only the store knows."""

    value: Any

    def get_sub_nodes(self) -> list[Any]:
        return [self.value]


class DayOf(Conversion):
    """The day of an instant."""


class StartOf(Conversion):
    """The first instant of a day."""


class EndOf(Conversion):
    """The last instant of a day, to the microsecond."""


class LastDay(Conversion):
    """The last day of a validity, of its `valid_to`, the first day on which it no longer holds. Open: the last of all
    days."""


def balanced(made: type[ast.Combination], conditions: Sequence[Any]) -> Any:
    """AND or OR of many conditions, no deeper than it must be."""
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    return made(balanced(made, conditions[:middle]), balanced(made, conditions[middle:]))
