"""Named scenes: the Grand Canal, the river 子牙新河, 南大港 wetland, 献县 flood detention area, 黄骅 harbour.

They are drawn first and reserved, so that nothing else is planted there by accident.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from server.demo.lattice import WATER, Lattice
from server.demo.metres import Points, to_degrees, to_plane
from server.demo.world import World

RIVER_COURSE = (
    (115.97, 38.105),
    (116.20, 38.125),
    (116.36, 38.20),
    (116.52, 38.34),
    (116.66, 38.43),
    (116.92, 38.475),
    (117.20, 38.50),
    (117.36, 38.60),
)


@dataclass(frozen=True, slots=True)
class Scenes:
    """Shapes in degrees; `canal_south` and `canal_north` continue the town's canal into the countryside."""

    wetland: shapely.Geometry
    wetland_core: shapely.Geometry
    wetland_belt: shapely.Geometry
    flood: shapely.Geometry
    river: shapely.Geometry
    river_water: shapely.Geometry
    canal: shapely.Geometry
    canal_water: tuple[shapely.Geometry, ...]
    harbour: shapely.Geometry
    fairway: shapely.Geometry


def draw_scenes(world: World) -> Scenes:
    rng = world.rng
    wetland = _blob(rng, 117.47, 38.535, 5200.0, 3600.0)
    flood = _blob(rng, 116.235, 38.215, 4300.0, 3000.0)
    course = to_plane(np.array(RIVER_COURSE))
    river = shapely.LineString(_smooth(course))
    canal, canal_water = _canal(world.towns[0].lattice)
    harbour = _harbour(world)
    belt = shapely.buffer(wetland, 900.0, quad_segs=4)
    world.reserved += [belt, flood, river, *canal_water, shapely.buffer(harbour, 3000.0)]
    quay = shapely.get_coordinates(harbour)[0]
    fairway = np.array([[0.0, 0.0], [4000.0, 300.0], [12000.0, 2500.0]]) + quay
    return Scenes(
        _degrees(wetland),
        _degrees(shapely.buffer(wetland, -1200.0, quad_segs=4)),
        shapely.Polygon(_degrees(belt).exterior, [_degrees(wetland).exterior]),
        _degrees(flood),
        _degrees(river),
        _degrees(shapely.buffer(river, 90.0, quad_segs=3, cap_style="flat")),
        _degrees(canal),
        tuple(_degrees(shape) for shape in canal_water),
        _degrees(harbour),
        _degrees(shapely.LineString(fairway)),
    )


def _degrees(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, to_degrees)


def _blob(rng: np.random.Generator, lon: float, lat: float, wide: float, high: float) -> shapely.Geometry:
    """An irregular round shape in the plane."""
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    radius = 1 + sum(rng.uniform(0.02, 0.07) * np.cos(k * angle + rng.uniform(0, 6)) for k in (2, 3, 5, 8))
    centre = to_plane(np.array([lon, lat]))
    return shapely.Polygon(centre + np.stack([wide * radius * np.cos(angle), high * radius * np.sin(angle)], axis=-1))


def _smooth(points: Points) -> Points:
    """The course with its corners cut twice (Chaikin)."""
    for _ in range(3):
        first, last = points[:-1], points[1:]
        cut = np.stack([0.75 * first + 0.25 * last, 0.25 * first + 0.75 * last], axis=1).reshape(-1, 2)
        points = np.vstack([points[:1], cut, points[-1:]])
    return points


def _canal(lattice: Lattice) -> tuple[shapely.Geometry, tuple[shapely.Geometry, ...]]:
    """The canal's axis through the town and beyond, and its water beyond, which continues the town's own edge."""
    column = int(np.argmax(lattice.across == WATER))
    west, east = lattice.plane[column], lattice.plane[column + 1]
    axis = (west + east) / 2
    south = axis[0] + (axis[0] - axis[8]) / np.hypot(*(axis[0] - axis[8])) * 9000.0
    north = axis[-1] + (axis[-1] - axis[-9]) / np.hypot(*(axis[-1] - axis[-9])) * 5000.0
    half = (east - west)[0] / 2
    waters = (
        shapely.Polygon([west[0], south - half, south + half, east[0]]),
        shapely.Polygon([east[-1], north + half, north - half, west[-1]]),
    )
    return shapely.LineString(np.vstack([south, axis, north])), waters


def _harbour(world: World) -> shapely.Geometry:
    """On the coast: the eastern end of 黄骅, a little inland (plane)."""
    shape = shapely.transform(world.boundaries["130983"], to_plane)
    corner = shapely.get_coordinates(shape)
    east = corner[np.argmax(corner[:, 0])]
    inner = shapely.buffer(shape, -1500.0)
    return shapely.shortest_line(shapely.Point(east), inner).boundary.geoms[1]
