"""From a file's geometry to the layer's: read, transformed, rounded once to 9 decimals, repaired where that is
possible, of the layer's type, outlines counter-clockwise (RFC 7946, 3.1.6)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from config.layers import GeometryType
from store.ingest.frame import Frame
from store.ingest.numbers import contradictions
from store.ingest.problems import Problem
from store.render import DECIMALS, rounded

SINGLE = {0: "Point", 1: "LineString", 3: "Polygon"}
MULTI = {"Point": "MultiPoint", "LineString": "MultiLineString", "Polygon": "MultiPolygon"}
TYPE_IDS = {"Point": 0, "LineString": 1, "Polygon": 3, "MultiPoint": 4, "MultiLineString": 5, "MultiPolygon": 6}
GRID = 10.0**-DECIMALS
SQUARE_METRES = 111_319.49**2
"""Square metres of a square degree at the equator, for how much a repair changed."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """Geometries in EPSG:4490 (None where there is none, or it was at fault) and the faults, by index.

    `moved` are they before rounding and repair: where a fault is, also of what was given up.
    """

    geometries: NDArray[np.object_]
    problems: dict[int, list[Problem]]
    moved: NDArray[np.object_]
    kinds: Counter[str] = field(default_factory=Counter)
    flattened: int = 0

    def place(self, index: int) -> tuple[float, float] | None:
        """A point of the feature as lon, lat: inside it where it is valid or can be repaired, within its box always."""
        shape = self.moved[index]
        return None if shape is None or shape.is_empty else _place_of(shape)


def _place_of(shape: shapely.Geometry) -> tuple[float, float] | None:
    """Centroids will not do: that of a figure of eight, whose two areas cancel out, may lie anywhere."""
    whole = shape if shape.is_valid else repaired(shape)
    xy = shapely.get_coordinates(shapely.point_on_surface(whole) if whole is not None else shape)
    known = xy[np.isfinite(xy).all(axis=1)]
    if not len(known):
        return None
    low, high = np.split(np.asarray(shapely.bounds(shape)), 2)
    x, y = np.clip(np.round(known[0], DECIMALS), low, high).tolist()
    return (x, y)


def read_bounds(wkb: NDArray[np.object_]) -> NDArray[np.float64]:
    """Bounds (n, 4) in the file's own numbers; NaN where nothing can be read."""
    return np.asarray(shapely.bounds(shapely.from_wkb(wkb, on_invalid="ignore")))


def convert(wkb: NDArray[np.object_], frame: Frame, kind: GeometryType) -> Shapes:
    """Every step from WKB in the file's coordinates to the layer's geometry.

    Args:
        wkb: object array of bytes or None, x and y as in the file.
        frame: how they become lon, lat.
        kind: the layer's geometry type.
    """
    problems: dict[int, list[Problem]] = {}
    return conform(_read(wkb, problems), frame, kind, problems)


def conform(raw: NDArray[np.object_], frame: Frame, kind: GeometryType, problems: dict[int, list[Problem]]) -> Shapes:
    """The same for geometries that are read already (changed in place), with what reading them found."""
    for index, one in contradictions(frame, np.asarray(shapely.bounds(raw))).items():
        _add(problems, index, one.code, **one.params)
        raw[index] = None
    flattened = int(shapely.has_z(raw).sum())
    moved = _move(raw, frame, problems)
    done = rounded(moved)
    _repair(done, problems)
    kinds = Counter(str(name) for name in _names(done) if name)
    return Shapes(_typed(done, kind, problems), problems, moved, kinds, flattened)


def _add(problems: dict[int, list[Problem]], index: int, code: str, **params: object) -> None:
    problems.setdefault(index, []).append(Problem(code, params=params))


def _read(wkb: NDArray[np.object_], problems: dict[int, list[Problem]]) -> NDArray[np.object_]:
    """Geometries; an outline that is not closed is closed and said so, what cannot be read is a fault."""
    found: NDArray[np.object_] = np.atleast_1d(shapely.from_wkb(wkb, on_invalid="ignore"))
    for index in np.flatnonzero(shapely.is_missing(found)).tolist():
        if wkb[index] is None:
            continue
        fixed = shapely.from_wkb(wkb[index], on_invalid="fix")
        if fixed is None or shapely.is_empty(fixed):
            _add(problems, index, "geometry-unreadable", reason="too few points, or curves that are not supported")
            continue
        found[index] = fixed
        change = {"reason": "ring not closed", "method": "closing", "change": "0"}
        _add(problems, index, "geometry-repaired", **change)
    missing = np.flatnonzero(shapely.is_missing(found) | shapely.is_empty(found))
    for index in missing.tolist():
        if index not in problems:
            _add(problems, index, "geometry-missing")
        found[index] = None
    return found


def _move(raw: NDArray[np.object_], frame: Frame, problems: dict[int, list[Problem]]) -> NDArray[np.object_]:
    """In lon, lat; a geometry with a coordinate that cannot be transformed, or off the globe, is a fault."""
    flat = shapely.force_2d(raw)
    xy, owner = shapely.get_coordinates(flat, return_index=True)
    lonlat = frame.apply(xy) if len(xy) else xy
    with np.errstate(invalid="ignore"):
        good = np.isfinite(lonlat).all(axis=1) & (np.abs(lonlat[:, 0]) <= 180) & (np.abs(lonlat[:, 1]) <= 90)
    for index in np.unique(owner[~good]).tolist():
        x, y = xy[np.flatnonzero((owner == index) & ~good)[0]]
        _add(problems, index, "coordinates-not-finite", value=f"{x:.9g}, {y:.9g}")
        flat[index] = None
    keep = ~np.isin(owner, np.unique(owner[~good]))
    moved: NDArray[np.object_] = shapely.set_coordinates(flat, lonlat[keep])
    return moved


