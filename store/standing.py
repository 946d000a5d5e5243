"""A layer's state on a day that no write has computed it for."""

from dataclasses import replace
from datetime import date

from store import boundaries
from store.engine import Database
from store.interface import LayerState


def refreshed(database: Database, layer: str, state: LayerState, today: date) -> LayerState:
    """`state` with epoch, next boundary, count and span as of `today`. Its box encloses all open states and stays."""
    with database.read() as connection:
        standing = boundaries.standing(connection, database.tables.node.boundaries, layer, today)
    return replace(
        state,
        epoch="" if standing.epoch is None else standing.epoch.isoformat(),
        next_boundary=standing.next_boundary,
        count=standing.count,
        valid_from=standing.valid_from,
        valid_to=standing.valid_to,
    )
