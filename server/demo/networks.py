"""Lines: streets, their red lines, pipes along them, roads and railways between the towns."""

from itertools import pairwise

import numpy as np
import shapely

from server.demo.lattice import ARTERIAL, Lattice
from server.demo.metres import to_degrees, to_plane
from server.demo.places import TOWNS
from server.demo.plans import Sheet
from server.demo.world import World
from server.demo.zoning import ROAD, Parcel

PIPES = ("water-supply", "drainage", "power", "telecom", "gas", "heating")


def add_networks(world: World, sheets: list[Sheet]) -> None:
    for sheet in sheets:
        _streets(world, sheet)
    _between(world)


def _axis(lattice: Lattice, parcel: Parcel) -> shapely.Geometry:
    """The middle of a street parcel, along its longer side."""
    patch, plane = parcel.patch, lattice.plane
    if patch.east - patch.west > 1:
        columns = np.arange(patch.west, patch.east + 1)
        points = (plane[columns, patch.south] + plane[columns, patch.north]) / 2
    else:
        rows = np.arange(patch.south, patch.north + 1)
        points = (plane[patch.west, rows] + plane[patch.east, rows]) / 2
    return shapely.LineString(to_degrees(points))


def _edges(lattice: Lattice, parcel: Parcel) -> list[shapely.Geometry]:
    """Both long sides, on the lattice's own nodes."""
    patch, nodes = parcel.patch, lattice.degrees
    columns = np.arange(patch.west, patch.east + 1)
    return [shapely.LineString(nodes[columns, patch.south]), shapely.LineString(nodes[columns, patch.north])]


def _width(lattice: Lattice, parcel: Parcel) -> float:
    patch, plane = parcel.patch, lattice.plane
    first, last = plane[patch.west, patch.south], plane[patch.west, patch.north]
    if patch.east - patch.west == 1:
        last = plane[patch.east, patch.south]
    return float(np.hypot(*(last - first)))


def _streets(world: World, sheet: Sheet) -> None:
    lattice = sheet.zoned.lattice
    streets = [parcel for parcel in sheet.zoned.parcels if parcel.code == ROAD]
    axes = [_axis(lattice, parcel) for parcel in streets]
    widths = [_width(lattice, parcel) for parcel in streets]
    arterial = [width > (ARTERIAL + 26) / 2 for width in widths]
    world.add("current-road-network", axes)
    main = [axis for axis, wide in zip(axes, arterial, strict=True) if wide]
    world.add("plan-road-centreline", main)
    for parcel, wide in zip(streets, arterial, strict=True):
        if wide and parcel.patch.east - parcel.patch.west > 1:
            world.add("plan-road-redline", _edges(lattice, parcel))
    for number, pipe in enumerate(PIPES):
        world.add(f"plan-{pipe}-line", [_beside(axis, 1.5 * number - 4.0) for axis in main[number % 2 :: 2] or main])


def _beside(axis: shapely.Geometry, metres: float) -> shapely.Geometry:
    """The same course, some metres to one side."""
    points = to_plane(shapely.get_coordinates(axis))
    along = points[-1] - points[0]
    normal = np.array([-along[1], along[0]]) / np.hypot(*along)
    return shapely.LineString(to_degrees(points + metres * normal))


def _course(world: World, first: tuple[float, float], last: tuple[float, float], bend: float) -> shapely.Geometry:
    ends = to_plane(np.array([first, last]))
    share = np.linspace(0, 1, 40)[:, None]
    along = ends[1] - ends[0]
    normal = np.array([-along[1], along[0]])
    points = ends[0] + share * along + bend * np.sin(np.pi * share) * normal
    points[1:-1] += world.rng.uniform(-40, 40, (38, 2))
    return shapely.LineString(to_degrees(points))


def _between(world: World) -> None:
    """Highways from the central city to each town and round about; two railways."""
    seats = [(town.lon, town.lat) for town in TOWNS]
    centre, others = seats[0], seats[1:]
    spokes = [_course(world, centre, other, world.rng.uniform(-0.08, 0.08)) for other in others]
    ring = [_course(world, a, b, 0.05) for a, b in pairwise(others)]
    world.add("current-highway", [*spokes, *ring])
    world.add("plan-transport", [*spokes, *ring])
    rails = [
        _course(world, (116.10, 38.80), (116.62, 37.95), 0.02),
        _course(world, (115.95, 38.33), (117.75, 38.36), 0.03),
    ]
    world.add("current-rail-transit", rails)
    world.add("plan-transport", rails)
