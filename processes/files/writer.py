"""The task of a child process: rows of one moment into one file, with the cursor of what comes after them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import numpy as np

from config.errors import StoreError
from config.layers import Layer
from processes.contract import Context, Value
from processes.files.order import Order, Written
from store import paging
from store.criteria import CRS84, Criteria, Cursor, SortKey
from store.crs import resolve
from store.export import texts
from store.export.atomic import complete
from store.export.exporter import write
from store.export.place import Place, place
from store.export.table import Layout, Table, columns, returned
from store.interface import Batch, Rows, Store

SIZE = 2_000
"""Rows of a batch: what the process holds at once, beside the spatial index of a FlatGeobuf."""


class _TooManyError(Exception):
    """More rows than the file may have."""


class Writer:
    """Runs orders; without state."""

    def run(self, inputs: Mapping[str, Any], context: Context) -> Mapping[str, Value]:
        """Write the file of `inputs["order"]`.

        Raises:
            ParameterError: the format cannot hold the layer. BodyError: a text cannot be written in the encoding.
            UnavailableError: the store is busy.
        """
        order: Order = inputs["order"]
        store = context.store()
        told = order.format == "geojson" and order.criteria.crs == CRS84
        written = _tell(order, store) if told else _write(order, store.layers()[order.layer], store)
        return {"written": Value("application/json", written.as_json())}


PROCESS = Writer()


def _tell(order: Order, store: Store) -> Written:
    """A whole collection as GeoJSON: its finished texts, as they are."""
    with store.telling(order.layer, order.criteria, SIZE) as found, complete(order.path, overwrite=True) as partial:
        rows = texts.write(partial, found.lists)
    return Written(rows, None, found.state.revision, found.state.generation, found.state.epoch)


def _write(order: Order, layer: Layer, store: Store) -> Written:
    limit = order.criteria.limit
    wanted = order.criteria if limit is None else replace(order.criteria, limit=limit + 1)
    picked = _Picked(order)
    with ExitStack() as moments:

        def read() -> _Picked:
            rows = moments.enter_context(store.reading(layer.id, wanted, SIZE))
            picked.begin(rows)
            return picked

        try:
            with complete(order.path, overwrite=True) as partial:
                write(partial, layer, _layout(order, layer), read)
        except _TooManyError:
            return picked.written(None, None)
    cursor = paging.encode(_cursor(layer, order.criteria, picked.last)) if picked.more and picked.last else None
    return picked.written(picked.rows, cursor)


def _layout(order: Order, layer: Layer) -> Layout:
    criteria = order.criteria
    where = _place(order) if layer.geometry is not None and criteria.geometry else None
    if order.format == "shp":
        return Layout("shp", Table(columns(layer, "code", "zh"), where))
    return Layout(order.format, Table(returned(layer, criteria.properties), where), indexed=not criteria.sort)


def _place(order: Order) -> Place:
    """The system of the file. WGS 84 has two names: GeoParquet and GeoJSON use that of longitude and latitude."""
    if order.criteria.crs == CRS84:
        return place("OGC:CRS84" if order.format in ("parquet", "geojson") else "EPSG:4326")
    return place(f"EPSG:{resolve(order.criteria.crs).code}")


class _Picked:
    """The batches up to the limit; remembers how many rows passed, the last of them, and whether there are more."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._read: Rows | None = None
        self.rows = 0
        self.more = False
        self.last: tuple[Batch, int] | None = None

    def begin(self, rows: Rows) -> None:
        """Take the rows of another moment from their beginning."""
        self._read = rows
        self.rows, self.more, self.last = 0, False, None

    def written(self, rows: int | None, cursor: str | None) -> Written:
        """What is to be told of the file, with the state that it holds."""
        if self._read is None:
            raise StoreError("Nothing was read")
        state = self._read.state
        return Written(rows, cursor, state.revision, state.generation, state.epoch)

    def __iter__(self) -> Iterator[Batch]:
        limit = self._order.criteria.limit
        if self._read is None or self._order.nothing:
            return
        for batch in self._read.batches:
            kept = batch
            if limit is not None and self.rows + len(batch) > limit:
                if self._order.whole:
                    raise _TooManyError
                self.more = True
                kept = _head(batch, limit - self.rows)
            if len(kept):
                self.rows += len(kept)
                self.last = (kept, len(kept) - 1)
                yield kept


def _head(batch: Batch, count: int) -> Batch:
    some = slice(0, count)
    columns = {name: values[some] for name, values in batch.columns.items()}
    return Batch(batch.fid[some], batch.id[some], batch.version[some], batch.wkb[some], columns)


def _cursor(layer: Layer, criteria: Criteria, last: tuple[Batch, int]) -> Cursor:
    """The cursor of the page that begins after a row; the same as that of a page of texts."""
    batch, row = last
    ended = tuple(_value(batch, row, key) for key in criteria.sort)
    return Cursor(ended, int(batch.fid[row]), paging.query_digest(layer.id, criteria))


def _value(batch: Batch, row: int, key: SortKey) -> Any:
    value = batch.id[row] if key.name == "id" else batch.columns[key.name][row]
    value = value.item() if isinstance(value, np.generic) else value
    return None if value is None or value != value else value
