"""Indexes of words beside the tables of a layer: FTS5 on SQLite, `tsvector` under GIN on PostGIS.

Each of a layer's two tables has one, keyed by its row keys and written in the same transactions; a row whose
searchable attributes hold no word has no entry. `store.search` says what the words are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from store import compiled, search
from store.tables import LayerTables


def insert(
    connection: sa.Connection,
    tables: LayerTables,
    keys: Sequence[int],
    columns: Mapping[str, Sequence[Any]],
    table: sa.Table | None = None,
) -> None:
    """Enter rows.

    Args:
        connection: in the transaction that writes the rows.
        tables: the layer's.
        keys: row keys.
        columns: attribute values by name, each as long as `keys`; a missing attribute is without value.
        table: whose index it is; the current table's by default.
    """
    index = tables.words(tables.current if table is None else table)
    texts = [columns[name] for name in tables.searched if name in columns]
    if index is None or not texts:
        return
    found = zip(keys, map(search.document, zip(*texts, strict=True)), strict=True)
    entries = [(key, document) for key, document in found if document]
    if not entries:
        return
    embedded = connection.dialect.name == "sqlite"
    if embedded or compiled.is_together(connection):
        write = " ".join if embedded else vector
        rows = [{"row_id": key, "words": write(document)} for key, document in entries]
        compiled.run(connection, (index.name, "insert"), lambda: sa.insert(index), rows, ("row_id", "words"))
        return
    name = connection.dialect.identifier_preparer.format_table(index)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {name} (row_id, words) FROM STDIN") as copy:
        # No word holds what COPY or tsvector would want escaped: words are letters and digits only.
        copy.write("".join(f"{key}\t{vector(document)}\n" for key, document in entries))


def vector(document: Sequence[str]) -> str:
    """The words of one row as the text of a `tsvector`; no entry stands at the place of a barrier."""
    places: dict[str, list[str]] = {}
    for place, word in enumerate(document, 1):
        if word != search.BARRIER:
            places.setdefault(word, []).append(str(place))
    return " ".join(f"'{word}':{','.join(found)}" for word, found in places.items())


def matches(index: sa.Table) -> sa.ColumnElement[bool]:
    """Whether an entry has the words that are bound as `words` (`Search.fts5` or `Search.tsquery`)."""
    asked = sa.bindparam("words", type_=sa.Text)
    if streams(index):
        return index.c.words.op("MATCH", is_comparison=True)(asked)
    return index.c.words.op("@@", is_comparison=True)(sa.cast(asked, postgresql.TSQUERY))


def streams(index: sa.Table) -> bool:
    """Whether it gives its matches one by one in the order of their keys: FTS5 does, GIN gathers them all first."""
    return not isinstance(index.c.words.type, postgresql.TSVECTOR)


def listed(index: sa.Table) -> sa.Select[Any]:
    """The keys of the rows that have the words."""
    return sa.select(index.c.row_id).where(matches(index))
