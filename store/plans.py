"""Compiled statements, one per shape of question, run with the driver's own cursor.

SQLAlchemy gives the pool, the dialects and the SQL; compiling and its result rows cost more than the hottest reads
themselves, so a statement is compiled once and its rows are taken from the driver as they come.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from store.engine import Database, restart_clock
from store.select import Purpose, Shape, build
from store.state import state_select

MOST_PLANS = 4096  # shapes are few; a caller who invents sort orders must not fill the memory


@dataclass(frozen=True, slots=True)
class Plan:
    """SQL in the driver's style with named parameters, those that are `fixed` among them.

    `prepare`: PostgreSQL plans it once for all values; else anew for the very values. `binary` asks for binary columns.
    """

    sql: str
    fixed: Mapping[str, Any]
    prepare: bool = True
    binary: bool = False


class Plans:
    """The plans of one database, and the ways to run them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sqlite = database.sqlite
        self._dialect = sqlite.dialect(paramstyle="named") if database.sqlite else database.reader.dialect
        self._begin = "BEGIN" if database.sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        self._errors: type[Exception] = database.reader.dialect.loaded_dbapi.Error
        self._made: dict[Hashable, Plan] = {}

    def of(self, shape: Shape) -> Plan:
        """The plan of a shape. On PostGIS a page also brings the layer's state, in a first row whose fid is NULL."""
        plan = self._made.get(shape)
        if plan is None:
            if len(self._made) >= MOST_PLANS:
                self._made.clear()
            plan = self._made[shape] = self._compile(shape)
        return plan

    def state(self) -> Plan:
        """The plan that reads the packed state of one layer."""
        return self.named("state", lambda: state_select(self._database.tables.node, self._dialect.name))

    def named(
        self, name: Hashable, make: Callable[[], sa.SelectBase], *, prepare: bool = True, binary: bool = False
    ) -> Plan:
        """The plan of a statement that has a name instead of a shape."""
        plan = self._made.get(name)
        if plan is None:
            if len(self._made) >= MOST_PLANS:
                self._made.clear()
            plan = self._made[name] = self._plan(make(), prepare, binary)
        return plan

    def _compile(self, shape: Shape) -> Plan:
        node = self._database.tables.node
        selected = build(self._database.tables[shape.layer], node, shape)
        statement: sa.SelectBase = selected
        if not self._sqlite and shape.purpose in (Purpose.PAGE, Purpose.SHAPES):
            statement = _with_state(selected, state_select(node, self._dialect.name))
        hot = (
            shape.purpose in (Purpose.PAGE, Purpose.SHAPES, Purpose.ITEM) and not shape.known and shape.interval is None
        )
        binary = shape.purpose in (Purpose.SHAPES, Purpose.BATCH, Purpose.ITEM)
        return self._plan(statement, hot and shape.steady, binary)

    def _plan(self, statement: sa.SelectBase, prepare: bool = True, binary: bool = False) -> Plan:
        compiled = statement.compile(dialect=self._dialect)
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        if self._sqlite:
            fixed = {name: _plain(value) for name, value in fixed.items()}
        return Plan(str(compiled), fixed, prepare, binary)

    @contextmanager
    def connection(self, shape: Shape | None = None) -> Iterator[Any]:
        """A pooled driver connection in autocommit; with a shape, one that plans as is best for it."""
        with self._database.guard():
            engine = self._database.reader if shape is None or shape.steady else self._database.planner
            connection = engine.raw_connection()
            try:
                yield connection
            except self._errors:
                if getattr(connection.driver_connection, "closed", False):
                    # The server went away: so did the connections that wait in the pool.
                    connection.invalidate()
                    self._database.reader.dispose()
                    self._database.planner.dispose()
                raise
            finally:
                connection.close()

    @contextmanager
    def moment(self, connection: Any) -> Iterator[None]:
        """Statements on `connection` that all see one moment. Keep it short on SQLite: the log grows meanwhile."""
        connection.cursor().execute(self._begin)
        try:
            yield
        finally:
            if not getattr(connection.driver_connection, "closed", False):
                connection.cursor().execute("ROLLBACK")

    def stream(self, connection: Any, plan: Plan, values: Mapping[str, Any]) -> Callable[[int], list[tuple[Any, ...]]]:
        """Run a plan inside a `moment`; returns what fetches its next rows, so many at a time."""
        if self._sqlite:
            cursor = self.execute(connection, plan, values)
        else:
            cursor = connection.cursor(name="rows")  # PostgreSQL keeps what is not fetched yet
            with _planned_anew(connection):
                cursor.execute(plan.sql, {**plan.fixed, **values}, binary=plan.binary)
        return partial(_fetch, connection, cursor)

    def execute(self, connection: Any, plan: Plan, values: Mapping[str, Any]) -> Any:
        """Run a plan on a driver connection; returns its cursor."""
        cursor = connection.cursor()
        if self._sqlite:
            bound = {name: _plain(value) for name, value in values.items()}
            return cursor.execute(plan.sql, {**plan.fixed, **bound} if plan.fixed else bound)
        bound = {**plan.fixed, **values}
        if plan.prepare or connection.info.get("anew"):
            return cursor.execute(plan.sql, bound, prepare=True, binary=plan.binary)
        with _planned_anew(connection):
            return cursor.execute(plan.sql, bound, prepare=True, binary=plan.binary)


@contextmanager
def _planned_anew(connection: Any) -> Iterator[None]:
    """PostgreSQL plans for the very values inside; outside a statement keeps the plan that it was prepared with."""
    from psycopg.pq import TransactionStatus

    connection.cursor().execute("SET plan_cache_mode = force_custom_plan")
    try:
        yield
    finally:
        if connection.driver_connection.info.transaction_status in (TransactionStatus.IDLE, TransactionStatus.INTRANS):
            connection.cursor().execute("SET plan_cache_mode = force_generic_plan")


def _fetch(connection: Any, cursor: Any, size: int) -> list[tuple[Any, ...]]:
    restart_clock(connection)
    rows: list[tuple[Any, ...]] = cursor.fetchmany(size)
    return rows


def _with_state(page: sa.Select[Any], state: sa.Select[Any]) -> sa.CompoundSelect[Any]:
    rows = page.subquery()
    fid, text, *shape = rows.c
    packed = state.subquery()
    blanks = [sa.cast(sa.null(), sa.LargeBinary).label(column.name) for column in shape]
    first = sa.select(sa.cast(sa.null(), sa.BigInteger).label("fid"), packed.c.state, *blanks)
    return sa.union_all(first, sa.select(fid, text, *shape))


def _plain(value: Any) -> Any:
    """A value as SQLite keeps it: days and instants are texts (`store.columns`)."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    if isinstance(value, date):
        return value.isoformat()
    return value
