"""CSV and TSV: in UTF-8 or GBK, with comma, semicolon or tab, the geometry in a WKT column or in two columns."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from store.cells import plain
from store.ingest.dbase import Encoding, guess, named
from store.ingest.problems import Problem, RefusedError
from store.ingest.source import About, Chunk, ReadOptions
from store.ingest.tables import Geometry, Row, chunks, find_geometry

SAMPLE = 1 << 20
MAX_FIELD = 64 * 2**20


@dataclass(frozen=True, slots=True)
class DelimitedSource:
    """A delimited text file with a header row."""

    path: Path
    about: About
    encoding: Encoding
    delimiter: str
    geometry: Geometry

    def chunks(self, size: int) -> Iterator[Chunk]:
        csv.field_size_limit(MAX_FIELD)
        yield from chunks(self.about.columns, self.geometry, self._rows(), size)

    def _rows(self) -> Iterator[Row]:
        """Rows numbered from 1 after the header. Bytes that do not decode survive as surrogates and are found here."""
        codec = "utf-8-sig" if self.encoding.codec == "utf-8" else self.encoding.codec
        with self.path.open(encoding=codec, errors="surrogateescape", newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            next(reader, None)
            number = 0
            try:
                for values in reader:
                    if values:
                        number += 1
                        yield self._row(number, values)
            except csv.Error as error:
                raise RefusedError("file-unreadable", reason=f"row {number + 1}: {error}") from error

    def _row(self, number: int, values: list[str]) -> Row:
        flaws = []
        if len(values) > len(self.about.columns):
            reason = f"{len(values)} values under {len(self.about.columns)} columns"
            flaws.append(Problem("record-broken", row=number, params={"reason": reason}))
        for index, value in enumerate(values[: len(self.about.columns)]):
            if not value.isascii() and any("\udc80" <= letter <= "\udcff" for letter in value):
                shown = value.encode(self.encoding.codec, "surrogateescape").hex(" ")[:120]
                params = {"encoding": self.encoding.title, "value": shown}
                flaws.append(Problem("text-undecodable", number, attribute=self.about.columns[index], params=params))
                values[index] = ""
        return Row(number, [plain(value) or None for value in values[: len(self.about.columns)]], flaws)


def open_delimited(path: Path, options: ReadOptions) -> DelimitedSource:
    """Open a CSV or TSV file: encoding from the option, a byte-order mark or the bytes."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    encoding = named(options.encoding) if options.encoding else _encoding(sample)
    head = sample.decode("utf-8-sig" if encoding.codec == "utf-8" else encoding.codec, "replace")
    if "\0" in head:
        raise RefusedError("file-unreadable", reason="the file is not text")
    first = head.lstrip().splitlines()[:1]
    if not first:
        raise RefusedError("file-empty")
    delimiter = max(",;\t", key=first[0].count)
    columns = tuple(name.strip() for name in next(csv.reader(first, delimiter=delimiter)))
    doubles = sorted({name for name in columns if columns.count(name) > 1})
    if doubles:
        raise RefusedError("file-unreadable", reason=f"two columns are called {', '.join(doubles)}")
    notes = [Problem("encoding-guessed", params={"encoding": encoding.title})] if encoding.guessed else []
    geometry = find_geometry(columns, options.geometry_columns)
    about = About("CSV", path.stem, columns, encoding.title, notes=notes)
    return DelimitedSource(path, about, encoding, delimiter, geometry)


def _encoding(sample: bytes) -> Encoding:
    if sample.startswith(b"\xef\xbb\xbf"):
        return Encoding("utf-8", "UTF-8")
    found = guess(sample)
    return Encoding(found.codec, found.title, guessed=found.guessed and found.codec != "utf-8")
