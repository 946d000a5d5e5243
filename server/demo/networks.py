"""Lines: streets, their red lines, pipes along them, roads and railways between the towns."""

from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from server.demo.lattice import ARTERIAL, Lattice
from server.demo.metres import to_degrees, to_plane
from server.demo.places import NAMED, TOWNS
from server.demo.plans import Sheet
from server.demo.sense.networks import road_class
from server.demo.world import World
from server.demo.zoning import ROAD, Parcel

PIPES = {
    "water-supply": "给水管",
    "drainage": "排水管",
    "power": "电力线",
    "telecom": "通信管道",
    "gas": "燃气管",
    "heating": "供热管",
}
STREETS = {"arterial": "主干路", "secondary": "次干路", "local": "支路"}


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
    first = world.count("current-road-network") + 1
    drawn: list[dict[str, Any]] = [
        {"road_width": round(width, 1), "name": f"模拟{STREETS[road_class(width)]}{first + k}"}
        for k, width in enumerate(widths)
    ]
    world.add("current-road-network", axes, drawn)
    main = [axis for axis, wide in zip(axes, arterial, strict=True) if wide]
    world.add("plan-road-centreline", main, [one for one, wide in zip(drawn, arterial, strict=True) if wide])
    for parcel, wide, width in zip(streets, arterial, drawn, strict=True):
        if wide and parcel.patch.east - parcel.patch.west > 1:
            world.add("plan-road-redline", _edges(lattice, parcel), [{**width, "side": side} for side in ("南", "北")])
    for number, (pipe, word) in enumerate(PIPES.items()):
        layer = f"plan-{pipe}-line"
        courses = [_beside(axis, 1.5 * number - 4.0) for axis in main[number % 2 :: 2] or main]
        first = world.count(layer) + 1
        world.add(layer, courses, [{"name": f"模拟{word}{first + k}"} for k in range(len(courses))])


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
    names = [NAMED[town.code].zh for town in TOWNS[1:]]
    roads: list[dict[str, Any]] = [{"name": f"模拟沧州—{name}公路"} for name in names]
    roads += [{"name": f"模拟{a}—{b}公路"} for a, b in pairwise(names)]
    numbers = [f"{'S' if k < len(spokes) else 'X'}{901 + k}" for k in range(len(roads))]
    classes = ["provincial" if number.startswith("S") else "county" for number in numbers]
    world.add(
        "current-highway",
        [*spokes, *ring],
        [
            {**road, "route_number": number, "administrative_class": kind}
            for road, number, kind in zip(roads, numbers, classes, strict=True)
        ],
    )
    kept = [{**road, "route_number": number} for road, number in zip(roads, numbers, strict=True)]
    world.add("plan-transport", [*spokes, *ring], kept, transport_type="provincial-road", build_state="existing")
    rails = [
        _course(world, (116.10, 38.80), (116.62, 37.95), 0.02),
        _course(world, (115.95, 38.33), (117.75, 38.36), 0.03),
    ]
    lines = [{"name": "模拟南北铁路"}, {"name": "模拟东西铁路（通黄骅港）"}]
    world.add("current-rail-transit", rails, lines)
    world.add("plan-transport", rails, lines, transport_type="rail", build_state="existing")
