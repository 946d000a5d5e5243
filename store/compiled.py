"""Statements of the write path: compiled once for each database, run with the driver's own cursor.

SQLAlchemy writes the SQL and converts the values by the columns' types; building and running its expressions anew cost
an edit six times what the database does. The transaction stays SQLAlchemy's; errors are the driver's own
(`Database.guard`).
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

type Make = Callable[[], Any]
type Values = Mapping[str, Any]

_NAMED = sqlite.dialect(paramstyle="named")
_KEPT: "WeakKeyDictionary[Dialect, dict[Hashable, Statement]]" = WeakKeyDictionary()


class Statement:
    """One compiled statement. `columns` are those that an INSERT or UPDATE sets by parameters of their names."""

    def __init__(self, statement: Any, dialect: Dialect, columns: Sequence[str] | None) -> None:
        dialect = _NAMED if dialect.name == "sqlite" else dialect
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        self.sql = str(compiled)
        convert = {name: one.type.dialect_impl(dialect).bind_processor(dialect) for name, one in compiled.binds.items()}
        self._convert = [(name, one) for name, one in convert.items() if one is not None]
        known = {name: one.value for name, one in compiled.binds.items() if not one.required}
        fixed = {name: value for name, value in known.items() if value is not None}
        self._fixed = {name: _converted(convert[name], value) for name, value in fixed.items()}
        chosen = [one.type for one in getattr(statement, "selected_columns", ())]
        results = [_result(one, dialect) for one in chosen]
        self._results = results if any(one is not None for one in results) else None

    def bind(self, values: Values) -> dict[str, Any]:
        """Parameters as the driver takes them."""
        bound = {**self._fixed, **values}
        for name, convert in self._convert:
            if name in values:
                bound[name] = convert(values[name])
        return bound

    def rows(self, found: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
        """Rows of the driver as Python values."""
        results = self._results
        if results is None:
            return found
        return [
            tuple(value if one is None else one(value) for one, value in zip(results, row, strict=True))
            for row in found
        ]


def _result(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What turns a value of the driver into Python's; psycopg knows all types but our own."""
    if dialect.name == "sqlite" or isinstance(kind, TypeDecorator):
        return kind.dialect_impl(dialect).result_processor(dialect, None)
    return None


def _converted(convert: Callable[[Any], Any] | None, value: Any) -> Any:
    return value if convert is None else convert(value)


def _statement(connection: sa.Connection, key: Hashable, make: Make, columns: Sequence[str] | None) -> Statement:
    kept = _KEPT.setdefault(connection.dialect, {})
    found = kept.get(key)
    if found is None:
        found = kept[key] = Statement(make(), connection.dialect, columns)
    return found


def together(connection: sa.Connection) -> AbstractContextManager[Any]:
    """Within it PostgreSQL gets statements without result in one go, with the next query: an edit waits for it seven
    times instead of twenty. COPY is not possible there."""
    if connection.dialect.name == "sqlite":
        return nullcontext()
    driver: Any = connection.connection.driver_connection
    pipeline: AbstractContextManager[Any] = driver.pipeline()
    return pipeline


def is_together(connection: sa.Connection) -> bool:
    """Whether a connection to PostgreSQL is within `together`."""
    driver: Any = connection.connection.driver_connection
    return bool(driver.info.pipeline_status)


def select(connection: sa.Connection, key: Hashable, make: Make, values: Values) -> Sequence[tuple[Any, ...]]:
    """The rows of a query. `key` names it in its database; `make` writes it when it is first run."""
    statement = _statement(connection, key, make, None)
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement.sql, statement.bind(values))
        return statement.rows(cursor.fetchall())
    finally:
        cursor.close()


def run(
    connection: sa.Connection, key: Hashable, make: Make, rows: Sequence[Values], columns: Sequence[str] | None = None
) -> None:
    """A statement without result, once for each of `rows`."""
    statement = _statement(connection, key, make, columns)
    cursor = connection.connection.cursor()  # not closed here: its answer may still be on the way
    if len(rows) == 1:
        cursor.execute(statement.sql, statement.bind(rows[0]))
    elif rows:
        cursor.executemany(statement.sql, [statement.bind(row) for row in rows])


def among(column: sa.ColumnElement[Any], dialect: str, name: str = "keys") -> sa.ColumnElement[bool]:
    """`column` is one of the values that are bound as `name`, as `listed` gives them, whatever their number."""
    if dialect == "postgresql":
        kind = sa.Text() if isinstance(column.type, sa.Text) else sa.BigInteger()
        return column == sa.any_(sa.bindparam(name, type_=postgresql.ARRAY(kind)))
    values = sa.func.json_each(sa.bindparam(name, type_=sa.Text())).table_valued("value")
    return column.in_(sa.select(values.c.value))


def listed(values: Sequence[Any], dialect: str) -> Any:
    """Several values as one parameter."""
    return list(values) if dialect == "postgresql" else orjson.dumps(list(values)).decode()
