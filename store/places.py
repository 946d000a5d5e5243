"""The places that a box names: one region, or two where it crosses the antimeridian."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import shapely

from store.criteria import Box


@dataclass(frozen=True)
class Region:
    """A place in x, y of EPSG:4490. `rectangle` says that it is all of its bounds."""

    shape: Any = field(compare=False)
    bounds: tuple[float, float, float, float]
    rectangle: bool

    @cached_property
    def wkb(self) -> bytes:
        return bytes(shapely.to_wkb(self.shape))

    @cached_property
    def prepared(self) -> Any:
        shapely.prepare(self.shape)
        return self.shape


def regions(box: Box) -> list[Region]:
    """The regions of a box; their union is what it names. A box without width or height is a line or a point."""
    if box.shape is not None:
        return [Region(shapely.from_wkb(box.shape), (box.west, box.south, box.east, box.north), False)]
    if box.west <= box.east:
        return [_rectangle(box.west, box.south, box.east, box.north)]
    return [
        _rectangle(box.west, box.south, 180.0, box.north),
        _rectangle(-180.0, box.south, box.east, box.north),
    ]


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


def _rectangle(west: float, south: float, east: float, north: float) -> Region:
    if west == east and south == north:
        shape: Any = shapely.Point(west, south)
    elif west == east or south == north:
        shape = shapely.LineString([(west, south), (east, north)])
    else:
        shape = shapely.box(west, south, east, north)
    return Region(shape, (west, south, east, north), True)
