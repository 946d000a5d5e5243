"""Expressions that SQLAlchemy has no words for: guarded arithmetic, and brackets that stay.

Arithmetic in PostgreSQL is as `store.filters.scalar.compute` has it: NULL where PostgreSQL would raise an error.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from store.filters.scalar import LEAST, MOST, MOST_LOG

_RESULTS = {
    "+": "{x} + {y}",
    "-": "{x} - {y}",
    "*": "{x} * {y}",
    "/": "CASE WHEN {y} <> 0 THEN {x} / {y} END",
    "div": "CASE WHEN {y} <> 0 THEN trunc({x} / {y}) END",
    "%": "CASE WHEN {y} <> 0 THEN {x} - {y} * trunc({x} / {y}) END",
    "^": (
        "CASE WHEN {x} = 0 THEN CASE WHEN {y} > 0 THEN 0::float8 WHEN {y} = 0 THEN 1::float8 END "
        f"WHEN abs({{y}} * ln(abs({{x}}))) > {MOST_LOG}::float8 OR ({{x}} < 0 AND {{y}} <> trunc({{y}})) THEN NULL "
        "ELSE power({x}, {y}) END"
    ),
}
_FENCED = "(SELECT {result} FROM (SELECT {x} AS x, {y} AS y OFFSET 0) AS o)"
_FITS = f"({{0}} = 0 OR abs({{0}}) BETWEEN {LEAST}::float8 AND {MOST}::float8)"


class Calculation(sa.ColumnElement[float]):
    """One operation on doubles. Operands that are more than a column or a parameter are computed once, in a subquery:
    written out where they are looked at, sums of sums would double with every level."""

    inherit_cache = False
    type = sa.Double()

    def __init__(self, sign: str, a: sa.ColumnElement[Any], b: sa.ColumnElement[Any]) -> None:
        self.sign = sign
        self.operands: tuple[sa.ColumnElement[Any], ...] = (sa.cast(a, sa.Double()), sa.cast(b, sa.Double()))
        self.simple = all(isinstance(one, sa.Column | sa.BindParameter) for one in (a, b))

    @property
    def _from_objects(self) -> list[Any]:
        return [found for one in self.operands for found in one._from_objects]


@compiles(Calculation)
def _calculation(element: Calculation, compiler: Any, **more: Any) -> str:
    x, y = (compiler.process(one, **more) for one in element.operands)
    names = (x, y) if element.simple else ("o.x", "o.y")
    fits = " AND ".join(_FITS.format(one) for one in names)
    result = f"CASE WHEN {fits} THEN {_RESULTS[element.sign].format(x=names[0], y=names[1])} END"
    return f"({result})" if element.simple else _FENCED.format(result=result, x=x, y=y)


class Brackets(sa.ColumnElement[bool]):
    """A condition in brackets: SQLAlchemy would put the terms of AND in AND, or OR in OR, side by side."""

    inherit_cache = False
    type = sa.Boolean()

    def __init__(self, inside: sa.ColumnElement[bool]) -> None:
        self.inside = inside

    @property
    def _from_objects(self) -> list[Any]:
        return list(self.inside._from_objects)


@compiles(Brackets)
def _brackets(element: Brackets, compiler: Any, **more: Any) -> str:
    return f"({compiler.process(element.inside, **more)})"
