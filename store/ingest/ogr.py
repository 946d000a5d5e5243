"""Everything that GDAL reads, through pyogrio's Arrow stream: one pass over the file, a batch in memory.

The stream and not `read(skip_features=...)`: drivers without a fast seek (GML, DXF) start anew for every batch.
"""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from store.ingest.dbase import Encoding, decode, detect, named
from store.ingest.frame import Claim
from store.ingest.problems import Problem, RefusedError
from store.ingest.source import About, Chunk, ReadOptions

DRIVERS = {
    "ESRI Shapefile", "GPKG", "OpenFileGDB", "GeoJSON", "GeoJSONSeq", "ESRIJSON", "TopoJSON", "GML", "DXF",
    "FlatGeobuf", "KML", "LIBKML", "MapInfo File", "SQLite", "GPX", "JSONFG",
}  # fmt: skip
RAW_TEXT = "ISO-8859-1"


@dataclass(frozen=True, slots=True)
class OgrSource:
    """A layer of a file that GDAL opens; `path` may be inside a checked zip archive (/vsizip/...).

    `text` is the encoding of a Shapefile; `outlines`: closed lines of a drawing are polygons.
    """

    path: str
    about: About
    text: Encoding | None
    outlines: bool

    def chunks(self, size: int) -> Iterator[Chunk]:
        from pyogrio.errors import DataLayerError, DataSourceError
        from pyogrio.raw import open_arrow

        encoding = RAW_TEXT if self.text else None
        start = 1
        try:
            with open_arrow(
                self.path,
                layer=self.about.layer,
                encoding=encoding,
                batch_size=size,
                use_pyarrow=True,
                datetime_as_string=True,
                **_options(self.path),
            ) as (meta, reader):
                for batch in reader:
                    chunk = _chunk(batch, meta["geometry_name"] or "wkb_geometry", start, self.text)
                    yield replace(chunk, wkb=_outlines(chunk.wkb)) if self.outlines else chunk
                    start += batch.num_rows
        except (DataSourceError, DataLayerError, OSError, ValueError) as error:
            raise RefusedError("file-unreadable", reason=f"after row {start - 1}: {error}") from error


def open_ogr(path: str, options: ReadOptions, archive: Path | None = None) -> OgrSource:
    """Open `path` with GDAL and choose its layer; `archive` is the zip archive that `path` lies in.

    Raises:
        RefusedError: not readable, a driver that is not for uploads, several layers and none named.
    """
    from pyogrio import read_info
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        layer = _layer(path, options.layer)
        encoding = RAW_TEXT if path.lower().endswith(".shp") else None
        info = read_info(path, layer=layer, encoding=encoding, **_options(path))
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
        raise RefusedError("file-unreadable", reason=str(error)) from error
    if info["driver"] not in DRIVERS:
        raise RefusedError("file-unreadable", reason=f"files of the driver {info['driver']} are not loaded")
    text = _shapefile_text(path, archive, options) if info["driver"] == "ESRI Shapefile" else None
    names = tuple(str(name) for name in info["fields"])
    notes: list[Problem] = []
    if text is not None:
        notes = _text_notes(names, text)
        names = tuple(decode(name, text)[0] or name for name in names)
    return OgrSource(
        path,
        About(
            driver=info["driver"],
            layer=layer,
            columns=names,
            encoding=text.title if text else "UTF-8",
            claim=Claim(found=_crs(info)),
            notes=notes,
        ),
        text,
        info["driver"] == "DXF" and options.polygonal,
    )


def _text_notes(names: Sequence[str], text: Encoding) -> list[Problem]:
    """That the encoding was guessed, and field names that it does not fit."""
    notes = [Problem("encoding-guessed", params={"encoding": text.title})] if text.guessed else []
    for name in names:
        if decode(name, text)[0] is None:
            params = {"attribute": "a field's name", "encoding": text.title, "value": name.encode("latin-1").hex(" ")}
            notes.append(Problem("text-undecodable", params=params))
    return notes


