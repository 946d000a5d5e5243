"""One feature: the state that is asked for, why there is none, and all that there ever were."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from config.errors import GoneError, NotFoundError
from config.layers import Layer
from store.criteria import END_OF_TIME, Criteria
from store.engine import Database
from store.interface import Item
from store.plans import Plans
from store.question import question
from store.select import Purpose


def item(database: Database, plans: Plans, layer: Layer, id: str, criteria: Criteria) -> tuple[Item, bytes | None]:
    """The state of a feature that `criteria` picks (valid, known) and its geometry as WKB.

    Raises:
        NotFoundError: never existed, or no state then. GoneError: deleted, or its validity has ended.
    """
    picked = Criteria(valid=criteria.valid, known=criteria.known, equals=(("id", id),))
    asked = question(database, layer, picked, Purpose.ITEM)
    plan = plans.of(asked.shape)
    with plans.connection() as connection:
        row = plans.execute(connection, plan, asked.values).fetchone()
    if row is None:
        raise _missing(database, layer, id, criteria)
    fid, version, text, valid_from, valid_to, author, known_from, known_to, wkb, *neighbours = row
    before, after = ([_day(one) for one in neighbours[side::2] if one is not None] for side in (0, 1))
    found = Item(
        id=id,
        fid=fid,
        version=version,
        text=text,
        valid_from=_day(valid_from),
        valid_to=_day(valid_to),
        known_from=_instant(known_from),
        known_to=None if known_to is None else _instant(known_to),
        author=author,
        previous=max(before, default=None),
        following=min(after, default=None),
    )
    return found, wkb


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _instant(value: Any) -> datetime:
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


def _missing(database: Database, layer: Layer, id: str, criteria: Criteria) -> NotFoundError:
    """Why no state was found. What was deleted, has ended or has no state on the asked day is gone; what is still to
    begin, or was not known yet, is not found."""
    tables, log = database.tables[layer.id], database.tables.node.transactions
    states, current, history = database.tables.node.layers, tables.current, tables.history
    revision = sa.select(states.c.revision).where(states.c.layer == layer.id).scalar_subquery()
    open_states = sa.select(
        sa.func.min(current.c.valid_from), sa.func.max(current.c.valid_from), sa.func.max(current.c.valid_to)
    ).where(current.c.id == id, current.c.tx_from <= revision, current.c.tx_to > revision)
    replaced = sa.union_all(
        *(
            sa.select(table.c.valid_from, table.c.valid_to, table.c.tx_to).where(
                table.c.id == id, table.c.tx_to <= revision
            )
            for table in (current, history)
        )
    ).subquery()
    deleted = (
        sa.select(replaced.c.valid_from, replaced.c.valid_to, log.c.at)
        .join(log, sa.and_(log.c.layer == layer.id, log.c.revision == replaced.c.tx_to))
        .order_by(replaced.c.tx_to.desc(), replaced.c.valid_from.desc())
        .limit(1)
    )
    with database.read() as connection:
        first, latest, last = connection.execute(open_states).one()
        tombstone = None if first is not None else connection.execute(deleted).first()
    name = f"Feature '{id}' of layer '{layer.id}'"
    if tombstone is not None:
        start, end, at = tombstone
        facts = {"deleted": at.isoformat(), "validFrom": start.isoformat(), "validTo": _shown(end)}
        return GoneError(f"{name} was deleted; its versions tell its history", facts=facts)
    if first is None:
        return NotFoundError(f"Layer '{layer.id}' has no feature '{id}'")
    span = f"{first} to {_shown(last) or 'an open end'}"
    facts = {"validFrom": first.isoformat(), "validTo": _shown(last), "latest": latest.isoformat()}
    today = database.today()
    if criteria.known is not None or (criteria.valid is None and first > today):
        return NotFoundError(f"{name} has no state at that time; it is known from {span}")
    if criteria.valid is None and last <= today:
        message = f"{name} is no longer in force (it was from {span}); ask with 'datetime' for a day in it"
        return GoneError(message, facts=facts)
    return GoneError(f"{name} has no state on that day; it is known from {span}", facts=facts)


def _shown(end: date) -> str | None:
    """The end of a validity; None is open."""
    return None if end == END_OF_TIME else end.isoformat()


def versions(database: Database, plans: Plans, layer: Layer, id: str) -> Sequence[Item]:
    """Every published state of a feature, in the order in which the node came to know them, then of validity.

    Raises:
        NotFoundError: no such feature.
    """
    plan = plans.named(("versions", layer.id), lambda: _versions_select(database, layer))
    with plans.connection() as connection:
        rows = plans.execute(connection, plan, {"layer": layer.id, "id": id}).fetchall()
    if not rows:
        raise NotFoundError(f"Layer '{layer.id}' has no feature '{id}'")
    return [
        Item(
            id=id,
            fid=fid,
            version=version,
            text=text,
            valid_from=_day(start),
            valid_to=_day(end),
            known_from=_instant(known_from),
            known_to=None if known_to is None else _instant(known_to),
            author=author,
        )
        for fid, version, text, start, end, author, known_from, known_to, _ in rows
    ]


def _versions_select(database: Database, layer: Layer) -> sa.SelectBase:
    node, tables = database.tables.node, database.tables[layer.id]
    named = sa.bindparam("layer", type_=sa.Text)
    revision = sa.select(node.layers.c.revision).where(node.layers.c.layer == named).scalar_subquery()

    def at(column: sa.ColumnElement[int]) -> sa.ColumnElement[Any]:
        log = node.transactions
        return sa.select(log.c.at).where(log.c.layer == named, log.c.revision == column).scalar_subquery()

    columns = ("fid", "version", "json", "valid_from", "valid_to", "author")
    arms = [
        sa.select(
            *(table.c[name] for name in columns),
            at(table.c.tx_from).label("known_from"),
            at(table.c.tx_to).label("known_to"),
            table.c.tx_from,
        ).where(table.c.id == sa.bindparam("id", type_=sa.Text), table.c.tx_from <= revision)
        for table in (tables.current, tables.history)
    ]
    every = sa.union_all(*arms).subquery()
    return sa.select(every).order_by(every.c.tx_from, every.c.valid_from, every.c.version)
