"""Which reader reads a file: by its ending and its content."""

from store.ingest.coordlist import is_coordinate_list, open_coordinate_list
from store.ingest.delimited import open_delimited
from store.ingest.ogr import open_ogr
from store.ingest.parquet import open_parquet
from store.ingest.safety import check_kind, inside_zip, local_path
from store.ingest.sheets import open_sheet
from store.ingest.source import ReadOptions, Source


def open_source(file: str, options: ReadOptions) -> Source:
    """Open an upload of any format that Duogui reads.

    Raises:
        RefusedError: not a local file, broken, indirect, of an unknown kind, or a layer must be named.
    """
    path = local_path(file)
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return open_ogr(inside_zip(path), options, archive=path)
    check_kind(path)
    if suffix == ".txt" and is_coordinate_list(path):
        return open_coordinate_list(path, options)
    if suffix in {".csv", ".tsv", ".txt"}:
        return open_delimited(path, options)
    if suffix == ".xlsx":
        return open_sheet(path, options)
    if suffix in {".parquet", ".geoparquet"}:
        return open_parquet(path)
    return open_ogr(str(path), options)
