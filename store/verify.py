"""Whether a store agrees with itself: rows, R*Trees, digests, revisions, counts, boundaries and change log.

It reads every row: minutes for millions. A server does not need it; operators and tests run it after a crash.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from store import content, render, search, search_index
from store.criteria import END_OF_TIME, OPEN_REVISION
from store.engine import Database
from store.tables import LayerTables, row_id

BATCH = 5000
FAULTS = 20
"""How many faults of one layer are listed."""


def verify(database: Database, layers: Iterable[str] | None = None) -> list[str]:
    """What does not agree, one sentence each; empty for a sound store. All as of one moment."""
    with database.snapshot() as connection:
        found = []
        if database.sqlite:
            found += [
                f"SQLite: {row[0]}" for row in connection.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"
            ]
        for layer in database.layers if layers is None else layers:
            faults = _Layer(connection, database, layer).faults()
            found += [f"{layer}: {fault}" for _, fault in zip(range(FAULTS), faults, strict=False)]
        return found


class _Layer:
    """One layer under check."""

    def __init__(self, connection: sa.Connection, database: Database, layer: str) -> None:
        self.connection = connection
        self.database = database
        self.tables: LayerTables = database.tables[layer]
        node = database.tables.node
        self.state: Any = connection.execute(sa.select(node.layers).where(node.layers.c.layer == layer)).one_or_none()
        self.days: Counter[tuple[date, int]] = Counter()
        self.open: dict[int, list[tuple[date, date, int]]] = {}
        self.ids: dict[str, int] = {}
        self.revisions: set[int] = set()
        self.worded = Counter[str]()
        self.bounds: list[np.ndarray[Any, Any]] = []

    def faults(self) -> Iterator[str]:
        if self.state is None:
            yield "has no state row: run `duogui migrate`"
            return
        loading = self.state.load_owner is not None
        for table in (self.tables.current, self.tables.history):
            yield from self._rows(table, loading)
        yield from self._rtree(self.tables.current, self.tables.current_rtree)
        yield from self._rtree(self.tables.history, self.tables.history_rtree)
        for table in (self.tables.current, self.tables.history):
            yield from self._word_entries(table)
        yield from self._slices()
        yield from self._log()
        yield from self._standing()
        yield from self._extent()

    def _rows(self, table: sa.Table, loading: bool) -> Iterator[str]:
        columns = [one for one in table.columns if one.name != "geom_3857"]
        last = -1
        while True:
            query = sa.select(*columns).where(table.c.row_id > last).order_by(table.c.row_id).limit(BATCH)
            rows = [row._mapping for row in self.connection.execute(query)]
            if not rows:
                return
            last = rows[-1]["row_id"]
            yield from self._contents(rows)
            yield from self._words(table, rows)
            for row in rows:
                yield from self._row(table, row, loading)

    def _contents(self, rows: list[Any]) -> Iterator[str]:
        """Digests and texts are those of the columns."""
        layer = self.tables.layer
        wkb = np.full(len(rows), None, dtype=object)
        if layer.geometry is not None:
            wkb[:] = [row["geom"] for row in rows]
        columns = {one.name: [row[one.name] for row in rows] for one in layer.attributes}
        shapes = shapely.from_wkb(wkb)
        self.bounds.append(shapely.bounds(shapes)[[self._is_open(row) for row in rows]])
        ids = [row["id"] for row in rows]
        texts = render.features(layer, ids, shapes, columns, [(row["valid_from"], row["valid_to"]) for row in rows])
        digests = content.digests(wkb.tolist(), list(columns), list(columns.values()))
        for row, text, digest in zip(rows, texts, digests, strict=True):
            if row["json"] != text:
                yield f"feature {row['id']} version {row['version']}: its text is not that of its columns"
            if bytes(row["digest"]) != digest and not self._has_hidden():
                yield f"feature {row['id']} version {row['version']}: its digest is not that of its columns"

    def _has_hidden(self) -> bool:
        """Digests of rows with hidden attributes count values that the layer file no longer names."""
        return '"hidden":[]' not in self.state.definition

    def _is_open(self, row: Any) -> bool:
        return bool(row["tx_from"] <= self.state.revision < row["tx_to"])

    def _row(self, table: sa.Table, row: Any, loading: bool) -> Iterator[str]:
        name = f"feature {row['id']} version {row['version']}"
        revision, current = self.state.revision, table is self.tables.current
        if current and row["row_id"] != row_id(row["fid"], row["version"]):
            yield f"{name}: its key does not fit"
        if row["valid_from"] >= row["valid_to"] or row["tx_from"] >= row["tx_to"]:
            yield f"{name}: holds on no day or in no revision"
        if self.ids.setdefault(row["id"], row["fid"]) != row["fid"]:
            yield f"{name}: its id belongs to two features"
        if row["fid"] >= self.state.next_fid:
            yield f"{name}: its number {row['fid']} is not given out yet"
        staged = row["tx_from"] > revision or revision < row["tx_to"] < OPEN_REVISION
        if staged and not loading:
            yield f"{name}: was left by a load that is not under way"
        if not current and row["tx_to"] > revision:
            yield f"{name}: lies in the history and is not replaced"
        if not staged:
            self.revisions.add(row["tx_from"])
        if self._is_open(row):
            start, end = row["valid_from"], row["valid_to"]
            self.open.setdefault(row["fid"], []).append((start, end, row["version"]))
            self.days[start, 0] += 1
            if end < END_OF_TIME:
                self.days[end, 1] += 1

    def _rtree(self, table: sa.Table, rtree: sa.Table | None) -> Iterator[str]:
        if rtree is None:
            return
        query = sa.select(table.c.geom, *list(rtree.columns)[1:]).join_from(table, rtree, table.c.row_id == rtree.c.id)
        joined = wrong = 0
        for rows in self.connection.execute(query).partitions(BATCH):
            bounds = shapely.bounds(shapely.from_wkb(np.array([row[0] for row in rows], dtype=object)))
            boxes = np.array([row[1:] for row in rows])[:, [0, 2, 1, 3]]
            outside = (boxes[:, :2] > bounds[:, :2]).any(axis=1) | (boxes[:, 2:] < bounds[:, 2:]).any(axis=1)
            joined, wrong = joined + len(rows), wrong + int(outside.sum())
        count = self.connection.execute(sa.select(sa.func.count()).select_from(rtree)).scalar_one()
        shaped = self.connection.execute(
            sa.select(sa.func.count()).select_from(table).where(table.c.geom.is_not(None))
        ).scalar_one()
        if not count == joined == shaped:
            yield f"{rtree.name} has {count} entries, {joined} of them of the {shaped} rows with geometry"
        if wrong:
            yield f"{rtree.name}: {wrong} boxes do not enclose their geometry"

    def _words(self, table: sa.Table, rows: list[Any]) -> Iterator[str]:
        """Entries in the index of words are those of the texts."""
        index = self.tables.words(table)
        if index is None:
            return
        keys = [row["row_id"] for row in rows]
        query = sa.select(index.c.row_id, sa.cast(index.c.words, sa.Text)).where(
            index.c.row_id >= keys[0], index.c.row_id <= keys[-1]
        )
        stored = {key: self._plain(entry) for key, entry in self.connection.execute(query)}
        for row in rows:
            document = search.document([row[name] for name in self.tables.searched])
            entry = " ".join(document) if self.database.sqlite else search_index.vector(document)
            if stored.get(row["row_id"], self._plain("")) != self._plain(entry):
                yield f"feature {row['id']} version {row['version']}: its indexed words are not those of its texts"
            self.worded[str(table.name)] += bool(document)

    def _plain(self, entry: str) -> frozenset[str]:
        """PostgreSQL orders the words of an entry in its own way, FTS5 leaves them as they are."""
        return frozenset([entry] if self.database.sqlite else entry.split(" "))

    def _word_entries(self, table: sa.Table) -> Iterator[str]:
        """No entry is without its row."""
        index = self.tables.words(table)
        if index is None:
            return
        count = self.connection.execute(sa.select(sa.func.count()).select_from(index)).scalar_one()
        wanted = self.worded[str(table.name)]
        if count != wanted:
            yield f"{index.name} has {count} entries, {wanted} rows have words"

    def _slices(self) -> Iterator[str]:
        for fid, states in self.open.items():
            for (_, end, version), (start, _, other) in pairwise(sorted(states)):
                if start < end:
                    yield f"feature number {fid}: versions {version} and {other} hold on the same day"

    def _log(self) -> Iterator[str]:
        node, layer = self.database.tables.node, self.tables.layer.id
        log = self.connection.execute(
            sa.select(node.changes.c.sequence, node.changes.c.revision)
            .where(node.changes.c.layer == layer)
            .order_by(node.changes.c.sequence)
        ).all()
        if [row.sequence for row in log] != list(range(1, self.state.sequence + 1)):
            yield f"its change log has gaps or does not end at {self.state.sequence}"
        known = set(
            self.connection.execute(
                sa.select(node.transactions.c.revision).where(node.transactions.c.layer == layer)
            ).scalars()
        )
        if known != {row.revision for row in log} or not self.revisions <= known:
            yield "transactions, change log and rows name different revisions"
        if max(known, default=0) != self.state.revision:
            yield f"its revision is {self.state.revision}, its last transaction {max(known, default=0)}"
        query = sa.select(sa.func.count()).select_from(node.outbox).where(node.outbox.c.layer == layer)
        if self.connection.execute(query).scalar_one() > self.state.sequence:
            yield "its outbox has more events than its change log"

    def _standing(self) -> Iterator[str]:
        table = self.database.tables.node.boundaries
        query = sa.select(table.c.day, table.c.begins, table.c.ends).where(table.c.layer == self.tables.layer.id)
        stored = Counter[tuple[date, int]]()
        for day, begins, ends in self.connection.execute(query):
            stored[day, 0] += begins
            stored[day, 1] += ends
        if +stored != +self.days:
            yield "its boundaries are not the days on which its states begin and end"
        day = self.state.as_of
        count = sum(1 for states in self.open.values() for start, end, _ in states if start <= day < end)
        if count != self.state.count:
            yield f"its count is {self.state.count}, of its states {count} are valid on {day}"

    def _extent(self) -> Iterator[str]:
        bounds = np.concatenate(self.bounds) if self.bounds else np.empty((0, 4))
        bounds = bounds[~np.isnan(bounds[:, 0])]
        stored = [self.state.west, self.state.south, self.state.east, self.state.north]
        if not len(bounds):
            return
        outer = [*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist()]
        if (
            stored[0] is None
            or stored[0] > outer[0]
            or stored[1] > outer[1]
            or stored[2] < outer[2]
            or stored[3] < outer[3]
        ):
            yield f"its extent {stored} does not enclose its states {outer}"
