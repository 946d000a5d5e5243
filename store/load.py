"""Bulk loads: claim a layer, stage rows unseen, publish them all in one short transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import sqlalchemy as sa

from config.errors import BodyError, ConflictError, NotFoundError, UnavailableError
from store import changes, content, extent, lease, statistics, sweep
from store.changes import Entry, Published, union
from store.criteria import END_OF_TIME, LoadMode, Operation
from store.engine import Database
from store.interface import Batch, LoadReport
from store.prepare import prepare
from store.staging import Claim, Staging

STEP = 2**20
"""A load takes the next multiple of this as its revision: so many edits may be published while it stages."""

DAYS = ("valid_from", "valid_to")


class BulkLoad:
    """See `store.interface.Load`. Columns `valid_from` and `valid_to` of a batch (days) override the load's day."""

    def __init__(self, database: Database, claim: Claim) -> None:
        self._database = database
        self._claim = claim
        self._staging = Staging(database, claim)
        self._ended = False

    def append(self, batch: Batch) -> None:
        """Stage rows in small commits.

        Raises:
            BodyError: rows that do not fit the layer, ids that exist (APPEND) or come twice.
            ConflictError: the load was given up meanwhile.
        """
        self._check_open()
        layer = self._database.layers[self._claim.layer]
        attributes = {name: column for name, column in batch.columns.items() if name not in DAYS}
        ready = prepare(layer, batch.id.tolist(), batch.wkb, attributes)
        starts = [day or self._claim.valid_from for day in _days(batch.columns, "valid_from", len(batch))]
        ends = _days(batch.columns, "valid_to", len(batch))
        late = [id for id, start, end in zip(ready.ids, starts, ends, strict=True) if end is not None and end <= start]
        if late:
            raise BodyError(f"valid_to is not after valid_from: {', '.join(late[:20])}")
        self._staging.stage(ready, starts, ends)

    def publish(self) -> LoadReport:
        """Make all of it visible at once; afterwards what it replaced moves to history, in small commits.

        Raises:
            ConflictError: the load was given up meanwhile; nothing is published.
        """
        self._check_open()
        claim, staging = self._claim, self._staging
        if claim.mode is LoadMode.REPLACE:
            staging.end_others()
        statistics.renew(self._database, claim.layer)
        with self._database.guard(), self._database.writer.begin() as connection:
            revision = self._publish(connection)
        self._ended = True
        totals = staging.totals
        sweep.to_history(self._database, claim.layer)
        if totals.before is not None:
            extent.tighten(self._database, claim.layer)
        return LoadReport(claim.layer, revision, totals.added, totals.changed, totals.removed, totals.unchanged)

    def _publish(self, connection: sa.Connection) -> int:
        claim, totals = self._claim, self._staging.totals
        held = self._staging.hold(connection)
        if not self._database.sqlite:
            connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
        state = self._database.tables.node.layers
        connection.execute(
            sa.update(state)
            .where(state.c.layer == claim.layer)
            .values(load_owner=None, load_revision=None, load_seen=None)
        )
        if not totals.added + totals.changed + totals.removed:
            return held.revision
        entry = Entry(Operation.LOAD, None, None, None, totals.before, totals.after)
        done = Published(
            revision=claim.revision,
            next_fid=held.next_fid,
            entries=[entry],
            tally=totals.tally,
            extent=union(held.extent, totals.after),
            author=claim.author,
            generation=held.generation + 1,
        )
        changes.publish(connection, self._database, held, done)
        return claim.revision

    def abandon(self) -> None:
        """Forget the staged rows. Nothing after `publish`."""
        if not self._ended:
            self._ended = True
            sweep.undo(self._database, self._claim.layer, self._claim.owner)

    def _check_open(self) -> None:
        if self._ended:
            raise ConflictError(f"The load of layer '{self._claim.layer}' has ended: begin another")


@contextmanager
def load(database: Database, layer: str, mode: LoadMode, valid_from: date, author: str) -> Iterator[BulkLoad]:
    """A bulk load, abandoned at the end unless it was published.

    APPEND refuses ids that the layer knows. UPSERT and REPLACE supersede the states that hold on a row's first day,
    until those would have ended: later states stay. They bring deleted features back under their old identity.
    REPLACE also ends the states that hold on `valid_from` of features that the load does not name.

    Raises:
        NotFoundError: no such layer. UnavailableError: another load of the layer is under way.
    """
    started = BulkLoad(database, _claim(database, layer, mode, valid_from, author))
    try:
        yield started
    finally:
        started.abandon()


def _claim(database: Database, layer: str, mode: LoadMode, valid_from: date, author: str) -> Claim:
    if layer not in database.layers:
        raise NotFoundError(f"The store holds no layer '{layer}'")
    sweep.sweep(database, layer)
    state = database.tables.node.layers
    with database.guard(), database.writer.begin() as connection:
        held = changes.hold(connection, database, [layer])[layer]
        if held.load_owner is not None:
            raise UnavailableError(f"A bulk load of layer '{layer}' is under way: try again when it is published")
        claim = Claim(layer, (held.revision // STEP + 1) * STEP, lease.owner(), mode, valid_from, author)
        values = {"load_owner": claim.owner, "load_revision": claim.revision, "load_seen": database.now()}
        connection.execute(sa.update(state).where(state.c.layer == layer).values(values))
    return claim


def _days(columns: Mapping[str, Any], name: str, count: int) -> Sequence[date | None]:
    if name not in columns:
        return [None] * count
    try:
        found = [content.day(one) for one in columns[name]]
    except ValueError as error:
        raise BodyError(f"Column '{name}': {error}") from error
    return [None if one == END_OF_TIME else one for one in found] if name == "valid_to" else found
