"""The polygons of one layer as arrays, fit for overlay: what is not fit is repaired or left out, and named."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

_POLYGON = 3
_MULTI_POLYGON = 6


@dataclass(frozen=True, slots=True)
class Polygons:
    """Valid, non-empty Polygons and MultiPolygons in degrees (x, y), with their features' ids and versions."""

    ids: NDArray[np.object_]
    versions: NDArray[np.int64]
    geometry: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Defect:
    """A feature that could not be taken as it is: `reason` says why, `remedy` what was done."""

    id: str
    reason: str
    remedy: Literal["repaired", "left-out"]


def prepare(
    ids: Sequence[Any] | NDArray[np.object_],
    versions: Sequence[int] | NDArray[np.int64],
    geometry: NDArray[np.object_],
) -> tuple[Polygons, tuple[Defect, ...]]:
    """The usable polygons in the order of their ids, and every feature that was repaired or left out.

    `geometry` holds shapely geometries or None (no or unreadable geometry). An invalid polygon is repaired as
    `shapely.make_valid` does by structure, and keeps its polygonal parts; one with nothing left is left out.
    """
    names = np.asarray(ids, dtype=object)
    order = np.argsort(names.astype(str), kind="stable")
    names, numbers, shapes = names[order], np.asarray(versions, dtype=np.int64)[order], geometry[order].copy()
    reasons = np.full(len(names), None, dtype=object)

    kinds = shapely.get_type_id(shapes)
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    reasons[missing] = "no geometry, or one that cannot be read"
    other = ~missing & (kinds != _POLYGON) & (kinds != _MULTI_POLYGON)
    reasons[other] = "not a polygon"
    broken = ~missing & ~other & ~shapely.is_valid(shapes)
    reasons[broken] = shapely.is_valid_reason(shapes[broken])
    shapes[broken] = polygonal(shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False))
    gone = missing | other | (shapely.area(shapes) == 0)
    reasons[gone & (reasons == None)] = "a polygon without area"  # noqa: E711  elementwise

    named = np.flatnonzero(gone | broken)
    defects = tuple(Defect(str(names[n]), str(reasons[n]), "left-out" if gone[n] else "repaired") for n in named)
    keep = ~gone
    return Polygons(names[keep], numbers[keep], shapes[keep]), defects


def polygonal(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Each geometry's polygonal parts as one Polygon or MultiPolygon; an empty Polygon where it has none."""
    parts, owner = polygon_parts(shapes)
    return gather(parts, owner, len(shapes))


def polygon_parts(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """All single Polygons within the geometries, and the index of the geometry each came from."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    while np.any(shapely.get_type_id(parts) > _POLYGON):  # collections within collections
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    keep = (shapely.get_type_id(parts) == _POLYGON) & ~shapely.is_empty(parts)
    return parts[keep], owner[keep]


def gather(parts: NDArray[np.object_], owner: NDArray[np.int64], count: int) -> NDArray[np.object_]:
    """`count` geometries from single Polygons in their owners' order: of one a Polygon, of more a MultiPolygon."""
    result = np.full(count, shapely.Polygon(), dtype=object)
    sizes = np.bincount(owner, minlength=count)
    single = sizes[owner] == 1
    result[owner[single]] = parts[single]
    if not single.all():
        several, position = np.unique(owner[~single], return_inverse=True)
        result[several] = shapely.multipolygons(parts[~single], indices=position)
    return result
