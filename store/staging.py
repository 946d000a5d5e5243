"""Staging a bulk load: rows that no reader sees yet, in small commits under a revision that is still to come.

Rows carry `tx_from` of the load's revision, and what they replace carries it as `tx_to`; readers are bound to the
published revision. Days, boxes and counts are added up meanwhile, so that publishing is short.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from config.errors import BodyError, ConflictError, Fault
from store import bulk, changes, slices
from store.boundaries import Tally
from store.changes import Held, union
from store.criteria import END_OF_TIME, OPEN_REVISION, Box, LoadMode
from store.engine import Database
from store.pace import Pace
from store.prepare import LISTED, Prepared
from store.rows import Reentry, Rows, Stored, next_version, tail
from store.tables import VERSIONS, row_id


@dataclass(frozen=True, slots=True)
class Claim:
    """A layer taken for one load: `revision` is the one that its rows will be published under."""

    layer: str
    revision: int
    owner: str
    mode: LoadMode
    valid_from: date
    author: str


@dataclass(slots=True)
class Totals:
    """What the load has done so far."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    before: Box | None = None
    after: Box | None = None
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Features to stage in one commit, with the days given for them (`ends` None: none was) and their texts."""

    content: Prepared
    starts: Sequence[date]
    ends: Sequence[date | None]
    texts: list[str]


@dataclass(slots=True)
class Plan:
    """What a chunk does to rows: which of its features are written, and as what."""

    written: list[int] = field(default_factory=list)
    fids: list[int] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    days: list[tuple[date, date]] = field(default_factory=list)
    closed: list[Stored] = field(default_factory=list)
    reentries: list[Reentry] = field(default_factory=list)
    touched: list[int] = field(default_factory=list)
    added: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    def write(self, index: int, fid: int, version: int, days: tuple[date, date]) -> None:
        self.written.append(index)
        self.fids.append(fid)
        self.versions.append(version)
        self.days.append(days)


class Staging:
    """The rows of one load. Not thread-safe."""

    def __init__(self, database: Database, claim: Claim) -> None:
        self.database = database
        self.claim = claim
        self.tables = database.tables[claim.layer]
        self.totals = Totals()
        self.pace = Pace()
        # One byte per feature that was there before: 1 where this load spoke of it.
        self._seen = bytearray()

    def stage(self, content: Prepared, starts: Sequence[date], ends: Sequence[date | None]) -> None:
        """Stage features, in as many commits as keep each short.

        Raises:
            BodyError: ids that exist (APPEND) or come twice. ConflictError: the claim is lost.
        """
        _refuse_repeats(content.ids)
        done = 0
        while done < len(content):
            upto = done + self.pace.rows
            part = content.part(done, upto)
            days = starts[done:upto], ends[done:upto]
            texts = part.texts([(start, end or END_OF_TIME) for start, end in zip(*days, strict=True)])
            self._commit(Chunk(part, *days, texts))
            done += len(part)

    def _commit(self, chunk: Chunk) -> None:
        with self.database.guard(), self.pace.timed(), self.database.staging.begin() as connection:
            held = self.hold(connection)
            rows = Rows(connection, self.tables, held.hidden)
            plan = self._plan(rows, held, chunk)
            if plan.faults:
                raise BodyError(f"{len(plan.faults)} ids cannot be loaded", *plan.faults)
            before = self._replace(rows, plan.closed, plan.reentries)
            self._insert(connection, chunk, plan)
            fresh = sum(1 for fid in plan.fids if fid >= held.next_fid)
            self._beat(connection, held.next_fid + fresh)
        self._count(chunk, plan, before)

    def hold(self, connection: sa.Connection) -> Held:
        """The locked state of the layer, if it is still this load's.

        Raises:
            ConflictError: the load was taken for dead, and what it staged is gone.
        """
        held = changes.hold(connection, self.database, [self.claim.layer])[self.claim.layer]
        if held.load_owner != self.claim.owner:
            raise ConflictError(
                f"The load of layer '{self.claim.layer}' was silent for too long and was given up: start again"
            )
        if not self.database.sqlite:
            # Publishing waits for the disk, and so for all that was written before.
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        return held

    def _beat(self, connection: sa.Connection, next_fid: int) -> None:
        state = self.database.tables.node.layers
        values = {"next_fid": next_fid, "load_seen": self.database.now()}
        connection.execute(sa.update(state).where(state.c.layer == self.claim.layer).values(values))

    def _plan(self, rows: Rows, held: Held, chunk: Chunk) -> Plan:
        plan = Plan()
        current, past = rows.stored(chunk.content.ids), rows.past(chunk.content.ids)
        if not current and not past:
            count = len(chunk.content)
            plan.written = list(range(count))
            plan.fids = list(range(held.next_fid, held.next_fid + count))
            plan.versions = [1] * count
            plan.days = [(start, end or END_OF_TIME) for start, end in zip(chunk.starts, chunk.ends, strict=True)]
            plan.added = count
            return plan
        next_fid = held.next_fid
        for index, id in enumerate(chunk.content.ids):
            if id in current or id in past:
                self._plan_known(plan, chunk, index, current.get(id, []), past.get(id))
            else:
                plan.write(index, next_fid, 1, (chunk.starts[index], chunk.ends[index] or END_OF_TIME))
                plan.added += 1
                next_fid += 1
        return plan

    def _plan_known(
        self, plan: Plan, chunk: Chunk, index: int, rows: Sequence[Stored], past: tuple[int, int] | None
    ) -> None:
        """One feature that the store knows: unchanged, changed, or brought back by a later delivery."""
        id, mode = chunk.content.ids[index], self.claim.mode
        fid = rows[0].fid if rows else past[0] if past else 0
        if any(one.tx_from == self.claim.revision for one in rows) or self._is_seen(fid):
            plan.faults.append(Fault(id, "comes more than once in this load", "make the ids unique"))
            return
        if mode is LoadMode.APPEND:
            plan.faults.append(Fault(id, "exists already", "load with mode upsert or replace to supersede it"))
            return
        plan.touched.append(fid)
        stored = {one.version: one for one in rows if one.tx_to == OPEN_REVISION}
        states = [one.slice for one in stored.values()]
        start = chunk.starts[index]
        end = chunk.ends[index] or slices.end_of(states, start)
        cut = slices.supersede(states, start, end, chunk.content.digests[index])
        if cut.empty:
            plan.unchanged += 1
            return
        highest = max([past[1] if past else 0, *(one.version for one in rows)])
        taken = {one.version % VERSIONS for one in rows}
        for remnant in cut.remnants:
            highest = next_version(highest, taken)
            plan.reentries.append(Reentry(stored[remnant.version], highest, remnant.valid_from, remnant.valid_to))
        plan.closed += [stored[version] for version in cut.closed]
        plan.write(index, fid, next_version(highest, taken), (start, end))
        plan.added += not any(one.valid_to > start for one in states)

    def _replace(self, rows: Rows, closed: Sequence[Stored], reentries: Sequence[Reentry]) -> Box | None:
        """Close rows as of this load, and re-enter what remains of them; returns the box of what was closed."""
        keys = [one.row_id for one in closed]
        before = rows.extent(keys)
        rows.reenter(reentries, self.claim.revision, self.claim.author)
        rows.close(keys, self.claim.revision)
        return before

    def _insert(self, connection: sa.Connection, chunk: Chunk, plan: Plan) -> None:
        count = len(plan.written)
        if not count:
            return
        content = chunk.content if count == len(chunk.content) else chunk.content.pick(plan.written)
        texts = [chunk.texts[index] for index in plan.written]
        for index, (position, (start, end)) in enumerate(zip(plan.written, plan.days, strict=True)):
            assumed = chunk.ends[position] or END_OF_TIME
            if end != assumed:
                texts[index] = texts[index][: -len(tail(start, assumed))] + tail(start, end)
        columns: dict[str, Sequence[Any]] = {
            "row_id": [row_id(fid, version) for fid, version in zip(plan.fids, plan.versions, strict=True)],
            "fid": plan.fids,
            "id": content.ids,
            "version": plan.versions,
            "valid_from": [start for start, _ in plan.days],
            "valid_to": [end for _, end in plan.days],
            "tx_from": [self.claim.revision] * count,
            "tx_to": [OPEN_REVISION] * count,
            "digest": content.digests,
            "author": [self.claim.author] * count,
            "json": texts,
            **content.columns,
        }
        bulk.insert(connection, self.tables, columns, content.geometries, content.wkb)

    def _count(self, chunk: Chunk, plan: Plan, before: Box | None) -> None:
        """After the commit: what it did is added up."""
        totals = self.totals
        for fid in plan.touched:
            self._see(fid)
        for (start, end), number in Counter(plan.days).items():
            totals.tally.add(start, end, number)
        self._count_replaced(plan.closed, plan.reentries)
        totals.added += plan.added
        totals.changed += len(plan.written) - plan.added
        totals.unchanged += plan.unchanged
        totals.before = union(totals.before, before)
        totals.after = union(totals.after, around(chunk.content.bounds[plan.written]))

    def _count_replaced(self, closed: Sequence[Stored], reentries: Sequence[Reentry]) -> None:
        for one in closed:
            self.totals.tally.add(one.valid_from, one.valid_to, -1)
        for remnant in reentries:
            self.totals.tally.add(remnant.valid_from, remnant.valid_to)

    def end_others(self) -> None:
        """End, from the load's day on, the state of each feature that the load did not speak of.

        Raises:
            ConflictError: the claim is lost.
        """
        last: int | None = -1
        while last is not None:
            last = self._end_some(last)

    def _end_some(self, after: int) -> int | None:
        """The same for the next rows; the last key looked at, None at the end."""
        table, day = self.tables.current, self.claim.valid_from
        with self.database.guard(), self.pace.timed(), self.database.staging.begin() as connection:
            held = self.hold(connection)
            rows = Rows(connection, self.tables, held.hidden)
            found = rows.select(
                sa.and_(
                    table.c.row_id > after,
                    table.c.tx_to == OPEN_REVISION,
                    table.c.tx_from < self.claim.revision,
                    table.c.valid_from <= day,
                    table.c.valid_to > day,
                ),
                self.pace.rows,
            )
            closed = [one for one in found if not self._is_seen(one.fid)]
            used = rows.versions([one.fid for one in closed])
            reentries = []
            for one in closed:
                highest, taken = used[one.fid]
                for remnant in slices.retire([one.slice], day).remnants:
                    version = next_version(highest, taken)
                    reentries.append(Reentry(one, version, remnant.valid_from, remnant.valid_to))
            before = self._replace(rows, closed, reentries)
            self._beat(connection, held.next_fid)
        self._count_replaced(closed, reentries)
        self.totals.removed += len(closed)
        self.totals.before = union(self.totals.before, before)
        return found[-1].row_id if found else None

    def _see(self, fid: int) -> None:
        if fid >= len(self._seen):
            self._seen.extend(bytes(max(fid + 1, 2 * len(self._seen)) - len(self._seen)))
        self._seen[fid] = 1

    def _is_seen(self, fid: int) -> bool:
        return fid < len(self._seen) and bool(self._seen[fid])


def around(bounds: NDArray[np.float64]) -> Box | None:
    """The box around boxes (n, 4); NaN is no box."""
    there = bounds[~np.isnan(bounds[:, 0])]
    if not len(there):
        return None
    return Box(*there[:, :2].min(axis=0).tolist(), *there[:, 2:].max(axis=0).tolist())


def _refuse_repeats(ids: Sequence[str]) -> None:
    repeated = [id for id, number in Counter(ids).items() if number > 1] if len(set(ids)) < len(ids) else []
    if repeated:
        faults = [Fault(id, "comes more than once in this load", "make the ids unique") for id in repeated[:LISTED]]
        raise BodyError(f"{len(repeated)} ids come more than once", *faults)
