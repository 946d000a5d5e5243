"""The benchmark's data: parcel-like polygons of about 30 vertices in clusters, as the peers were measured on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

CLUSTER = 2_000
VERTICES = 30
USES = ("R2", "A1", "B1", "M2", "W1", "S1", "U1", "G1", "E2")


@dataclass(frozen=True, slots=True)
class Parcels:
    """`polygons` in lon, lat; attribute columns by name."""

    polygons: NDArray[Any]
    columns: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.polygons)


def make(count: int, seed: int = 7) -> Parcels:
    """`count` polygons in clusters of 2,000 between 113.5 and 119.8 E, 36 and 42.6 N."""
    random = np.random.default_rng(seed)
    clusters = -(-count // CLUSTER)
    centres = np.column_stack([random.uniform(113.7, 119.6, clusters), random.uniform(36.2, 42.4, clusters)])
    side = int(np.ceil(np.sqrt(CLUSTER)))
    cell = np.arange(count) % CLUSTER
    origin = centres[np.arange(count) // CLUSTER] + np.column_stack([cell % side, cell // side]) * 0.0022
    angles = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    radius = 0.001 * random.uniform(0.8, 1.0, (count, VERTICES))
    ring = np.stack([np.cos(angles) * radius, np.sin(angles) * radius], axis=-1) + origin[:, None, :]
    ring = np.round(np.concatenate([ring, ring[:, :1]], axis=1), 9)
    polygons = shapely.polygons(shapely.linearrings(ring))
    days = [date(2010, 1, 1) + timedelta(days=int(day)) for day in random.integers(0, 3650, count)]
    columns: dict[str, NDArray[Any]] = {
        "identifier": np.array([f"P{number:08d}" for number in range(count)], dtype=object),
        "division_code": np.array([f"1309{code:02d}" for code in random.integers(1, 30, count)], dtype=object),
        "name": np.array([f"地块 {number}" for number in range(count)], dtype=object),
        "land_use_code": np.array(USES, dtype=object)[random.integers(0, len(USES), count)],
        "area": np.round(random.uniform(2_000, 40_000, count), 2),
        "floor_area_ratio": np.round(random.uniform(0.5, 5, count), 2),
        "approval_number": np.array(
            [f"冀规字〔{2010 + number % 8}〕{number % 999}号" for number in range(count)], dtype=object
        ),
        "approval_date": np.array(days, dtype=object),
        "remark": np.array(["模拟"] * count, dtype=object),
    }
    return Parcels(polygons, columns)


def boxes(
    parcels: Parcels, count: int, metres: float = 5_000, seed: int = 11
) -> Iterator[tuple[float, float, float, float]]:
    """Boxes of about `metres` around random parcels: west, south, east, north."""
    random = np.random.default_rng(seed)
    half = metres / 2 / 111_320
    for polygon in parcels.polygons[random.integers(0, len(parcels), count)]:
        x, y = polygon.centroid.coords[0]
        yield round(x - half, 6), round(y - half, 6), round(x + half, 6), round(y + half, 6)
