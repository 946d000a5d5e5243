"""The days on which a layer's validity changes without a write, and what follows from them for a given day.

`node_boundaries` counts, per layer and day, the open states that begin and that end on it. Their running sum is the
number of states valid on each day, so neither a count nor the validity epoch ever needs the rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from store import compiled
from store.criteria import END_OF_TIME


@dataclass(slots=True)
class Tally:
    """How many states a transaction makes begin and end on each day; negative where it takes some back."""

    days: dict[date, list[int]] = field(default_factory=dict)

    def add(self, start: date, end: date, number: int = 1) -> None:
        """`number` more states valid over [start, end)."""
        self.days.setdefault(start, [0, 0])[0] += number
        if end < END_OF_TIME:
            self.days.setdefault(end, [0, 0])[1] += number

    def moved(self) -> Iterator[tuple[date, int, int]]:
        """The days whose counts differ from before: (day, more begin, more end)."""
        return ((day, begins, ends) for day, (begins, ends) in sorted(self.days.items()) if begins or ends)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a layer stands on a day. `epoch` is the latest boundary up to it, `next_boundary` the first after it;
    `count` the states valid on it; `valid_from` and `valid_to` the span of all open states (None: unbounded)."""

    epoch: date | None
    next_boundary: date | None
    count: int
    valid_from: date | None
    valid_to: date | None


def apply(connection: sa.Connection, table: sa.Table, layer: str, tally: Tally) -> None:
    """Bring the counts of a layer up to date, in the transaction that changes its states."""
    counts = list(tally.moved())
    moved = [{"layer": layer, "day": day, "begins": begins, "ends": ends} for day, begins, ends in counts]
    if not moved:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql

    def upsert() -> Any:
        insert = dialect.insert(table)
        added = {name: table.c[name] + insert.excluded[name] for name in ("begins", "ends")}
        return insert.on_conflict_do_update(index_elements=["layer", "day"], set_=added)

    compiled.run(connection, "boundaries", upsert, moved, list(moved[0]))
    if any(begins < 0 or ends < 0 for _, begins, ends in counts):  # only then a day can have lost all its states
        empty = sa.and_(table.c.begins == 0, table.c.ends == 0)
        compiled.run(connection, "no boundaries", lambda: sa.delete(table).where(_of(table), empty), [{"which": layer}])


def standing(connection: sa.Connection, table: sa.Table, layer: str, today: date) -> Standing:
    """Where the layer stands on `today`, from its boundaries alone."""
    ((epoch, following, count, first, last, unending),) = compiled.select(
        connection, "standing", lambda: _standing(table), {"which": layer, "today": today}
    )
    return Standing(epoch, following, int(count or 0), first, None if unending else last)


def _of(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.layer == sa.bindparam("which", type_=sa.Text())


def _standing(table: sa.Table) -> sa.Select[Any]:
    day, begins, ends = table.c.day, table.c.begins, table.c.ends
    today = sa.bindparam("today", type_=sa.Date())
    return sa.select(
        sa.func.max(sa.case((day <= today, day))),
        sa.func.min(sa.case((day > today, day))),
        sa.func.sum(sa.case((day <= today, begins - ends), else_=0)),
        sa.func.min(sa.case((begins > 0, day))),
        sa.func.max(sa.case((ends > 0, day))),
        sa.func.sum(begins - ends),
    ).where(_of(table))
