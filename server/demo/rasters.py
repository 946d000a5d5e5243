"""Small rasters: hills of 鹿泉 (elevation), and images of the central city of 2014, 2015 and 2016.

Beside them lie a pair without change and a pair that is shifted by one pixel. All are synthetic, in EPSG:4490.
"""

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from server.demo.plans import PLAN
from server.demo.planting.change import LAYER as PATCHES
from server.demo.planting.change import LOADED
from server.demo.world import PLAN_2014, World

HILLS = (114.18, 37.98, 114.38, 38.16)
HILL_STEP = 0.0005
PIXEL = 10.0
"""Metres of an image's pixel."""
SYNTHETIC = "模拟数据，非真实 (synthetic, not real)"

COVERS = {"E": (70, 96, 58, 168), "G": (58, 92, 52, 178), "E1": (44, 62, 84, 32), "S": (128, 126, 124, 96)}
"""Red, green, blue, near infrared of what a parcel's class suggests; anything else is built."""
BUILT, BARE = (142, 136, 130, 108), (178, 158, 134, 140)


def write_rasters(folder: Path, world: World) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _elevation(folder / "base-elevation.tif", world.rng)
    _images(folder, world)


def _elevation(path: Path, rng: np.random.Generator) -> None:
    """Hills in the west that fall to the plain in the east, with ridges of several sizes; metres above the sea."""
    west, south, east, north = HILLS
    wide, high = round((east - west) / HILL_STEP), round((north - south) / HILL_STEP)
    x, y = np.meshgrid(np.linspace(0, 1, wide), np.linspace(1, 0, high))
    slope = 90.0 + 620.0 * np.clip(1 - 1.35 * x, 0, None) ** 1.5
    ridges = np.zeros_like(x)
    for octave in range(1, 6):
        phase = rng.uniform(0, 2 * np.pi, 4)
        waves = np.sin(2**octave * 5 * x + phase[0] + 2 * np.sin(2**octave * 3 * y + phase[1]))
        ridges += (waves + np.cos(2**octave * 6 * y + phase[2])) * 60.0 / 1.8**octave
    cells = slope + ridges * np.clip(1.15 - 1.2 * x, 0.03, None)
    _write(path, cells[None].astype(np.float32), (west, north, HILL_STEP, HILL_STEP), ("elevation",))


def _images(folder: Path, world: World) -> None:
    frame, shape = _frame(world)
    before = _ground(world, frame, shape)
    patches = [one for one in world.rows[PATCHES, LOADED].geometry if one is not None]
    built = _burn([(one, 1) for one in patches], frame, shape).astype(bool)
    later = before.copy()
    later[:, built] = np.array(BUILT, dtype=np.int16)[:, None] + 24
    before[:, built] = np.where(
        world.rng.uniform(size=int(built.sum())) < 0.5,
        np.array(COVERS["E"], dtype=np.int16)[:, None],
        np.array(BARE, dtype=np.int16)[:, None] * 3 // 5,
    )
    scenes = {"2014": before, "2015": later, "2016": later}
    for name, cells in scenes.items():
        _image(folder / f"base-imagery-{name}.tif", cells, frame, world.rng)
    part = np.s_[:, :400, :400]
    for name in ("first", "second"):
        _image(folder / f"no-change-{name}.tif", before[part], frame, world.rng)
    rng = np.random.default_rng(11)
    noisy = _noisy(before[part], rng)
    names = ("red", "green", "blue", "near_infrared")
    _write(folder / "shifted-first.tif", noisy, frame, names)
    _write(folder / "shifted-second.tif", np.roll(noisy, 1, axis=2), frame, names)


def _frame(world: World) -> tuple[tuple[float, float, float, float], tuple[int, int]]:
    """West, north and pixel sizes (degrees), and rows and columns: the central city."""
    nodes = world.towns[0].lattice.degrees
    west, south = nodes.min(axis=(0, 1))
    east, north = nodes.max(axis=(0, 1))
    across, up = PIXEL / (111_320 * np.cos(np.radians((south + north) / 2))), PIXEL / 111_000
    shape = int(np.ceil((north - south) / up)), int(np.ceil((east - west) / across))
    return (float(west), float(north), float(across), float(up)), shape


def _ground(world: World, frame: tuple[float, float, float, float], shape: tuple[int, int]) -> NDArray[np.int16]:
    """Colours by planned use: water, parks and fields, streets, and built land that varies from parcel to parcel."""
    rows = world.rows[PLAN, PLAN_2014]
    number = len(world.towns[0].parcels)
    shapes = rows.geometry[:number]
    codes = [values["land_use_code"] for values in rows.columns[:number]]
    index = _burn([(one, k + 1) for k, one in enumerate(shapes) if one is not None], frame, shape)
    table = np.full((number + 1, 4), COVERS["E"], dtype=np.int16)
    for k, code in enumerate(codes):
        table[k + 1] = COVERS["E1"] if code.startswith("E1") else COVERS.get(code[0], BUILT)
    table[1:] += world.rng.integers(-14, 15, (number, 1)).astype(np.int16)
    cells: NDArray[np.int16] = np.moveaxis(table[index], -1, 0).copy()
    return cells


def _burn(
    shapes: list[tuple[shapely.Geometry, int]], frame: tuple[float, float, float, float], shape: tuple[int, int]
) -> NDArray[np.int32]:
    from rasterio.features import rasterize
    from rasterio.transform import from_origin

    cells: NDArray[np.int32] = rasterize(shapes, out_shape=shape, transform=from_origin(*frame), dtype="int32")
    return cells


def _noisy(cells: NDArray[np.int16], rng: np.random.Generator) -> NDArray[np.uint8]:
    noise = rng.integers(-3, 4, cells.shape, dtype=np.int16)
    return np.clip(cells + noise, 1, 255).astype(np.uint8)


def _image(
    path: Path, cells: NDArray[np.int16], frame: tuple[float, float, float, float], rng: np.random.Generator
) -> None:
    _write(path, _noisy(cells, rng), frame, ("red", "green", "blue", "near_infrared"))


def _write(
    path: Path,
    cells: NDArray[np.float32] | NDArray[np.uint8],
    frame: tuple[float, float, float, float],
    bands: tuple[str, ...],
) -> None:
    import rasterio
    from rasterio.transform import from_origin

    profile = {
        "driver": "GTiff",
        "count": cells.shape[0],
        "height": cells.shape[1],
        "width": cells.shape[2],
        "dtype": cells.dtype.name,
        "crs": "EPSG:4490",
        "transform": from_origin(*frame),
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "deflate",
        "predictor": 3 if cells.dtype.kind == "f" else 2,
        "nodata": -9999.0 if cells.dtype.kind == "f" else 0,
    }
    with rasterio.open(path, "w", **profile) as image:
        image.write(cells)
        image.update_tags(TIFFTAG_IMAGEDESCRIPTION=SYNTHETIC)
        for number, band in enumerate(bands, 1):
            image.set_band_description(number, band)
