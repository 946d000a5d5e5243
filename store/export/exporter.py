"""A layer, or what criteria pick of it, into one file of a chosen format."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from config.errors import ParameterError
from config.layers import Language, Layer
from store.criteria import Criteria
from store.export.atomic import complete
from store.export.place import Place, place
from store.export.table import Layout, Names, Table, attribute_names, columns
from store.interface import Batch, Store

FORMATS = {
    "gpkg": ".gpkg", "fgb": ".fgb", "parquet": ".parquet", "geojson": ".geojson", "csv": ".csv", "shp": ".shp",
}  # fmt: skip
STORAGE = "EPSG:4490"
WGS84 = "EPSG:4326"
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How to export. `crs` None is the format's own: longitude and latitude, WGS 84 in GeoJSON and CGCS2000 else."""

    format: str
    crs: str | None = None
    criteria: Criteria = field(default_factory=Criteria)
    names: Names = "identifier"
    language: Language = "zh"
    encoding: str = "UTF-8"
    overwrite: bool = False
    progress: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. `cut` counts texts that the format could not hold whole, by column."""

    path: Path
    layer: str
    format: str
    rows: int
    bytes: int
    crs: str | None
    seconds: float
    cut: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        return {
            "file": str(self.path),
            "layer": self.layer,
            "format": self.format,
            "rows": self.rows,
            "bytes": self.bytes,
            "crs": self.crs,
            "seconds": round(self.seconds, 3),
            "cut": self.cut,
        }


def export_layer(store: Store, layer: Layer, path: Path, options: ExportOptions) -> Exported:
    """Stream a layer into a file. Memory is bounded by the batch; the file appears when it is complete.

    Raises:
        ParameterError: an unknown format, one that cannot hold the layer, a coordinate system that cannot be written.
        BodyError: a text cannot be written in the encoding. ConflictError: the file exists.
    """
    if options.format not in FORMATS:
        raise ParameterError("format", f"'{options.format}' is not written", f"use {', '.join(FORMATS)}")
    began = time.monotonic()
    where = _place(store, layer, options)
    names = "code" if options.format == "shp" else options.names
    table = Table(columns(layer, names, options.language), where)
    criteria = replace(options.criteria, properties=tuple(attribute_names(table)), limit=None)
    layout = Layout(options.format, table, options.encoding)
    with complete(path, options.overwrite) as partial:

        def read() -> Iterator[Batch]:
            counter.rows = 0
            return counter.count(store.batches(layer.id, criteria, BATCH))

        counter = _Counter(options.progress)
        cut = write(partial, layer, layout, read)
    return Exported(
        path=path,
        layer=layer.id,
        format=options.format,
        rows=counter.rows,
        bytes=path.stat().st_size,
        crs=where.text if where else None,
        seconds=time.monotonic() - began,
        cut=cut,
    )


def _place(store: Store, layer: Layer, options: ExportOptions) -> Place | None:
    if layer.geometry is None:
        return None
    if options.crs is None:
        return place(WGS84 if options.format == "geojson" else STORAGE)
    return place(options.crs, store.state(layer.id).extent)


def write(path: Path, layer: Layer, layout: Layout, read: Callable[[], Iterable[Batch]]) -> dict[str, int]:
    """Write rows into a file; returns how many texts were cut, by column.

    `read` gives the rows; it is asked again where a FlatGeobuf turns out to need a layout without spatial index.

    Raises: as `export_layer`.
    """
    from store.export.gdal import UnindexedError

    try:
        return _write(path, layer, layout, read())
    except UnindexedError:
        path.unlink(missing_ok=True)
        return _write(path, layer, replace(layout, indexed=False), read())


def _write(path: Path, layer: Layer, layout: Layout, batches: Iterable[Batch]) -> dict[str, int]:
    from store.export import delimited, gdal, parquet

    table = layout.table
    if layout.format == "shp":
        shapefile = gdal.Shapefile(layout.encoding)
        fitting = Table(gdal.shapefile_columns(table.columns), table.place, shapefile.adapt)
        shapefile.write(path, layer, fitting, batches)
        return shapefile.cut
    if layout.format == "parquet":
        parquet.write(path, table, batches)
    elif layout.format == "csv":
        delimited.write(path, table, batches, layout.encoding)
    else:
        gdal.write(path, layer, layout, batches)
    return {}


@dataclass(slots=True)
class _Counter:
    progress: Callable[[int], None] | None
    rows: int = 0

    def count(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        for batch in batches:
            yield batch
            self.rows += len(batch)
            if self.progress is not None:
                self.progress(self.rows)
