"""Tidying up in small commits: replaced states to the history table, what dead loads left behind out of the way.

Nothing here changes what a reader sees. It may be stopped at any point and run again.
"""

import sqlalchemy as sa

from store import changes
from store.criteria import OPEN_REVISION
from store.engine import Database
from store.pace import Pace
from store.rows import REPLACED_BEFORE, Rows


def sweep(database: Database, layer: str) -> None:
    """Move replaced states of a layer to its history, and undo a load whose process died."""
    held = _peek(database, layer)
    if held.load_owner is not None and not held.loading(database.now()):
        undo(database, layer, held.load_owner)
    to_history(database, layer)


def sweep_all(database: Database) -> None:
    """`sweep` for every layer that needs it: looking costs a search by index per layer."""
    for layer in _untidy(database):
        sweep(database, layer)


def _untidy(database: Database) -> list[str]:
    """Layers with a load, or with replaced states that are not in the history yet."""
    state = database.tables.node.layers
    queries = [sa.select(state.c.layer).where(state.c.load_owner.is_not(None))]
    for layer, tables in database.tables.layers.items():
        left = sa.exists(sa.select(tables.current.c.row_id).where(tables.current.c.tx_to < REPLACED_BEFORE))
        queries.append(sa.select(sa.literal(layer, sa.Text()).label("layer")).where(left))
    with database.read() as connection:
        return sorted(set(connection.execute(sa.union_all(*queries)).scalars()))


def _peek(database: Database, layer: str) -> changes.Held:
    with database.guard(), database.staging.begin() as connection:
        return changes.hold(connection, database, [layer])[layer]


def to_history(database: Database, layer: str) -> None:
    """Move the states that a published load replaced."""
    table = database.tables[layer].current
    pace = Pace()
    moved = True
    while moved:
        with database.guard(), pace.timed(), database.staging.begin() as connection:
            held = changes.hold(connection, database, [layer])[layer]
            query = (
                sa.select(table.c.row_id)
                .where(table.c.tx_to <= held.revision, table.c.tx_to < REPLACED_BEFORE)
                .limit(pace.rows)
            )
            keys = list(connection.execute(query).scalars())
            moved = bool(keys)
            Rows(connection, database.tables[layer], held.hidden).move(keys)


def undo(database: Database, layer: str, owner: str) -> None:
    """Delete what a load staged, open again what it was to replace, and free the layer. Nothing if it is not its."""
    table, state = database.tables[layer].current, database.tables.node.layers
    pace = Pace()
    left = True
    while left:
        with database.guard(), pace.timed(), database.staging.begin() as connection:
            held = changes.hold(connection, database, [layer])[layer]
            if held.load_owner != owner:
                return
            rows = Rows(connection, database.tables[layer], held.hidden)
            staged = sa.select(table.c.row_id).where(table.c.tx_from > held.revision).limit(pace.rows)
            closed = (
                sa.select(table.c.row_id)
                .where(table.c.tx_to > held.revision, table.c.tx_to < REPLACED_BEFORE)
                .limit(pace.rows)
            )
            keys = list(connection.execute(staged).scalars())
            rows.delete(keys)
            reopened = [] if keys else list(connection.execute(closed).scalars())
            rows.close(reopened, OPEN_REVISION)
            left = bool(keys or reopened)
            if not left:
                connection.execute(
                    sa.update(state)
                    .where(state.c.layer == layer)
                    .values(load_owner=None, load_revision=None, load_seen=None)
                )
