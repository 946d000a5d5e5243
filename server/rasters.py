"""Raster collections: files of the node's data folder as coverages, through pygeoapi's rasterio support.

The path stands in the layer's definition alone (`source.path`, with `{year}` where there is one file per year) and
never leaves the data folder. OGC API Coverages Part 1 (draft) as pygeoapi has it: bbox, subset, properties, GeoTIFF and
CoverageJSON; what it would answer with a 500 is refused here with a reason.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.errors import DefinitionError, Fault, NotFoundError, ParameterError, TooLargeError
from config.layers import Kind, Layer, Text

if TYPE_CHECKING:
    from store.criteria import Box

MOST_CELLS = 4_000_000
"""Cells times bands of one CoverageJSON answer."""
CRS84 = "OGC:CRS84"
_CRS84_URI = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_AXES = {"lon": "Long", "long": "Long", "lat": "Lat", "x": "x", "y": "y", "e": "x", "n": "y"}
_NEAR = 1e-6  # of a cell: an edge that lies so near is the cell's edge
_INSET = 1e-3  # of a cell: rasterio's window is then the same whole cells, whatever the last bit of an edge


@dataclass(frozen=True, slots=True)
class Window:
    """Whole cells of a file: its axes, edges in its own CRS just within the outer cells' edges, and how many cells."""

    axes: tuple[str, str]
    left: float
    bottom: float
    right: float
    top: float
    cells: int


def filed(layer: Layer) -> bool:
    """Whether the definition names files of this node's data folder."""
    return layer.kind is Kind.RASTER and isinstance(layer.source.get("path"), str)


def years(layer: Layer) -> tuple[int, ...]:
    """The years of a layer that has a file for each, else none."""
    found = layer.source.get("years", ())
    return tuple(int(one) for one in found) if isinstance(found, list | tuple) else ()


def file_of(layer: Layer, data_dir: Path, year: int | None = None) -> Path:
    """The file of a raster layer, below `data_dir`. It may be missing.

    Raises:
        DefinitionError: the definition names no path, or one that leaves the folder.
    """
    pattern = layer.source.get("path")
    if layer.kind is not Kind.RASTER or not isinstance(pattern, str):
        raise DefinitionError("No raster", Fault(layer.id, "source.path is missing", "name a file below data_dir"))
    root = data_dir.resolve()
    path = (root / pattern.replace("{year}", str(year or ""))).resolve()
    if not path.is_relative_to(root):
        raise DefinitionError(
            "The raster's path leaves the data folder", Fault(layer.id, pattern, "a path below data_dir")
        )
    return path


def newest_year(layer: Layer, data_dir: Path) -> int | None:
    """The latest year whose file is there; None for a layer of one file, or without any file."""
    there = [year for year in years(layer) if file_of(layer, data_dir, year).is_file()]
    return max(there, default=None)


def year_of(layer: Layer, data_dir: Path, moment: str | None) -> int | None:
    """The year whose file answers `datetime`: the latest that is not after it; the newest without `datetime`.

    Raises:
        ParameterError: no file so early.
    """
    known = [year for year in years(layer) if file_of(layer, data_dir, year).is_file()]
    if not years(layer):
        return None
    if not known:
        raise NotFoundError(f"Collection '{layer.id}' has no file on this node")
    if moment is None:
        return max(known)
    asked = moment.split("/")[-1] if moment.split("/")[-1] not in ("", "..") else moment.split("/")[0]
    if not asked[:4].isdigit() or len(asked) < 4:
        raise ParameterError("datetime", f"'{moment[:40]}' is no date", "2015-12-31, or an interval")
    fitting = [year for year in known if year <= int(asked[:4])]
    if not fitting:
        raise ParameterError(
            "datetime", f"nothing before {min(known)}", f"one of the years {', '.join(map(str, known))}"
        )
    return max(fitting)


