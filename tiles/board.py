"""What is known of the layers' changes, so that a kept tile can be asked whether it still holds.

A tile is kept with a mark for each of its layers: how far the layer's change log had come before its rows were read.
It holds while no later entry of the log touches it, old geometry or new; nothing is done to the tiles when a feature
changes, so an edit costs the same whether ten tiles are kept or a million. A bulk load moves the layer's generation,
and a validity that begins or ends at midnight its day: both end every tile of the layer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Lock
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from store.criteria import Box
from store.engine import Database
from store.plans import Plans

MOST = 50_000
"""Changes of one layer that are remembered; a tile kept before the oldest is made again."""

_SIDES = ("west", "south", "east", "north")


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one layer was known when a tile was made. `stamp` is the time of the log's entry `sequence`, which tells
    a store from another that was put in its place; `day` is None for a tile of a given day, which no midnight ends."""

    layer: str
    generation: int
    sequence: int
    stamp: str
    day: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One layer as last seen. `turned` is the last day on which a validity began or ended by itself.

    The log holds the entries after `first`: their numbers, and the boxes (west, south, east, north) that they touched.
    """

    generation: int
    sequence: int
    stamp: str
    turned: date
    extent: Box | None
    first: int
    numbers: NDArray[np.int64]
    boxes: NDArray[np.float64]

    def touched(self, since: int, box: Box) -> bool:
        """Whether an entry after `since` touches a box, or may: the log does not reach back so far."""
        if since >= self.sequence:
            return since > self.sequence
        if since < self.first:
            return True
        later = self.boxes[np.searchsorted(self.numbers, since, side="right") :]
        meets = (later[:, 0] <= box.east) & (later[:, 2] >= box.west)
        meets &= (later[:, 1] <= box.north) & (later[:, 3] >= box.south)
        return bool(meets.any())

    def holds(self, mark: Mark, box: Box) -> bool:
        """Whether what was read at a mark is still so in a box."""
        if mark.generation != self.generation or (mark.day is not None and mark.day < self.turned):
            return False
        if mark.sequence == self.sequence and mark.stamp != self.stamp:
            return False
        return not self.touched(mark.sequence, box)


_NO_NUMBERS: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
_NO_BOXES: NDArray[np.float64] = np.zeros((0, 4))


class Board:
    """The standings of all layers of a store, read anew when asked to. Thread-safe.

    `version` moves whenever something did; what was found to hold at one version needs no other look until the next.
    """

    def __init__(self, database: Database, plans: Plans) -> None:
        self._database = database
        self._plans = plans
        self._lock = Lock()
        self.version = 0
        self.day = database.today()
        self.standings: Mapping[str, Standing] = {}

    def refresh(self) -> None:
        """Look at the store once: one statement, and one for each layer that changed."""
        with self._lock:
            today = self._database.today()
            with self._plans.connection() as connection:
                turned = self._turned(connection, today)
                rows = self._run(connection, "board", _states(self._database), {})
                fresh = {row[0]: self._standing(connection, row, turned) for row in rows}
            changed = today != self.day or any(fresh[one] is not self.standings.get(one) for one in fresh)
            if changed or fresh.keys() != self.standings.keys():
                self.standings, self.day = fresh, today
                self.version += 1

    def marks(self, layers: Iterable[str], *, timeless: bool) -> tuple[Mark, ...]:
        """Where the layers stand now: for a tile whose rows are read after this."""
        day = None if timeless else self.day
        found = ((one, self.standings[one]) for one in layers)
        return tuple(Mark(one, known.generation, known.sequence, known.stamp, day) for one, known in found)

    def renewed(self, marks: Iterable[Mark], box: Box) -> tuple[Mark, ...] | None:
        """The marks brought up to now, where nothing that changed since touches a box; else None."""
        standings, day = self.standings, self.day
        made = []
        for mark in marks:
            known = standings.get(mark.layer)
            if known is None or not known.holds(mark, box):
                return None
            today = None if mark.day is None else day
            made.append(Mark(mark.layer, known.generation, known.sequence, known.stamp, today))
        return tuple(made)

    def reach_back(self, marks: Iterable[Mark]) -> bool:
        """Read the log as far back as the marks of a tile from an earlier run; whether it is the log they are of."""
        for mark in marks:
            known = self.standings.get(mark.layer)
            if known is None or mark.sequence > known.sequence or known.sequence - mark.sequence > MOST:
                return False
            if mark.sequence == known.sequence:
                continue
            with self._lock, self._plans.connection() as connection:
                values = {"layer": mark.layer, "after": mark.sequence - 1, "limit": 1}
                entry = self._run(connection, "board stamp", _log(self._database), values)
                stamp = _stamp(entry[0][1]) if entry and entry[0][0] == mark.sequence else ""
                if stamp != mark.stamp:
                    return False
                if mark.sequence < self.standings[mark.layer].first:
                    self._extend(connection, mark)
        return True

    def _extend(self, connection: Any, mark: Mark) -> None:
        known = self.standings[mark.layer]
        numbers, boxes = self._read(connection, mark.layer, mark.sequence)
        self.standings = {
            **self.standings,
            mark.layer: replace(known, first=mark.sequence, numbers=numbers, boxes=boxes),
        }

    def _turned(self, connection: Any, today: date) -> Mapping[str, date]:
        """The layers of which a validity began or ended since the day last seen; at first since ever."""
        if self.standings and today == self.day:
            return {}
        after = self.day if self.standings else date.min
        rows = self._run(connection, "board days", _boundaries(self._database), {"after": after, "today": today})
        return {layer: _day(last) for layer, last in rows}

    def _standing(self, connection: Any, row: tuple[Any, ...], turned: Mapping[str, date]) -> Standing:
        layer, generation, sequence, updated, *sides = row
        old = self.standings.get(layer)
        extent = None if sides[0] is None else Box(*sides)
        day = turned.get(layer, old.turned if old else date.min)
        stamp = _stamp(updated)
        if old and (old.generation, old.sequence, old.stamp, old.turned, old.extent) == (
            generation,
            sequence,
            stamp,
            day,
            extent,
        ):
            return old
        if old is None or old.generation != generation or sequence < old.sequence:
            return Standing(generation, sequence, stamp, day, extent, sequence, _NO_NUMBERS, _NO_BOXES)
        numbers, boxes, first = old.numbers, old.boxes, old.first
        if sequence - old.sequence > MOST:
            numbers, boxes, first = _NO_NUMBERS, _NO_BOXES, sequence
        elif sequence > old.sequence:
            more, touched = self._read(connection, layer, old.sequence)
            numbers, boxes = np.concatenate([numbers, more])[-MOST:], np.concatenate([boxes, touched])[-MOST:]
            if len(numbers) == MOST:
                first = max(first, int(numbers[0]))
        return Standing(generation, sequence, stamp, day, extent, first, numbers, boxes)

    def _read(self, connection: Any, layer: str, after: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The numbers and boxes of the log's entries after one: two boxes where a geometry moved."""
        rows = self._run(
            connection, "board log", _log(self._database), {"layer": layer, "after": after, "limit": MOST + 1}
        )
        found = [(row[0], sides) for row in rows for sides in (row[2:6], row[6:10]) if sides[0] is not None]
        if not found:
            return _NO_NUMBERS, _NO_BOXES
        return np.array([number for number, _ in found]), np.array([sides for _, sides in found], dtype=float)

    def _run(self, connection: Any, name: str, statement: sa.Select[Any], values: Mapping[str, Any]) -> list[Any]:
        plan = self._plans.named(name, lambda: statement)
        found: list[Any] = self._plans.execute(connection, plan, values).fetchall()
        return found


def _states(database: Database) -> sa.Select[Any]:
    table = database.tables.node.layers
    return sa.select(
        table.c.layer, table.c.generation, table.c.sequence, table.c.updated, *(table.c[side] for side in _SIDES)
    )


def _log(database: Database) -> sa.Select[Any]:
    table = database.tables.node.changes
    boxes = [table.c[f"{when}_{side}"] for when in ("before", "after") for side in _SIDES]
    return (
        sa.select(table.c.sequence, table.c.at, *boxes)
        .where(
            table.c.layer == sa.bindparam("layer", type_=sa.Text),
            table.c.sequence > sa.bindparam("after", type_=sa.BigInteger),
        )
        .order_by(table.c.sequence)
        .limit(sa.bindparam("limit", type_=sa.BigInteger))
    )


def _boundaries(database: Database) -> sa.Select[Any]:
    table = database.tables.node.boundaries
    return (
        sa.select(table.c.layer, sa.func.max(table.c.day))
        .where(table.c.day > sa.bindparam("after", type_=sa.Date), table.c.day <= sa.bindparam("today", type_=sa.Date))
        .group_by(table.c.layer)
    )


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _stamp(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value or "")
