"""Statements on the rows of one layer: find, insert, close, re-enter, move to history. Alike on both stores.

`Rows` is made per transaction. Whoever calls it holds the layer's state row (`changes.hold`).
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from config.errors import TooLargeError
from store import compiled, search_index
from store.criteria import END_OF_TIME, OPEN_REVISION, Box
from store.slices import Slice
from store.tables import RTREE_COLUMNS, VERSIONS, LayerTables, NodeTables, row_id

COMPUTED = "geom_3857"
REPLACED_BEFORE = sa.literal_column(str(OPEN_REVISION), sa.BigInteger())
"""Spelt out, not bound: only so does SQLite see that the partial index on `tx_to` serves."""

KEYS = ("row_id", "fid", "id", "version", "valid_from", "valid_to", "tx_from", "tx_to", "digest")


@dataclass(frozen=True, slots=True)
class Stored:
    """The key columns of one row of the current table."""

    row_id: int
    fid: int
    id: str
    version: int
    valid_from: date
    valid_to: date
    tx_from: int
    tx_to: int
    digest: bytes

    @property
    def slice(self) -> Slice:
        return Slice(self.version, self.valid_from, self.valid_to, self.digest)


@dataclass(frozen=True, slots=True)
class Reentry:
    """A stored row's content under a new version over other days."""

    source: Stored
    version: int
    valid_from: date
    valid_to: date


def tail(start: date, end: date) -> str:
    """How a stored text ends: validity is the last of the properties (`store.render`)."""
    ending = "null" if end == END_OF_TIME else f'"{end.isoformat()}"'
    return f'"valid_from":"{start.isoformat()}","valid_to":{ending}}}}}'


def among(column: sa.ColumnElement[Any], values: Sequence[Any], dialect: str) -> sa.ColumnElement[bool]:
    """`column` is one of `values`, as one bound value whatever their number, so that the statement is cached."""
    if dialect == "postgresql":
        kind = postgresql.ARRAY(sa.BigInteger() if isinstance(values[0], int) else sa.Text())
        return column == sa.any_(sa.bindparam(None, list(values), type_=kind))
    listed = sa.func.json_each(sa.bindparam(None, orjson.dumps(list(values)).decode())).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def next_version(highest: int, taken: set[int]) -> int:
    """A version number above `highest` whose row key is free; `taken` holds versions modulo `VERSIONS`, and gains it.

    Raises:
        TooLargeError: the feature has as many states in the current table as it can.
    """
    if len(taken) >= VERSIONS:
        raise TooLargeError(f"A feature has {VERSIONS} states of different days, more cannot be kept")
    version = highest + 1
    while version % VERSIONS in taken:
        version += 1
    taken.add(version % VERSIONS)
    return version


