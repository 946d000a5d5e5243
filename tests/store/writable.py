"""Stores to write to, features to write, and short ways of saying so."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from config.layers import Layer
from store import dump, engine
from store.criteria import Edit, Operation
from store.engine import Database, Options
from store.interface import Batch
from store.write import write
from tests.store.layers import LAYERS

TODAY = date(2024, 6, 1)
PARCELS = "parcels"


class Clock:
    """A clock that stands still until it is told otherwise; noon in Beijing on `TODAY` at first."""

    def __init__(self) -> None:
        self.moment = datetime(2024, 6, 1, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **spans: float) -> None:
        self.moment += timedelta(**spans)


def opened(url: str, clock: Clock | None = None, layers: Iterable[Layer] = LAYERS) -> Database:
    return engine.connect(url, layers, Options(clock=clock or Clock()))


def clear(url: str) -> None:
    """Drop every table that no extension brought."""
    with sa.create_engine(url).begin() as connection:
        for name in dump.tables_of(sa.make_url(url)):
            connection.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')


def square(x: float, y: float = 30.0, size: float = 0.5) -> bytes:
    """WKB of a square with its lower left corner at x, y."""
    return bytes(shapely.to_wkb(shapely.box(x, y, x + size, y + size)))


def create(id: str | None, x: float = 110.0, **more: Any) -> Edit:
    properties = more.pop("properties", {"name": f"地块{id}"})
    return Edit(PARCELS, Operation.CREATE, id, square(x), properties=properties, **more)


def update(id: str, properties: Mapping[str, Any] | None = None, **more: Any) -> Edit:
    keeps = "geometry" not in more
    return Edit(PARCELS, Operation.UPDATE, id, keep_geometry=keeps, properties=dict(properties or {}), **more)


def replace(id: str, x: float = 110.0, **more: Any) -> Edit:
    properties = more.pop("properties", {"name": f"地块{id}"})
    return Edit(PARCELS, Operation.REPLACE, id, square(x), properties=properties, **more)


def delete(id: str, **more: Any) -> Edit:
    return Edit(PARCELS, Operation.DELETE, id, **more)


def edit(database: Database, *edits: Edit) -> list[Any]:
    return write(database, edits, "tester")


def states(database: Database, id: str, layer: str = PARCELS) -> list[tuple[Any, ...]]:
    """Open states of a feature: (version, valid_from, valid_to, name), in order of days."""
    table = database.tables[layer].current
    query = (
        sa.select(table.c.version, table.c.valid_from, table.c.valid_to, table.c.name)
        .where(table.c.id == id)
        .order_by(table.c.valid_from)
    )
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


def past(database: Database, id: str, layer: str = PARCELS) -> list[tuple[Any, ...]]:
    """Replaced states: (version, tx_from, tx_to), in order of versions."""
    table = database.tables[layer].history
    query = sa.select(table.c.version, table.c.tx_from, table.c.tx_to).where(table.c.id == id).order_by(table.c.version)
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


def state_row(database: Database, layer: str = PARCELS) -> Any:
    table = database.tables.node.layers
    with database.read() as connection:
        return connection.execute(sa.select(table).where(table.c.layer == layer)).one()


def batch(ids: Iterable[str | None], *, name: str = "x", x: float = 110.0, **columns: Any) -> Batch:
    """Squares side by side; each 0.001 degrees."""
    listed = np.array(list(ids), dtype=object)
    count = len(listed)
    west = x + np.arange(count) * 0.002
    wkb = shapely.to_wkb(shapely.box(west, 30.0, west + 0.001, 30.001))
    numbers = np.zeros(count, dtype=np.int64)
    return Batch(numbers, listed, numbers, wkb, {"name": np.array([name] * count, dtype=object), **columns})
