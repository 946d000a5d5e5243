"""The rasters: small, in EPSG:4490, and the 248 patches show in the images of 2015."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.features import rasterize

from config.registry import Registry
from server.demo.rasters import write_rasters
from server.demo.world import World
from tests.demo.judge import Layers


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("rasters")
    write_rasters(made, world)
    return made


def test_files_are_those_of_the_collections(folder: Path, registry: Registry) -> None:
    names = {path.name for path in folder.iterdir()}
    assert Path(str(registry.layers["base-elevation"].source["path"])).name in names
    imagery = registry.layers["base-imagery"].source
    for year in (2014, 2015, 2016):
        assert Path(str(imagery["path"]).format(year=year)).name in names
    assert sum(path.stat().st_size for path in folder.iterdir()) < 20_000_000


def test_elevation_has_hills_in_the_west(folder: Path) -> None:
    with rasterio.open(folder / "base-elevation.tif") as image:
        assert image.crs.to_epsg() == 4490
        cells = image.read(1)
        assert "模拟" in image.tags()["TIFFTAG_IMAGEDESCRIPTION"]
    third = cells.shape[1] // 3
    assert cells[:, :third].mean() > cells[:, -third:].mean() + 100
    assert 0 < cells.min() < cells.max() < 1_500


def read(path: Path) -> tuple[np.ndarray, object]:
    with rasterio.open(path) as image:
        assert image.crs.to_epsg() == 4490
        assert image.descriptions == ("red", "green", "blue", "near_infrared")
        return image.read().astype(int), image.transform


def test_every_patch_shows(folder: Path, layers: Layers) -> None:
    first, transform = read(folder / "base-imagery-2014.tif")
    second, _ = read(folder / "base-imagery-2015.tif")
    patches = layers.on("monitor-change-patch")
    numbered = [(shape, k + 1) for k, shape in enumerate(patches.shapes)]
    owner = rasterize(numbered, out_shape=first.shape[1:], transform=transform, dtype="int32")
    distance = np.sqrt(((second - first) ** 2).sum(axis=0))
    changed = distance > 40
    for k in range(1, len(patches) + 1):
        assert changed[owner == k].mean() > 0.9
    assert changed[owner == 0].mean() < 0.0005
    assert shapely.get_num_geometries(patches.shapes).sum() == 248


def test_pair_without_change_and_shifted_pair(folder: Path) -> None:
    first, second = (read(folder / f"no-change-{name}.tif")[0] for name in ("first", "second"))
    assert np.abs(first - second).max() <= 6
    first, second = (read(folder / f"shifted-{name}.tif")[0] for name in ("first", "second"))
    assert (first[:, :, :-1] == second[:, :, 1:]).all()
    assert (first != second).any()
