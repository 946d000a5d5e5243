"""Collects rows, layer by layer and day by day, gives them ids and their division, and remembers the planted truth."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from server.demo.boundaries import Boundaries
from server.demo.plots import Plot
from server.demo.zoning import Zoned

LAST_PLAN = date(2017, 12, 31)
PLAN_2016 = date(2016, 12, 31)
PLAN_2014 = date(2014, 12, 31)

DIVISIONS = "base-admin-area"
"""The one layer whose id is the division code."""


@dataclass(slots=True)
class Rows:
    """Rows of one layer that are valid from one day; `columns` hold values by attribute name, None where not set.

    `geometry` entries are None for tables.
    """

    ids: list[str] = field(default_factory=list)
    geometry: list[shapely.Geometry | None] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(slots=True)
class World:
    """The province while it is drawn."""

    rng: np.random.Generator
    boundaries: Boundaries
    towns: list[Zoned] = field(default_factory=list)
    rows: dict[tuple[str, date], Rows] = field(default_factory=lambda: defaultdict(Rows))
    truth: dict[str, dict[str, Any]] = field(default_factory=dict)
    reserved: list[shapely.Geometry] = field(default_factory=list)
    marks: dict[str, list[tuple[Plot, str, str]]] = field(default_factory=dict)
    _serials: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _counties: dict[str, shapely.Geometry] = field(default_factory=dict)

    def divisions_of(self, points: NDArray[np.object_]) -> list[str]:
        """The county of each point; the nearest one where a point lies in none (at sea)."""
        if not self._counties:
            self._counties = {code: shape for code, shape in self.boundaries.shapes.items() if not code.endswith("00")}
            shapely.prepare(list(self._counties.values()))
        codes = np.full(len(points), "", dtype=object)
        x, y = shapely.get_x(points), shapely.get_y(points)
        for code, shape in self._counties.items():
            open_ = np.flatnonzero(codes == "")
            if not len(open_):
                break
            codes[open_[shapely.contains_xy(shape, x[open_], y[open_])]] = code
        names = list(self._counties)
        for k in np.flatnonzero(codes == "").tolist():
            codes[k] = names[int(np.argmin(shapely.distance(list(self._counties.values()), points[k])))]
        return list(codes.tolist())

    def add(
        self,
        layer: str,
        shapes: Sequence[shapely.Geometry],
        columns: Sequence[Mapping[str, Any]] | None = None,
        *,
        day: date = PLAN_2014,
        **common: Any,
    ) -> list[str]:
        """New features of a layer, valid from `day`; their ids begin with their county's code."""
        if not len(shapes):
            return []
        given = columns if columns is not None else [{}] * len(shapes)
        places = self.divisions_of(shapely.point_on_surface(np.asarray(shapes, dtype=object)))
        rows = self.rows[layer, day]
        ids = []
        for shape, place, values in zip(shapes, places, given, strict=True):
            code = values.get("division_code", common.get("division_code", place))
            id = code if layer == DIVISIONS else self.next_id(layer, code)
            rows.ids.append(id)
            rows.geometry.append(shape)
            rows.columns.append({"division_code": code, **common, **values})
            ids.append(id)
        return ids

    def add_one(self, layer: str, shape: shapely.Geometry, *, day: date = PLAN_2014, **values: Any) -> str:
        return self.add(layer, [shape], day=day, **values)[0]

    def add_record(self, layer: str, *, day: date = PLAN_2014, **values: Any) -> str:
        """A row without geometry."""
        code = values.setdefault("division_code", "130900")
        id = self.next_id(layer, code)
        rows = self.rows[layer, day]
        rows.ids.append(id)
        rows.geometry.append(None)
        rows.columns.append(values)
        return id

    def change(
        self, layer: str, id: str, shape: shapely.Geometry | None, values: Mapping[str, Any], *, day: date
    ) -> None:
        """The state of an existing feature from `day` on."""
        rows = self.rows[layer, day]
        rows.ids.append(id)
        rows.geometry.append(shape)
        rows.columns.append(dict(values))

    def extend(self, layer: str, day: date, batch: Rows) -> None:
        """Rows that bring their ids."""
        rows = self.rows[layer, day]
        rows.ids += batch.ids
        rows.geometry += batch.geometry
        rows.columns += batch.columns

    def next_id(self, layer: str, code: str) -> str:
        self._serials[layer] += 1
        return f"{code}{self._serials[layer]:09d}"

    def count(self, layer: str) -> int:
        return self._serials[layer]
