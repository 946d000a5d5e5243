"""What the two databases say in different words."""

from collections.abc import Mapping
from typing import Any, Protocol

import sqlalchemy as sa
from pygeofilter import ast
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.sql.functions import Function as Call

from store.columns import Instant, PlacedGeometry
from store.criteria import END_OF_TIME
from store.filters import folding
from store.filters.calculation import Calculation
from store.filters.functions import Function
from store.filters.scalar import INFINITE
from store.filters.template import Parameter

Element = sa.ColumnElement[Any]
Predicate = type[ast.SpatialComparisonPredicate]

MOST_ARGUMENTS = 100  # of one function of SQLite

POSTGIS: Mapping[Predicate, str] = {
    ast.GeometryIntersects: "ST_Intersects",
    ast.GeometryDisjoint: "ST_Disjoint",
    ast.GeometryEquals: "ST_Equals",
    ast.GeometryTouches: "ST_Touches",
    ast.GeometryWithin: "ST_Within",
    ast.GeometryContains: "ST_Contains",
    ast.GeometryOverlaps: "ST_Overlaps",
    ast.GeometryCrosses: "ST_Crosses",
}


class Dialect(Protocol):
    """The words of one database."""

    def listed(self, name: str, kind: Any) -> Any: ...

    def one_of(self, value: Element, options: Any) -> Element: ...

    def like(self, value: Element, pattern: Element) -> Element: ...

    def arithmetic(self, sign: str, a: Element, b: Element) -> Element: ...

    def folded(self, name: str, value: Element) -> Element: ...

    def measure(self, function: Function, geometry: Element) -> Element: ...

    def meets(self, table: sa.Table, number: int, predicate: Predicate, shape: Parameter) -> Element:
        """A spatial predicate of which only the rows where it is true count."""

    def relation(self, table: sa.Table, number: int, predicate: Predicate, shape: Parameter) -> Element: ...

    def day_before(self, day: Element) -> Element: ...

    def day_of(self, instant: Element) -> Element: ...

    def start_of(self, day: Element) -> Element: ...

    def end_of(self, day: Element) -> Element: ...


class Postgis:
    """PostgreSQL with PostGIS. `zone` is the node's time zone, by IANA name."""

    def __init__(self, zone: str) -> None:
        self._zone = sa.literal(zone, sa.Text())

    def listed(self, name: str, kind: Any) -> Any:
        if isinstance(kind, Instant):
            kind = TIMESTAMP(timezone=True)
        return sa.bindparam(name, type_=ARRAY(kind))

    def one_of(self, value: Element, options: Any) -> Element:
        return value == sa.any_(options)

    def like(self, value: Element, pattern: Element) -> Element:
        return value.like(pattern)

    def arithmetic(self, sign: str, a: Element, b: Element) -> Element:
        return Calculation(sign, a, b)

    def folded(self, name: str, value: Element) -> Element:
        return sa.collate(folding.POSTGIS[name](value), "C")

    def measure(self, function: Function, geometry: Element) -> Element:
        assert function.postgis is not None  # noqa: S101
        found: Element = function.postgis(geometry)
        return found

    def meets(self, table: sa.Table, number: int, predicate: Predicate, shape: Parameter) -> Element:
        return self.relation(table, number, predicate, shape)

    def relation(self, table: sa.Table, number: int, predicate: Predicate, shape: Parameter) -> Element:  # noqa: ARG002
        literal = sa.cast(sa.bindparam(shape.name, type_=PlacedGeometry()), PlacedGeometry())
        found: Element = getattr(sa.func, POSTGIS[predicate])(table.c.geom, literal, type_=sa.Boolean())
        return found

    def day_before(self, day: Element) -> Element:
        return day.op("-", return_type=sa.Date())(sa.literal_column("1"))

    def day_of(self, instant: Element) -> Element:
        return sa.cast(sa.func.timezone(self._zone, instant), sa.Date())

    def start_of(self, day: Element) -> Element:
        return sa.func.timezone(self._zone, sa.cast(day, TIMESTAMP(timezone=False)), type_=Instant())

    def end_of(self, day: Element) -> Element:
        next_day = day.op("+", return_type=sa.Date())(sa.literal_column("1"))
        last = self.start_of(next_day).op("-")(sa.literal_column("interval '1 microsecond'"))
        return sa.case((day >= sa.literal(END_OF_TIME), sa.literal(INFINITE, Instant())), else_=last)


class Sqlite:
    """SQLite, with the functions that `store.filters.scalar` registers."""

    def __init__(self, zone: str) -> None:
        self._zone = sa.literal(zone, sa.Text())

    def listed(self, name: str, kind: Any) -> Any:  # noqa: ARG002
        values = sa.func.json_each(sa.bindparam(name, type_=sa.Text())).table_valued("value")
        return sa.select(values.c.value)

    def one_of(self, value: Element, options: Any) -> Element:
        return value.in_(options)

    def like(self, value: Element, pattern: Element) -> Element:
        return value.op("GLOB", is_comparison=True)(pattern)

    def arithmetic(self, sign: str, a: Element, b: Element) -> Element:
        # One call for all of it: SQLite's parser has room for some twenty calls inside each other.
        program: list[str] = []
        operands: list[Any] = []
        for one in (a, b):
            nested = isinstance(one, Call) and one.name == "duogui_compute" and len(one.clauses) <= MOST_ARGUMENTS // 2
            first, *rest = list(one.clauses) if nested else (sa.literal("?"), one)
            program.append(str(first.value))
            operands += rest
        program.append(sign)
        return sa.func.duogui_compute(sa.literal(" ".join(program)), *operands, type_=sa.Double())

    def folded(self, name: str, value: Element) -> Element:
        found: Element = getattr(sa.func, f"duogui_{name}")(value, type_=sa.Text())
        return found

    def measure(self, function: Function, geometry: Element) -> Element:
        return sa.func.duogui_measure(sa.literal(function.name), sa.type_coerce(geometry, sa.LargeBinary()))

    def meets(self, table: sa.Table, number: int, predicate: Predicate, shape: Parameter) -> Element:
        found = table.c.row_id.in_(self.listed(keys_name(shape, number), None))
        return sa.not_(found) if predicate is ast.GeometryDisjoint else found

    def relation(self, table: sa.Table, number: int, predicate: Predicate, shape: Parameter) -> Element:
        return sa.case((table.c.geom.is_not(None), self.meets(table, number, predicate, shape)))

    def day_before(self, day: Element) -> Element:
        return sa.func.date(day, "-1 day", type_=sa.Date())

    def day_of(self, instant: Element) -> Element:
        return sa.func.duogui_day_of(instant, self._zone, type_=sa.Date())

    def start_of(self, day: Element) -> Element:
        return sa.func.duogui_start_of(day, self._zone, type_=Instant())

    def end_of(self, day: Element) -> Element:
        return sa.func.duogui_end_of(day, self._zone, type_=Instant())


def keys_name(shape: Parameter, number: int) -> str:
    """Under which the keys of the rows that a predicate picks are bound: of the current table (0) or the history (1).
    S_DISJOINT binds those that meet the shape."""
    return f"{shape.name}_{number}"
