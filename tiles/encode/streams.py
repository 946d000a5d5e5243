"""Runs of whole points as the command streams of features, all features of a tile at once.

Mapbox Vector Tile 2.1, section 4.3: commands and zigzag differences, as packed varints.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles.encode import settle
from tiles.encode.frame import Frame
from tiles.encode.shapes import Ints, Rule, Runs, Shapes, lines_of, points_of, polygons_of, runs
from tiles.encode.wire import Bytes, varints

_MOVE_ONCE = 1 << 3 | 1
_CLOSE = 1 << 3 | 7
_LINE = 2
_POINTS, _LINES, _POLYGONS = 1, 2, 3
_NO_RULE = Rule()


@dataclass(frozen=True, slots=True)
class Streams:
    """The geometry fields of the features that are left, in the order of their rows.

    `row` is each feature's place in the input, `kind` its type (1 point, 2 line, 3 polygon); its bytes lie in `data`
    from `starts` to `ends`.
    """

    row: Ints
    kind: Ints
    data: Bytes
    starts: Ints
    ends: Ints


def encode(shapes: Shapes, frame: Frame, rule: Rule = _NO_RULE) -> Streams:
    """Shapes (x, y in EPSG:4490; None or empty ones are left out) as the streams of a tile."""
    dimension = shapely.get_dimensions(shapes)
    dimension[shapely.is_empty(shapes)] = -1
    made = []
    for kind, flatten, settled in (
        (_POINTS, points_of, settle.points),
        (_LINES, lines_of, settle.lines),
        (_POLYGONS, polygons_of, settle.polygons),
    ):
        rows = np.flatnonzero(dimension == kind - 1)
        if len(rows):
            found = settled(runs(shapes[rows], frame, flatten, rule))
            if len(found.owner):
                made.append(_streams(rows, found, kind))
    return _merged(made)


def _streams(rows: Ints, found: Runs, kind: int) -> Streams:
    numbers, begins = _of_points(found) if kind == _POINTS else _of_runs(found, closed=kind == _POLYGONS)
    data, offsets = varints(numbers)
    first = np.ones(len(found.owner), dtype=bool)
    first[1:] = found.owner[1:] != found.owner[:-1]
    starts = offsets[begins[first]]
    row = rows[found.owner[first]]
    return Streams(row, np.full(len(row), kind), data, starts, np.append(starts[1:], offsets[-1]))


def _merged(made: list[Streams]) -> Streams:
    if len(made) == 1:
        return made[0]
    if not made:
        none = np.zeros(0, dtype=np.int64)
        return Streams(none, none, np.zeros(0, dtype=np.uint8), none, none)
    shift = np.cumsum([0, *(len(one.data) for one in made)])[:-1]
    row, kind = np.concatenate([one.row for one in made]), np.concatenate([one.kind for one in made])
    starts = np.concatenate([one.starts + more for one, more in zip(made, shift, strict=True)])
    ends = np.concatenate([one.ends + more for one, more in zip(made, shift, strict=True)])
    order = np.argsort(row, kind="stable")
    return Streams(row[order], kind[order], np.concatenate([one.data for one in made]), starts[order], ends[order])


def _begins(count: Ints) -> Ints:
    return np.asarray(np.cumsum(count) - count)


def _differences(found: Runs) -> Ints:
    """Zigzag differences (n, 2) to the point before; the first of a feature counts from 0, 0."""
    whole = found.points
    delta = whole.copy()
    delta[1:] -= whole[:-1]
    first = np.ones(len(found.owner), dtype=bool)
    first[1:] = found.owner[1:] != found.owner[:-1]
    at = _begins(found.count)[first]
    delta[at] = whole[at]
    return np.asarray((delta << 1) ^ (delta >> 63))


def _of_points(found: Runs) -> tuple[Ints, Ints]:
    begins = _begins(1 + 2 * found.count)
    numbers = np.empty(len(found.count) + 2 * len(found.points), dtype=np.int64)
    body = np.ones(len(numbers), dtype=bool)
    body[begins] = False
    numbers[begins] = found.count << 3 | 1
    numbers[body] = _differences(found).ravel()
    return numbers, begins


def _of_runs(found: Runs, *, closed: bool) -> tuple[Ints, Ints]:
    """Each run: move to its first point, lines to the others, and close it."""
    size = 2 * found.count + 2 + closed
    begins = _begins(size)
    numbers = np.empty(int(size.sum()), dtype=np.int64)
    body: NDArray[np.bool_] = np.ones(len(numbers), dtype=bool)
    numbers[begins] = _MOVE_ONCE
    numbers[begins + 3] = (found.count - 1) << 3 | _LINE
    body[begins] = body[begins + 3] = False
    if closed:
        numbers[begins + size - 1] = _CLOSE
        body[begins + size - 1] = False
    numbers[body] = _differences(found).ravel()
    return numbers, begins
