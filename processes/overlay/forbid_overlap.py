"""Relation forbid-overlap: where do polygons of one layer cover polygons of another, and by how much?

Candidates come from an STRtree, pieces from `shapely.intersection` in bulk, partition by partition.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from processes.area import AreaMethod, Floats
from processes.overlay.polygons import Polygons, gather, polygon_parts

Each = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
"""Runs a function on every partition and gives the results in their order; who runs them is the caller's matter."""

PAIRS_PER_PARTITION = 10_000


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What counts as a finding. A part of an overlap is a sliver when its mean width 2A/P is below `min_width` (m) or
    its compactness 4 pi A / P^2 below `min_compactness`; what remains of a pair counts from `min_area` (m2). 0 switches
    a threshold off."""

    min_area: float = 1.0
    min_width: float = 1.0
    min_compactness: float = 0.02

    def slivers(self, area: Floats, perimeter: Floats) -> NDArray[np.bool_]:
        """Which of these polygons are slivers."""
        with np.errstate(divide="ignore", invalid="ignore"):
            width = np.nan_to_num(2 * area / perimeter)
            compactness = np.nan_to_num(4 * np.pi * area / perimeter**2)
        thin: NDArray[np.bool_] = (width < self.min_width) | (compactness < self.min_compactness)
        return thin


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was found and not reported: count of parts or pairs and their area in m2."""

    count: int = 0
    area: float = 0.0

    def __add__(self, other: "Dropped") -> "Dropped":
        return Dropped(self.count + other.count, self.area + other.area)


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Findings, one per pair of features, in the order of left and right index: indexes into the two layers, the
    overlapping Polygon or MultiPolygon, its area in m2, and what was dropped on the way."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    geometry: NDArray[np.object_]
    area: Floats
    candidates: int
    slivers: Dropped
    small: Dropped

    def __len__(self) -> int:
        return len(self.left)

    def only(self, keep: NDArray[np.bool_]) -> "Overlaps":
        """The findings that a mask picks; what was dropped stays counted."""
        picked = {name: getattr(self, name)[keep] for name in ("left", "right", "geometry", "area")}
        return replace(self, **picked)


@dataclass(frozen=True, slots=True)
class _Partition:
    """Pairs of polygons to cut with each other; can be pickled, so any executor may run it."""

    first: NDArray[np.object_]
    second: NDArray[np.object_]
    thresholds: Thresholds
    method: AreaMethod


@dataclass(frozen=True, slots=True)
class _Cut:
    pairs: NDArray[np.int64]
    geometry: NDArray[np.object_]
    area: Floats
    slivers: Dropped
    small: Dropped


def forbid_overlap(
    left: Polygons,
    right: Polygons | None,
    thresholds: Thresholds,
    method: AreaMethod,
    each: Each = map,
) -> Overlaps:
    """Every pair of a left and a right polygon that overlap by more than the thresholds drop.

    `right` None means the left layer with itself: each pair counts once and no polygon meets itself.
    The same input gives the same output, byte for byte, however the partitions were run.
    """
    other = left if right is None else right
    pairs = candidates(left.geometry, other.geometry, within=right is None)
    starts = range(0, pairs.shape[1], PAIRS_PER_PARTITION)
    chunks = [pairs[:, start : start + PAIRS_PER_PARTITION] for start in starts]
    work = [_Partition(left.geometry[a], other.geometry[b], thresholds, method) for a, b in chunks]
    cuts: list[_Cut] = list(each(cut, work))
    empty = np.empty(0)
    chosen = [pairs[:, start + part.pairs] for start, part in zip(starts, cuts, strict=True)]
    found = np.concatenate([np.empty((2, 0), dtype=np.int64), *chosen], axis=1)
    return Overlaps(
        left=found[0],
        right=found[1],
        geometry=np.concatenate([empty.astype(object), *(part.geometry for part in cuts)]),
        area=np.concatenate([empty, *(part.area for part in cuts)]),
        candidates=pairs.shape[1],
        slivers=sum((part.slivers for part in cuts), Dropped()),
        small=sum((part.small for part in cuts), Dropped()),
    )


def candidates(left: NDArray[np.object_], right: NDArray[np.object_], within: bool = False) -> NDArray[np.int64]:
    """Pairs whose boxes meet, as a (2, n) array of indexes sorted by left, then right."""
    pairs: NDArray[np.int64] = shapely.STRtree(right).query(left)
    if within:
        pairs = pairs[:, pairs[0] < pairs[1]]
    sorted_pairs: NDArray[np.int64] = pairs[:, np.lexsort((pairs[1], pairs[0]))]
    return sorted_pairs


def cut(work: _Partition) -> _Cut:
    """The overlaps of one partition's pairs."""
    parts, owner = polygon_parts(_intersections(work.first, work.second))
    area, perimeter = work.method.measure(parts)
    thin = work.thresholds.slivers(area, perimeter)
    slivers = Dropped(int(thin.sum()), float(area[thin].sum()))
    parts, owner, area = parts[~thin], owner[~thin], area[~thin]
    total = np.bincount(owner, area, len(work.first))
    met = np.bincount(owner, minlength=len(work.first)) > 0
    enough = met & (total >= work.thresholds.min_area)
    small = Dropped(int((met & ~enough).sum()), float(total[met & ~enough].sum()))
    pairs = np.flatnonzero(enough)
    kept = enough[owner]
    position = np.cumsum(enough) - 1
    geometry = gather(parts[kept], position[owner[kept]], len(pairs))
    return _Cut(pairs, geometry, total[pairs], slivers, small)


def _intersections(first: NDArray[np.object_], second: NDArray[np.object_]) -> NDArray[np.object_]:
    """Intersections pair by pair; a polygon wholly inside the other is its own, without cutting."""
    shapely.prepare(second)
    inside = shapely.contains_properly(second, first)
    pieces = first.copy()
    pieces[~inside] = shapely.intersection(first[~inside], second[~inside])
    return pieces
