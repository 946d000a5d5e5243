"""The places that a box names: one region, or two where it crosses the antimeridian."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import shapely

from store.columns import placed
from store.criteria import Box


@dataclass(frozen=True)
class Region:
    """A place in x, y of EPSG:4490: all of its bounds (west, south, east, north), or the WKB that is `given`."""

    bounds: tuple[float, float, float, float]
    given: bytes | None = None

    @property
    def rectangle(self) -> bool:
        return self.given is None

    @cached_property
    def shape(self) -> Any:
        """Made when needed: PostGIS is told the four sides of most."""
        return _rectangle(*self.bounds) if self.given is None else shapely.from_wkb(self.given)

    @property
    def placed(self) -> str:
        """As `store.columns.PlacedGeometry`."""
        return placed(self.shape)

    @cached_property
    def prepared(self) -> Any:
        shapely.prepare(self.shape)
        return self.shape


def regions(box: Box) -> list[Region]:
    """The regions of a box; their union is what it names. A box without width or height is a line or a point."""
    if box.shape is not None or box.west <= box.east:
        return [Region((box.west, box.south, box.east, box.north), box.shape)]
    return [Region((box.west, box.south, 180.0, box.north)), Region((-180.0, box.south, box.east, box.north))]


def region(shape: Any) -> Region:
    """A geometry, x, y in EPSG:4490, as a region."""
    plain = shape.geom_type == "Polygon" and shapely.get_num_coordinates(shape) == 5
    if plain and shape.equals(shapely.box(*shape.bounds)):
        return Region(shape.bounds)
    return Region(shape.bounds, shapely.to_wkb(shape))


def share(region: Region, extent: Box | None) -> float:
    """Which part of a layer lies in a region if it is spread evenly over its extent, 0 to 1; 1 where none is known."""
    if extent is None:
        return 1.0
    west, south, east, north = region.bounds
    width = min(east, extent.east) - max(west, extent.west)
    height = min(north, extent.north) - max(south, extent.south)
    whole = (extent.east - extent.west) * (extent.north - extent.south)
    if width < 0 or height < 0:
        return 0.0
    return min(1.0, width * height / whole) if whole > 0 else 1.0


def covers(region: Region, extent: Box | None) -> bool:
    """Whether all of a layer lies in a region."""
    if extent is None or not region.rectangle:
        return False
    west, south, east, north = region.bounds
    return west <= extent.west and south <= extent.south and east >= extent.east and north >= extent.north


def _rectangle(west: float, south: float, east: float, north: float) -> Any:
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)
