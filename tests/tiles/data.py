"""Layers of every kind of geometry with the same few hundred features in both stores, and the judge of tiles."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from shapely.geometry import shape

from config import matrixsets
from config.layers import Attribute, AttributeType, GeometryType, Kind, Layer, Role, Sharing, Small, Text, Tiling
from store import open_store
from store.criteria import LoadMode
from store.engine import connect
from store.interface import Batch
from store.migrate import migrate
from store.sql import SqlStore
from tests.server import tiny
from tiles.grid import Tile, grids

GRIDS = grids(matrixsets.load())
TODAY = date(2024, 6, 1)
WEST, SOUTH = 116.8, 38.3
STEP = 0.004

ATTRIBUTES = (
    Attribute("identifier", "BSM", Text("标识码", "Identifier"), AttributeType.STRING, required=True, role=Role.ID),
    Attribute("name", "MC", Text("名称", "Name"), AttributeType.STRING),
    Attribute("land_use_code", "YDYHFLDM", Text("用地", "Land use"), AttributeType.STRING, indexed=True),
    Attribute("area", "MJ", Text("面积", "Area"), AttributeType.NUMBER),
    Attribute("floors", "CS", Text("层数", "Floors"), AttributeType.INTEGER),
    Attribute("built", "SFJC", Text("建成", "Built"), AttributeType.BOOLEAN),
    Attribute("approved_on", "PZRQ", Text("批准", "Approved"), AttributeType.DATE),
    Attribute("seen_at", "GXSJ", Text("更新", "Seen"), AttributeType.DATETIME),
)
EVERYTHING = Tiling(attributes={one.name: 0 for one in ATTRIBUTES})
BASE = replace(
    tiny.LAYERS[next(id for id, one in tiny.LAYERS.items() if one.kind is Kind.VECTOR)],
    attributes=ATTRIBUTES,
    style={"by": "land_use_code", "label": "name"},
)


def layer(id: str, geometry: GeometryType, tiles: Tiling = EVERYTHING) -> Layer:
    return replace(BASE, id=id, geometry=geometry, tiles=tiles, digest=id)


LAYERS = {
    one.id: one
    for one in (
        layer("parcels", GeometryType.MULTI_POLYGON),
        layer("roads", GeometryType.MULTI_LINE),
        layer("wells", GeometryType.MULTI_POINT),
        layer("mixed", GeometryType.GEOMETRY),
        layer("plain", GeometryType.MULTI_POLYGON, Tiling()),
        layer("kept", GeometryType.MULTI_POLYGON, Tiling(small=Small.KEEP, least=4.0)),
        layer("dropped", GeometryType.MULTI_POLYGON, Tiling(small=Small.DROP, least=4.0)),
        layer("bare", GeometryType.MULTI_POLYGON),
        replace(layer("closed", GeometryType.MULTI_POLYGON), sharing=Sharing.WITHHELD),
    )
}


class Clock:
    """Stands still until it is told otherwise; noon in Beijing on TODAY at first."""

    def __init__(self) -> None:
        self.moment = datetime(2024, 6, 1, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **spans: float) -> None:
        self.moment += timedelta(**spans)


def polygons(count: int = 400, seed: int = 3) -> list[Any]:
    """A coverage of cells with jagged shared borders, some with a hole, some of several parts, some slivers."""
    random = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(count)))
    made: list[Any] = []
    for number in range(count):
        x, y = WEST + number % side * STEP, SOUTH + number // side * STEP
        points = [(x, y), (x + STEP, y), (x + STEP, y + STEP), (x, y + STEP)]
        shape = shapely.Polygon(points).segmentize(STEP / 6)
        if number % 7 == 0:
            hole = shapely.Point(x + STEP / 2, y + STEP / 2).buffer(STEP / 5)
            shape = shape.difference(hole)
        elif number % 11 == 0:
            shape = shapely.MultiPolygon(
                [shapely.box(x, y, x + STEP / 3, y + STEP), shapely.box(x + STEP / 2, y, x + STEP, y + STEP)]
            )
        elif number % 13 == 0:
            angle = np.sort(random.uniform(0, 2 * np.pi, 24))
            radius = random.uniform(0.1, 0.5, 24) * STEP
            middle = np.array([x, y]) + STEP / 2
            star = np.column_stack([np.cos(angle) * radius, np.sin(angle) * radius]) + middle
            shape = shapely.make_valid(shapely.Polygon(star))
        made.append(shape)
    return [shapely.transform(one, lambda xy: np.round(xy, 9)) for one in made]


def lines(count: int = 300, seed: int = 5) -> list[Any]:
    random = np.random.default_rng(seed)
    made: list[Any] = []
    for number in range(count):
        walk = np.cumsum(random.normal(0, STEP / 2, (12, 2)), axis=0)
        start = np.array([WEST, SOUTH]) + random.uniform(0, 0.08, 2)
        line = shapely.LineString(np.round(walk + start, 9))
        made.append(
            shapely.MultiLineString([line, shapely.affinity.translate(line, STEP)]) if number % 5 == 0 else line
        )
    return made


def points(count: int = 300, seed: int = 9) -> list[Any]:
    random = np.random.default_rng(seed)
    xy = np.round(np.column_stack([WEST + random.uniform(0, 0.08, count), SOUTH + random.uniform(0, 0.08, count)]), 9)
    return [
        shapely.MultiPoint([one, one + STEP]) if number % 9 == 0 else shapely.Point(one)
        for number, one in enumerate(xy)
    ]


SHAPES: dict[str, Callable[[], list[Any]]] = {
    "parcels": polygons,
    "roads": lines,
    "wells": points,
    "mixed": lambda: polygons(60) + lines(60) + points(60),
    "plain": lambda: polygons(60),
    "kept": lambda: polygons(60),
    "dropped": lambda: polygons(60),
    "closed": lambda: polygons(60),
}


def batch(shapes: Sequence[Any]) -> Batch:
    count = len(shapes)
    numbers = np.arange(count)
    columns: dict[str, Any] = {
        "identifier": [f"F{number:05d}" for number in numbers],
        "name": [None if number % 10 == 3 else f"地块 {number}" for number in numbers],
        "land_use_code": [f"0{number % 8}" for number in numbers],
        "area": [float(number) * 1.5 for number in numbers],
        "floors": [int(number) - 20 for number in numbers],
        "built": [None if number % 4 == 0 else bool(number % 2) for number in numbers],
        "approved_on": [TODAY - timedelta(days=int(number)) for number in numbers],
        "seen_at": [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=int(number)) for number in numbers],
    }
    ids = np.array(columns["identifier"], dtype=object)
    wkb = np.array([shapely.to_wkb(one) for one in shapes], dtype=object)
    arrays = {name: np.array(values, dtype=object) for name, values in columns.items()}
    arrays["area"] = arrays["area"].astype(float)
    return Batch(np.zeros(count, dtype=np.int64), ids, np.zeros(count, dtype=np.int64), wkb, arrays)


def load(store: SqlStore, id: str, shapes: Sequence[Any], day: date = date(2016, 1, 1)) -> None:
    with store.load(id, LoadMode.APPEND, day, "tester") as loading:
        loading.append(batch(shapes))
        loading.publish()


@contextmanager
def opened(url: str, clock: Clock | None = None) -> Iterator[SqlStore]:
    """A store with the tables of all layers, empty."""
    database = connect(url, LAYERS)
    migrate(database, lambda _: None)
    database.close()
    store = open_store(url, LAYERS, clock=clock or Clock())
    try:
        yield store
    finally:
        store.close()


def tile(grid: str, zoom: str, x: float = WEST + 0.03, y: float = SOUTH + 0.03) -> Tile:
    """The tile of a matrix that holds a place."""
    from store.criteria import Box

    limits = GRIDS[grid].limits(Box(x, y, x, y))[zoom]
    return Tile(GRIDS[grid], GRIDS[grid].set.matrices[zoom], limits.min_row, limits.min_col)


def decoded(data: bytes, name: str) -> list[dict[str, Any]]:
    """The features of one layer as mapbox-vector-tile reads them, with `shape`, y pointing down."""
    if not data:
        return []
    found = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})[name]
    assert found["extent"] == 4096
    assert found["version"] == 2
    return [one | {"shape": shape(one["geometry"])} for one in found["features"]]
