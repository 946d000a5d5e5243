"""An independent judge: recomputes what the truth files claim from rows alone, with shapely and pyproj.

It knows no module of the generator: only ids, geometries and columns by layer and day, as they go into the store.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from pyproj import Geod, Transformer

GEOD = Geod(a=6378137.0, rf=298.257222101)
PLANE = Transformer.from_crs(4490, 4548, always_xy=True)
TODAY = date(2026, 1, 1)


@dataclass(frozen=True)
class Rows:
    """The states of one layer on one day."""

    ids: np.ndarray
    shapes: np.ndarray
    columns: Mapping[str, np.ndarray]

    def where(self, keep: Iterable[bool] | Callable[["Rows"], Iterable[bool]]) -> "Rows":
        mask = np.array(list(keep(self) if callable(keep) else keep), dtype=bool)
        return Rows(self.ids[mask], self.shapes[mask], {name: values[mask] for name, values in self.columns.items()})

    def code(self, test: Callable[[str], bool]) -> "Rows":
        return self.where([test(code) for code in self.columns["land_use_code"]])

    def by_id(self) -> dict[str, Any]:
        return dict(zip(self.ids.tolist(), self.shapes, strict=True))

    def __len__(self) -> int:
        return len(self.ids)


class Layers:
    """All rows of the demo, as loaded."""

    def __init__(self, ready: Iterable[Any], rename: Callable[[str, str], str] = lambda layer, id: id) -> None:
        self.loads: dict[str, list[tuple[date, Rows]]] = {}
        for one in ready:
            ids = np.array([rename(one.layer, id) for id in one.ids], dtype=object)
            shapes = np.array([None if wkb is None else shapely.from_wkb(wkb) for wkb in one.wkb], dtype=object)
            self.loads.setdefault(one.layer, []).append((one.day, Rows(ids, shapes, dict(one.columns))))

    def on(self, layer: str, day: date = TODAY) -> Rows:
        """Per id the latest state that is valid on the day."""
        found: dict[str, tuple[Rows, int]] = {}
        for begun, rows in sorted(self.loads[layer], key=lambda load: load[0]):
            if begun <= day:
                found |= {id: (rows, k) for k, id in enumerate(rows.ids.tolist())}
        names = list(self.loads[layer][0][1].columns)
        return Rows(
            np.array(list(found), dtype=object),
            np.array([rows.shapes[k] for rows, k in found.values()], dtype=object),
            {name: np.array([rows.columns[name][k] for rows, k in found.values()], dtype=object) for name in names},
        )


@dataclass(frozen=True)
class Piece:
    left: str
    right: str
    shape: Any
    area: float

    @property
    def hectares(self) -> float:
        return self.area / 10_000


def area(shape: Any) -> float:
    """Geodesic, on the ellipsoid of CGCS2000, in square metres."""
    return abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0]) if not shape.is_empty else 0.0


def plane(shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: np.column_stack(PLANE.transform(xy[:, 0], xy[:, 1])))


def is_sliver(shape: Any, size: float) -> bool:
    """Mean width 2A/P under one metre, or compactness under 0.02."""
    perimeter = shapely.length(plane(shape))
    return bool(2 * size / perimeter < 1 or 4 * np.pi * size / perimeter**2 < 0.02)


def split(pieces: Iterable[Piece]) -> tuple[list[Piece], list[Piece]]:
    """Findings and slivers; below a hundredth of a square metre nothing overlaps."""
    real = [one for one in pieces if one.area > 0.01]
    slivers = [one for one in real if is_sliver(one.shape, one.area)]
    thin = {id(one) for one in slivers}
    return [one for one in real if id(one) not in thin], slivers


def overlaps(left: Rows, right: Rows, differ: tuple[np.ndarray, np.ndarray] | None = None) -> list[Piece]:
    """Every pair's shared surface; with `differ` only pairs whose values are unequal."""
    a, b = shapely.STRtree(right.shapes).query(left.shapes, predicate="intersects")
    if differ is not None:
        keep = differ[0][a] != differ[1][b]
        a, b = a[keep], b[keep]
    shared = shapely.intersection(left.shapes[a], right.shapes[b])
    keep = shapely.area(shared) > 1e-15
    return [
        Piece(left.ids[i], right.ids[j], shape, area(shape))
        for i, j, shape in zip(a[keep], b[keep], shared[keep], strict=True)
    ]


def outside(inner: Rows, outer: Rows) -> list[Piece]:
    """What of each inner shape lies in none of the outer ones."""
    whole = shapely.union_all(outer.shapes)
    shapely.prepare(whole)
    loose = inner.shapes[~shapely.covers(whole, inner.shapes)]
    ids = inner.ids[~shapely.covers(whole, inner.shapes)]
    rests = [(id, shapely.difference(shape, whole)) for id, shape in zip(ids, loose, strict=True)]
    return [Piece(id, "", rest, area(rest)) for id, rest in rests]


def total(pieces: Iterable[Piece]) -> float:
    return sum(one.hectares for one in pieces)


def pairs(entries: Iterable[Mapping[str, Any]], left: str = "left", right: str = "right") -> set[tuple[str, str]]:
    return {(one[left], one[right]) for one in entries}


def is_construction(code: str) -> bool:
    """GB 50137: everything but E."""
    return not code.startswith("E")
