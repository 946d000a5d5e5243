"""The file formats: media types, endings, and what each can hold."""

from dataclasses import dataclass
from types import MappingProxyType

from config.layers import GeometryType, Layer, Text
from server.http.negotiate import CSV, FLATGEOBUF, GEOJSON, GEOPACKAGE, GEOPARQUET, Format


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format of files. `kind` is the name under which `store.export` writes it, `suffix` the ending of file names.

    `spatial`: it cannot hold a table without geometry. `single`: nor geometries of several types.
    """

    form: Format
    kind: str
    suffix: str
    title: Text
    spatial: bool = False
    single: bool = False

    def holds(self, layer: Layer) -> bool:
        """Whether a layer fits."""
        if self.single and layer.geometry is GeometryType.GEOMETRY:
            return False
        return layer.geometry is not None or not self.spatial


SHAPEFILE = Format("shp", "application/zip")

_CSV = FileFormat(CSV, "csv", ".csv", Text("CSV 表格", "CSV"))
_FLATGEOBUF = FileFormat(FLATGEOBUF, "fgb", ".fgb", Text("FlatGeobuf", "FlatGeobuf"))
_GEOPARQUET = FileFormat(GEOPARQUET, "parquet", ".parquet", Text("GeoParquet", "GeoParquet"))
_GEOPACKAGE = FileFormat(GEOPACKAGE, "gpkg", ".gpkg", Text("GeoPackage", "GeoPackage"))
_GEOJSON = FileFormat(GEOJSON, "geojson", ".geojson", Text("GeoJSON", "GeoJSON"))
_SHAPEFILE = FileFormat(SHAPEFILE, "shp", ".zip", Text("Shapefile（zip 压缩包）", "Shapefile (zip)"), True, True)

ANSWERS = MappingProxyType({one.form: one for one in (_CSV, _FLATGEOBUF, _GEOPARQUET, _GEOPACKAGE)})
"""The formats in which items are answered as files."""

DOWNLOADS = (_GEOPACKAGE, _FLATGEOBUF, _GEOPARQUET, _GEOJSON, _CSV, _SHAPEFILE)
"""The formats of whole collections, in the order of their links."""
