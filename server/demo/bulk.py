"""More of the same for `--size`: fields, villages and houses in the counties where nothing is planted.

Squares of a kilometre, each with ten by ten fields around a village. Both plans and the land survey draw them alike, so
no rule finds anything here. One batch holds one county's row of squares: memory does not grow with the size.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray

from config.registry import Registry
from server.demo.fill import Ready, fill, subject
from server.demo.metres import to_degrees, to_plane
from server.demo.places import RECORDED
from server.demo.plans import FARMLAND, PLAN, TUGUI, VILLAGE_LAND
from server.demo.register import REGISTER, Register
from server.demo.today import bilinear
from server.demo.world import DIVISIONS, PLAN_2014, PLAN_2016, Rows, World
from server.demo.zoning import FIELD, VILLAGE

FIELDS = 10
"""Fields on a square's side; the middle four are the village."""
SQUARE = 1_000.0
HOUSES = 300
"""Houses of one village, in rows of twenty."""
_PER_SQUARE = 3 * (FIELDS * FIELDS - 3) + 1 + HOUSES
SURVEY = "current-land-survey"


def bulk(world: World, registry: Registry, seed: int, number: int) -> Iterator[Ready]:
    """About `number` more features (none if it is not positive), in batches."""
    left = round(number / _PER_SQUARE)
    register = Register(frozenset(world.rows[DIVISIONS, PLAN_2014].ids))
    for code in (code for code in world.boundaries.shapes if code.startswith("1309") and code not in RECORDED):
        if left <= 0 or code.endswith("00"):
            continue
        corners = _squares(world, code)[:left]
        left -= len(corners)
        for start in range(0, len(corners), 20):
            rng = np.random.default_rng([seed, int(code), start])
            for layer, day, rows in _rows(world, code, corners[start : start + 20]):
                ready = fill(registry.layers[layer], registry, rows, day, rng)
                if "plan" in ready.columns:
                    register.note(registry.layers[layer], subject(registry.layers[layer]), ready.columns)
                yield ready
    plans = register.rows("county")
    if len(plans):
        yield fill(registry.layers[REGISTER], registry, plans, PLAN_2014, np.random.default_rng([seed, len(plans)]))


def _squares(world: World, code: str) -> NDArray[np.float64]:
    """South-west corners (plane) of the squares wholly inside a county."""
    shape = shapely.transform(world.boundaries[code], to_plane)
    west, south, east, north = shapely.bounds(shape)
    pitch = SQUARE + 20.0
    grid = np.stack(np.meshgrid(np.arange(west, east, pitch), np.arange(south, north, pitch)), axis=-1).reshape(-1, 2)
    boxes = shapely.box(grid[:, 0], grid[:, 1], grid[:, 0] + SQUARE, grid[:, 1] + SQUARE)
    shapely.prepare(shape)
    corners: NDArray[np.float64] = grid[shapely.contains_properly(shape, boxes)]
    return corners


def _rows(world: World, code: str, corners: NDArray[np.float64]) -> Iterator[tuple[str, date, Rows]]:
    steps = np.arange(FIELDS + 1) * (SQUARE / FIELDS)
    lattice = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1)
    nodes = to_degrees(corners[:, None, None] + lattice)
    i, j = np.meshgrid(np.arange(FIELDS), np.arange(FIELDS), indexing="ij")
    middle = (abs(i - 4.5) < 1) & (abs(j - 4.5) < 1)
    i, j = i[~middle], j[~middle]
    rings = np.stack([nodes[:, i, j], nodes[:, i + 1, j], nodes[:, i + 1, j + 1], nodes[:, i, j + 1]], axis=2)
    fields = shapely.polygons(rings.reshape(-1, 4, 2))
    around = [(4, 4), (5, 4), (6, 4), (6, 5), (6, 6), (5, 6), (4, 6), (4, 5)]
    villages = shapely.polygons(np.stack([nodes[:, a, b] for a, b in around], axis=1))
    for layer, field, village in ((PLAN, FIELD, VILLAGE), (TUGUI, FARMLAND, VILLAGE_LAND), (SURVEY, "0102", "0702")):
        parts = [(fields, {"land_use_code": field}), (villages, {"land_use_code": village})]
        yield layer, PLAN_2014, _collect(world, layer, code, parts)
    scale = "plan-construction-scale-boundary"
    yield scale, PLAN_2014, _collect(world, scale, code, [(villages, {})])
    yield "current-building", PLAN_2016, _houses(world, code, corners)


def _collect(world: World, layer: str, code: str, parts: list[tuple[NDArray[np.object_], dict[str, str]]]) -> Rows:
    rows = Rows()
    for shapes, values in parts:
        rows.ids += [world.next_id(layer, code) for _ in range(len(shapes))]
        rows.geometry += list(shapes)
        rows.columns += [{"division_code": code, **values}] * len(shapes)
    return rows


def _houses(world: World, code: str, corners: NDArray[np.float64]) -> Rows:
    """Rows of houses inside each village."""
    across, up = 20, HOUSES // 20
    u, v = np.meshgrid(np.arange(across) / across, np.arange(up) / up)
    box = np.column_stack([u.ravel() + 0.008, v.ravel() + 0.012, u.ravel() + 0.038, v.ravel() + 0.045])
    low = corners + 0.4 * SQUARE
    side = 0.2 * SQUARE
    quads = low[:, None] + np.array([(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)])
    every = bilinear(np.repeat(quads, len(box), axis=0), np.tile(box, (len(corners), 1)))
    return _collect(world, "current-building", code, [(shapely.polygons(to_degrees(every)), {})])
