"""A tile of a raster file as a PNG picture: warped into the tile's system by rasterio, transparent where nothing is.

Three bands or more of bytes are red, green and blue as they are; one band of numbers is coloured from its lowest to its
highest value.
"""

import warnings
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.columns import SRID
from tiles.grid import Tile

_RAMP = np.array(
    [(46, 125, 80), (142, 178, 96), (230, 214, 148), (190, 140, 92), (140, 96, 80), (245, 245, 245)], dtype=np.float64
)
"""From low to high: plains, hills, mountains."""


def picture(path: Path, changed: int, tile: Tile) -> bytes:
    """The tile as PNG; no bytes where nothing of the file lies in it. `changed` tells versions of the file apart."""
    import rasterio
    from rasterio.enums import Resampling
    from rasterio.io import MemoryFile
    from rasterio.transform import from_bounds
    from rasterio.vrt import WarpedVRT

    crs = tile.grid.crs
    width, height = tile.matrix.tile_width, tile.matrix.tile_height
    place: dict[str, Any] = {
        "crs": f"EPSG:{crs.code if crs.projected else SRID}",
        "transform": from_bounds(*tile.bounds, width, height),
        "width": width,
        "height": height,
        "resampling": Resampling.bilinear,
    }
    with rasterio.open(path) as data, WarpedVRT(data, **place) as warped:
        mask = warped.dataset_mask()
        if not mask.any():
            return b""
        if data.count >= 3 and data.dtypes[0] == "uint8":
            colours = warped.read((1, 2, 3))
        else:
            colours = _coloured(warped.read(1), *_range(path, changed))
    _plain_pictures()
    with MemoryFile() as memory:
        with memory.open(driver="PNG", width=width, height=height, count=4, dtype="uint8") as out:
            out.write(np.concatenate([colours, mask[None]]))
        return bytes(memory.read())


@cache
def _plain_pictures() -> None:
    """A PNG says nothing of its place, and need not: the tile does. rasterio would warn of it."""
    from rasterio.errors import NotGeoreferencedWarning

    warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)


@lru_cache(maxsize=64)
def _range(path: Path, changed: int) -> tuple[float, float]:  # noqa: ARG001  a changed file is read again
    import rasterio

    with rasterio.open(path) as data:
        values = data.read(1, masked=True, out_shape=(min(data.height, 512), min(data.width, 512)))
    if not values.count():
        return 0.0, 1.0
    return float(values.min()), float(values.max())


def _coloured(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    part = np.clip((values.astype(np.float64) - low) / max(high - low, 1e-9), 0, 1)
    stops = np.linspace(0, 1, len(_RAMP))
    return np.stack([np.interp(part, stops, _RAMP[:, band]) for band in range(3)]).astype(np.uint8)
