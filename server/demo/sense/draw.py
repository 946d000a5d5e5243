"""What a rule sees of the rows it fills, and how it draws."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from config.layers import Layer
from server.demo.metres import ZONE_114, ZONE_117, plane_areas, to_plane
from server.demo.world import Rows

Column = Sequence[Any]

WEST = ("1301", "1308")
"""Cities whose plans are drawn in the zone of 114 degrees."""


@dataclass(frozen=True)
class Draw:
    """The rows of one layer from one day; `shapes` are their geometries."""

    layer: Layer
    rows: Rows
    shapes: NDArray[np.object_]
    day: date
    rng: np.random.Generator

    def __len__(self) -> int:
        return len(self.rows)

    def has(self, name: str) -> bool:
        return self.layer.attribute(name) is not None

    def said(self, name: str, default: Any = "") -> list[Any]:
        """What the rows say themselves, `default` where they say nothing."""
        return [default if values.get(name) is None else values[name] for values in self.rows.columns]

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """Plane areas in the zone of the row's city, m2."""
        west = np.array([id[:4] in WEST for id in self.rows.ids], dtype=bool)
        found: NDArray[np.float64] = np.empty(len(west))
        for zone, mask in ((ZONE_114, west), (ZONE_117, ~west)):
            if mask.any():
                found[mask] = plane_areas(self.shapes[mask], zone)
        return found

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """Plane lengths, m."""
        moved = shapely.transform(self.shapes, lambda points: to_plane(points))
        found: NDArray[np.float64] = np.round(shapely.length(moved), 1)
        return found

    def uniform(self, low: float, high: float) -> NDArray[np.float64]:
        return self.rng.uniform(low, high, len(self))

    def between(self, low: float, high: float, decimals: int = 1) -> Column:
        return rounded(self.uniform(low, high), decimals)

    def whole(self, low: int, high: int) -> list[int]:
        """Integers from `low` to `high`, both included."""
        return list(self.rng.integers(low, high + 1, len(self)).tolist())

    def pick(self, options: Sequence[Any], odds: Sequence[float] | None = None) -> list[Any]:
        share = None if odds is None else np.array(odds) / sum(odds)
        return [options[k] for k in self.rng.choice(len(options), len(self), p=share).tolist()]

    def all(self, value: Any) -> Column:
        return [value] * len(self)

    def by(self, name: str, table: Mapping[str, Any], default: Any = None) -> Column:
        """A table's value for what each row says."""
        return [table.get(value, default) for value in self.said(name)]

    def ranged(self, name: str, table: Mapping[str, tuple[float, float]], decimals: int = 0) -> Column:
        """A number within the range of what each row says; None where the table has none."""
        ranges = self.by(name, table)
        share = self.uniform(0, 1).tolist()
        return [
            None if limits is None else scaled(limits, part, decimals)
            for limits, part in zip(ranges, share, strict=True)
        ]


Rule = Callable[[Draw], dict[str, Column]]


def scaled(limits: tuple[float, float], share: float, decimals: int) -> float | int:
    value = limits[0] + (limits[1] - limits[0]) * share
    return round(value, decimals) if decimals else round(value)


def rounded(values: NDArray[np.float64], decimals: int) -> Column:
    """Floats with so many decimals; integers for 0."""
    if decimals:
        return list(np.round(values, decimals).tolist())
    return list(np.round(values).astype(int).tolist())


def later(days: Sequence[date | None], least: int, spread: Sequence[int]) -> list[date | None]:
    """Each day moved on by `least` days and its own `spread`."""
    return [None if day is None else day + timedelta(days=least + more) for day, more in zip(days, spread, strict=True)]
