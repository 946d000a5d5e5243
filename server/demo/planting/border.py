"""Along borders: 盐山 and 庆云 with planted gaps, overlaps and class jumps; 辛集 and 深州 in two zones without any."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from server.demo.metres import ZONE_114, ZONE_117, Points, area, to_degrees, to_plane
from server.demo.plans import FARMLAND, TUGUI, VILLAGE_LAND
from server.demo.plots import hectares, shares
from server.demo.world import World

DEPTH = 140.0
KINDS = (("gap", 3, 0.80), ("overlap", 2, 0.50), ("jump", 4, 0.0))
"""Defect, how many, hectares in all."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A straight piece of border from one division's vertex to the next; the left division lies to its left."""

    first: Points
    last: Points


def border(world: World, left: str, right: str) -> list[Edge]:
    """The border's edges of more than 250 m, running so that `left` lies to the left."""
    shared = shapely.line_merge(shapely.intersection(world.boundaries[left], world.boundaries[right]))
    ring = shapely.get_coordinates(shapely.orient_polygons(world.boundaries[left]).exterior)
    steps = {tuple(pair.ravel().tolist()) for pair in np.stack([ring[:-1], ring[1:]], axis=1)}
    edges = []
    for part in shapely.get_parts(shared):
        points = shapely.get_coordinates(part)
        for a, b in pairwise(points):
            first, last = (a, b) if (*a.tolist(), *b.tolist()) in steps else (b, a)
            if np.hypot(*(to_plane(last) - to_plane(first))) > 250.0:
                edges.append(Edge(first, last))
    return edges


def beside(edge: Edge, side: float, zone: int, shift: float = 0.0) -> shapely.Geometry:
    """A parcel along the middle of the edge, to its left (side 1) or right (-1); `shift` moves it away from the border.

    Its two corners on the border are the same digits for both sides.
    """
    ends = np.stack([edge.first, edge.last])
    near = np.round(ends[:1] + np.array([[0.2], [0.8]]) * (ends[1] - ends[0]), 9)
    plane = to_plane(near, zone)
    along = (plane[1] - plane[0]) / np.hypot(*(plane[1] - plane[0]))
    normal = side * np.array([-along[1], along[0]])
    inner = near if shift == 0 else to_degrees(plane + shift * normal, zone)
    outer = to_degrees(plane + DEPTH * normal, zone)
    ring = [inner[0], inner[1], outer[1], outer[0]]
    return shapely.Polygon(ring if side < 0 else ring[::-1])


def apart(world: World, edges: list[Edge], left: str, right: str) -> list[Edge]:
    """The edges whose parcels lie in their own divisions and clear of each other."""
    chosen: list[Edge] = []
    taken: list[shapely.Geometry] = []
    for edge in edges:
        sides = [(beside(edge, 1.0, ZONE_117), left), (beside(edge, -1.0, ZONE_117), right)]
        if any(area(shapely.difference(shape, world.boundaries[code])) > 1.0 for shape, code in sides):
            continue
        both = shapely.union_all([shape for shape, _ in sides])
        if not any(shapely.dwithin(both, other, 3e-4) for other in taken):
            chosen.append(edge)
            taken.append(both)
    return chosen


def between(edge: Edge, shape: shapely.Geometry, side: float) -> shapely.Geometry:
    """What lies between the border and a parcel that was moved: the gap, or the overlap."""
    whole = beside(edge, side, ZONE_117)
    return shapely.difference(whole, shape) if area(shape) < area(whole) else shapely.difference(shape, whole)


def plant_border(world: World) -> None:
    edges = apart(world, border(world, "130925", "371423"), "130925", "371423")
    order = world.rng.permutation(len(edges)).tolist()
    entries: list[dict[str, Any]] = []
    for kind, number, total in KINDS:
        sizes = shares(total, number, world.rng, 0.6) if total else [0.0] * number
        entries += [_pair(world, edges[order.pop()], kind, size) for size in sizes]
    clean = [_pair(world, edges[k], "clean", 0.0) for k in order]
    world.truth["border"] = {
        "rule": "E01",
        "layer": TUGUI,
        "divisions": ["130925", "371423"],
        "defects": entries,
        "clean": len(clean),
        "totals": {
            kind: {"count": number, "area_ha": round(sum(e["area_ha"] for e in entries if e["kind"] == kind), 4)}
            for kind, number, _ in KINDS
        },
    }
    _two_zones(world)


def _pair(world: World, edge: Edge, kind: str, size: float) -> dict[str, Any]:
    left = beside(edge, 1.0, ZONE_117)
    right = beside(edge, -1.0, ZONE_117)
    if kind in ("gap", "overlap"):
        right = _shifted(edge, size, 1.0 if kind == "gap" else -1.0)
    codes = (FARMLAND, VILLAGE_LAND) if kind == "jump" else (FARMLAND, FARMLAND)
    ids = [
        world.add_one(TUGUI, shape, division_code=code, land_use_code=use)
        for shape, code, use in zip((left, right), ("130925", "371423"), codes, strict=True)
    ]
    found = hectares(between(edge, right, -1.0)) if size else 0.0
    return {"kind": kind, "left": ids[0], "right": ids[1], "area_ha": round(found, 6)}


def _shifted(edge: Edge, size: float, sign: float) -> shapely.Geometry:
    low, high = 0.0, DEPTH * 0.9
    for _ in range(60):
        middle = (low + high) / 2
        shape = beside(edge, -1.0, ZONE_117, sign * middle)
        found = hectares(between(edge, shape, -1.0))
        low, high = (middle, high) if found < size else (low, middle)
    return shape


def _two_zones(world: World) -> None:
    """辛集 is drawn in the zone of 114E and 深州 in that of 117E; their border is the same digits."""
    edges = apart(world, border(world, "130181", "131182"), "130181", "131182")[:40]
    pairs = []
    for edge in edges:
        left = world.add_one(TUGUI, beside(edge, 1.0, ZONE_114), division_code="130181", land_use_code=FARMLAND)
        right = world.add_one(TUGUI, beside(edge, -1.0, ZONE_117), division_code="131182", land_use_code=FARMLAND)
        pairs.append([left, right])
    world.truth["border-two-zones"] = {
        "rule": "E01",
        "layer": TUGUI,
        "divisions": ["130181", "131182"],
        "zones": [ZONE_114, ZONE_117],
        "gaps": 0,
        "overlaps": 0,
        "jumps": 0,
        "pairs": pairs,
    }
