"""A layer's state, packed by the database into one text, so that it can ride before a page in the same answer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa

from store.criteria import Box
from store.interface import LayerState
from store.tables import NodeTables

_FIELDS = (
    "as_of",
    "revision",
    "generation",
    "epoch",
    "next_boundary",
    "count",
    "west",
    "south",
    "east",
    "north",
    "updated",
    "valid_from",
    "valid_to",
)


@dataclass(frozen=True, slots=True)
class Packed:
    """A state and the day that it was computed for; from `next_boundary` on its count and box are of the past."""

    as_of: date
    state: LayerState

    def holds_on(self, day: date) -> bool:
        """Whether no validity begins or ends between `as_of` and `day`."""
        following = self.state.next_boundary
        return self.as_of <= day and (following is None or day < following)


def state_select(node: NodeTables, dialect: str) -> sa.Select[Any]:
    """One row with the packed state of the layer bound as `layer`; none where it has no state."""
    pack = sa.func.json_array if dialect == "sqlite" else sa.func.json_build_array
    table = node.layers
    packed = sa.cast(pack(*(table.c[name] for name in _FIELDS)), sa.Text)
    return sa.select(packed.label("state")).where(table.c.layer == sa.bindparam("layer", type_=sa.Text))


@lru_cache(maxsize=1024)
def unpack(text: str) -> Packed:
    """What `state_select` packed: the same text is the same state."""
    as_of, revision, generation, epoch, following, count, *sides, updated, first, last = orjson.loads(text)
    west, south, east, north = sides
    state = LayerState(
        revision=revision,
        generation=generation,
        epoch=epoch or "",
        next_boundary=_day(following),
        count=count,
        extent=None if west is None else Box(west, south, east, north),
        updated=None if updated is None else datetime.fromisoformat(updated).astimezone(UTC),
        valid_from=_day(first),
        valid_to=_day(last),
    )
    return Packed(date.fromisoformat(as_of), state)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
