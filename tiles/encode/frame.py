"""From degrees to units of a tile: x to the right, y down, 0 to EXTENT inside."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from tiles.grid import EXTENT, RADIUS, Tile

_DEGREE: Final = np.pi / 180
_MOST_LATITUDE: Final = 89.99

type Points = NDArray[np.float64]


class Frame:
    """The units of one tile and its buffer."""

    def __init__(self, tile: Tile, buffer: int) -> None:
        self._crs = tile.grid.crs
        self._west, south, east, self._north = tile.bounds
        self._across = EXTENT / (east - self._west)
        self._along = EXTENT / (self._north - south)
        self.low, self.high = float(-buffer), float(EXTENT + buffer)

    def units(self, degrees: Points) -> Points:
        """Coordinates (n, 2), x, y in EPSG:4490, in units of the tile, not rounded."""
        crs = self._crs
        made = np.empty_like(degrees)
        x, y = degrees[:, 0], degrees[:, 1]
        if crs.code == "3857":
            x = x * (RADIUS * _DEGREE)
            # Spherical, as the system defines it: PROJ's own formula, many points at a time.
            y = RADIUS * np.arctanh(np.sin(np.clip(y, -_MOST_LATITUDE, _MOST_LATITUDE) * _DEGREE))
        elif crs.projected:
            moved = crs.forward(degrees)
            x, y = (moved[:, 1], moved[:, 0]) if crs.swap else (moved[:, 0], moved[:, 1])
        np.subtract(x, self._west, out=made[:, 0])
        np.subtract(self._north, y, out=made[:, 1])
        made[:, 0] *= self._across
        made[:, 1] *= self._along
        return made

    def clip(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Shapes in units of the tile cut at its buffer."""
        low, high = self.low, self.high
        try:
            made: NDArray[np.object_] = shapely.clip_by_rect(shapes, low, low, high, high)
        except shapely.errors.GEOSException:
            sound = shapely.make_valid(shapes)
            made = shapely.intersection(sound, shapely.box(low, low, high, high))
        return made
