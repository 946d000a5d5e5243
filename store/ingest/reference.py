"""What an upload is compared with: the administrative areas that the node holds, and the area that it answers for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

METRES = 111_320.0
"""Metres in a degree of latitude, near enough for distances of some hundred metres."""


@dataclass(frozen=True)
class Boundaries:
    """Division polygons (lon, lat, EPSG:4490) by six-digit code, and the node's own division."""

    polygons: Mapping[str, Any]
    codes: frozenset[str]

    @cached_property
    def area(self) -> Any:
        """The union of the node's own divisions, prepared; None where none of them is known."""
        own = [shape for code, shape in self.polygons.items() if code in self.codes]
        if not own:
            return None
        union = shapely.union_all(own)
        shapely.prepare(union)
        return union

    @cached_property
    def _scale(self) -> NDArray[np.float64]:
        latitude = np.mean([shapely.centroid(shape).y for shape in self.polygons.values()])
        return np.array([np.cos(np.radians(latitude)), 1.0]) * METRES

    @cached_property
    def _segments(self) -> Any:
        """A tree of all boundary segments, in metres beside each other."""
        rings = shapely.get_rings(shapely.get_parts(list(self.polygons.values())))
        xy, owner = shapely.get_coordinates(rings, return_index=True)
        xy = xy * self._scale
        same = owner[:-1] == owner[1:]
        return shapely.STRtree(shapely.linestrings(np.stack((xy[:-1][same], xy[1:][same]), axis=1)))

    def distance(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres from each lon, lat (n, 2) to the nearest boundary; infinite beyond 5 km."""
        out = np.full(len(xy), np.inf)
        points = shapely.points(xy * self._scale)
        index, found = self._segments.query_nearest(points, max_distance=5000, return_distance=True, all_matches=False)
        out[index[0]] = found
        return out

    def within(self, code: str, points: Any) -> NDArray[np.bool_]:
        """Which points lie in the division of a code (its first six digits)."""
        return np.asarray(shapely.contains(self.polygons[code[:6]], points))


def boundaries(codes: Iterable[str], shapes: Iterable[Any], own: frozenset[str]) -> Boundaries | None:
    """Boundaries of valid polygons by code; of the node's own codes, any level will do; None if empty."""
    polygons = {
        code[:6]: shape
        for code, shape in zip(codes, shapes, strict=True)
        if shape is not None and shapely.is_valid(shape) and shapely.get_dimensions(shape) == 2
    }
    return Boundaries(polygons, own) if polygons else None
