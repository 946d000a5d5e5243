"""The days on which a layer's validity changes without a write, and what follows from them for a given day.

`node_boundaries` counts, per layer and day, the open states that begin and that end on it. Their running sum is the
number of states valid on each day, so neither a count nor the validity epoch ever needs the rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

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
    moved = [{"layer": layer, "day": day, "begins": begins, "ends": ends} for day, begins, ends in tally.moved()]
    if not moved:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(table)
    added = {name: table.c[name] + insert.excluded[name] for name in ("begins", "ends")}
    connection.execute(insert.on_conflict_do_update(index_elements=["layer", "day"], set_=added), moved)
    empty = sa.and_(table.c.begins == 0, table.c.ends == 0)
    connection.execute(sa.delete(table).where(table.c.layer == layer, empty))


def standing(connection: sa.Connection, table: sa.Table, layer: str, today: date) -> Standing:
    """Where the layer stands on `today`, from its boundaries alone."""
    day, begins, ends = table.c.day, table.c.begins, table.c.ends
    row = connection.execute(
        sa.select(
            sa.func.max(sa.case((day <= today, day))),
            sa.func.min(sa.case((day > today, day))),
            sa.func.sum(sa.case((day <= today, begins - ends), else_=0)),
            sa.func.min(sa.case((begins > 0, day))),
            sa.func.max(sa.case((ends > 0, day))),
            sa.func.sum(begins - ends),
        ).where(table.c.layer == layer)
    ).one()
    epoch, following, count, first, last, unending = row
    return Standing(epoch, following, int(count or 0), first, None if unending else last)
