"""Making the indexes of words of a layer that has rows already: in short transactions, resumable.

The rows do not change; until it is done the store's check refuses to serve.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from store import search_index
from store.creation import create_all
from store.engine import Database
from store.evolution import Definition
from store.tables import LayerTables

ROWS = 2000


def build(layer: str, searched: tuple[str, ...], database: Database) -> None:
    """Make the indexes of the words of `searched` (`Definition.searched`), or go on where the last run came to."""
    tables = database.tables[layer]
    with database.writer.begin() as connection:
        definition = _definition(connection, database, layer)
        if definition.indexed is None or definition.searched != searched:
            _empty(connection, database, layer)
            _note(connection, database, layer, replace(definition, searched=searched, indexed={}))
    for table in (tables.current, tables.history):
        while _some(database, tables, table):
            pass
    with database.writer.begin() as connection:
        _note(connection, database, layer, replace(_definition(connection, database, layer), indexed=None))


def _definition(connection: sa.Connection, database: Database, layer: str) -> Definition:
    state = database.tables.node.layers
    query = sa.select(state.c.definition).where(state.c.layer == layer)
    return Definition.parse(connection.execute(query).scalar_one())


def _note(connection: sa.Connection, database: Database, layer: str, definition: Definition) -> None:
    state = database.tables.node.layers
    connection.execute(sa.update(state).where(state.c.layer == layer).values(definition=definition.text()))


def _empty(connection: sa.Connection, database: Database, layer: str) -> None:
    """What was indexed before may have been of other attributes: the tables are made anew, which takes no time."""
    quote = connection.dialect.identifier_preparer.quote
    tables = database.tables[layer]
    for index in (tables.current_words, tables.history_words):
        if index is not None:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(index.name)}")
    create_all(connection, database.tables, only=[layer])


def _some(database: Database, tables: LayerTables, table: sa.Table) -> bool:
    """Index the next rows of one table and note it; False when there are none left."""
    layer, name = tables.layer.id, str(table.name)
    if not tables.searched:
        return False
    with database.writer.begin() as connection:
        definition = _definition(connection, database, layer)
        done = dict(definition.indexed or {})
        needed = [table.c.row_id, *(table.c[one] for one in tables.searched)]
        query = sa.select(*needed).where(table.c.row_id > done.get(name, -1)).order_by(table.c.row_id).limit(ROWS)
        rows = connection.execute(query).all()
        if not rows:
            return False
        keys, *texts = zip(*rows, strict=True)
        columns: Mapping[str, Any] = dict(zip(tables.searched, texts, strict=True))
        search_index.insert(connection, tables, keys, columns, table)
        done[name] = keys[-1]
        _note(connection, database, layer, replace(definition, indexed=done))
    return True
