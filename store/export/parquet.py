"""GeoParquet 1.1: WKB geometry, CRS as PROJJSON, bounds of the file, of each row group and of each row.

Source: GeoParquet 1.1.0, file and column metadata; the `bbox` column is the covering that its readers prune by.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyarrow import parquet

from store.export.place import Place
from store.export.table import GEOMETRY, Table
from store.interface import Batch

VERSION = "1.1.0"
COVERING = "bbox"
GROUP = 10_000
"""Rows from which a row group is written."""
EDGES = ("xmin", "ymin", "xmax", "ymax")
BOX = pa.struct([(edge, pa.float64()) for edge in EDGES])


def write(path: Path, table: Table, batches: Iterable[Batch]) -> None:
    """Write row groups of several batches; the metadata that needs all rows goes into the footer."""
    schema = table.schema.append(pa.field(COVERING, BOX)) if table.place else table.schema
    extent = np.full(4, np.nan)
    types: set[str] = set()
    # Without the stored Arrow schema, readers that look for `geo` there (geopandas) find the footer's.
    with parquet.ParquetWriter(path, schema, compression="zstd", store_schema=False) as writer:
        group = _Group(writer)
        for batch in batches:
            arrays = table.arrays(batch)
            if table.place:
                shapes = table.geometries(batch)
                bounds = np.asarray(shapely.bounds(shapes))
                arrays += [table.wkb(batch, shapes), _boxes(bounds)]
                extent = _grown(extent, bounds)
                types |= _types(shapes)
            group.add(pa.RecordBatch.from_arrays(arrays, schema=schema))
        group.end()
        if table.place:
            writer.add_key_value_metadata({"geo": json.dumps(_metadata(table.place, types, extent))})


class _Group:
    """Collects batches until they are enough for a row group."""

    def __init__(self, writer: parquet.ParquetWriter) -> None:
        self._writer = writer
        self._batches: list[pa.RecordBatch] = []
        self._rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        self._batches.append(batch)
        self._rows += len(batch)
        if self._rows >= GROUP:
            self.end()

    def end(self) -> None:
        """Write what there is."""
        if self._rows:
            self._writer.write_table(pa.Table.from_batches(self._batches), row_group_size=self._rows)
        self._batches, self._rows = [], 0


def _types(shapes: NDArray[np.object_]) -> set[str]:
    """Names of the types that occur, by one geometry of each."""
    _, first = np.unique(shapely.get_type_id(shapes), return_index=True)
    return {shapes[place].geom_type for place in first.tolist() if shapes[place] is not None}


def _boxes(bounds: NDArray[np.float64]) -> pa.Array:
    arrays = [pa.array(bounds[:, n]) for n in range(4)]
    return pa.StructArray.from_arrays(arrays, fields=list(BOX), mask=pa.array(np.isnan(bounds[:, 0])))


def _grown(extent: NDArray[np.float64], bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    both = np.vstack((extent, bounds))
    both = both[~np.isnan(both[:, 0])]
    return np.concatenate((both[:, :2].min(axis=0), both[:, 2:].max(axis=0))) if len(both) else extent


def _metadata(place: Place, types: set[str], extent: NDArray[np.float64]) -> dict[str, Any]:
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(types),
        "crs": place.crs.to_json_dict(),
        "covering": {COVERING: {edge: [COVERING, edge] for edge in EDGES}},
    }
    if not np.isnan(extent).any():
        column["bbox"] = extent.tolist()
    return {"version": VERSION, "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
