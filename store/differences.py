"""What differs between two moments of a layer: two days of validity, or the same day as known at two instants.

A row that holds at one of the moments only is a difference; one that holds at both is none, since the states of a
feature do not overlap. So a change is looked for among these rows, feature by feature, in the order of `fid`: memory
is bounded by a page. Two rows that tell the same are no change.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa

from config.layers import Layer
from store import paging, render
from store.criteria import Criteria, Cursor
from store.differences_select import Comparison, Mode
from store.engine import Database
from store.interface import LayerState
from store.plans import Plans
from store.select import Shape
from store.tables import VERSIONS
from store.values import VALIDITY

DENSE = 0.1
"""The part of a layer that may differ from which its rows are read in order."""

MOST_LOOK = 4_000
"""Features read at once."""


class Kind(StrEnum):
    """How a feature changed. What is both is of either kind for whoever asks for one."""

    ADDED = "added"
    REMOVED = "removed"
    GEOMETRY = "geometry"
    ATTRIBUTES = "attributes"
    BOTH = "geometry-and-attributes"


@dataclass(frozen=True, slots=True)
class Moment:
    """The states that hold on a day, as known at an instant (None: now)."""

    day: date
    known: datetime | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One feature that changed: its finished texts at both moments, and the attributes that differ, in order."""

    fid: int
    kind: Kind
    before: str | None
    after: str | None
    changed: tuple[str, ...] = ()


def wanted(kind: Kind, asked: frozenset[Kind]) -> bool:
    """Whether a change is of one of the kinds that are asked for (none: all)."""
    either = {Kind.GEOMETRY, Kind.ATTRIBUTES} if kind is Kind.BOTH else set()
    return not asked or kind in asked or bool(either & asked)


def compared(fid: int, before: str | None, after: str | None) -> Difference | None:
    """Two finished texts of a feature; None where they tell the same."""
    if before is None or after is None:
        return Difference(fid, Kind.ADDED if before is None else Kind.REMOVED, before, after)
    (_, old_shape, old_text), (_, new_shape, new_text) = render.parts(before), render.parts(after)
    old, new = orjson.loads(old_text), orjson.loads(new_text)
    changed = tuple(name for name in new if name not in VALIDITY and old.get(name) != new[name])
    if old_shape != new_shape:
        return Difference(fid, Kind.BOTH if changed else Kind.GEOMETRY, before, after, changed)
    return Difference(fid, Kind.ATTRIBUTES, before, after, changed) if changed else None


@dataclass(frozen=True, slots=True)
class Differences:
    """One page of changes in the order of `fid`, and where the next begins; `state` is the layer's of that moment."""

    changes: tuple[Difference, ...]
    cursor: Cursor | None
    state: LayerState


@dataclass(frozen=True, slots=True)
class Moments:
    """What is compared: `before` with `after`."""

    before: Moment
    after: Moment
    kinds: frozenset[Kind] = frozenset()

    @property
    def known(self) -> tuple[bool, bool]:
        return self.before.known is not None, self.after.known is not None

    @property
    def values(self) -> dict[str, Any]:
        bound: dict[str, Any] = {"before": self.before.day, "after": self.after.day}
        for name, moment in (("known_before", self.before), ("known_after", self.after)):
            if moment.known is not None:
                bound[name] = moment.known
        return bound


def digest(layer: str, criteria: Criteria, moments: Moments) -> str:
    """What a cursor of a comparison belongs to."""
    asked = (moments.before, moments.after, sorted(moments.kinds))
    return paging.query_digest(f"{layer} {asked!r}", criteria)