def _options(path: str) -> dict[str, str]:
    """GDAL's open options: GML never fetches a schema from the address that it names."""
    return {"DOWNLOAD_SCHEMA": "NO"} if path.lower().endswith((".gml", ".xml")) else {}


def _layer(path: str, wanted: str | None) -> str:
    from pyogrio import list_layers

    names = [str(name) for name, *_ in list_layers(path)]
    if not names:
        raise RefusedError("file-empty")
    if wanted is not None:
        if wanted not in names:
            raise RefusedError("file-unreadable", reason=f"no layer {wanted!r}; there are {', '.join(names[:20])}")
        return wanted
    if len(names) > 1:
        raise RefusedError("layer-ambiguous", layers=", ".join(names[:20]))
    return names[0]


def _crs(info: dict[str, Any]) -> str | None:
    """The CRS as the file has it. A GeoJSON without `crs` is WGS 84 by RFC 7946, which GDAL says too."""
    return str(info["crs"]) if info["crs"] else None


def _shapefile_text(path: str, archive: Path | None, options: ReadOptions) -> Encoding:
    if options.encoding:
        return named(options.encoding)
    stem = path[: -len(".shp")]
    if archive is not None:
        stem = stem.removeprefix(f"/vsizip/{archive.resolve()}/")
    return detect(_sibling(stem, ".cpg", 64, archive), _sibling(stem, ".dbf", 1 << 20, archive) or b"")


def _sibling(stem: str, suffix: str, size: int, archive: Path | None) -> bytes | None:
    """The head of the file beside a .shp, in a folder or in the same zip archive."""
    if archive is not None:
        with zipfile.ZipFile(archive) as opened:
            match = next((name for name in opened.namelist() if name.lower() == (stem + suffix).lower()), None)
            return opened.open(match).read(size) if match else None
    for candidate in (Path(stem + suffix), Path(stem + suffix.upper())):
        if candidate.is_file():
            with candidate.open("rb") as file:
                return file.read(size)
    return None


def _chunk(batch: Any, geometry: str, start: int, text: Encoding | None) -> Chunk:
    """One record batch as a chunk: geometry apart, values as Python objects, Shapefile text decoded."""
    columns: dict[str, list[Any]] = {}
    flaws: list[Problem] = []
    wkb = None
    for field, array in zip(batch.schema, batch.columns, strict=True):
        if field.name == geometry or (field.metadata or {}).get(b"ARROW:extension:name") == b"geoarrow.wkb":
            wkb = np.empty(batch.num_rows, dtype=object)
            wkb[:] = array.to_pylist()
            continue
        values = array.to_pylist()
        name = field.name
        if text is not None:
            name = decode(name, text)[0] or name
            values = _decoded(values, name, start, text, flaws)
        columns[name] = values
    rows = np.arange(start, start + batch.num_rows, dtype=np.int64)
    return Chunk(rows, wkb, columns, flaws)


def _outlines(wkb: NDArray[np.object_] | None) -> NDArray[np.object_] | None:
    """Closed lines as polygons: a drawing knows no polygons, and the closing flag of a polyline is seldom set."""
    if wkb is None:
        return None
    shapes = np.atleast_1d(shapely.from_wkb(wkb, on_invalid="ignore"))
    closed = (shapely.get_type_id(shapes) == 1) & shapely.is_closed(shapes) & (shapely.get_num_points(shapes) > 3)
    out = wkb.copy()
    if closed.any():
        xy, line = shapely.get_coordinates(shapes[closed], return_index=True)
        out[closed] = shapely.to_wkb(shapely.polygons(shapely.linearrings(xy, indices=line)))
    return out


def _decoded(values: list[Any], name: str, start: int, text: Encoding, flaws: list[Problem]) -> list[Any]:
    out = values
    for index, value in enumerate(values):
        if value.__class__ is str and not value.isascii():
            if out is values:
                out = list(values)
            out[index], code = decode(value, text)
            if code is not None:
                shown = value.encode("latin-1", "replace").hex(" ") if out[index] is None else out[index]
                params = {"encoding": text.title, "value": shown[:120]}
                flaws.append(Problem(code, row=start + index, attribute=name, params=params))
    return out
