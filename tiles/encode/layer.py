"""One layer of a tile: features with ids and tags around their command streams. Mapbox Vector Tile 2.1, section 4."""

import struct
from collections.abc import Sequence

import numpy as np

from tiles.encode.streams import Streams
from tiles.encode.wire import field, varint, varints, zigzag
from tiles.grid import EXTENT

type Value = str | int | float | bool | None

_NAME, _FEATURE, _KEY, _VALUE, _EXTENT, _VERSION = 1, 2, 3, 4, 5, 15
_LAYER = 3
_ID, _TAGS, _TYPE, _GEOMETRY = b"\x08", b"\x12", b"\x18", b"\x22"
_FEATURE_FIELD = b"\x12"


def layer(name: str, fids: Sequence[int], columns: Sequence[tuple[str, Sequence[Value]]], streams: Streams) -> bytes:
    """A tile with one layer; empty where no feature is left.

    Args:
        name: the layer's, its collection's id.
        fids: the features' integer keys, for each row.
        columns: names and values of properties, a value for each row; None is left out.
        streams: the geometries of the rows that are left.
    """
    if not len(streams.row):
        return b""
    rows = streams.row.tolist()
    tags, values = _tags([_chosen(column, rows) for _, column in columns], len(rows))
    parts = [field(_NAME, name.encode())]
    data = streams.data.tobytes()
    for row, kind, start, end, tag in zip(
        rows, streams.kind.tolist(), streams.starts.tolist(), streams.ends.tolist(), tags, strict=True
    ):
        body = b"".join(
            (
                _ID,
                varint(fids[row]),
                _TAGS,
                varint(len(tag)),
                tag,
                _TYPE,
                varint(kind),
                _GEOMETRY,
                varint(end - start),
                data[start:end],
            )
        )
        parts += (_FEATURE_FIELD, varint(len(body)), body)
    parts += [field(_KEY, key.encode()) for key, _ in columns]
    parts += [field(_VALUE, _value(value)) for value in values]
    parts += [varint(_EXTENT << 3), varint(EXTENT), varint(_VERSION << 3), varint(2)]
    return field(_LAYER, b"".join(parts))


def _chosen(column: Sequence[Value], rows: list[int]) -> Sequence[Value]:
    return column if len(rows) == len(column) else [column[row] for row in rows]


def _tags(columns: list[Sequence[Value]], count: int) -> tuple[list[bytes], list[Value]]:
    """The tags of each feature, and the values that they point to, each once."""
    known: dict[tuple[type, Value], int] = {}
    values: list[Value] = []
    pairs = np.full((count, len(columns), 2), -1, dtype=np.int64)
    for key, column in enumerate(columns):
        pairs[:, key, 0] = key
        pairs[:, key, 1] = [_place(value, known, values) for value in column]
    there = pairs[:, :, 1] >= 0
    data, offsets = varints(pairs[there].ravel())
    ends = offsets[2 * np.cumsum(there.sum(axis=1))].tolist()
    whole = data.tobytes()
    return [whole[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)], values


def _place(value: Value, known: dict[tuple[type, Value], int], values: list[Value]) -> int:
    if value is None:
        return -1
    key = (value.__class__, value)
    found = known.get(key)
    if found is None:
        found = known[key] = len(values)
        values.append(value)
    return found


def _value(value: Value) -> bytes:
    if isinstance(value, str):
        return field(1, value.encode())
    if isinstance(value, bool):
        return b"\x38\x01" if value else b"\x38\x00"
    if isinstance(value, int):
        return b"\x28" + varint(value) if value >= 0 else b"\x30" + varint(zigzag(value))
    return b"\x19" + struct.pack("<d", value)
