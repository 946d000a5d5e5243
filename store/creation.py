"""The tables of a store written into its database, with what only one of the two stores needs."""

from collections.abc import Iterable

import sqlalchemy as sa

from store import geopackage
from store.tables import FTS5, RTREE_COLUMNS, Tables


def create_all(connection: sa.Connection, tables: Tables, only: Iterable[str] | None = None) -> None:
    """Create what is missing of the node's tables and of the layers' (all, or `only` these ids), indexes included."""
    chosen = tables.layers if only is None else {one: tables.layers[one] for one in only}
    mine = [table for one in chosen.values() for table in (one.current, one.history)]
    if connection.dialect.name != "sqlite":
        indexes = [table for one in chosen.values() for table in (one.current_words, one.history_words)]
        mine += [table for table in indexes if table is not None]
    node = [table for table in tables.metadata.sorted_tables if table.name.startswith("node_")]
    tables.metadata.create_all(connection, tables=[*node, *mine])
    if connection.dialect.name != "sqlite":
        return
    geopackage.describe(connection, chosen.values())
    quote = connection.dialect.identifier_preparer.quote
    for one in chosen.values():
        for rtree in (one.current_rtree, one.history_rtree):
            if rtree is not None:
                sides = ", ".join(RTREE_COLUMNS)
                connection.exec_driver_sql(
                    f"CREATE VIRTUAL TABLE IF NOT EXISTS {quote(rtree.name)} USING rtree({sides})"
                )
        for words in (one.current_words, one.history_words):
            if words is not None:
                connection.exec_driver_sql(f"CREATE VIRTUAL TABLE IF NOT EXISTS {quote(words.name)} USING {FTS5}")
