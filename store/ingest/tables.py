"""Rows of plain tables (CSV, XLSX) as chunks, with geometry from a WKT column or a pair of coordinate columns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from store.ingest.problems import Problem, RefusedError
from store.ingest.source import Chunk

WKT_NAMES = ("wkt", "geom", "geometry", "the_geom", "wkb_geometry", "shape", "图形")
PAIRS = (
    ("lon", "lat"),
    ("lng", "lat"),
    ("longitude", "latitude"),
    ("经度", "纬度"),
    ("东坐标", "北坐标"),
    ("easting", "northing"),
    ("x", "y"),
    ("x坐标", "y坐标"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file, its values by column, and what the reader found wrong with it."""

    number: int
    values: Sequence[Any]
    flaws: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class Geometry:
    """Which columns hold it: one of WKT, or two of x and y; none for a table without geometry."""

    columns: tuple[str, ...]


def find_geometry(header: Sequence[str], wanted: Sequence[str]) -> Geometry:
    """The geometry columns that the operator names, or those with a usual name."""
    if wanted:
        if len(wanted) > 2 or any(name not in header for name in wanted):
            raise RefusedError("file-unreadable", reason=f"no geometry columns {', '.join(wanted)}")
        return Geometry(tuple(wanted))
    by_name = {name.strip().lower(): name for name in reversed(header)}
    for name in WKT_NAMES:
        if name in by_name:
            return Geometry((by_name[name],))
    for pair in PAIRS:
        if all(name in by_name for name in pair):
            return Geometry((by_name[pair[0]], by_name[pair[1]]))
    return Geometry(())


def chunks(header: Sequence[str], geometry: Geometry, rows: Iterable[Row], size: int) -> Iterator[Chunk]:
    """Rows as chunks of `size`; short rows are filled with None."""
    width = len(header)
    for some in batched(rows, size, strict=False):
        flaws = [flaw for row in some for flaw in row.flaws]
        padded = [(*row.values, *[None] * (width - len(row.values))) for row in some]
        columns = {name: list(values) for name, values in zip(header, zip(*padded, strict=True), strict=False)}
        numbers = np.array([row.number for row in some], dtype=np.int64)
        wkb = _wkb(columns, geometry, numbers, flaws)
        kept = {name: values for name, values in columns.items() if name not in geometry.columns}
        yield Chunk(numbers, wkb, kept, flaws)


def _wkb(
    columns: dict[str, list[Any]], geometry: Geometry, numbers: NDArray[np.int64], flaws: list[Problem]
) -> NDArray[np.object_] | None:
    if not geometry.columns:
        return None
    if len(geometry.columns) == 1:
        texts = [str(value).strip() or None if value is not None else None for value in columns[geometry.columns[0]]]
        shapes = shapely.from_wkt(texts, on_invalid="ignore")
        broken = [i for i, shape in enumerate(shapes) if shape is None and texts[i] is not None]
        reason = "not well-known text (WKT)"
    else:
        pairs = list(zip(*(columns[name] for name in geometry.columns), strict=True))
        xy = [(_number(x), _number(y)) for x, y in pairs]
        shapes = np.array(
            [shapely.Point(x, y) if x is not None and y is not None else None for x, y in xy], dtype=object
        )
        broken = [i for i, (x, y) in enumerate(pairs) if shapes[i] is None and not (_empty(x) and _empty(y))]
        reason = f"{' and '.join(geometry.columns)} are not two numbers"
    flaws.extend(Problem("geometry-unreadable", row=int(numbers[i]), params={"reason": reason}) for i in broken)
    return np.asarray(shapely.to_wkb(shapes, include_srid=False), dtype=object)


def _empty(value: Any) -> bool:
    return value is None or not str(value).strip()


def _number(value: Any) -> float | None:
    try:
        number = float(str(value).strip())
    except ValueError:
        return None
    return number if np.isfinite(number) else None
