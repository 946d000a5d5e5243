"""A layer, code lists, and a store in memory that keeps what ingest stages and gives it to export."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import shapely

from config.errors import ConflictError
from config.layers import Attribute, AttributeType, CodeList, GeometryType, Layer, Role, Text
from store.criteria import Box, Criteria, LoadMode
from store.interface import Batch, LayerState, LoadReport
from tests import definitions

T = AttributeType


def attribute(name: str, code: str, zh: str, type: AttributeType = T.STRING, **more: Any) -> Attribute:
    return definitions.attribute(name, code, type, Text(zh, name.replace("_", " ")), **more)


ATTRIBUTES = (
    attribute("identifier", "BSM", "标识码", required=True, length=18, role=Role.ID),
    attribute("division_code", "XZQDM", "行政区代码", codelist="divisions"),
    attribute("land_use_code", "YDYHFLDM", "用地用海分类代码", required=True, codelist="land-use"),
    attribute("name", "MC", "名称", length=20),
    attribute("area", "MJ", "面积", T.NUMBER, unit="m2", minimum=0.0),
    attribute("floors", "CS", "层数", T.INTEGER, minimum=-5, maximum=200),
    attribute("approved", "SFPZ", "是否批准", T.BOOLEAN),
    attribute("approval_date", "PZRQ", "批准日期", T.DATE),
    attribute("updated_at", "GXSJ", "更新时间", T.DATETIME),
)


def layer(geometry: GeometryType | None = GeometryType.MULTI_POLYGON, attributes: Any = ATTRIBUTES) -> Layer:
    return definitions.layer("plan-parcel", geometry, attributes, title=Text("规划地块", "Planned parcels"))


def replace_id(layer: Layer, id: str) -> Layer:
    return replace(layer, id=id)


def codelist(id: str, codes: Sequence[tuple[str, str]], fallback: bool = False) -> CodeList:
    return definitions.codelist(id, [(code, zh, zh) for code, zh in codes], fallback=fallback)


CODELISTS = {
    "divisions": codelist("divisions", [("130902", "新华区"), ("130903", "运河区"), ("130921", "沧县")], fallback=True),
    "land-use": codelist("land-use", [("01", "耕地"), ("0101", "水田"), ("07", "居住用地"), ("10", "工矿用地")]),
}


@dataclass
class FakeLoad:
    store: "FakeStore"
    mode: LoadMode
    staged: list[Batch] = field(default_factory=list)
    abandoned: bool = False

    def append(self, batch: Batch) -> None:
        if self.mode is LoadMode.APPEND:
            taken = [id for id in batch.id if id in self.store.rows]
            if taken:
                raise ConflictError(f"ids in use: {taken}")
        self.staged.append(batch)
        self.store.largest = max(self.store.largest, len(batch))

    def publish(self) -> LoadReport:
        before = dict(self.store.rows)
        if self.mode is LoadMode.REPLACE:
            self.store.rows.clear()
        count = 0
        for batch in self.staged:
            for n in range(len(batch)):
                id = batch.id[n] if batch.id[n] is not None else f"drawn-{len(self.store.rows)}"
                self.store.rows[id] = (batch.wkb[n], {name: values[n] for name, values in batch.columns.items()})
                count += 1
        self.store.publications += 1
        removed = len(before.keys() - self.store.rows.keys())
        return LoadReport("plan-parcel", 2**20 * self.store.publications, count, 0, removed, 0)

    def abandon(self) -> None:
        self.abandoned = True
        self.staged.clear()


@dataclass
class FakeStore:
    """Only what ingest and export ask of a store: `load`, `batches` and the extent of `state`."""

    rows: dict[str, tuple[Any, dict[str, Any]]] = field(default_factory=dict)
    publications: int = 0
    loads: list[FakeLoad] = field(default_factory=list)
    largest: int = 0
    asked: list[Criteria] = field(default_factory=list)

    @contextmanager
    def load(self, layer: str, mode: LoadMode, valid_from: date, author: str) -> Iterator[FakeLoad]:
        load = FakeLoad(self, mode)
        self.loads.append(load)
        yield load

    def state(self, layer: str) -> LayerState:
        shapes = [shapely.from_wkb(wkb) for wkb, _ in self.rows.values() if wkb is not None]
        extent = Box(*shapely.total_bounds(shapes).tolist()) if shapes else None
        return LayerState(self.publications, 0, "", None, len(self.rows), extent, None, None, None)

    def batches(self, layer: str, criteria: Criteria, size: int = 10_000) -> Iterator[Batch]:
        self.asked.append(criteria)
        ids = list(self.rows)
        for start in range(0, len(ids), size):
            some = ids[start : start + size]
            names = list(self.rows[some[0]][1])
            yield Batch(
                fid=np.arange(start + 1, start + 1 + len(some), dtype=np.int64),
                id=objects(some),
                version=np.ones(len(some), dtype=np.int64),
                wkb=objects([self.rows[id][0] for id in some]),
                columns={name: objects([self.rows[id][1][name] for id in some]) for name in names},
            )


def objects(values: Sequence[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