class Rows:
    """The rows of one layer in one transaction. `hidden` are columns that the layer file no longer names."""

    def __init__(self, connection: sa.Connection, tables: LayerTables, hidden: Iterable[str] = ()) -> None:
        self.connection = connection
        self.tables = tables
        self.dialect = connection.dialect.name
        self._hidden = tuple(hidden)

    def stored(self, ids: Sequence[str]) -> dict[str, list[Stored]]:
        """All rows of the current table by feature id, whatever their transaction."""
        if not ids:
            return {}
        table = self.tables.current
        found: dict[str, list[Stored]] = {}
        for row in self._select(
            "stored",
            lambda: sa.select(*(table.c[name] for name in KEYS)).where(compiled.among(table.c.id, self.dialect)),
            ids,
        ):
            one = Stored(*row)
            found.setdefault(one.id, []).append(one)
        return found

    def _select(self, name: str, make: compiled.Make, keys: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        values = {"keys": compiled.listed(keys, self.dialect)}
        return compiled.select(self.connection, (self.tables.current.name, name), make, values)

    def _run(self, name: Hashable, make: compiled.Make, *rows: compiled.Values) -> None:
        compiled.run(self.connection, (self.tables.current.name, name, self._hidden), make, rows)

    def _keys(self, keys: Sequence[Any]) -> dict[str, Any]:
        return {"keys": compiled.listed(keys, self.dialect)}

    def select(self, condition: sa.ColumnElement[bool], limit: int) -> list[Stored]:
        """Rows of the current table in order of their key, at most `limit`."""
        table = self.tables.current
        query = sa.select(*(table.c[name] for name in KEYS)).where(condition).order_by(table.c.row_id).limit(limit)
        return [Stored(*row) for row in self.connection.execute(query)]

    def versions(self, fids: Sequence[int]) -> dict[int, tuple[int, set[int]]]:
        """The highest version that each feature ever had, and its versions in the current table modulo `VERSIONS`."""
        if not fids:
            return {}
        table, history = self.tables.current, self.tables.history
        low, high = row_id(min(fids), 0), row_id(max(fids) + 1, 0)
        found: dict[int, tuple[int, set[int]]] = {fid: (0, set()) for fid in fids}
        query = sa.select(table.c.fid, table.c.version).where(table.c.row_id >= low, table.c.row_id < high)
        past = sa.select(history.c.fid, sa.func.max(history.c.version)).where(
            history.c.fid.between(min(fids), max(fids))
        )
        for fid, version in self.connection.execute(query):
            if fid in found:
                highest, taken = found[fid]
                found[fid] = max(highest, version), taken | {version % VERSIONS}
        for fid, version in self.connection.execute(past.group_by(history.c.fid)):
            if fid in found:
                found[fid] = max(found[fid][0], version), found[fid][1]
        return found

    def contents(self, keys: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        """Attributes and geometry (`geom`, WKB) of rows of the current table by row key."""
        if not keys:
            return {}
        table = self.tables.current
        wanted = [table.c.row_id, *(table.c[name] for name in self.tables.attributes)]
        if self.tables.layer.geometry is not None:
            wanted.append(table.c.geom)
        names = [one.name for one in wanted]
        rows = self._select(
            "contents", lambda: sa.select(*wanted).where(compiled.among(table.c.row_id, self.dialect)), keys
        )
        return {row[0]: dict(zip(names, row, strict=True)) for row in rows}

    def past(self, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Features that have states in the history table: id to (fid, highest version)."""
        if not ids:
            return {}
        table = self.tables.history
        rows = self._select(
            "past",
            lambda: (
                sa.select(table.c.id, table.c.fid, sa.func.max(table.c.version))
                .where(compiled.among(table.c.id, self.dialect))
                .group_by(table.c.id, table.c.fid)
            ),
            ids,
        )
        return {id: (fid, version) for id, fid, version in rows}

    def known_from(self, node: NodeTables, revision: int) -> datetime:
        """When the transaction of a revision was, UTC."""
        log = node.transactions
        which = (log.c[name] == sa.bindparam(name, type_=log.c[name].type) for name in ("layer", "revision"))
        values = {"layer": self.tables.layer.id, "revision": revision}
        ((at,),) = compiled.select(self.connection, "known from", lambda: sa.select(log.c.at).where(*which), values)
        found: datetime = at
        return found

    def insert(self, rows: Sequence[Mapping[str, Any]], boxes: Sequence[Box | None]) -> None:
        """Insert whole rows into the current table, for edits; `store.bulk` does it for loads."""
        if not rows:
            return
        name = self.tables.current.name
        compiled.run(self.connection, (name, "insert"), lambda: sa.insert(self.tables.current), rows, list(rows[0]))
        rtree = self.tables.current_rtree
        entries = [
            {"id": row["row_id"], "minx": box.west, "maxx": box.east, "miny": box.south, "maxy": box.north}
            for row, box in zip(rows, boxes, strict=True)
            if box is not None
        ]
        if rtree is not None and entries:
            compiled.run(self.connection, (name, "insert box"), lambda: sa.insert(rtree), entries, RTREE_COLUMNS)
        columns = {name: [row[name] for row in rows] for name in self.tables.searched}
        search_index.insert(self.connection, self.tables, [row["row_id"] for row in rows], columns)

    def reenter(self, entries: Sequence[Reentry], revision: int, author: str) -> None:
        """Copy stored rows under new versions and days, hidden columns included."""
        if not entries:
            return
        values = [
            {
                "old_row": one.source.row_id,
                "new_row": row_id(one.source.fid, one.version),
                "new_version": one.version,
                "start": one.valid_from,
                "end": one.valid_to,
                "cut": len(tail(one.source.valid_from, one.source.valid_to)),
                "tail": tail(one.valid_from, one.valid_to),
                "new_revision": revision,
                "writer": author,
            }
            for one in entries
        ]
        self._run("reenter", self._reentry, *values)
        keys = [{name: one[name] for name in ("old_row", "new_row")} for one in values]
        rtree, index = self.tables.current_rtree, self.tables.current_words
        if rtree is not None:
            self._run("reenter box", lambda: _copied(rtree, rtree.c.id), *keys)
        if index is not None:
            self._run("reenter words", lambda: _copied(index, index.c.row_id), *keys)

    def _reentry(self) -> sa.Insert:
        table = self.tables.current
        replaced: dict[str, sa.ColumnElement[Any]] = {
            "row_id": sa.bindparam("new_row", type_=sa.BigInteger()),
            "version": sa.bindparam("new_version", type_=sa.BigInteger()),
            "valid_from": sa.bindparam("start", type_=sa.Date()),
            "valid_to": sa.bindparam("end", type_=sa.Date()),
            "tx_from": sa.bindparam("new_revision", type_=sa.BigInteger()),
            "tx_to": sa.literal(OPEN_REVISION, sa.BigInteger()),
            "author": sa.bindparam("writer", type_=sa.Text()),
            "json": sa.func.substr(
                table.c.json, 1, sa.func.length(table.c.json) - sa.bindparam("cut", type_=sa.Integer())
            )
            + sa.bindparam("tail", type_=sa.Text()),
        }
        columns = self._columns(table)
        query = sa.select(*(replaced.get(one.name, one) for one in columns)).where(
            table.c.row_id == sa.bindparam("old_row", type_=sa.BigInteger())
        )
        return _insert_from(table, columns, query)

    def close(self, keys: Sequence[int], revision: int) -> None:
        """Mark rows as replaced by a transaction that is not published yet."""
        if keys:
            table = self.tables.current
            self.connection.execute(
                sa.update(table).where(among(table.c.row_id, keys, self.dialect)).values(tx_to=revision)
            )

    def move(self, keys: Sequence[int], revision: int | None = None) -> None:
        """Move rows to the history table; `revision` is written as their `tx_to` (None: they have it)."""
        if not keys:
            return
        history, rtree, index = self.tables.history, self.tables.current_rtree, self.tables.current_words
        before: dict[str, Any] = {}
        if rtree is not None or index is not None:
            newest = (history.name, "newest")
            highest = sa.func.coalesce(sa.func.max(history.c.row_id), 0)
            before = {"before": compiled.select(self.connection, newest, lambda: sa.select(highest), {})[0][0]}
        closed = {} if revision is None else {"closed": revision}
        closing = revision is not None
        self._run(("move", closing), lambda: self._moved(closing=closing), self._keys(keys) | closed)
        if rtree is not None and self.tables.history_rtree is not None:
            past = self.tables.history_rtree
            self._run("move boxes", lambda: _followed(past, history, rtree, rtree.c.id), before)
        if index is not None and self.tables.history_words is not None:
            words = self.tables.history_words
            self._run("move words", lambda: _followed(words, history, index, index.c.row_id), before)
        self.delete(keys)

    def _moved(self, *, closing: bool) -> sa.Insert:
        current = self.tables.current
        columns = self._columns(current)[1:]
        closed = sa.bindparam("closed", type_=sa.BigInteger())
        values = [closed if closing and one.name == "tx_to" else one for one in columns]
        chosen = compiled.among(current.c.row_id, self.dialect)
        return _insert_from(self.tables.history, columns, sa.select(*values).where(chosen).order_by(current.c.row_id))

    def delete(self, keys: Sequence[int]) -> None:
        """Delete rows of the current table: those that were moved, or staged by a load that was given up."""
        if not keys:
            return
        current, rtree, index = self.tables.current, self.tables.current_rtree, self.tables.current_words
        columns = [] if rtree is None else [rtree.c.id]
        columns += [] if index is None else [index.c.row_id]
        for column in (*columns, current.c.row_id):
            self._run(("delete", column.table.name), partial(self._deletion, column), self._keys(keys))

    def _deletion(self, column: sa.Column[Any]) -> sa.Delete:
        return sa.delete(column.table).where(compiled.among(column, self.dialect))

    def extent(self, keys: Sequence[int]) -> Box | None:
        """A box around rows of the current table; on SQLite as wide as the R*Tree's, which rounds outwards."""
        if not keys or self.tables.layer.geometry is None:
            return None
        rtree, table = self.tables.current_rtree, self.tables.current
        if rtree is not None:
            query = sa.select(
                sa.func.min(rtree.c.minx),
                sa.func.min(rtree.c.miny),
                sa.func.max(rtree.c.maxx),
                sa.func.max(rtree.c.maxy),
            ).where(among(rtree.c.id, keys, self.dialect))
        else:
            shape = sa.type_coerce(table.c.geom, sa.Text())
            query = sa.select(
                sa.func.min(sa.func.ST_XMin(shape)),
                sa.func.min(sa.func.ST_YMin(shape)),
                sa.func.max(sa.func.ST_XMax(shape)),
                sa.func.max(sa.func.ST_YMax(shape)),
            ).where(among(table.c.row_id, keys, self.dialect))
        sides = self.connection.execute(query).one()
        return None if sides[0] is None else Box(*sides)

    def _columns(self, table: sa.Table) -> list[sa.ColumnElement[Any]]:
        """All columns that are written, the key first."""
        written = [one for one in table.columns if one.name != COMPUTED]
        return [*written, *(sa.column(name, _selectable=table) for name in self._hidden)]


def _copied(index: sa.Table, key: sa.ColumnElement[Any]) -> sa.Insert:
    """The entry of `old_row` once more, under `new_row`."""
    rest = [one for one in index.columns if one is not key]
    new, old = (sa.bindparam(name, type_=sa.BigInteger()) for name in ("new_row", "old_row"))
    return sa.insert(index).from_select([key, *rest], sa.select(new, *rest).where(key == old))


def _followed(past: sa.Table, history: sa.Table, index: sa.Table, key: sa.ColumnElement[Any]) -> sa.Insert:
    """The entries of the rows that were moved since the history's row `before`: a current row's key is made of fid and
    version, which the history row has."""
    rest = [one for one in index.columns if one is not key]
    moved = history.c.fid * VERSIONS + history.c.version % VERSIONS
    since = history.c.row_id > sa.bindparam("before", type_=sa.BigInteger())
    query = sa.select(history.c.row_id, *rest).where(since, key == moved)
    return sa.insert(past).from_select([past.c[str(one.key)] for one in (key, *rest)], query)


def _insert_from(table: sa.Table, columns: Sequence[sa.ColumnElement[Any]], query: sa.Select[Any]) -> sa.Insert:
    """INSERT ... SELECT of columns of which the table's definition may lack the hidden ones."""
    names = [str(one.key) for one in columns]
    return sa.insert(sa.table(table.name, *map(sa.column, names))).from_select(names, query)