def bands(layer: Layer) -> list[Mapping[str, Any]]:
    """The definition's bands: name, title (zh, en) and unit, in the order of the file."""
    found = layer.source.get("bands", ())
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list | tuple) else []


def stamp(layer: Layer, data_dir: Path) -> tuple[int, ...]:
    """Changes when a file of the layer does; empty for other layers and without files."""
    if not filed(layer):
        return ()
    paths = [file_of(layer, data_dir, year) for year in years(layer) or (None,)]
    return tuple(path.stat().st_mtime_ns for path in paths if path.is_file())


def band_count(path: Path) -> int:
    """How many bands a file has."""
    import rasterio

    with rasterio.open(path) as data:
        return int(data.count)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself: bounds in degrees, cells and their size, the CRS's EPSG code, and its bands."""

    bounds: tuple[float, float, float, float]
    shape: tuple[int, int]
    resolution: tuple[float, float]
    code: int | None
    kinds: tuple[str, ...]
    empty: tuple[float | None, ...]


@lru_cache(maxsize=256)
def _header(path: Path, changed: int) -> Header:  # noqa: ARG001  a changed file is read again
    import rasterio
    from rasterio.warp import transform_bounds

    with rasterio.open(path) as data:
        bounds = transform_bounds(data.crs, CRS84, *data.bounds, densify_pts=21)
        shape, code = (data.width, data.height), data.crs.to_epsg()
        return Header(bounds, shape, data.res, code, tuple(data.dtypes), tuple(data.nodatavals))


def _read(layer: Layer, data_dir: Path) -> Header | None:
    """The header of the layer's file, of the newest where there are several; None without one."""
    if not filed(layer):
        return None
    path = file_of(layer, data_dir, newest_year(layer, data_dir))
    return _header(path, path.stat().st_mtime_ns) if path.is_file() else None


def extent(layer: Layer, data_dir: Path, zone: tzinfo = UTC) -> dict[str, Any]:
    """`extent` of the collection: bounds in CRS84 with the grid, and the years that have a file; empty without one."""
    header = _read(layer, data_dir)
    if header is None:
        return {}
    grid = [
        {"cellsCount": count, "resolution": size} for count, size in zip(header.shape, header.resolution, strict=True)
    ]
    made: dict[str, Any] = {"spatial": {"bbox": [list(header.bounds)], "crs": _CRS84_URI, "grid": grid}}
    if years(layer):
        known = [year for year in years(layer) if file_of(layer, data_dir, year).is_file()]
        ends = (datetime(min(known), 1, 1, tzinfo=zone), datetime(max(known), 12, 31, 23, 59, 59, tzinfo=zone))
        made["temporal"] = {
            "interval": [[one.isoformat() for one in ends]],
            "grid": {"coordinates": [f"{year}" for year in known]},
        }
    return made


def describe(layer: Layer, data_dir: Path, language: str) -> dict[str, Any]:
    """The range for the collection's description: bands with title, type, unit; empty without a file."""
    header = _read(layer, data_dir)
    if header is None:
        return {}
    ranges = []
    for place, kind in enumerate(header.kinds):
        given = bands(layer)[place] if place < len(bands(layer)) else {}
        title, empty = _title(given, place, language), header.empty[place]
        one = {"name": str(place + 1), "title": title, "type": kind, "nodata": empty}
        ranges.append(one | ({"x-ogc-unit": given["unit"]} if given.get("unit") else {}))
    made: dict[str, Any] = {"dataType": "coverage", "bands": ranges}
    return made | ({"storageCrs": f"{EPSG}{header.code}"} if header.code else {})


def _title(band: Mapping[str, Any], place: int, language: str) -> str:
    title = band.get("title")
    if isinstance(title, Text):
        return title.en if language == "en" else title.zh
    if isinstance(title, Mapping):
        return str(title.get(language) or title.get("zh"))
    return str(band.get("name") or place + 1)


