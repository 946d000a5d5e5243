"""Whether a file's numbers can be what its coordinate system says: degrees or metres, the zone, X and Y in place."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.ingest.frame import Frame
from store.ingest.problems import Problem
from store.ingest.zones import CGCS2000, DATUMS, PREFIXED_FROM, Zone, prefix_zone

DEGREES = 360.0
NORTHINGS = (1_800_000.0, 6_100_000.0)
"""Gauss-Krueger northings of China, from the Paracel Islands to the Amur."""
EASTINGS = (0.0, 1_200_000.0)
"""Eastings without zone prefix, well beyond a zone's edge."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What contradicts at one feature: a problem code and its parameters."""

    code: str
    params: dict[str, Any]

    def problem(self, row: int) -> Problem:
        return Problem(self.code, row, params=self.params)


def contradictions(frame: Frame, bounds: NDArray[np.float64]) -> dict[int, Contradiction]:
    """Features, by index, whose `bounds` (n, 4: minx, miny, maxx, maxy as in the file) the frame cannot have."""
    x0, y0, x1, y1 = bounds[:, [1, 0, 3, 2]].T if frame.swap else bounds.T
    with np.errstate(invalid="ignore"):
        if frame.geographic:
            suspicious = (np.abs(bounds) > DEGREES).any(axis=1) | (np.maximum(np.abs(y0), np.abs(y1)) > 90)
        else:
            suspicious = (np.abs(bounds) <= DEGREES).all(axis=1)
            if frame.zone is not None:
                low = frame.zone.number * 1e6 if frame.zone.prefixed else EASTINGS[0]
                high = low + 1e6 if frame.zone.prefixed else EASTINGS[1]
                suspicious |= (x0 < low) | (x1 >= high) | (y1 < y0)
    found = {}
    for index in np.flatnonzero(suspicious & np.isfinite(bounds).all(axis=1)).tolist():
        one = _judge(frame, float(x0[index]), float(y0[index]), float(x1[index]), float(y1[index]))
        if one is not None:
            found[index] = one
    return found


def _judge(frame: Frame, x0: float, y0: float, x1: float, y1: float) -> Contradiction | None:
    value = {"value": f"{x0:.9g}, {y0:.9g}"}
    degrees = max(abs(x0), abs(y0), abs(x1), abs(y1)) <= DEGREES
    if frame.geographic:
        if not degrees:
            return Contradiction("crs-unit-contradiction", {"unit": "度", "unit_en": "degrees", **value})
        swapped = max(abs(x0), abs(x1)) <= 90 < max(abs(y0), abs(y1))
        return Contradiction("crs-axes-swapped", value) if swapped else None
    if degrees:
        return Contradiction("crs-unit-contradiction", {"unit": "米", "unit_en": "metres", **value})
    return None if frame.zone is None else _in_zone(frame.zone, frame.datum, x0, y0, value)


def _in_zone(zone: Zone, datum: str, x: float, y: float, value: dict[str, Any]) -> Contradiction | None:
    if NORTHINGS[0] <= x <= NORTHINGS[1] and (y >= PREFIXED_FROM or EASTINGS[0] <= y <= EASTINGS[1]):
        return Contradiction("crs-axes-swapped", value)
    found = prefix_zone(x)
    if found is not None and (found.number != zone.number or not zone.prefixed):
        return Contradiction("crs-zone-contradiction", {"declared": zone.number, "found": found.number, **value})
    if zone.prefixed and EASTINGS[0] <= x <= EASTINGS[1]:
        other = DATUMS.get(datum, CGCS2000).code(Zone(zone.width, zone.number, False))
        return Contradiction("crs-prefix-missing", {"other": other, **value})
    return None
