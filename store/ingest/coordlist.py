"""The 勘测定界 coordinate list in TXT that land departments exchange.

Sections: optionally others, then `[属性描述]` with `key=value` lines, then `[地块坐标]`. There a plot begins with a
line that ends in `@` (点数,面积(公顷),地块编号,地块名称,图形属性,图幅号,地块用途,地类编码,@), and each line after
it is a point: `point no,ring no,X (north),Y (east)`, with or without the zone's prefix in Y. Ring 1 is an outline,
higher numbers are further rings: holes, or outlines of further parts, told apart by containment. A ring may repeat
its first point.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from store.ingest.dbase import Encoding, guess, named
from store.ingest.frame import Claim
from store.ingest.problems import Problem, RefusedError
from store.ingest.source import About, Chunk, ReadOptions
from store.ingest.zones import BEIJING54, CGCS2000, WGS84, XIAN80, Datum, Zone

MARK = "[地块坐标]"
HEADER = "[属性描述]"
COLUMNS = ("JZDS", "DKMJ", "DKBH", "DKMC", "JLTXSX", "TFH", "DKYT", "DLBM")
"""The plot line's values: 界址点数, 地块面积 (公顷), 地块编号, 地块名称, 记录图形属性, 图幅号, 地块用途, 地类编码."""

KINDS = {"面": "polygon", "线": "line", "点": "point", "": "polygon"}
MAX_LINE = 10_000


