"""Rows as columns, streamed from a driver's cursor."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.layers import Attribute, AttributeType, Layer
from store.criteria import END_OF_TIME
from store.interface import Batch

LEADING = 4  # fid, id, version, geometry; then validity, and the attributes in the layer's order


def stream(
    rows: Callable[[int], Sequence[tuple[Any, ...]]], layer: Layer, size: int, *, sqlite: bool
) -> Iterator[Batch]:
    """Batches of at most `size` rows from what `rows(size)` fetches next (Purpose.BATCH) until there are none."""
    while found := rows(size):
        yield _batch(found, layer, sqlite)


def _batch(rows: Sequence[tuple[Any, ...]], layer: Layer, sqlite: bool) -> Batch:
    listed = list(zip(*rows, strict=True))
    fid, id, version, wkb = listed[:LEADING]
    valid_from, valid_to, *attributes = listed[LEADING:]
    columns = {one.name: _column(one, values, sqlite) for one, values in zip(layer.attributes, attributes, strict=True)}
    return Batch(
        fid=np.array(fid, dtype=np.int64),
        id=_objects(id),
        version=np.array(version, dtype=np.int64),
        wkb=_objects(wkb),
        columns=columns | {"valid_from": _days(valid_from, sqlite), "valid_to": _days(valid_to, sqlite)},
    )


def _days(values: Sequence[Any], sqlite: bool) -> NDArray[np.object_]:
    """Days of validity; an open end is None."""
    days = map(date.fromisoformat, values) if sqlite else values
    return _objects([None if day == END_OF_TIME else day for day in days])


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _column(attribute: Attribute, values: Sequence[Any], sqlite: bool) -> NDArray[Any]:
    if attribute.type is AttributeType.NUMBER:
        return np.array(values, dtype=np.float64)  # None becomes NaN
    read = _READERS.get(attribute.type) if sqlite else _UTC.get(attribute.type)
    if read is not None:
        values = [None if value is None else read(value) for value in values]
    return _objects(values)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


_READERS: dict[AttributeType, Callable[[Any], Any]] = {
    AttributeType.BOOLEAN: bool,
    AttributeType.DATE: date.fromisoformat,
    AttributeType.DATETIME: _instant,
}
_UTC: dict[AttributeType, Callable[[Any], Any]] = {AttributeType.DATETIME: lambda value: value.astimezone(UTC)}