def subset(text: str) -> dict[str, tuple[float, float]]:
    """`subset=Lat(38:38.5),Lon(116:117)` as axis to lower and upper end; a single value is a point.

    Raises:
        ParameterError: wrongly written, an unknown axis, or the lower end above the upper.
    """
    remedy = "Long(116.8:116.9),Lat(38.2:38.3), or x(…:…),y(…:…) on a projected raster"
    found: dict[str, tuple[float, float]] = {}
    for part in text.split("),"):
        axis, mark, rest = part.removesuffix(")").partition("(")
        name = _AXES.get(axis.lower())
        if not mark or name is None or name in found:
            raise ParameterError("subset", f"'{part[:60]}' is not understood", remedy)
        ends = rest.split(":")
        try:
            low, high = float(ends[0]), float(ends[-1])
        except ValueError as err:
            raise ParameterError("subset", f"'{rest[:60]}' are no numbers", remedy) from err
        if len(ends) > 2 or not (math.isfinite(low) and math.isfinite(high)):
            raise ParameterError("subset", f"'{rest[:60]}' is no interval", remedy)
        if low > high:
            raise ParameterError("subset", f"{low} is above {high}", remedy)
        found[name] = (low, high)
    return found


def window(path: Path, box: "Box | None", subsets: Mapping[str, tuple[float, float]]) -> Window | None:
    """What is asked for, cut to the file and widened to whole cells; None where nothing of the file lies there.

    Args:
        path: the file.
        box: in degrees, or None.
        subsets: axis (Long and Lat, or x and y of a projected file) to lower and upper end in the file's own CRS.

    Raises:
        ParameterError: an axis that the file does not have, or bbox and subset together.
    """
    import rasterio
    from rasterio.warp import transform_bounds

    with rasterio.open(path) as data:
        bounds, crs, transform = data.bounds, data.crs, data.transform
    axes = ("x", "y") if crs.is_projected else ("Long", "Lat")
    asked = dict(subsets)
    if box is not None:
        if subsets:
            raise ParameterError("subset", "bbox is given too", "use one of both")
        west, south, east, north = transform_bounds(CRS84, crs, box.west, box.south, box.east, box.north, 21)
        asked = {axes[0]: (west, east), axes[1]: (south, north)}
    for name in asked:
        if name not in axes:
            raise ParameterError("subset", f"this coverage has no axis '{name}'", f"its axes are {', '.join(axes)}")
    low_x, high_x = asked.get(axes[0], (bounds.left, bounds.right))
    low_y, high_y = asked.get(axes[1], (bounds.bottom, bounds.top))
    if not all(map(math.isfinite, (low_x, high_x, low_y, high_y))):
        return None
    if low_x >= bounds.right or high_x < bounds.left or low_y >= bounds.top or high_y < bounds.bottom:
        return None
    inverse = ~transform
    column, row = inverse @ (max(low_x, bounds.left), min(high_y, bounds.top))
    last_column, last_row = inverse @ (min(high_x, bounds.right), max(low_y, bounds.bottom))
    first = (math.floor(column + _NEAR), math.floor(row + _NEAR))
    last = (max(math.ceil(last_column - _NEAR), first[0] + 1), max(math.ceil(last_row - _NEAR), first[1] + 1))
    left, top = transform @ (first[0] + _INSET, first[1] + _INSET)
    right, bottom = transform @ (last[0] - _INSET, last[1] - _INSET)
    return Window(axes, left, bottom, right, top, (last[0] - first[0]) * (last[1] - first[1]))


def check_size(cells: int) -> None:
    """Refuse a CoverageJSON answer that would be too large for its reader.

    Raises:
        TooLargeError: says what to do instead.
    """
    if cells > MOST_CELLS:
        raise TooLargeError(
            "The coverage is too large as CoverageJSON",
            Fault("f", f"{cells} values, {MOST_CELLS} are allowed", "ask for f=GTiff, a bbox or fewer bands"),
        )
