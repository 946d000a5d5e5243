"""Whole columns into the current table by the quickest way of each database: executemany, or COPY in binary."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray

from store import search_index
from store.columns import SRID, Geometry, Instant
from store.rows import COMPUTED
from store.tables import LayerTables


def insert(
    connection: sa.Connection,
    tables: LayerTables,
    columns: Mapping[str, Sequence[Any]],
    geometries: NDArray[np.object_],
    wkb: NDArray[np.object_],
) -> None:
    """Insert rows, and their entries in the R*Tree and in the index of words.

    Args:
        connection: in the transaction that holds the layer's state row.
        tables: the layer's.
        columns: every column of the table but `geom`; a missing attribute is NULL. Values as Python's.
        geometries, wkb: normalised, of the same length.
    """
    if connection.dialect.name == "sqlite":
        _sqlite(connection, tables, columns, geometries, wkb)
    else:
        _postgresql(connection, tables, columns, geometries)
    search_index.insert(connection, tables, columns["row_id"], columns)


def _written(tables: LayerTables, columns: Mapping[str, Sequence[Any]]) -> list[sa.Column[Any]]:
    return [one for one in tables.current.columns if one.name in columns or one.name == "geom"]


def _sqlite(
    connection: sa.Connection,
    tables: LayerTables,
    columns: Mapping[str, Sequence[Any]],
    geometries: NDArray[np.object_],
    wkb: NDArray[np.object_],
) -> None:
    written = _written(tables, columns)
    values = [_bound(connection, one, wkb if one.name == "geom" else columns[one.name]) for one in written]
    statement = sa.insert(tables.current).compile(dialect=connection.dialect, column_keys=[one.name for one in written])
    connection.exec_driver_sql(str(statement), list(zip(*values, strict=True)))
    if tables.current_rtree is None:
        return
    bounds = shapely.bounds(geometries)
    there = ~np.isnan(bounds[:, 0])
    west, south, east, north = bounds[there].T.tolist()
    keys = np.asarray(columns["row_id"], dtype=np.int64)[there].tolist()
    statement = sa.insert(tables.current_rtree).compile(dialect=connection.dialect)
    connection.exec_driver_sql(str(statement), list(zip(keys, west, east, south, north, strict=True)))


def _bound(connection: sa.Connection, column: sa.Column[Any], values: Any) -> Any:
    """Values as SQLAlchemy would bind them one by one."""
    bind: Callable[[Any], Any] | None = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    if bind is None:
        return values
    if isinstance(column.type, sa.Date):
        days = {day: bind(day) for day in set(values)}
        return [days[day] for day in values]
    return [bind(value) for value in values]


def _postgresql(
    connection: sa.Connection,
    tables: LayerTables,
    columns: Mapping[str, Sequence[Any]],
    geometries: NDArray[np.object_],
) -> None:
    written = [one for one in _written(tables, columns) if one.name != COMPUTED]
    values: list[Sequence[Any]] = [[] if one.name == "geom" else columns[one.name] for one in written]
    for index, one in enumerate(written):
        if one.name == "geom":
            # The server reads a binary geometry as EWKB.
            values[index] = shapely.to_wkb(shapely.set_srid(geometries, SRID), include_srid=True, byte_order=1).tolist()
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(one.name) for one in written)
    driver: Any = connection.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {quote(tables.current.name)} ({names}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types([_type(one) for one in written])
        for row in zip(*values, strict=True):
            copy.write_row(row)


def _type(column: sa.Column[Any]) -> str:
    """PostgreSQL's name for what is sent."""
    return next((name for kind, name in _TYPES if isinstance(column.type, kind)), "text")


_TYPES: Sequence[tuple[type[Any], str]] = (
    (Geometry, "bytea"),
    (sa.LargeBinary, "bytea"),
    (sa.Integer, "int8"),
    (sa.Double, "float8"),
    (sa.Boolean, "bool"),
    (sa.Date, "date"),
    (Instant, "timestamptz"),
)