def _repair(geometries: NDArray[np.object_], problems: dict[int, list[Problem]]) -> None:
    """Make invalid geometries valid in place, keeping their dimension."""
    bad = np.flatnonzero(~shapely.is_valid(geometries) & ~shapely.is_missing(geometries))
    for index in bad.tolist():
        before = geometries[index]
        reason = str(shapely.is_valid_reason(before))
        after = repaired(before)
        if after is None:
            why = {"why": "修复后没有剩余的同维图形", "why_en": "nothing of its dimension is left"}
            _add(problems, index, "geometry-not-repairable", reason=reason, **why)
            geometries[index] = None
            continue
        geometries[index] = after
        change = f"{square_metres(after) - square_metres(before):.3f}"
        _add(problems, index, "geometry-repaired", reason=reason, method="make_valid", change=change)


def repaired(geometry: shapely.Geometry) -> shapely.Geometry | None:
    """A valid geometry of the same dimension on the 9-decimal grid, or None where nothing is left."""
    dimension = shapely.get_dimensions(geometry)
    fixed = _of_dimension(shapely.make_valid(geometry, method="structure", keep_collapsed=False), dimension)
    for _ in range(3):
        if fixed is None:
            return None
        on_grid = rounded(np.array([fixed], dtype=object))[0]
        if on_grid is not None and shapely.is_valid(on_grid):
            return on_grid
        fixed = _of_dimension(shapely.set_precision(fixed, GRID), dimension)
    return None


def _of_dimension(geometry: shapely.Geometry, dimension: int) -> shapely.Geometry | None:
    parts = [one for one in _leaves(geometry) if shapely.get_dimensions(one) == dimension and not one.is_empty]
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    join = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}[int(dimension)]
    return join(parts)


def _leaves(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    parts = list(shapely.get_parts(geometry))
    return [geometry] if len(parts) == 1 and parts[0] is geometry else _flat(parts)


def _flat(parts: list[shapely.Geometry]) -> list[shapely.Geometry]:
    return [leaf for part in parts for leaf in ([part] if shapely.get_type_id(part) < 4 else _leaves(part))]


def square_metres(geometry: shapely.Geometry) -> float:
    """A rough area on the sphere: good enough to say how much a repair changed."""
    if geometry is None or geometry.is_empty:
        return 0.0
    latitude = float(shapely.get_coordinates(geometry)[:, 1].mean())
    return float(shapely.area(geometry)) * SQUARE_METRES * float(np.cos(np.radians(latitude)))


def _names(geometries: NDArray[np.object_]) -> list[str | None]:
    names: Mapping[int, str] = {id: name for name, id in TYPE_IDS.items()}
    return [
        None if one < 0 else names.get(one, "GeometryCollection") for one in shapely.get_type_id(geometries).tolist()
    ]


def _typed(
    geometries: NDArray[np.object_], kind: GeometryType, problems: dict[int, list[Problem]]
) -> NDArray[np.object_]:
    """Of the layer's type: a Multi type takes and promotes its single form; anything else is a fault."""
    types = shapely.get_type_id(geometries)
    if kind is GeometryType.GEOMETRY:
        allowed = set(TYPE_IDS.values())
    else:
        single = next((name for name, multi in MULTI.items() if multi == kind.value), None)
        allowed = {TYPE_IDS[kind.value], *([TYPE_IDS[single]] if single else [])}
        if single is not None:
            _promote(geometries, types == TYPE_IDS[single], TYPE_IDS[kind.value])
        else:
            types = _demote(geometries, types, TYPE_IDS[kind.value])
    for index in np.flatnonzero((types >= 0) & ~np.isin(types, list(allowed))).tolist():
        found = _names(geometries[index : index + 1])[0]
        _add(problems, index, "geometry-wrong-type", found=found, expected=kind.value)
        geometries[index] = None
    done: NDArray[np.object_] = shapely.orient_polygons(geometries)
    return done


def _promote(geometries: NDArray[np.object_], which: NDArray[np.bool_], multi: int) -> None:
    join = {4: shapely.multipoints, 5: shapely.multilinestrings, 6: shapely.multipolygons}[multi]
    chosen = np.flatnonzero(which)
    if len(chosen):
        geometries[chosen] = join(geometries[chosen], indices=np.arange(len(chosen)))


def _demote(geometries: NDArray[np.object_], types: NDArray[np.int32], single: int) -> NDArray[np.int32]:
    """A Multi geometry of one part is its part: FileGDB and Shapefile know only the Multi form."""
    multi = TYPE_IDS[MULTI[SINGLE[single]]]
    alone = np.flatnonzero((types == multi) & (shapely.get_num_geometries(geometries) == 1))
    geometries[alone] = shapely.get_geometry(geometries[alone], 0)
    return np.asarray(shapely.get_type_id(geometries))
