"""Tiles from the embedded store: candidates from the R*Tree with what the tile carries of them, encoded in bulk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from config.layers import AttributeType
from store.criteria import Criteria
from store.embedded import Embedded as Rows
from store.engine import Database
from store.plans import Plans
from store.select import Builder, Shape
from tiles import rendered
from tiles.content import Content
from tiles.encode.frame import Frame
from tiles.encode.layer import Value, layer
from tiles.encode.shapes import Rule
from tiles.encode.streams import encode
from tiles.grid import Tile
from tiles.rendered import Rendered

_SIDES = ("west", "south", "east", "north")


@dataclass(frozen=True, slots=True)
class _Form:
    """What fixes the statement's text."""

    shape: Shape
    columns: tuple[str, ...]
    largest: bool


class Embedded:
    """Renders with the compiled statements of a store."""

    def __init__(self, database: Database, plans: Plans) -> None:
        self._database = database
        self._plans = plans
        self._rows = Rows(database, plans)

    def render(self, tile: Tile, content: Content, criteria: Criteria, most: int, *, largest: bool = False) -> Rendered:
        """One layer of a tile from one moment."""
        place = tile.place(content.buffer)
        if place is None:
            return Rendered(b"", 0, 0)
        asked = rendered.asked(self._database, content.layer, criteria, place)
        form = _Form(asked.shape, content.names, largest)
        plan = self._plans.named(form, lambda: _statement(self._database, form))
        values = {**{side: getattr(place, side) for side in _SIDES}, "most": most}
        with self._plans.connection() as connection:
            if asked.filter is None:
                rows = self._plans.execute(connection, plan, {**asked.values, **values}).fetchall()
            else:
                with self._plans.moment(connection):
                    found = self._rows.filtered(connection, asked)
                    rows = self._plans.execute(connection, plan, {**found.values, **values}).fetchall()
        matching = sorted((row for row in rows if row[0] is not None), key=_fid)
        return _rendered(matching, tile, content, len(rows))


def _fid(row: tuple[Any, ...]) -> int:
    return int(row[0])


def _statement(database: Database, form: _Form) -> sa.Select[Any]:
    tables = database.tables[form.shape.layer]
    table, tree = tables.current, tables.current_rtree
    if tree is None:
        raise TypeError(f"layer '{form.shape.layer}' has no geometry")
    side = {name: sa.bindparam(name, type_=sa.Double) for name in _SIDES}
    meets = (
        tree.c.maxx >= side["west"],
        tree.c.minx <= side["east"],
        tree.c.maxy >= side["south"],
        tree.c.miny <= side["north"],
    )
    conditions = Builder(tables, database.tables.node, form.shape).conditions(table, 0)
    # From the tree to the rows, so that SQLite does not turn the join round; rows that do not match come as NULL.
    joined = tree.outerjoin(table, sa.and_(table.c.row_id == tree.c.id, *conditions))
    columns = [table.c.fid, table.c.id, table.c.geom, *(table.c[name] for name in form.columns)]
    chosen = sa.select(*columns).select_from(joined).where(*meets)
    if form.largest:
        size = (tree.c.maxx - tree.c.minx) * (tree.c.maxy - tree.c.miny)
        chosen = chosen.order_by(table.c.fid.is_(None), size.desc(), tree.c.id)
    return chosen.limit(sa.bindparam("most", type_=sa.BigInteger))


def _rendered(rows: Sequence[tuple[Any, ...]], tile: Tile, content: Content, found: int) -> Rendered:
    if not rows:
        return Rendered(b"", 0, found)
    fids, ids, wkb, *columns = zip(*rows, strict=True)
    stored = np.empty(len(wkb), dtype=object)
    stored[:] = wkb
    streams = encode(shapely.from_wkb(stored), Frame(tile, content.buffer), Rule(content.least, content.keep))
    listed: list[tuple[str, Sequence[Value]]] = [("id", ids)]
    for one, values in zip(content.attributes, columns, strict=True):
        read = _READERS.get(one.type)
        plain = values if read is None else [None if value is None else read(value) for value in values]
        listed.append((one.name, plain))
    return Rendered(layer(content.layer.id, fids, listed, streams), len(streams.row), found)


def _instant(text: str) -> str:
    return text.replace(".000000Z", "Z")


_READERS: dict[AttributeType, Callable[[Any], Value]] = {
    AttributeType.BOOLEAN: bool,
    AttributeType.NUMBER: float,
    AttributeType.DATETIME: _instant,
}