@dataclass(slots=True)
class Plot:
    """One plot while it is read: the values of its line and its rings of (north, east)."""

    line: int
    values: list[str]
    rings: list[list[tuple[float, float]]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    flaws: list[Problem] = field(default_factory=list)

    def add(self, ring: str, north: float, east: float) -> None:
        """A point; a new ring begins with another ring number, or after the ring before was closed."""
        if not self.rings or self.numbers[-1] != ring or _closed(self.rings[-1]):
            self.rings.append([])
            self.numbers.append(ring)
        self.rings[-1].append((north, east))

    @property
    def points(self) -> int:
        return sum(len(ring) for ring in self.rings)


@dataclass(frozen=True, slots=True)
class CoordinateList:
    """A coordinate list whose header was read."""

    path: Path
    about: About
    encoding: Encoding

    def chunks(self, size: int) -> Iterator[Chunk]:
        for some in batched(self._plots(), size, strict=False):
            rows = np.array([row for row, _ in some], dtype=np.int64)
            wkb = np.empty(len(some), dtype=object)
            wkb[:] = [_wkb(plot, row) for row, plot in some]
            names = self.about.columns
            columns: dict[str, list[Any]] = {
                name: [_value(plot, index) for _, plot in some] for index, name in enumerate(names)
            }
            flaws = [_numbered(flaw, row) for row, plot in some for flaw in plot.flaws]
            yield Chunk(rows, wkb, columns, flaws)

    def _plots(self) -> Iterator[tuple[int, Plot]]:
        plot: Plot | None = None
        row = 0
        for number, line in _lines(self.path, self.encoding, after=MARK):
            if line.startswith("["):
                break
            if "@" in line[-2:]:
                if plot is not None:
                    yield row, plot
                row += 1
                plot = Plot(number, [value.strip() for value in line.rstrip("@").split(",")])
                continue
            plot = plot or Plot(number, [])
            row = max(row, 1)
            _point(plot, number, line)
        if plot is not None:
            yield row, plot


def is_coordinate_list(path: Path) -> bool:
    """Whether the head of a TXT file has a coordinate list's sections, in UTF-8 or GBK."""
    with path.open("rb") as file:
        head = file.read(65536)
    return any(mark.encode(codec) in head for mark in (MARK, HEADER) for codec in ("utf-8", "gb18030"))


def open_coordinate_list(path: Path, options: ReadOptions) -> CoordinateList:
    """Read the header of a coordinate list: datum, zone and unit.

    Raises:
        RefusedError: no `[地块坐标]` section, or a header that contradicts itself.
    """
    with path.open("rb") as file:
        sample = file.read(1 << 20)
    encoding = named(options.encoding) if options.encoding else guess(sample)
    header = _header(path, encoding)
    claim = _claim(header)
    about = About("勘测定界 TXT", path.stem, COLUMNS, encoding.title, claim)
    return CoordinateList(path, about, encoding)


def _lines(path: Path, encoding: Encoding, after: str) -> Iterator[tuple[int, str]]:
    """Numbered lines after the section mark, without blanks; full-width commas are commas."""
    codec = "utf-8-sig" if encoding.codec == "utf-8" else encoding.codec
    begun = False
    with path.open(encoding=codec, errors="replace") as file:
        for number, raw in enumerate(file, 1):
            line = raw.strip().replace("，", ",")
            if begun and line:
                yield number, line[:MAX_LINE]
            begun = begun or line.replace(" ", "") == after
    if not begun:
        raise RefusedError("file-unreadable", reason=f"the coordinate list has no section {after}")


def _header(path: Path, encoding: Encoding) -> dict[str, str]:
    """The key=value lines of `[属性描述]`; a list without that section has none."""
    header: dict[str, str] = {}
    try:
        for _, line in _lines(path, encoding, after=HEADER):
            if line.startswith("["):
                break
            key, equals, value = line.partition("=")
            if equals:
                header[key.strip()] = value.strip()
    except RefusedError:
        return {}
    return header


def _claim(header: dict[str, str]) -> Claim:
    """Datum and zone of the header. The zone counts only with its width; an easting's prefix speaks for itself."""
    datum = _datum(header.get("坐标系", ""))
    number = re.search(r"\d+", header.get("带号", ""))
    width = re.search(r"[36]", header.get("几度分带", header.get("分带", "")))
    zone = Zone(int(width.group()), int(number.group()), False) if number and width else None
    if zone and not (25 <= zone.number <= 45 if zone.width == 3 else 13 <= zone.number <= 23):
        raise RefusedError("file-unreadable", reason=f"no {zone.width}-degree zone {zone.number} in the list's header")
    if zone and datum:
        return Claim(found=f"EPSG:{datum.code(zone)}", zone=zone)
    return Claim(datum=datum.id if datum else None, zone=zone)


def _datum(text: str) -> Datum | None:
    if "2000" in text:
        return CGCS2000
    if "80" in text:
        return XIAN80
    if "54" in text:
        return BEIJING54
    return WGS84 if "84" in text else None


def _point(plot: Plot, number: int, line: str) -> None:
    parts = [part.strip() for part in line.split(",")]
    try:
        ring, north, east = parts[1], float(parts[2]), float(parts[3])
    except (IndexError, ValueError):
        plot.flaws.append(Problem("coordlist-line", params={"line": number, "value": line[:80]}))
        return
    plot.add(ring, north, east)


def _closed(ring: Sequence[tuple[float, float]]) -> bool:
    return len(ring) > 3 and ring[0] == ring[-1]


def _numbered(flaw: Problem, row: int) -> Problem:
    return Problem(flaw.code, row, attribute=flaw.attribute, params=flaw.params)


def _value(plot: Plot, index: int) -> str | None:
    value = plot.values[index] if index < len(plot.values) else ""
    return value or None


def _wkb(plot: Plot, row: int) -> bytes | None:
    """The plot's geometry as WKB in x (east), y (north); what cannot be built is a flaw of the plot."""
    declared = plot.values[0] if plot.values else ""
    distinct = sum(len(ring) - _closed(ring) for ring in plot.rings)
    if declared.isdigit() and int(declared) not in (plot.points, distinct):
        name = plot.values[2] if len(plot.values) > 2 else str(row)
        params = {"value": name or row, "declared": declared, "found": plot.points}
        plot.flaws.append(Problem("coordlist-count", params=params))
    kind = KINDS.get(plot.values[4] if len(plot.values) > 4 else "", "")
    rings = [np.array(ring)[:, ::-1] for ring in plot.rings]
    shape = _shape(kind, rings)
    if shape is None and plot.rings:
        reason = f"plot in line {plot.line}: {plot.points} points do not make a {kind or 'known kind of geometry'}"
        plot.flaws.append(Problem("geometry-unreadable", params={"reason": reason}))
    return None if shape is None else bytes(shapely.to_wkb(shape))


def _shape(kind: str, rings: list[Any]) -> Any:
    if kind == "polygon" and rings and all(len(ring) >= 3 for ring in rings):
        return assemble([shapely.polygons(shapely.linearrings(ring)) for ring in rings])
    if kind == "line" and rings and all(len(ring) >= 2 for ring in rings):
        return shapely.multilinestrings([shapely.linestrings(ring) for ring in rings])
    if kind == "point" and rings:
        return shapely.multipoints(np.vstack(rings))
    return None


def assemble(rings: Sequence[Any]) -> Any:
    """A (multi)polygon of rings: a ring inside an odd number of others is a hole of the smallest one around it.

    Containment is asked of the ring's first vertex not on the other ring's line, so touching rings are told rightly.
    """
    order = sorted(range(len(rings)), key=lambda i: -abs(rings[i].area))
    around = {i: [j for j in order[:n] if _inside(rings[i], rings[j])] for n, i in enumerate(order)}
    holes: dict[int, list[Any]] = {}
    for i in order:
        if len(around[i]) % 2:
            holes.setdefault(around[i][-1], []).append(rings[i].exterior)
    shells = [i for i in order if len(around[i]) % 2 == 0]
    parts = [shapely.Polygon(rings[i].exterior, holes.get(i, [])) for i in sorted(shells)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _inside(inner: Any, outer: Any) -> bool:
    points = shapely.points(shapely.get_coordinates(inner))
    off_line = points[~shapely.intersects(outer.exterior, points)]
    return bool(len(off_line)) and bool(shapely.contains(outer, off_line[0]))
