"""The recorded area against the plane area in the 3-degree Gauss-Krueger zone where the feature lies.

Permits and plan texts state plane areas; a zone's plane area differs from the geodesic one by up to 422 ppm here.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from config.layers import Attribute, AttributeType, Layer
from store.crs import resolve

UNITS = {"m2": 1.0, "har": 1e4, "km2": 1e6, "[mu_cn]": 10_000 / 15}
"""Square metres of the units that an area attribute may have."""

RELATIVE, ABSOLUTE = 0.01, 1.0
"""Tolerance: one per cent, and a square metre (areas are recorded rounded)."""

ZONE_CODES = 4488
"""EPSG code of zone n is 4488 + n (CGCS2000, 3 degrees, zone-prefixed)."""


def recorded_area(layer: Layer) -> Attribute | None:
    """The attribute that records the feature's own area: `area`, or one whose code is MJ or ends in it."""
    areas = [one for one in layer.attributes if one.unit in UNITS and one.type is AttributeType.NUMBER]
    named = [one for one in areas if one.name == "area" or one.code == "MJ"]
    return named[0] if named else next((one for one in areas if one.code in {"TBMJ", "YDMJ", "DKMJ", "ZDMJ"}), None)


def zones(geometries: NDArray[np.object_]) -> NDArray[np.int64]:
    """The 3-degree zone of each geometry's middle, 0 where China has none (25-45) or there is no geometry."""
    bounds = shapely.bounds(geometries)
    with np.errstate(invalid="ignore"):
        number = np.rint((bounds[:, 0] + bounds[:, 2]) / 6)
    return np.asarray(np.where((number >= 25) & (number <= 45), number, 0), dtype=np.int64)


def plane_areas(geometries: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Square metres in each geometry's zone, and that zone; NaN where there is none."""
    number = zones(geometries)
    areas = np.full(len(geometries), np.nan)
    for zone in np.unique(number[number > 0]).tolist():
        chosen = np.flatnonzero(number == zone)
        crs = resolve(f"EPSG:{ZONE_CODES + zone}", plain=True)
        areas[chosen] = shapely.area(
            shapely.transform(geometries[chosen], lambda xy, crs=crs: crs.forward(xy)[:, ::-1])
        )
    return areas, number


def mismatches(
    geometries: NDArray[np.object_], recorded: NDArray[np.float64], factor: float
) -> list[tuple[int, float, float, int]]:
    """(index, recorded, computed, zone) in the attribute's unit, where they differ beyond the tolerance.

    `recorded` is NaN where nothing is recorded; `factor` is the unit in square metres.
    """
    chosen = np.flatnonzero(~np.isnan(recorded))
    if len(chosen) == 0:
        return []
    areas, number = plane_areas(geometries[chosen])
    with np.errstate(invalid="ignore"):
        difference = np.abs(recorded[chosen] * factor - areas)
        wrong = difference > np.maximum(RELATIVE * areas, ABSOLUTE)
    return [
        (int(chosen[n]), float(recorded[chosen[n]]), float(areas[n] / factor), int(number[n]))
        for n in np.flatnonzero(wrong).tolist()
    ]
