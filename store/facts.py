"""What a database really holds: names of tables, indexes and columns, and what the node's own tables say of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from config.errors import SchemaMismatchError
from store.tables import Tables

_SQLITE_NAMES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'index')"
_SQLITE_COLUMNS = """
    SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c
    WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'
"""
_POSTGRESQL_NAMES = """
    SELECT c.relname FROM pg_class AS c LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
    WHERE c.relnamespace = to_regnamespace(current_schema()::text) AND c.relkind IN ('r', 'p', 'i')
    AND coalesce(i.indisvalid, true)
"""
_POSTGRESQL_COLUMNS = """
    SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.relnamespace = to_regnamespace(current_schema()::text) AND c.relkind IN ('r', 'p')
    AND a.attnum > 0 AND NOT a.attisdropped
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """`version` is None for a database without the node's tables. `definitions` are the stored JSON texts by layer,
    `digests` the digests of the layer files that they were made from."""

    version: int | None
    names: frozenset[str]
    columns: Mapping[str, frozenset[str]]
    definitions: Mapping[str, str]
    digests: Mapping[str, str]


def read(connection: sa.Connection, tables: Tables) -> Facts:
    """Look, in a handful of statements whatever the number of layers.

    Raises:
        SchemaMismatchError: the version that the database states is no number.
    """
    sqlite = connection.dialect.name == "sqlite"
    names = frozenset(connection.exec_driver_sql(_SQLITE_NAMES if sqlite else _POSTGRESQL_NAMES).scalars())
    columns: dict[str, set[str]] = {}
    for table, column in connection.exec_driver_sql(_SQLITE_COLUMNS if sqlite else _POSTGRESQL_COLUMNS):
        columns.setdefault(table, set()).add(column)
    frozen = {table: frozenset(found) for table, found in columns.items()}
    node = tables.node
    if node.schema.name not in names or node.layers.name not in names:
        return Facts(None, names, frozen, {}, {})
    version = connection.execute(sa.select(sa.func.max(node.schema.c.version))).scalar()
    if version is not None and not isinstance(version, int):
        raise SchemaMismatchError(f"The store states '{str(version)[:40]}' as its schema version: restore a backup")
    stored = connection.execute(sa.select(node.layers.c.layer, node.layers.c.definition, node.layers.c.digest)).all()
    return Facts(
        version,
        names,
        frozen,
        {layer: definition for layer, definition, _ in stored},
        {layer: digest for layer, _, digest in stored},
    )


def missing_of(facts: Facts, tables: Tables, layer: str) -> list[str]:
    """The names of tables, R*Trees and indexes that a layer should have and the database lacks."""
    mine = tables[layer]
    wanted = [
        name for table in (mine.current, mine.history) for name in (table.name, *(one.name for one in table.indexes))
    ]
    wanted += [one.name for one in (mine.current_rtree, mine.history_rtree) if one is not None]
    for index in (mine.current_words, mine.history_words):
        if index is not None:
            wanted += [index.name, *(one.name for one in index.indexes)]
    return sorted(str(name) for name in wanted if name not in facts.names)


def missing_of_node(facts: Facts, tables: Tables) -> list[str]:
    """The same for the node's own tables."""
    mine = [table for table in tables.metadata.tables.values() if table.name.startswith("node_")]
    wanted = [name for table in mine for name in (table.name, *(one.name for one in table.indexes))]
    return sorted(str(name) for name in wanted if name not in facts.names)
