"""What only comparison tells: data shifted to GCJ-02, data in another zone than it says, or than it lies in.

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
from store.ingest.numbers import contradictions
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


MARGIN = 0.25
"""Degrees beyond its edge to which a zone is used in practice, so that a county need not be cut."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Some features of a file: a point of each in the file's numbers, and the division that each says it is in."""

    xy: NDArray[np.float64]
    codes: NDArray[np.object_]

    @classmethod
    def of(cls, wkb: NDArray[np.object_], codes: Sequence[Any]) -> "Sample":
        points = shapely.centroid(shapely.from_wkb(wkb, on_invalid="ignore"))
        present = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))[:PER_CHUNK]
        xy = shapely.get_coordinates(points[present])
        known = np.array(["" if code is None else str(code).strip()[:6] for code in codes], dtype=object)[present]
        finite = np.isfinite(xy).all(axis=1)
        return cls(xy[finite], known[finite])

    def share(self, lonlat: NDArray[np.float64], reference: Boundaries) -> float | None:
        """How much of it lies where it says: in its division, or in the node's area where it says none; None where
        neither is known."""
        fits, asked = 0, 0
        for code in np.unique(self.codes.astype(str)).tolist():
            shape = reference.polygons.get(code, reference.area)
            chosen = (self.codes == code) & np.isfinite(lonlat).all(axis=1)
            if shape is not None:
                asked += int((self.codes == code).sum())
                fits += int(shapely.intersects(shape, shapely.points(lonlat[chosen])).sum())
        return fits / asked if asked else None


def better_frame(frame: Frame, sample: Sample, reference: Boundaries, log: Collector) -> bool:
    """Whether features that do not lie where they say would do so with X and Y exchanged or in another zone.

    The zone of an easting without prefix cannot be seen in the numbers, and a prefix may have been put on by hand; only
    the place tells. Reported to `log`.
    """
    xy = sample.xy
    found = sample.share(frame.apply(xy), reference) if len(xy) else None
    if found is None or found > 1 - SHARE:
        return False
    if _fits(sample, frame.apply(xy[:, ::-1]), reference):
        if not contradictions(frame, np.tile(xy, 2)):  # else it is said of each feature
            log.note("crs-axes-swapped", value=f"{xy[0][0]:.9g}, {xy[0][1]:.9g}")
        return True
    for code, offset in _neighbours(frame):
        from pyproj import Transformer

        other = Transformer.from_crs(parse(f"EPSG:{code}"), parse("EPSG:4490"), always_xy=True)
        x, y = (xy[:, 1], xy[:, 0]) if frame.swap else (xy[:, 0], xy[:, 1])
        if _fits(sample, np.column_stack(other.transform(x + offset, y)), reference):
            log.note("crs-zone-suspected", value=f"EPSG:{code}")
            return True
    return False


def distant_zone(frame: Frame, sample: Sample, log: Collector) -> bool:
    """Whether the features lie outside the zone that they are drawn in: right in place, but in a foreign zone, where
    lengths and areas are off (at three degrees by 0.1 %). Reported to `log`."""
    zone = frame.zone
    if zone is None or not len(sample.xy) or contradictions(frame, np.tile(sample.xy, 2)):
        return False
    lon = frame.apply(sample.xy)[:, 0]
    if not np.mean(abs(lon - zone.meridian) > zone.width / 2 + MARGIN) > SHARE:
        return False
    middle = float(np.median(lon))
    number = round(middle / 3) if zone.width == 3 else int(middle // 6) + 1
    own = Zone(zone.width, number, zone.prefixed)
    if number not in _numbers(zone.width):
        return False
    code = DATUMS.get(frame.datum, CGCS2000).code(own)
    log.note("crs-zone-distant", declared=zone.number, found=number, lon=f"{middle:.2f}", value=f"EPSG:{code}")
    return True


def _fits(sample: Sample, lonlat: NDArray[np.float64], reference: Boundaries) -> bool:
    share = sample.share(lonlat, reference)
    return share is not None and share > SHARE


def _numbers(width: int) -> range:
    return range(25, 46) if width == 3 else range(13, 24)


def _neighbours(frame: Frame) -> list[tuple[int, float]]:
    """Codes of the same series, nearest first, and what eastings change by: the prefix, where they carry one."""
    zone, datum = frame.zone, DATUMS.get(frame.datum, CGCS2000)
    if zone is None:
        return []
    numbers = sorted(set(_numbers(zone.width)) - {zone.number}, key=lambda number: abs(number - zone.number))
    step = 1e6 if zone.prefixed else 0.0
    return [(datum.code(Zone(zone.width, n, zone.prefixed)), step * (n - zone.number)) for n in numbers]
