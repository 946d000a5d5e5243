"""Administrative areas (province, cities, counties) and their boundaries, each line once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from config.divisions import Divisions
from server.demo.boundaries import Boundaries
from server.demo.metres import area
from server.demo.places import PROVINCE
from server.demo.world import DIVISIONS, PLAN_2014, Rows, World

LINES = "base-admin-boundary"
REAL = (
    "界线为公开数据（现行区划，权属未声明），人口和定界日期为模拟 "
    "(public boundary data of today, rights not stated; population and dates are synthetic)"
)
MADE_UP = "模拟数据，非真实 (synthetic, not real)"


def add_divisions(world: World, divisions: Divisions) -> None:
    """The areas, counties before what they add up to (whose outlines are long), and the lines between them."""
    boundaries = world.boundaries
    note = REAL if boundaries.real else MADE_UP
    rows = Rows()
    for code, shape in {**boundaries.counties, **_sums(boundaries)}.items():
        one = divisions.by_code[code]
        rows.ids.append(code)
        rows.geometry.append(shape)
        rows.columns.append(
            {
                "division_code": code,
                "name": one.title.zh,
                "english_name": one.title.en,
                "division_level": one.level.value,
                "parent_code": one.parent,
                "land_area_total": round(area(shape) / 1e6, 2),
                "remarks": note,
            }
        )
    world.extend(DIVISIONS, PLAN_2014, rows)
    world.extend(LINES, PLAN_2014, _lines(world, note))


def _sums(boundaries: Boundaries) -> dict[str, shapely.Geometry]:
    """Cities and the province: their counties without the borders between them, to the last digit."""
    parts: dict[str, list[shapely.Geometry]] = {}
    for code, shape in boundaries.counties.items():
        if code[:2] == PROVINCE[:2]:
            parts.setdefault(f"{code[:4]}00", []).append(shape)
    whole = [shape for shapes in parts.values() for shape in shapes]
    return {code: shapely.coverage_union_all(np.array(shapes)) for code, shapes in (parts | {PROVINCE: whole}).items()}


def _lines(world: World, note: str) -> Rows:
    rows = Rows()
    for one in frontiers(world.boundaries):
        rows.ids.append(world.next_id(LINES, one.left))
        rows.geometry.append(one.line)
        values: dict[str, Any] = {"left_division": one.left, "right_division": one.right, "boundary_type": one.kind}
        rows.columns.append({"division_code": one.left, "remarks": note, **values})
    return rows


@dataclass(frozen=True, slots=True)
class Frontier:
    """The line between two counties, or between a county and another province (None: sea, or not known)."""

    left: str
    right: str | None
    kind: str
    line: shapely.Geometry


def frontiers(boundaries: Boundaries) -> Iterator[Frontier]:
    """Every border of the province's counties once, running so that `left` lies on its left.

    Neighbours share their vertices: a segment is a border of the two counties that draw it, and a coast where one does.
    """
    codes: list[str | None] = [*boundaries.counties, *(code for code, _ in boundaries.beyond)]
    shapes = [*boundaries.counties.values(), *(shape for _, shape in boundaries.beyond)]
    starts, ends, owner = _segments(np.array(shapes, dtype=object))
    ours = np.array([code is not None and code[:2] == PROVINCE[:2] for code in codes])
    pairs: dict[tuple[int, int], list[int]] = {}
    for first, second in _twins(starts, ends):
        sides = (int(owner[first]), -1 if second is None else int(owner[second]))
        if ours[sides[0]] or (second is not None and ours[sides[1]]):
            turned = second is not None and (not ours[sides[0]] or (ours[sides[1]] and sides[1] < sides[0]))
            key = (sides[1], sides[0]) if turned else sides
            pairs.setdefault(key, []).append(second if turned and second is not None else first)
    grouped: dict[tuple[str, str | None, str], list[int]] = {}
    for (left, right), segments in sorted(pairs.items()):
        other = codes[right] if right >= 0 else None
        name = str(codes[left])
        kind = "coastline" if right < 0 else _kind(name, other)
        grouped.setdefault((name, other, kind), []).extend(segments)
    for (left_code, right_code, kind), segments in grouped.items():
        edges = shapely.linestrings(np.stack([starts[segments], ends[segments]], axis=1))
        line = shapely.line_merge(shapely.multilinestrings(edges), directed=True)
        yield Frontier(left_code, right_code, kind, line)


def _kind(left: str, right: str | None) -> str:
    """The class of a border by the highest division that ends there."""
    if right is None or left[:2] != right[:2]:
        return "provincial"
    return "county" if left[:4] == right[:4] else "prefectural"


def _segments(shapes: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """All sides of the polygons, their inside on the left: starts, ends, and whose they are."""
    parts, of = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[:-1] == ring[1:]
    return points[:-1][same], points[1:][same], of[part[ring[:-1][same]]]


def _twins(starts: NDArray[np.float64], ends: NDArray[np.float64]) -> Iterator[tuple[int, int | None]]:
    """Sides that are drawn in both directions, as pairs; None beside those that are drawn once."""
    points = np.concatenate([starts, ends])
    _, numbers = np.unique(points[:, 0] + 1j * points[:, 1], return_inverse=True)
    ends_of = np.sort(numbers.reshape(2, -1), axis=0)
    order = np.lexsort(ends_of)
    keys = ends_of[:, order].T
    again = (keys[1:] == keys[:-1]).all(axis=1).tolist()
    places = order.tolist()
    k = 0
    while k < len(places):
        paired = k < len(again) and again[k]
        yield places[k], places[k + 1] if paired else None
        k += 2 if paired else 1
