"""GeoPackage, FlatGeobuf, GeoJSON and Shapefile, streamed into GDAL's writers as Arrow record batches."""

import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import write_arrow

from config.errors import BodyError, Fault, ParameterError
from config.layers import GeometryType, Layer
from store.export.table import GEOMETRY, Column, Layout, Table
from store.interface import Batch

DRIVERS = {"gpkg": "GPKG", "fgb": "FlatGeobuf", "geojson": "GeoJSON", "shp": "ESRI Shapefile"}
MAX_TEXT = 254
"""Bytes that a text field of a Shapefile holds."""


def write(path: Path, layer: Layer, layout: Layout, batches: Iterable[Batch]) -> None:
    """Write one file of a format of DRIVERS. A layer without geometry goes to GeoPackage and GeoJSON only."""
    kind, table = layout.format, layout.table
    place = table.place
    if kind == "fgb" and place and layout.indexed:
        batches = _placed(batches)
    with poured(table, batches) as stream:
        write_arrow(
            stream,
            str(path),
            layer=layer.id,
            driver=DRIVERS[kind],
            geometry_name=GEOMETRY if place else None,
            geometry_type=_geometry_type(layer) if place else None,
            crs=place.text if place else None,
            layer_options=_options(layout),
        )


class UnindexedError(Exception):
    """A FlatGeobuf with a spatial index cannot hold a feature without geometry: it is to be written without one."""


def _placed(batches: Iterable[Batch]) -> Iterator[Batch]:
    for batch in batches:
        if any(wkb is None for wkb in batch.wkb):
            raise UnindexedError
        yield batch


@contextmanager
def poured(table: Table, batches: Iterable[Batch]) -> Iterator[pa.RecordBatchReader]:
    """The rows as a stream for GDAL. What fails in the making of a batch, GDAL reports without its cause: it is raised
    here as it was."""
    failures: list[BaseException] = []

    def watched() -> Iterator[pa.RecordBatch]:
        try:
            yield from table.records(batches)
        finally:
            failure = sys.exception()
            if failure is not None and not isinstance(failure, GeneratorExit):
                failures.append(failure)

    try:
        yield pa.RecordBatchReader.from_batches(table.schema, watched())
    except (DataSourceError, DataLayerError, RuntimeError) as error:
        if failures:
            raise failures[0] from error
        raise


def _geometry_type(layer: Layer) -> str:
    if layer.geometry is None or layer.geometry is GeometryType.GEOMETRY:
        return "Unknown"
    return str(layer.geometry.value)


def _options(layout: Layout) -> Mapping[str, str]:
    place = layout.table.place
    if layout.format == "geojson":
        return {"COORDINATE_PRECISION": str(place.decimals if place else 9), "RFC7946": "NO"}
    if layout.format == "fgb":
        return {} if place and layout.indexed else {"SPATIAL_INDEX": "NO"}
    if layout.format == "gpkg":
        return {"GEOMETRY_NAME": "geom", "FID": "fid"}
    return {}


class Shapefile:
    """Writes a Shapefile (or, where the path ends in .zip, a zip archive of one) and counts the texts it cut."""

    def __init__(self, encoding: str) -> None:
        self.encoding = "GBK" if encoding.upper() in {"GBK", "GB2312", "CP936"} else "UTF-8"
        self.cut: dict[str, int] = {}

    def adapt(self, column: Column, values: list[Any]) -> list[Any]:
        """What the format can hold: text within 254 bytes, instants as text.

        Raises:
            BodyError: a character that the encoding does not have.
        """
        if pa.types.is_string(column.type):
            return [None if value is None else self._fitting(column.name, str(value)) for value in values]
        return values

    def _fitting(self, name: str, value: str) -> str:
        try:
            raw = value.encode(self.encoding)
        except UnicodeEncodeError as error:
            fault = Fault(name, f"'{value[error.start]}' is not in {self.encoding}", "export with --encoding UTF-8")
            raise BodyError("A text cannot be written in this encoding", fault) from error
        if len(raw) <= MAX_TEXT:
            return value
        self.cut[name] = self.cut.get(name, 0) + 1
        return raw[:MAX_TEXT].decode(self.encoding, "ignore")

    def write(self, path: Path, layer: Layer, table: Table, batches: Iterable[Batch]) -> None:
        """Raises ParameterError where the layer's geometry has no single type, or none at all."""
        if table.place is None or layer.geometry is None:
            what = f"a Shapefile needs a geometry, and {layer.id} is a table without one"
            raise ParameterError("format", what, "export as csv or gpkg")
        if layer.geometry is GeometryType.GEOMETRY:
            what = f"a Shapefile holds one type of geometry, and {layer.id} mixes several"
            raise ParameterError("format", what, "export as gpkg")
        zipped = path.suffix.lower() == ".zip"
        file = path.with_suffix(".shp")
        with poured(table, batches) as stream:
            write_arrow(
                stream,
                str(file),
                driver=DRIVERS["shp"],
                geometry_name=GEOMETRY,
                geometry_type=_geometry_type(layer),
                crs=table.place.text,
                encoding=self.encoding,
            )
        file.with_suffix(".cpg").write_text(self.encoding, encoding="ascii")
        if zipped:
            self._zip(path)

    @staticmethod
    def _zip(path: Path) -> None:
        members = sorted(one for one in path.parent.iterdir() if one != path)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in members:
                archive.write(member, member.name)
        for member in members:
            member.unlink()


def shapefile_columns(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Columns whose types a .dbf knows: an instant is written as text."""
    return tuple(
        Column(one.attribute, one.name[:10], pa.string() if pa.types.is_timestamp(one.type) else one.type)
        for one in columns
    )
