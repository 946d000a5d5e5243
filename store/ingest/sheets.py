"""XLSX tables, streamed by openpyxl: the first row that has values is the header."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store.ingest.problems import RefusedError
from store.ingest.safety import check_archive, check_members
from store.ingest.source import About, Chunk, ReadOptions
from store.ingest.tables import Geometry, Row, chunks, find_geometry


@dataclass(frozen=True, slots=True)
class SheetSource:
    """One sheet of a workbook; `skip` rows come before its first data row."""

    path: Path
    about: About
    skip: int
    geometry: Geometry

    def chunks(self, size: int) -> Iterator[Chunk]:
        yield from chunks(self.about.columns, self.geometry, self._rows(), size)

    def _rows(self) -> Iterator[Row]:
        book = _open(self.path)
        try:
            width = len(self.about.columns)
            for number, values in enumerate(
                book[self.about.layer].iter_rows(min_row=self.skip + 1, values_only=True), 1
            ):
                cells = [_cell(value) for value in values[:width]]
                if any(cell is not None for cell in cells):
                    yield Row(number, cells)
        finally:
            book.close()


def open_sheet(path: Path, options: ReadOptions) -> SheetSource:
    """Open a workbook and choose its sheet.

    Raises:
        RefusedError: not a workbook, an archive that swells, several sheets and none named, no header.
    """
    book = _open(path)
    try:
        name = _sheet(book.sheetnames, options.layer)
        number, header = _header(book[name])
    finally:
        book.close()
    columns = tuple(str(cell) if cell is not None else f"column {n}" for n, cell in enumerate(header, 1))
    doubles = sorted({one for one in columns if columns.count(one) > 1})
    if doubles:
        raise RefusedError("file-unreadable", reason=f"two columns are called {', '.join(doubles)}")
    geometry = find_geometry(columns, options.geometry_columns)
    return SheetSource(path, About("XLSX", name, columns, "UTF-8"), number, geometry)


def _open(path: Path) -> Any:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive)
            check_members(archive)
        return load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise RefusedError("file-unreadable", reason=f"not an XLSX workbook: {error}") from error


def _header(sheet: Any) -> tuple[int, list[Any]]:
    """The number of the first row with values, and the row up to its last value."""
    for number, values in enumerate(sheet.iter_rows(values_only=True, max_row=100), 1):
        header = [_cell(value) for value in values]
        while header and header[-1] is None:
            header.pop()
        if header:
            return number, header
    raise RefusedError("file-empty")


def _sheet(names: list[str], wanted: str | None) -> str:
    if wanted is not None and wanted not in names:
        raise RefusedError("file-unreadable", reason=f"no sheet {wanted!r}; there are {', '.join(names[:20])}")
    if wanted is None and len(names) > 1:
        raise RefusedError("layer-ambiguous", layers=", ".join(names[:20]))
    return wanted or names[0]


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    return value
