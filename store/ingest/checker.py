"""One chunk of a file against everything that can be checked: out come clean rows, and problems with their places."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from config.layers import GeometryType
from store.ingest.attributes import Attributes
from store.ingest.frame import Frame
from store.ingest.geometry import Shapes, convert
from store.ingest.identities import Identities
from store.ingest.plane import UNITS, mismatches, recorded_area
from store.ingest.problems import Collector, Problem, Severity
from store.ingest.source import Chunk
from store.ingest.suspicion import ShiftTest
from store.interface import Batch

DIVISION = "division_code"


@dataclass(slots=True)
class Checker:
    """Checks chunk after chunk. `area` is the node's, `existing` the identifiers that an append must not use."""

    attributes: Attributes
    frame: Frame | None
    log: Collector
    area: Any = None
    shift: ShiftTest | None = None
    existing: Identities | None = None
    seen: Identities = field(default_factory=Identities)
    kinds: dict[str, int] = field(default_factory=dict)
    flattened: int = 0
    left_out: int = 0

    def check(self, chunk: Chunk) -> Batch:
        """The rows that may be loaded. Rows with an error are in it or not: a file with errors is not loaded."""
        found: list[tuple[int, Problem]] = []
        flaws = [flaw for flaw in chunk.flaws if flaw.attribute is None or flaw.attribute in self._used]
        found += [(int(np.searchsorted(chunk.rows, flaw.row or 0)), flaw) for flaw in flaws]
        columns = self.attributes.check(chunk, lambda index, problem: found.append((index, problem)))
        ids = self._ids(chunk, columns)
        shapes = self._shapes(chunk)
        if shapes is not None:
            unread = {index for index, one in found if one.code == "geometry-unreadable"}
            found += [
                (index, one)
                for index, several in shapes.problems.items()
                for one in several
                if not (one.code == "geometry-missing" and index in unread)
            ]
            self._places(shapes, columns, found)
        self._identities(ids, chunk.rows, found)
        self._report(found, chunk, ids, shapes)
        return self._batch(ids, shapes, columns, len(chunk))

    @property
    def _used(self) -> set[str]:
        plan = self.attributes.plan
        return {*plan.sources.values(), *([plan.id_column] if plan.id_column else [])}

    def _ids(self, chunk: Chunk, columns: dict[str, list[Any]]) -> list[str | None]:
        attribute = self.attributes.layer.id_attribute
        if attribute is not None:
            return [None if value is None else str(value) for value in columns[attribute.name]]
        column = self.attributes.plan.id_column
        values = chunk.columns.get(column, []) if column else []
        return [None if value is None else str(value) for value in values] or [None] * len(chunk)

    def _shapes(self, chunk: Chunk) -> Shapes | None:
        kind = self.attributes.layer.geometry
        if self.frame is None or kind is None:
            return None
        wkb = chunk.wkb if chunk.wkb is not None else np.full(len(chunk), None, dtype=object)
        shapes = convert(wkb, self.frame, kind)
        for name, count in shapes.kinds.items():
            self.kinds[name] = self.kinds.get(name, 0) + count
        self.flattened += shapes.flattened
        return shapes

    def _places(self, shapes: Shapes, columns: dict[str, list[Any]], found: list[tuple[int, Problem]]) -> None:
        """Against the node's area, the reference boundaries and the recorded area."""
        present = ~shapely.is_missing(shapes.geometries)
        if self.area is not None:
            outside = present & ~shapely.intersects(self.area, shapes.geometries)
            found += [(index, Problem("outside-area")) for index in np.flatnonzero(outside).tolist()]
        if self.shift is not None:
            self.shift.add(shapes.geometries, columns.get(DIVISION, [None] * len(present)))
        attribute = recorded_area(self.attributes.layer)
        if attribute is None or self.attributes.layer.geometry not in (
            GeometryType.POLYGON,
            GeometryType.MULTI_POLYGON,
        ):
            return
        recorded = np.array([np.nan if value is None else value for value in columns[attribute.name]], dtype=float)
        recorded[~present] = np.nan
        for index, stated, computed, zone in mismatches(shapes.geometries, recorded, UNITS[attribute.unit or ""]):
            params = {
                "recorded": f"{stated:.10g}",
                "computed": f"{computed:.10g}",
                "unit": attribute.unit,
                "zone": f"EPSG:{4488 + zone}",
            }
            found.append((index, Problem("area-mismatch", attribute=attribute.name, params=params)))

    def _identities(self, ids: Sequence[str | None], rows: NDArray[np.int64], found: list[tuple[int, Problem]]) -> None:
        given = [index for index, id in enumerate(ids) if id is not None]
        names = [id for id in ids if id is not None]
        twice = self.seen.add(names, rows[given])
        found += [(given[n], Problem("duplicate-id", params={"value": names[n], "first": at})) for n, at in twice]
        if self.existing is not None:
            taken = self.existing.contains(names)
            found += [(given[n], Problem("id-exists", params={"value": names[n]})) for n in taken]

    def _report(
        self, found: list[tuple[int, Problem]], chunk: Chunk, ids: Sequence[str | None], shapes: Shapes | None
    ) -> None:
        for index, one in sorted(found, key=lambda entry: entry[0]):
            place = shapes.place(index) if shapes is not None and self.log.wants(one.code) else None
            row, id = int(chunk.rows[index]), ids[index]
            self.log.add(Problem(one.code, row, id, one.place or place, one.attribute, one.params))

    def _batch(
        self, ids: Sequence[str | None], shapes: Shapes | None, columns: dict[str, list[Any]], count: int
    ) -> Batch:
        """As the store takes it; features whose wrong type the operator accepts are left out."""
        keep = np.ones(count, dtype=bool)
        wkb = np.full(count, None, dtype=object)
        if shapes is not None:
            wkb[:] = shapely.to_wkb(shapes.geometries, output_dimension=2, byte_order=1, include_srid=False)
            if self.log.severity("geometry-wrong-type") is not Severity.ERROR:
                wrong = [i for i, several in shapes.problems.items() if several[-1].code == "geometry-wrong-type"]
                keep[wrong] = False
                self.left_out += len(wrong)
        return Batch(
            fid=np.zeros(int(keep.sum()), dtype=np.int64),
            id=_objects(ids)[keep],
            version=np.zeros(int(keep.sum()), dtype=np.int64),
            wkb=wkb[keep],
            columns={name: _objects(values)[keep] for name, values in columns.items()},
        )


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
