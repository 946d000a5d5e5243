"""One layer of a tile: features with ids and tags around their command streams. Mapbox Vector Tile 2.1, section 4."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tiles.encode.streams import Streams
from tiles.encode.wire import field, varint, varints, zigzag
from tiles.grid import EXTENT

type Value = str | int | float | bool | None

_NAME, _KEY, _VALUE, _EXTENT, _VERSION = 1, 3, 4, 5, 15
_LAYER = 3
_ID, _TAGS, _TYPE, _GEOMETRY, _FEATURE_FIELD = 0x08, 0x12, 0x18, 0x22, 0x12
_SHORT = [bytes([_VALUE << 3 | 2, size + 2, 0x0A, size]) for size in range(126)]
"""What stands before a text of so many bytes."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Pieces of one array: where each begins and its size."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    size: NDArray[np.int64]

    def lay(self, into: NDArray[np.uint8], at: NDArray[np.int64]) -> None:
        """Copy each piece to its place in another array."""
        step = np.arange(int(self.size.sum())) - np.repeat(np.cumsum(self.size) - self.size, self.size)
        into[np.repeat(at, self.size) + step] = self.data[np.repeat(self.starts, self.size) + step]


def layer(name: str, fids: Sequence[int], columns: Sequence[tuple[str, Sequence[Value]]], streams: Streams) -> bytes:
    """A tile with one layer; empty where no feature is left.

    Args:
        name: the layer's, its collection's id.
        fids: the features' integer keys, for each row.
        columns: names and values of properties, a value for each row, of one type in each column; None is left out.
        streams: the geometries of the rows that are left.
    """
    if not len(streams.row):
        return b""
    rows = streams.row.tolist()
    tags, values = _tags([_chosen(column, rows) for _, column in columns], len(rows))
    keys = np.array(_chosen(fids, rows), dtype=np.int64)
    parts = [field(_NAME, name.encode()), _features(keys, tags, streams)]
    parts += [field(_KEY, key.encode()) for key, _ in columns]
    parts += _values(values)
    parts += [varint(_EXTENT << 3), varint(EXTENT), varint(_VERSION << 3), varint(2)]
    return field(_LAYER, b"".join(parts))


def _chosen[T](column: Sequence[T], rows: list[int]) -> Sequence[T]:
    return column if len(rows) == len(column) else [column[row] for row in rows]


def _features(keys: NDArray[np.int64], tags: Packed, streams: Streams) -> bytes:
    """The messages of all features: id, tags, type, geometry; their bytes are laid into one array."""
    shapes = Packed(streams.data, streams.starts, streams.ends - streams.starts)
    ids, tag_sizes, shape_sizes = _varints(keys), _varints(tags.size), _varints(shapes.size)
    body = 5 + ids.size + tag_sizes.size + tags.size + shape_sizes.size + shapes.size
    body_sizes = _varints(body)
    whole = 1 + body_sizes.size + body
    at = np.cumsum(whole) - whole
    made = np.empty(int(whole.sum()), dtype=np.uint8)
    for mark, packed in (
        (_FEATURE_FIELD, body_sizes),
        (_ID, ids),
        (_TAGS, tag_sizes),
        (None, tags),
        (_TYPE, None),
        (_GEOMETRY, shape_sizes),
        (None, shapes),
    ):
        if mark is not None:
            made[at] = mark
            at = at + 1
        if packed is None:
            made[at] = streams.kind
            at = at + 1
        else:
            packed.lay(made, at)
            at = at + packed.size
    return made.tobytes()


def _varints(values: NDArray[np.int64]) -> Packed:
    """Unsigned numbers below 2**56, for their keys are features' too."""
    low, high = values & 0x0FFFFFFF, values >> 28
    if not high.any():
        data, offsets = varints(values)
        return Packed(data, offsets[:-1], np.diff(offsets))
    made = [varint(int(value)) for value in (low | high << 28).tolist()]
    size = np.array([len(one) for one in made])
    return Packed(np.frombuffer(b"".join(made), dtype=np.uint8), np.cumsum(size) - size, size)


def _tags(columns: list[Sequence[Value]], count: int) -> tuple[Packed, list[list[Value]]]:
    """The tags of each feature, and the values that they point to, each once in its column."""
    pairs = np.empty((count, len(columns), 2), dtype=np.int64)
    values: list[list[Value]] = []
    before = 0
    for key, column in enumerate(columns):
        known: dict[Value, int] = {None: -1}
        pairs[:, key, 0] = key
        pairs[:, key, 1] = [known.setdefault(value, len(known) - 1) for value in column]
        pairs[:, key, 1] += np.where(pairs[:, key, 1] >= 0, before, 0)
        values.append(list(known)[1:])
        before += len(known) - 1
    there = pairs[:, :, 1] >= 0
    data, offsets = varints(pairs[there].ravel())
    ends = offsets[2 * np.cumsum(there.sum(axis=1))]
    starts = np.concatenate([[0], ends[:-1]])
    return Packed(data, starts, ends - starts), values


def _values(columns: list[list[Value]]) -> list[bytes]:
    """The messages of the values, in order."""
    made: list[bytes] = []
    for values in columns:
        if values and isinstance(values[0], str):
            made += [_text(str(value).encode()) for value in values]
        else:
            made += [field(_VALUE, _number(value)) for value in values]
    return made


def _text(value: bytes) -> bytes:
    return _SHORT[len(value)] + value if len(value) < len(_SHORT) else field(_VALUE, field(1, value))


def _number(value: Value) -> bytes:
    if isinstance(value, bool):
        return b"\x38\x01" if value else b"\x38\x00"
    if isinstance(value, int):
        return b"\x28" + varint(value) if value >= 0 else b"\x30" + varint(zigzag(value))
    return b"\x19" + struct.pack("<d", value)
