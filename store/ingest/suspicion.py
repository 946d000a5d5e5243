"""What only comparison tells: data shifted to GCJ-02, data in the neighbouring zone, data outside the node's area.

GCJ-02: an upload's vertices and features vote. A vertex votes for a shift where it lies on a reference boundary after
the shift is taken back and off every boundary before, against it the other way round; a feature with a division code
votes where its point changes sides of that division's boundary. Data that has nothing to do with boundaries gives
few votes, about as many either way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from store.ingest.frame import Frame, parse
from store.ingest.gcj02 import inverse
from store.ingest.problems import Collector
from store.ingest.reference import Boundaries
from store.ingest.zones import CGCS2000, DATUMS, Zone

ON_LINE, OFF_LINE = 30.0, 60.0
"""Metres within which a vertex lies on a boundary, and beyond which it does not: two sources of the same boundaries
of Hebei agree within 30 m at almost half of their vertices, and a GCJ-02 shift there is 500 to 560 m."""
SHARE = 0.8
VERTICES, FEATURES = 30, 10
"""The fewest votes that count."""
PER_CHUNK, AT_MOST = 2_000, 20_000
"""How many vertices, and how many features, are looked at."""


@dataclass(slots=True)
class ShiftTest:
    """Collects the votes of an upload's chunks."""

    reference: Boundaries
    for_vertices: int = 0
    against_vertices: int = 0
    for_features: int = 0
    against_features: int = 0
    seen: int = 0
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(20260101))

    def add(self, geometries: NDArray[np.object_], codes: Sequence[Any]) -> None:
        if self.seen >= AT_MOST:
            return
        xy = shapely.get_coordinates(geometries)
        if len(xy) > PER_CHUNK:
            xy = xy[self.random.choice(len(xy), PER_CHUNK, replace=False)]
        self.seen += len(xy)
        if len(xy):
            before, after = self.reference.distance(xy), self.reference.distance(inverse(xy))
            self.for_vertices += int(((after < ON_LINE) & (before > OFF_LINE)).sum())
            self.against_vertices += int(((before < ON_LINE) & (after > OFF_LINE)).sum())
        self._features(geometries, codes)

    def _features(self, geometries: NDArray[np.object_], codes: Sequence[Any]) -> None:
        keys = np.array([str(code)[:6] if code is not None else "" for code in codes])
        present = ~shapely.is_missing(geometries)
        for code in np.unique(keys[present]).tolist():
            if code not in self.reference.polygons:
                continue
            chosen = np.flatnonzero(present & (keys == code))[:PER_CHUNK]
            points = shapely.centroid(geometries[chosen])
            back = shapely.points(inverse(shapely.get_coordinates(points)))
            before, after = self.reference.within(code, points), self.reference.within(code, back)
            self.for_features += int((after & ~before).sum())
            self.against_features += int((before & ~after).sum())

    def verdict(self) -> dict[str, str] | None:
        """The parameters of the problem `gcj02-suspected`, or None."""
        for yes, no, least, basis in (
            (self.for_vertices, self.against_vertices, VERTICES, "vertices"),
            (self.for_features, self.against_features, FEATURES, "features"),
        ):
            if yes >= least and yes > SHARE * (yes + no):
                return {"share": f"{yes}/{yes + no}", "basis": basis}
        return None


def better_frame(frame: Frame, wkb: NDArray[np.object_], area: Any, log: Collector) -> bool:
    """Whether features that lie outside `area` would lie inside with X and Y exchanged or in a neighbouring zone.

    The zone of an easting without prefix cannot be seen in the numbers; only the place tells. Reported to `log`.
    """
    xy = shapely.get_coordinates(shapely.centroid(shapely.from_wkb(wkb, on_invalid="ignore")))
    xy = xy[np.isfinite(xy).all(axis=1)][:PER_CHUNK]
    if len(xy) == 0 or _share(frame.apply(xy), area) > 1 - SHARE:
        return False
    sample = f"{xy[0][0]:.9g}, {xy[0][1]:.9g}"
    if _share(frame.apply(xy[:, ::-1]), area) > SHARE:
        log.note("crs-axes-swapped", value=sample)
        return True
    for code in _neighbours(frame):
        from pyproj import Transformer

        other = parse(f"EPSG:{code}")
        moved = Transformer.from_crs(other, parse("EPSG:4490"), always_xy=True).transform(xy[:, 0], xy[:, 1])
        if _share(np.column_stack(moved), area) > SHARE:
            log.note("crs-zone-suspected", value=f"EPSG:{code}")
            return True
    return False


def _share(lonlat: NDArray[np.float64], area: Any) -> float:
    finite = lonlat[np.isfinite(lonlat).all(axis=1)]
    return float(shapely.intersects(area, shapely.points(finite)).mean()) if len(finite) else 0.0


def _neighbours(frame: Frame) -> list[int]:
    """Codes of the same series, nearest first, of a zone without prefix."""
    zone, datum = frame.zone, DATUMS.get(frame.datum, CGCS2000)
    if zone is None or zone.prefixed:
        return []
    low, high = (25, 45) if zone.width == 3 else (13, 23)
    numbers = sorted(set(range(low, high + 1)) - {zone.number}, key=lambda number: abs(number - zone.number))
    return [datum.code(Zone(zone.width, number, False)) for number in numbers]
