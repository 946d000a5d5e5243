"""A small real node for pygeoapi's tests: two layers of `collections/`, a raster, SQLite, a configuration file."""

from datetime import date
from pathlib import Path

import numpy as np
import shapely
import yaml

from config import registry, settings
from config.layers import Layer
from store import open_store
from store.criteria import Edit, Operation
from store.engine import connect
from store.migrate import migrate

ROOT = Path(__file__).parents[2]
PLAN = "plan-land-use"
FARMLAND = "plan-permanent-basic-farmland"
RASTER = "base-elevation"
CODES = ("R2", "A33", "B1", "G1", "M1")


def make(folder: Path, port: int) -> Path:
    """Write a node into `folder`; returns its configuration file, in which `port` is pygeoapi's too."""
    file = folder / "node.yaml"
    document = {
        "node": {
            "id": "cangzhou",
            "division": "130900",
            "level": "city",
            "title": {"zh": "沧州一张图", "en": "One map of Cangzhou"},
            "description": {"zh": "规划图层", "en": "Planning layers"},
            "notice": {"zh": "数据均为模拟", "en": "All data are synthetic"},
            "license": {"name": {"zh": "CC0", "en": "CC0"}, "url": "https://spdx.org/licenses/CC0-1.0.html"},
        },
        "server": {"host": "127.0.0.1", "port": port, "request_log": False},
        "store": {"url": f"sqlite:///{folder}/store"},
        "collections": {"path": str(ROOT / "collections"), "include": [PLAN, FARMLAND, RASTER]},
        "access": {"open": ["unconditional", "conditional"]},
        "data_dir": str(folder / "data"),
    }
    file.write_text(yaml.safe_dump(document, allow_unicode=True))
    _fill(settings.load(file))
    write_raster(folder / "data" / "rasters" / "base-elevation.tif")
    return file


def _fill(chosen: settings.Settings) -> None:
    known = registry.load(chosen.collections.path).layers
    layers = {id: known[id] for id in (PLAN, FARMLAND)}
    database = connect(chosen.store.url, layers)
    migrate(database, lambda _: None)
    database.close()
    store = open_store(chosen.store.url, layers)
    plot = shapely.box(0, 0, 0.009, 0.009)
    plots = [_edit(layers[PLAN], n, plot, land_use_code=CODES[n % 5], area=1000.5 + n) for n in range(25)]
    store.write(plots, "test")
    slanted = shapely.Polygon([(0.001, 0.002), (0.0123456789, 0.0011), (0.0117, 0.0129), (0.0005, 0.0131)])
    store.write([_edit(layers[FARMLAND], n, slanted, area=5.0) for n in range(6)], "test")
    store.close()


def _edit(layer: Layer, n: int, shape: shapely.Polygon, **given: object) -> Edit:
    corner = np.array([116.8 + 0.01 * (n % 5), 38.25 + 0.01 * (n // 5)])
    place = shapely.transform(shape, lambda xy: xy + corner)
    identity = f"130902-{layer.id[5:8]}-{n:03d}"
    properties: dict[str, object] = {"identifier": identity, "division_code": "130902", **given}
    complete = {one.name: properties.get(one.name) for one in layer.attributes}
    return Edit(layer.id, Operation.CREATE, identity, shapely.to_wkb(place), False, complete, date(2016, 1, 1))


def write_raster(path: Path, crs: str = "EPSG:4490", bands: int = 1) -> None:
    """40 rows, 50 columns of 0.01 degrees (or 100 m) from 116.8, 38.4; values count up; one cell is empty."""
    import rasterio
    from rasterio.transform import from_origin

    path.parent.mkdir(parents=True, exist_ok=True)
    transform = (
        from_origin(116.8, 38.4, 0.01, 0.01) if crs == "EPSG:4490" else from_origin(482_000, 4_252_000, 100, 100)
    )
    values = np.arange(bands * 2000, dtype="float32").reshape(bands, 40, 50)
    values[:, 3, 4] = -9999
    profile = {"driver": "GTiff", "height": 40, "width": 50, "count": bands, "dtype": "float32", "crs": crs}
    with rasterio.open(path, "w", transform=transform, nodata=-9999, **profile) as out:
        out.write(values)