class Comparing:
    """One comparison on a connection that sees one moment. `shape` and `values` are the bound conditions."""

    def __init__(
        self, database: Database, plans: Plans, connection: Any, shape: Shape, values: Mapping[str, Any]
    ) -> None:
        self._database = database
        self._plans = plans
        self._connection = connection
        self._shape = shape
        self._values = values

    def page(self, layer: Layer, criteria: Criteria, moments: Moments, state: LayerState) -> Differences:
        """The next changes after the cursor of `criteria`, at most its limit.

        Raises:
            ParameterError: a cursor of another comparison.
        """
        belongs, last = digest(layer.id, criteria, moments), -1
        if criteria.cursor is not None:
            if criteria.cursor.digest != belongs or criteria.cursor.values:
                raise paging.refused()
            last = criteria.cursor.fid
        limit = criteria.limit or 10
        found: list[Difference] = []
        for one in self._changes(moments, state, last, limit + 1):
            if wanted(one.kind, moments.kinds):
                if len(found) == limit:
                    return Differences(tuple(found), Cursor((), found[-1].fid, belongs), state)
                found.append(one)
        return Differences(tuple(found), None, state)

    def _changes(self, moments: Moments, state: LayerState, last: int, look: int) -> Iterator[Difference]:
        """All changes after a feature, in order."""
        chosen = self._comparison(moments, state)
        values = {**self._values, **moments.values}
        while True:
            fids, whole = self._candidates(chosen, values, last, look)
            if fids:
                yield from self._read(chosen, values, fids)
                last = fids[-1]
            if whole:
                return
            look = min(look * 4, MOST_LOOK)

    def counts(self, moments: Moments, state: LayerState) -> dict[Kind, int]:
        """How many features changed, by kind."""
        chosen = self._comparison(moments, state)
        rows = self._run(chosen, "counts", chosen.counts, {**self._values, **moments.values})
        found = {Kind(name): number for name, number in rows}
        return {kind: found.get(kind, 0) for kind in Kind if wanted(kind, moments.kinds)}

    def _comparison(self, moments: Moments, state: LayerState) -> Comparison:
        tables = self._database.tables
        dense = not any(moments.known) and self._moved(moments) > DENSE * state.count
        mode = Mode(moments.known, dense, self._database.sqlite)
        return Comparison(tables[self._shape.layer], tables.node, self._shape, mode)

    def _moved(self, moments: Moments) -> int:
        """How many states begin or end between two days: at least as many as there are changes."""
        table = self._database.tables.node.boundaries
        query = sa.select(sa.func.coalesce(sa.func.sum(table.c.begins + table.c.ends), 0)).where(
            table.c.layer == sa.bindparam("layer", type_=sa.Text),
            table.c.day > sa.bindparam("before", type_=sa.Date),
            table.c.day <= sa.bindparam("after", type_=sa.Date),
        )
        plan = self._plans.named("moved", lambda: query)
        values = {"layer": self._shape.layer, **moments.values}
        return int(self._plans.execute(self._connection, plan, values).fetchone()[0])

    def _candidates(
        self, chosen: Comparison, values: Mapping[str, Any], last: int, look: int
    ) -> tuple[list[int], bool]:
        """The next features that may have changed, in order, and whether there are no more."""
        bound = {**values, "fid": last, "row": last * VERSIONS + VERSIONS - 1, "look": look}
        found: set[int] = set()
        reached: list[int] = []
        for number, table in enumerate(chosen.sources):
            rows = [
                row[0] for row in self._run(chosen, f"candidates {number}", partial(chosen.candidates, table), bound)
            ]
            found.update(rows)
            if len(rows) == look:
                reached.append(rows[-1])
        upto = min(reached, default=None)
        return sorted(fid for fid in found if upto is None or fid <= upto), upto is None

    def _read(self, chosen: Comparison, values: Mapping[str, Any], fids: list[int]) -> Iterator[Difference]:
        bound = {**values, "fids": orjson.dumps(fids).decode()}
        sides: dict[int, list[tuple[bytes, str] | None]] = {fid: [None, None] for fid in fids}
        for number, table in enumerate(chosen.sources):
            for fid, side, content, text in self._run(chosen, f"rows {number}", partial(chosen.rows, table), bound):
                if fid is not None:
                    sides[fid][side] = (bytes(content), text)
        for fid, (before, after) in sides.items():
            if before and after and before[0] == after[0]:
                continue
            change = compared(fid, before and before[1], after and after[1])
            if change is not None:
                yield change

    def _run(
        self, chosen: Comparison, name: str, make: Callable[[], sa.Select[Any]], values: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        plan = self._plans.named(("differences", name, self._shape, chosen.mode), make, prepare=False)
        rows: list[tuple[Any, ...]] = self._plans.execute(self._connection, plan, values).fetchall()
        return rows
