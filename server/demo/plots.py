"""Free squares of countryside, far from towns and from each other: each holds one planted situation.

Within a plot, positions are metres east and north of its middle, turned by the plot's own angle.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from server.demo.boundaries import Boundaries
from server.demo.metres import ZONE_117, area, solve, to_degrees, to_plane

SPACING = 2400.0


@dataclass(frozen=True, slots=True)
class Plot:
    """A local frame of about 2 km; `zone` is the Gauss-Krueger zone in which its metres are metres."""

    east: float
    north: float
    angle: float
    zone: int = ZONE_117

    def place(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        """Local metres to (lon, lat)."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        local = np.array(points)
        plane = np.column_stack(
            [
                self.east + cos * local[:, 0] - sin * local[:, 1],
                self.north + sin * local[:, 0] + cos * local[:, 1],
            ]
        )
        return [tuple(pair) for pair in to_degrees(plane, self.zone).tolist()]

    def rect(self, west: float, south: float, east: float, north: float) -> shapely.Geometry:
        return shapely.Polygon(self.place([(west, south), (east, south), (east, north), (west, north)]))

    def polygon(self, points: list[tuple[float, float]], *holes: list[tuple[float, float]]) -> shapely.Geometry:
        return shapely.Polygon(self.place(points), [self.place(hole) for hole in holes])

    def point(self, x: float, y: float) -> shapely.Geometry:
        return shapely.Point(self.place([(x, y)])[0])

    def line(self, points: list[tuple[float, float]]) -> shapely.Geometry:
        return shapely.LineString(self.place(points))

    def sized(self, west: float, south: float, north: float, wanted: float) -> shapely.Geometry:
        """The rectangle from `west` eastward whose geodesic area is `wanted` m2."""
        width = wanted / (north - south)
        return solve(lambda east: self.rect(west, south, east, north), wanted, west + width * 0.98, west + width * 1.02)

    def reaching(
        self, left: shapely.Geometry, right: Callable[[float], shapely.Geometry], wanted: float, high: float
    ) -> shapely.Geometry:
        """The `right(depth)` that overlaps `left` by `wanted` m2, for a depth up to `high` metres."""
        depths = [0.01]

        def shared(depth: float) -> shapely.Geometry:
            depths.append(depth)
            return shapely.intersection(left, right(depth))

        solve(shared, wanted, 0.01, high)
        return right(depths[-1])


def free_plots(
    boundaries: Boundaries,
    codes: tuple[str, ...],
    reserved: list[shapely.Geometry],
    rng: np.random.Generator,
    zone: int = ZONE_117,
) -> Iterator[Plot]:
    """Plots whose whole neighbourhood lies in one of the counties `codes` and clear of `reserved` (plane), shuffled."""
    plane = [shapely.transform(boundaries[code], lambda xy: to_plane(xy, zone)) for code in codes]
    inner = shapely.union_all([shapely.buffer(shape, -0.75 * SPACING) for shape in plane])
    west, south, east, north = shapely.bounds(inner)
    grid = np.stack(np.meshgrid(np.arange(west, east, SPACING), np.arange(south, north, SPACING)), axis=-1).reshape(
        -1, 2
    )
    points = shapely.points(grid)
    shapely.prepare(inner)
    keep = shapely.contains(inner, points)
    for shape in reserved:
        keep &= shapely.distance(points, shape) > 0.72 * SPACING
    chosen = grid[keep]
    for index in rng.permutation(len(chosen)).tolist():
        east, north = (chosen[index] + rng.uniform(-100, 100, 2)).tolist()
        yield Plot(east, north, float(rng.uniform(-0.25, 0.25)), zone)


def shares(total: float, number: int, rng: np.random.Generator, least: float = 0.35) -> list[float]:
    """`number` areas (ha, two decimals) that add up to `total`, each at least `least` of the mean."""
    weights = rng.uniform(least, 2 - least, number)
    parts = np.floor(total * 100 * weights / weights.sum()).astype(int)
    parts[: round(total * 100) - int(parts.sum())] += 1
    return [part / 100 for part in parts.tolist()]


def hectares(shape: shapely.Geometry) -> float:
    return area(shape) / 10_000
