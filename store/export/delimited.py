"""CSV with the geometry as WKT in the last column; UTF-8 with a byte-order mark, so that spreadsheets read Chinese.

A text that a spreadsheet would take for a formula gets an apostrophe in front, and so does one that has apostrophes in
front of such a beginning already: `ingest` takes one away again.
"""

import csv
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import shapely

from store.cells import guarded
from store.export.table import Table
from store.interface import Batch

WKT = "WKT"


def write(path: Path, table: Table, batches: Iterable[Batch], encoding: str) -> None:
    """Write rows as they come. Days and instants in ISO 8601, true and false in words, nothing for NULL."""
    codec = "gb18030" if encoding.upper() in {"GBK", "GB2312", "GB18030"} else "utf-8-sig"
    names = [one.name for one in table.columns]
    with path.open("w", encoding=codec, newline="") as file:
        out = csv.writer(file)
        out.writerow([*names, WKT] if table.place else names)
        for batch in batches:
            listed: list[list[Any]] = [[_text(one) for one in table.values(column, batch)] for column in table.columns]
            if table.place:
                shapes = table.geometries(batch)
                listed.append(list(shapely.to_wkt(shapes, rounding_precision=table.place.decimals, trim=True)))
            out.writerows(zip(*listed, strict=True))


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date | datetime) else value
