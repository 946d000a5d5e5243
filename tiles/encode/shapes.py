"""Shapes cut at a tile's buffer and taken apart into runs of points: rings, lines, points of one feature.

Nothing is rounded here. All shapes of a call have one dimension.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles.encode.frame import Frame, Points

type Ints = NDArray[np.int64]
type Shapes = NDArray[np.object_]
type Flatten = Callable[[Shapes, Points], "Runs"]

_HALF_PIXEL = 8  # of 4096 / 256 units
_MULTI = 4  # type ids from here on hold parts


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of points, those of a feature together: how many points in each, and whose each is.

    `part` tells to which polygon a ring belongs, whose first ring is its shell; for lines and points it is the run.
    """

    points: NDArray[Any]
    count: Ints
    part: Ints
    owner: Ints

    def only(self, chosen: NDArray[np.bool_]) -> "Runs":
        """Some of the runs."""
        if chosen.all():
            return self
        points = self.points[np.repeat(chosen, self.count)]
        return Runs(points, self.count[chosen], self.part[chosen], self.owner[chosen])


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of lines and polygons whose box has less than `least` units in width and height (0: nothing): they
    are dropped, or polygons are kept as one pixel."""

    least: float = 0.0
    keep: bool = False


def runs(shapes: Shapes, frame: Frame, flatten: Flatten, rule: Rule) -> Runs:
    """All shapes of one dimension, cut where they leave the buffer; runs in the order of their features."""
    degrees, owner = shapely.get_coordinates(shapes, return_index=True)
    points = frame.units(degrees)
    count = np.bincount(owner, minlength=len(shapes))
    begins = np.cumsum(count) - count
    low = np.minimum.reduceat(points, begins)
    high = np.maximum.reduceat(points, begins)
    leaving = (low < frame.low).any(axis=1) | (high > frame.high).any(axis=1)
    gone = leaving & (
        (high < frame.low).any(axis=1) | (low > frame.high).any(axis=1) | ~np.isfinite(low + high).all(axis=1)
    )
    small = np.zeros(len(shapes), dtype=bool)
    if rule.least and flatten is not points_of:
        small = ((high - low) < rule.least).all(axis=1) & ~gone
    inside = ~leaving & ~small
    parts = [_owned(flatten(shapes[inside], points[np.repeat(inside, count)]), np.flatnonzero(inside))]
    cut = leaving & ~gone & ~small
    if cut.any():
        moved = shapely.set_coordinates(shapes[cut].copy(), points[np.repeat(cut, count)])
        clipped = _cut_points(moved, frame) if flatten is points_of else frame.clip(moved)
        parts.append(_owned(flatten(clipped, shapely.get_coordinates(clipped)), np.flatnonzero(cut)))
    if rule.keep and flatten is polygons_of and small.any():
        parts.append(_owned(_pixels((low + high)[small] / 2), np.flatnonzero(small)))
    return joined(parts)


def _owned(runs: Runs, rows: Ints) -> Runs:
    return Runs(runs.points, runs.count, runs.part, rows[runs.owner])


def joined(parts: list[Runs]) -> Runs:
    """Runs from several places as one, in the order of their features."""
    if len(parts) == 1:
        return parts[0]
    shift = np.cumsum([0, *(int(one.part.max(initial=-1)) + 1 for one in parts)])
    part = np.concatenate([one.part + more for one, more in zip(parts, shift[:-1], strict=True)])
    points = np.concatenate([one.points for one in parts])
    count = np.concatenate([one.count for one in parts])
    return _ordered(Runs(points, count, part, np.concatenate([one.owner for one in parts])))


def _ordered(runs: Runs) -> Runs:
    """Runs sorted by feature: what was cut and what was not come from different places."""
    if not len(runs.owner) or (np.diff(runs.owner) >= 0).all():
        return runs
    order = np.argsort(runs.owner, kind="stable")
    count = runs.count[order]
    begins = np.cumsum(runs.count) - runs.count
    chosen = np.repeat(begins[order] - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
    return Runs(runs.points[chosen], count, runs.part[order], runs.owner[order])


def _pixels(centres: Points) -> Runs:
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * _HALF_PIXEL
    points = (centres[:, None, :] + corners).reshape(-1, 2)
    each = np.arange(len(centres))
    return Runs(points, np.full(len(centres), len(corners)), each, each)


def _cut_points(shapes: Shapes, frame: Frame) -> Shapes:
    """Points that lie in the buffer; multipoints lose those that do not."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    xy = shapely.get_coordinates(parts)
    inside = ((xy >= frame.low) & (xy <= frame.high)).all(axis=1)
    made = np.full(len(shapes), shapely.MultiPoint(), dtype=object)
    if inside.any():
        shapely.multipoints(parts[inside], indices=owner[inside], out=made)
    return made


def _simple(shapes: Shapes) -> tuple[Shapes, Ints]:
    """Single shapes and whose each is, collections taken apart to the last."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) >= _MULTI).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    return parts, owner


def _chosen(shapes: Shapes, points: Points, kind: int) -> tuple[Shapes, Ints, Points]:
    """The single shapes of a type (0 point, 1 line, 3 polygon) with their owners and points."""
    parts, owner = _simple(shapes)
    right = shapely.get_type_id(parts) == kind
    if right.all():
        return parts, owner, points
    return parts[right], owner[right], points[np.repeat(right, shapely.get_num_coordinates(parts))]


def points_of(shapes: Shapes, points: Points) -> Runs:
    _, owner, points = _chosen(shapes, points, 0)
    who, count = np.unique(owner, return_counts=True)
    return Runs(points, count, who, who)


def lines_of(shapes: Shapes, points: Points) -> Runs:
    parts, owner, points = _chosen(shapes, points, 1)
    return Runs(points, shapely.get_num_coordinates(parts), np.arange(len(parts)), owner)


def polygons_of(shapes: Shapes, points: Points) -> Runs:
    parts, owner, points = _chosen(shapes, points, 3)
    rings, part = shapely.get_rings(parts, return_index=True)
    return Runs(points, shapely.get_num_coordinates(rings), part, owner[part])
