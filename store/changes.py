"""The change log, the outbox of events, and the state row of a layer: what every transaction on a layer ends with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from config.errors import NotFoundError, SchemaMismatchError
from store import boundaries, compiled, lease
from store.boundaries import Tally
from store.criteria import Box, Operation
from store.engine import Database
from store.evolution import Definition
from store.interface import Change

TOPIC = "layer.changed"
SIDES = ("west", "south", "east", "north")
LOCK_TIMEOUT = "10s"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the change log before it has its number. `before` and `after` are the boxes of what was replaced
    and of what replaces it: tiles of either are stale."""

    operation: Operation
    id: str | None
    fid: int | None
    version: int | None
    before: Box | None
    after: Box | None


@dataclass(frozen=True, slots=True)
class Held:
    """A layer's state row, locked by the transaction that read it."""

    layer: str
    revision: int
    generation: int
    next_fid: int
    sequence: int
    load_revision: int | None
    load_owner: str | None
    load_seen: datetime | None
    extent: Box | None
    updated: datetime | None
    hidden: tuple[str, ...]

    def instant(self, now: datetime) -> datetime:
        """When a transaction of now is said to be: the counter orders them, the clock must not contradict it."""
        return max(now, self.updated) if self.updated else now

    def loading(self, now: datetime) -> bool:
        """Whether a bulk load is under way."""
        return lease.alive(self.load_owner, self.load_seen, now)


@dataclass(frozen=True, slots=True)
class Published:
    """What a transaction did to one layer as a whole. `extent` encloses all its open states."""

    revision: int
    next_fid: int
    entries: Sequence[Entry]
    tally: Tally
    extent: Box | None
    author: str
    generation: int | None = None
    at: datetime | None = None


def hold(connection: sa.Connection, database: Database, layers: Iterable[str]) -> Mapping[str, Held]:
    """Lock the state rows of `layers`, in the order of their ids, until the transaction ends.

    Raises:
        NotFoundError: no such layer. SchemaMismatchError: defined, but the store has no tables for it yet.
    """
    wanted = sorted(set(layers))
    for layer in wanted:
        if layer not in database.layers:
            raise NotFoundError(f"The store holds no layer '{layer}'")
    table, dialect = database.tables.node.layers, connection.dialect.name

    def make() -> sa.Select[Any]:
        query = sa.select(table).where(compiled.among(table.c.layer, dialect)).order_by(table.c.layer)
        return query if database.sqlite else query.with_for_update()

    if not database.sqlite:
        compiled.run(connection, "lock timeout", lambda: sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"), [{}])
    names = [one.name for one in table.columns]
    found = compiled.select(connection, "hold", make, {"keys": compiled.listed(wanted, dialect)})
    rows = {one.layer: one for one in (_held(dict(zip(names, row, strict=True))) for row in found)}
    for layer in wanted:
        if layer not in rows:
            raise SchemaMismatchError(f"The store has no tables for layer '{layer}': run `duogui migrate`")
    return rows


def publish(connection: sa.Connection, database: Database, held: Held, done: Published) -> None:
    """Write transaction, change log, outbox, boundaries and state row of one layer."""
    node, today = database.tables.node, database.today()
    at = done.at or held.instant(database.now())
    said = {"layer": held.layer, "revision": done.revision, "at": at, "author": done.author}
    compiled.run(connection, "transaction", lambda: sa.insert(node.transactions), [said], list(said))
    _write_log(connection, database, held, done, at)
    boundaries.apply(connection, node.boundaries, held.layer, done.tally)
    stands = boundaries.standing(connection, node.boundaries, held.layer, today)
    state = {
        "revision": done.revision,
        "generation": held.generation if done.generation is None else done.generation,
        "next_fid": done.next_fid,
        "sequence": held.sequence + len(done.entries),
        "as_of": today,
        "epoch": stands.epoch,
        "next_boundary": stands.next_boundary,
        "count": stands.count,
        "valid_from": stands.valid_from,
        "valid_to": stands.valid_to,
        "updated": at,
        **_sides("", done.extent),
    }
    which = node.layers.c.layer == sa.bindparam("which", type_=sa.Text())
    rows = [{"which": held.layer, **state}]
    compiled.run(connection, "state", lambda: sa.update(node.layers).where(which), rows, list(state))


def _write_log(connection: sa.Connection, database: Database, held: Held, done: Published, at: datetime) -> None:
    """Change log and outbox, numbered on from the layer's last."""
    node = database.tables.node
    numbered = list(enumerate(done.entries, held.sequence + 1))
    if not numbered:
        return
    entries = [
        {
            "layer": held.layer,
            "sequence": sequence,
            "revision": done.revision,
            "operation": entry.operation.value,
            "id": entry.id,
            "fid": entry.fid,
            "version": entry.version,
            **_sides("before_", entry.before),
            **_sides("after_", entry.after),
            "at": at,
            "author": done.author,
        }
        for sequence, entry in numbered
    ]
    compiled.run(connection, "changes", lambda: sa.insert(node.changes), entries, list(entries[0]))
    events = [
        {
            "topic": TOPIC,
            "layer": held.layer,
            "revision": done.revision,
            "payload": _payload(held.layer, sequence, entry),
            "at": at,
        }
        for sequence, entry in numbered
    ]
    compiled.run(connection, "outbox", lambda: sa.insert(node.outbox), events, list(events[0]))


def changes(database: Database, layer: str, after: int = 0, limit: int = 1000) -> list[Change]:
    """The change log of a layer after a sequence number, in order, at most `limit` entries.

    Raises:
        NotFoundError: no such layer.
    """
    if layer not in database.layers:
        raise NotFoundError(f"The store holds no layer '{layer}'")
    table = database.tables.node.changes
    query = (
        sa.select(table).where(table.c.layer == layer, table.c.sequence > after).order_by(table.c.sequence).limit(limit)
    )
    with database.read() as connection:
        return [_change(row._mapping) for row in connection.execute(query)]


def union(one: Box | None, other: Box | None) -> Box | None:
    """The box around both; None is empty."""
    if one is None or other is None:
        return one or other
    return Box(
        min(one.west, other.west), min(one.south, other.south), max(one.east, other.east), max(one.north, other.north)
    )


def _payload(layer: str, sequence: int, entry: Entry) -> str:
    data = {"layer": layer, "sequence": sequence, "operation": entry.operation.value, "id": entry.id}
    return orjson.dumps(data).decode()


def _sides(prefix: str, box: Box | None) -> dict[str, float | None]:
    return {f"{prefix}{side}": None if box is None else getattr(box, side) for side in SIDES}


def _box(row: Mapping[Any, Any], prefix: str = "") -> Box | None:
    values = [row[f"{prefix}{side}"] for side in SIDES]
    return None if values[0] is None else Box(*values)


def _held(row: Mapping[str, Any]) -> Held:
    return Held(
        layer=row["layer"],
        revision=row["revision"],
        generation=row["generation"],
        next_fid=row["next_fid"],
        sequence=row["sequence"],
        load_revision=row["load_revision"],
        load_owner=row["load_owner"],
        load_seen=row["load_seen"],
        extent=_box(row),
        updated=row["updated"],
        hidden=tuple(name for name, _ in Definition.parse(row["definition"]).hidden),
    )


def _change(row: Mapping[Any, Any]) -> Change:
    return Change(
        sequence=row["sequence"],
        revision=row["revision"],
        layer=row["layer"],
        operation=Operation(row["operation"]),
        id=row["id"],
        fid=row["fid"],
        version=row["version"],
        before=_box(row, "before_"),
        after=_box(row, "after_"),
        at=row["at"],
        author=row["author"],
    )
