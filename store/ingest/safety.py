"""What may be opened at all: local files and folders, no connection strings, no indirections, no archive that swells.

GDAL would follow a VRT to any address and read any name as a data source; an upload must not decide that.
"""

import zipfile
from pathlib import Path, PurePosixPath

from store.ingest.problems import RefusedError

MAX_ENTRIES = 10_000
MAX_UNPACKED = 8 * 2**30
MAX_RATIO = 200
RATIO_FROM = 64 * 2**20
SUFFIXES = {
    ".shp", ".gpkg", ".gdb", ".geojson", ".json", ".geojsonl", ".geojsons", ".gml", ".xml", ".dxf", ".fgb", ".csv",
    ".tsv", ".xlsx", ".parquet", ".geoparquet", ".txt", ".kml", ".tab", ".mif", ".sqlite", ".topojson", ".gpx",
}  # fmt: skip
INDIRECT = (b"<ogrvrt", b"<vrtdataset", b"<ogrwfs", b"<wfs_capabilities", b"<gdal", b"<ogrgmlas", b"gdal_streamed_alg")


def local_path(text: str) -> Path:
    """The file or folder that `text` names on this machine.

    Raises:
        RefusedError: file-unreadable: an address, a GDAL virtual path, not there, or of an unknown kind.
    """
    if text.startswith("/vsi") or "://" in text:
        raise RefusedError("file-unreadable", reason="not a local file; give the path of a file on this machine")
    path = Path(text)
    if not path.exists():
        raise RefusedError("file-unreadable", reason=f"no such file: {path.name}")
    if path.is_dir() and path.suffix.lower() != ".gdb":
        raise RefusedError("file-unreadable", reason="a folder that is no file geodatabase (.gdb)")
    if path.is_file() and path.stat().st_size == 0:
        raise RefusedError("file-unreadable", reason="the file is empty (0 bytes)")
    return path


def check_kind(path: Path) -> None:
    """Refuse a file whose ending is not of a data format, or whose content only points elsewhere."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(sorted(SUFFIXES | {".zip"}))
        raise RefusedError("file-unreadable", reason=f"the ending {suffix or '(none)'} is not one of {known}")
    if path.is_file():
        with path.open("rb") as file:
            check_head(file.read(65536))


def check_head(head: bytes) -> None:
    """Refuse content that only points elsewhere: GDAL would open what it names."""
    lowered = head.lower()
    if any(mark in lowered for mark in INDIRECT):
        raise RefusedError("file-unreadable", reason="the file holds no data but points to another source")
    if b"<!entity" in lowered:
        raise RefusedError("file-unreadable", reason="the XML declares entities, which are not read")


def inside_zip(path: Path) -> str:
    """GDAL's path of the one data set inside a zip archive, after the archive was checked.

    Raises:
        RefusedError: broken, too many or too large entries, names that leave the archive, no or several data sets.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive)
            names = _data_sets(archive)
            if len(names) == 1 and not names[0].lower().endswith(".gdb"):
                with archive.open(names[0]) as member:
                    check_head(member.read(65536))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise RefusedError("file-unreadable", reason=f"the zip archive is broken or encrypted: {error}") from error
    if not names:
        raise RefusedError("file-unreadable", reason="the zip archive holds no Shapefile, GeoPackage or other data set")
    if len(names) > 1:
        raise RefusedError(
            "file-unreadable", reason=f"the zip archive holds several data sets: {', '.join(names[:10])}"
        )
    return f"/vsizip/{path.resolve()}/{names[0]}"


def check_archive(archive: zipfile.ZipFile) -> None:
    """Refuse an archive with too many or too large entries, encryption, or names that leave it."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise RefusedError("file-unreadable", reason=f"the zip archive has more than {MAX_ENTRIES} entries")
    if sum(one.file_size for one in entries) > MAX_UNPACKED:
        raise RefusedError("file-unreadable", reason=f"the zip archive unpacks to more than {MAX_UNPACKED >> 30} GiB")
    for one in entries:
        name = PurePosixPath(one.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in one.filename:
            raise RefusedError("file-unreadable", reason=f"a name in the zip archive leaves it: {one.filename[:80]}")
        if one.flag_bits & 1:
            raise RefusedError("file-unreadable", reason="the zip archive is encrypted")
        if one.file_size > RATIO_FROM and one.file_size > MAX_RATIO * max(one.compress_size, 1):
            raise RefusedError("file-unreadable", reason=f"{one.filename[:80]} swells more than {MAX_RATIO} times")


def _data_sets(archive: zipfile.ZipFile) -> list[str]:
    """Members that GDAL reads in place: by /vsizip, that is not CSV, XLSX, Parquet and coordinate lists."""
    readable = SUFFIXES - {".csv", ".tsv", ".xlsx", ".parquet", ".geoparquet", ".txt", ".gdb", ".xml"}
    names = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
    folders = {part for name in names for part in _geodatabases(name)}
    return sorted(folders) + sorted(name for name in names if PurePosixPath(name).suffix.lower() in readable)


def _geodatabases(name: str) -> list[str]:
    parts = PurePosixPath(name).parts
    return ["/".join(parts[: n + 1]) for n, part in enumerate(parts) if part.lower().endswith(".gdb")][:1]


def check_members(archive: zipfile.ZipFile) -> None:
    """Refuse a workbook whose XML declares a document type: entities are never expanded."""
    for name in archive.namelist():
        with archive.open(name) as member:
            if b"<!doctype" in member.read(4096).lower():
                raise RefusedError("file-unreadable", reason="the XML declares a document type, which is not read")
