"""Templates to SQL: pygeofilter's SQLAlchemy evaluator, extended.

Three-valued logic is the database's own: each node is true, false or NULL as CQL2 says. What the two databases have
in different words stands in `store.filters.dialects`.
"""

from typing import Any

import sqlalchemy as sa
from pygeofilter import ast
from pygeofilter.backends.evaluator import handle
from pygeofilter.backends.sqlalchemy.evaluate import SQLAlchemyFilterEvaluator

from config.layers import Layer
from store.columns import Instant
from store.criteria import END_OF_TIME
from store.filters import template, tree
from store.filters.calculation import Brackets
from store.filters.dialects import Dialect, Postgis, Sqlite
from store.filters.filter import Condition
from store.filters.functions import FUNCTIONS
from store.filters.template import Parameter, Use
from store.tables import column_of

_TYPES: dict[Use, Any] = {
    Use.TEXT: sa.Text(),
    Use.PATTERN: sa.Text(),
    Use.INTEGER: sa.BigInteger(),
    Use.NUMBER: sa.Double(),
    Use.BOOLEAN: sa.Boolean(create_constraint=False),
    Use.DATE: sa.Date(),
    Use.DAY_OF: sa.Date(),
    Use.INSTANT: Instant(),
    Use.START_OF: Instant(),
    Use.END_OF: Instant(),
}

MOST_TERMS = 32  # conditions side by side, before brackets: SQLite has a level for each, and 1,000 at most


def conditions(asked: Condition, table: Any, number: int, layer: Layer) -> list[sa.ColumnElement[bool]]:
    """The conditions of a filter on a layer's table. `number` tells the current table (0) from the history (1)."""
    dialect: Dialect = Sqlite(asked.zone) if asked.sqlite else Postgis(asked.zone)
    evaluator = _Evaluator(table, number, dialect, layer)
    found = [evaluator.holds(one) for one in asked.template.conditions]
    while len(found) > MOST_TERMS:
        found = [Brackets(sa.and_(*found[at : at + MOST_TERMS])) for at in range(0, len(found), MOST_TERMS)]
    return found


class _Evaluator(SQLAlchemyFilterEvaluator):  # type: ignore[misc] # pygeofilter has no types
    def __init__(self, table: sa.Table, number: int, dialect: Dialect, layer: Layer) -> None:
        super().__init__(table.c, undefined_as_null=False)
        self._layer = layer
        self._table = table
        self._number = number
        self._dialect = dialect

    def holds(self, node: Any) -> sa.ColumnElement[bool]:
        """A condition that must be true: false may stand for NULL."""
        if isinstance(node, ast.SpatialComparisonPredicate) and not isinstance(node, ast.GeometryDisjoint):
            return self._dialect.meets(self._table, self._number, type(node), node.rhs)
        found: sa.ColumnElement[bool] = self.evaluate(node)
        return found

    @handle(ast.And, ast.Or)  # type: ignore[untyped-decorator]
    def combination(self, node: ast.Combination, lhs: Any, rhs: Any) -> sa.ColumnElement[bool]:
        found = sa.and_(lhs, rhs) if isinstance(node, ast.And) else sa.or_(lhs, rhs)
        return Brackets(found) if len(list(found.get_children())) > MOST_TERMS else found

    @handle(bool)  # type: ignore[untyped-decorator]
    def constant(self, node: bool) -> sa.ColumnElement[bool]:
        # Not TRUE itself, which SQLAlchemy would fold away with what stands beside it.
        return sa.literal_column("1") == sa.literal_column("1" if node else "0")

    @handle(Parameter)  # type: ignore[untyped-decorator]
    def parameter(self, node: Parameter) -> sa.ColumnElement[Any]:
        if node.many:
            listed: sa.ColumnElement[Any] = self._dialect.listed(node.name, _TYPES[node.use])
            return listed
        if node.use is Use.SHAPE:
            return sa.bindparam(node.name, type_=self._table.c.geom.type)
        return sa.bindparam(node.name, type_=_TYPES[node.use])

    @handle(ast.Attribute)  # type: ignore[untyped-decorator]
    def attribute(self, node: ast.Attribute) -> sa.ColumnElement[Any]:
        if node.name == "geometry":
            return self._table.c.geom
        column = column_of(self._layer, self._table, node.name)
        return sa.func.nullif(column, sa.literal(END_OF_TIME)) if node.name == "valid_to" else column

    @handle(ast.In)  # type: ignore[untyped-decorator]
    def in_(self, node: ast.In, lhs: Any, *options: Any) -> Any:  # noqa: ARG002
        return self._dialect.one_of(lhs, options[0])

    @handle(template.Matches)  # type: ignore[untyped-decorator]
    def matches(self, node: Any, lhs: Any, pattern: Any) -> Any:  # noqa: ARG002
        return self._dialect.like(lhs, pattern)

    @handle(tree.Known)  # type: ignore[untyped-decorator]
    def known(self, node: tree.Known, lhs: Any) -> Any:
        return sa.case((lhs.is_not(None), self.constant(node.value)))

    @handle(ast.Arithmetic, subclasses=True)  # type: ignore[untyped-decorator]
    def arithmetic(self, node: ast.Arithmetic, lhs: Any, rhs: Any) -> Any:
        return self._dialect.arithmetic(str(node.op.value), lhs, rhs)

    @handle(ast.Function)  # type: ignore[untyped-decorator]
    def function(self, node: ast.Function, *arguments: Any) -> Any:
        if node.name in FUNCTIONS:
            return self._dialect.measure(FUNCTIONS[node.name], arguments[0])
        return self._dialect.folded(node.name, arguments[0])

    @handle(ast.SpatialComparisonPredicate, subclasses=True)  # type: ignore[untyped-decorator]
    def spatial_operation(self, node: Any, lhs: Any, rhs: Any) -> Any:  # noqa: ARG002
        return self._dialect.relation(self._table, self._number, type(node), node.rhs)

    @handle(tree.LastDay)  # type: ignore[untyped-decorator]
    def last_day(self, node: tree.LastDay, _: Any) -> Any:
        column = self._table.c[node.value.name]
        return sa.case((column == END_OF_TIME, column), else_=self._dialect.day_before(column))

    @handle(tree.DayOf)  # type: ignore[untyped-decorator]
    def day_of(self, node: Any, value: Any) -> Any:  # noqa: ARG002
        return self._dialect.day_of(value)

    @handle(tree.StartOf)  # type: ignore[untyped-decorator]
    def start_of(self, node: Any, value: Any) -> Any:  # noqa: ARG002
        return self._dialect.start_of(value)

    @handle(tree.EndOf)  # type: ignore[untyped-decorator]
    def end_of(self, node: Any, value: Any) -> Any:  # noqa: ARG002
        return self._dialect.end_of(value)
