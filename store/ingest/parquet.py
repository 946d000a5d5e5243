"""GeoParquet through pyarrow: GDAL's wheels carry no Parquet driver. WKB geometry, CRS as PROJJSON (GeoParquet 1.x)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from store.ingest.frame import Claim
from store.ingest.problems import RefusedError
from store.ingest.source import About, Chunk


@dataclass(frozen=True, slots=True)
class ParquetSource:
    """A Parquet file; without `geo` metadata it is a table."""

    path: Path
    about: About
    geometry: str | None

    def chunks(self, size: int) -> Iterator[Chunk]:
        import pyarrow as pa
        from pyarrow import parquet

        start = 1
        wanted = [*self.about.columns, *([self.geometry] if self.geometry else [])]
        try:
            with parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=size, columns=wanted):
                    yield self._chunk(batch, start)
                    start += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise RefusedError("file-unreadable", reason=f"after row {start - 1}: {error}") from error

    def _chunk(self, batch: Any, start: int) -> Chunk:
        columns = {name: batch.column(name).to_pylist() for name in self.about.columns}
        wkb = None
        if self.geometry:
            wkb = np.empty(batch.num_rows, dtype=object)
            wkb[:] = batch.column(self.geometry).to_pylist()
        return Chunk(np.arange(start, start + batch.num_rows, dtype=np.int64), wkb, columns)


def open_parquet(path: Path) -> ParquetSource:
    """Open a (Geo)Parquet file by its metadata.

    Raises:
        RefusedError: no Parquet, broken metadata, or a geometry encoding other than WKB.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            schema, footer = file.schema_arrow, file.metadata.metadata
        geo = json.loads({**(schema.metadata or {}), **(footer or {})}.get(b"geo", b"{}"))
        geometry = geo.get("primary_column")
        column = geo.get("columns", {}).get(geometry, {})
    except (pa.ArrowException, OSError, ValueError, AttributeError) as error:
        raise RefusedError("file-unreadable", reason=f"not a GeoParquet file: {error}") from error
    if geometry is not None and str(column.get("encoding", "")).upper() != "WKB":
        raise RefusedError("file-unreadable", reason=f"geometry encoding {column.get('encoding')!r}; WKB is read")
    if geometry is not None and geometry not in schema.names:
        raise RefusedError("file-unreadable", reason=f"no column {geometry!r}, which the metadata names")
    covering = column.get("covering", {}).get("bbox", {}).get("xmin", [None])[0]
    columns = tuple(name for name in schema.names if name not in (geometry, covering))
    claim = Claim(found=_crs(column) if geometry else None)
    return ParquetSource(path, About("Parquet", path.stem, columns, "UTF-8", claim), geometry)


def _crs(column: dict[str, Any]) -> str | None:
    """PROJJSON text; absent means OGC:CRS84 (GeoParquet 1.1, "crs"), null means unknown."""
    if "crs" not in column:
        return "OGC:CRS84"
    return json.dumps(column["crs"]) if column["crs"] else None
