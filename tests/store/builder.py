"""Rows put into a store by hand, past the write path: so that reading is tested for itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from store import render, search_index, tables
from store.creation import create_all
from store.criteria import END_OF_TIME, OPEN_REVISION
from store.engine import Database
from store.tables import LayerTables


@dataclass(frozen=True)
class State:
    """One state of one feature. One whose `tx_to` is not open lies in the history unless `lingers`."""

    fid: int
    shape: Any = None
    attributes: dict[str, Any] = field(default_factory=dict)
    version: int = 1
    valid_from: date = date(2016, 1, 1)
    valid_to: date = END_OF_TIME
    tx_from: int = 1
    tx_to: int = OPEN_REVISION
    lingers: bool = False
    author: str = "tester"
    id: str = ""

    @property
    def name(self) -> str:
        return self.id or f"f{self.fid}"


def create(database: Database, revisions: dict[str, Sequence[datetime]]) -> None:
    """Tables, and for each layer its state and one transaction at each of the instants."""
    with database.writer.begin() as connection:
        create_all(connection, database.tables)
        node = database.tables.node
        for layer in database.layers:
            instants = revisions.get(layer, ())
            log = [{"layer": layer, "revision": n, "at": at, "author": "tester"} for n, at in enumerate(instants, 1)]
            if log:
                connection.execute(node.transactions.insert(), log)
            connection.execute(
                node.layers.insert(),
                {
                    "layer": layer,
                    "revision": len(instants),
                    "generation": 1,
                    "next_fid": 1,
                    "sequence": 0,
                    "as_of": database.today(),
                    "count": 0,
                    "updated": instants[-1] if instants else None,
                    "digest": "",
                    "definition": "{}",
                },
            )


def add(database: Database, layer: str, states: Iterable[State]) -> None:
    """Insert states into the tables where they belong, and bring the layer's state up to date."""
    made = tuple(states)
    parts = database.tables[layer]
    with database.writer.begin() as connection:
        for table, tree, members in (
            (parts.current, parts.current_rtree, [one for one in made if one.tx_to == OPEN_REVISION or one.lingers]),
            (
                parts.history,
                parts.history_rtree,
                [one for one in made if one.tx_to < OPEN_REVISION and not one.lingers],
            ),
        ):
            if members:
                _insert(connection, parts, table, tree, members)
        refresh(connection, database, layer, made)


def _insert(connection: sa.Connection, parts: LayerTables, table: sa.Table, tree: Any, states: list[State]) -> None:
    layer = parts.layer
    shapes = render.rounded(np.array([one.shape for one in states], dtype=object))
    texts = render.features(
        layer,
        [one.name for one in states],
        shapes,
        {a.name: [one.attributes.get(a.name) for one in states] for a in layer.attributes},
        [(one.valid_from, one.valid_to) for one in states],
    )
    rows, boxes = [], []
    for number, (one, shape, text) in enumerate(zip(states, shapes, texts, strict=True), 1):
        key = tables.row_id(one.fid, one.version) if table is parts.current else number
        row = {"row_id": key, "fid": one.fid, "id": one.name, "version": one.version}
        row |= {"valid_from": one.valid_from, "valid_to": one.valid_to, "tx_from": one.tx_from, "tx_to": one.tx_to}
        row |= {"digest": b"0" * 16, "author": one.author, "json": text}
        row |= {a.name: one.attributes.get(a.name) for a in layer.attributes}
        if layer.geometry is not None:
            row["geom"] = None if shape is None else shapely.to_wkb(shape)
        rows.append(row)
        if tree is not None and shape is not None:
            west, south, east, north = shape.bounds
            boxes.append({"id": key, "minx": west, "maxx": east, "miny": south, "maxy": north})
    connection.execute(table.insert(), rows)
    columns = {name: [row[name] for row in rows] for name in parts.searched}
    search_index.insert(connection, parts, [row["row_id"] for row in rows], columns, table)
    if boxes:
        connection.execute(tree.insert(), boxes)


def refresh(connection: sa.Connection, database: Database, layer: str, added: Sequence[State]) -> None:
    """Count of the states valid today; the box of the states that were added."""
    node, table, today = database.tables.node.layers, database.tables[layer].current, database.today()
    revision = connection.execute(sa.select(node.c.revision).where(node.c.layer == layer)).scalar_one()
    picked = (
        table.c.tx_from <= revision,
        table.c.tx_to > revision,
        table.c.valid_from <= today,
        table.c.valid_to > today,
    )
    count = connection.execute(sa.select(sa.func.count()).select_from(table).where(*picked)).scalar_one()
    connection.execute(node.update().where(node.c.layer == layer).values(count=count))
    shapes = [one.shape for one in added if one.shape is not None]
    if shapes:
        sides = dict(zip(("west", "south", "east", "north"), shapely.total_bounds(shapes).tolist(), strict=True))
        connection.execute(node.update().where(node.c.layer == layer).values(**sides))


def instants(*days: int) -> list[datetime]:
    """Instants of transactions: days of January 2024, noon UTC."""
    return [datetime(2024, 1, day, 12, tzinfo=UTC) for day in days]
