"""Rows of the store as Arrow record batches: columns named and typed as the file wants them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from config.layers import AttributeType, Language, Layer
from store.export.place import Place
from store.interface import Batch
from store.values import VALIDITY

Names = Literal["identifier", "code", "title"]
GEOMETRY = "geometry"
ID = "id"
TYPES: Mapping[AttributeType, pa.DataType] = {
    AttributeType.STRING: pa.string(),
    AttributeType.INTEGER: pa.int64(),
    AttributeType.NUMBER: pa.float64(),
    AttributeType.BOOLEAN: pa.bool_(),
    AttributeType.DATE: pa.date32(),
    AttributeType.DATETIME: pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: the attribute's name (ID for the feature's id), its name there, and its type."""

    attribute: str
    name: str
    type: pa.DataType


@dataclass(frozen=True, slots=True)
class Table:
    """How rows of a layer become rows of a file. Geometry comes last, as WKB; None where the layer has none."""

    columns: tuple[Column, ...]
    place: Place | None
    adapt: Callable[[Column, list[Any]], list[Any]] | None = None

    @property
    def schema(self) -> pa.Schema:
        fields = [pa.field(one.name, one.type) for one in self.columns]
        return pa.schema([*fields, pa.field(GEOMETRY, pa.binary())] if self.place else fields)

    def geometries(self, batch: Batch) -> NDArray[np.object_]:
        """The batch's geometries in the file's coordinate system."""
        shapes: NDArray[np.object_] = np.atleast_1d(shapely.from_wkb(batch.wkb))
        return self.place.move(shapes) if self.place else shapes

    def wkb(self, batch: Batch, geometries: NDArray[np.object_] | None = None) -> pa.Array:
        """`geometries` as WKB, without making them where the stored ones lie in the file's system already."""
        if self.place is None or self.place.transformer is None:
            return pa.array(batch.wkb, type=pa.binary())
        moved = self.geometries(batch) if geometries is None else geometries
        return pa.array(shapely.to_wkb(moved, byte_order=1), type=pa.binary())

    def arrays(self, batch: Batch) -> list[pa.Array]:
        """The attribute columns; NaN is none."""
        if self.adapt:
            return [pa.array(self.values(one, batch), type=one.type) for one in self.columns]
        return [pa.array(_source(one, batch), type=one.type, from_pandas=True) for one in self.columns]

    def values(self, column: Column, batch: Batch) -> list[Any]:
        """One column as Python values."""
        values = [None if value is None or value != value else value for value in _source(column, batch).tolist()]
        return self.adapt(column, values) if self.adapt else values

    def records(self, batches: Iterable[Batch]) -> Iterator[pa.RecordBatch]:
        """Record batches made as they are asked for: memory is bounded by the batch."""
        for batch in batches:
            arrays = self.arrays(batch)
            if self.place:
                arrays.append(self.wkb(batch))
            yield pa.RecordBatch.from_arrays(arrays, schema=self.schema)


@dataclass(frozen=True, slots=True)
class Layout:
    """How rows lie in a file. Without `indexed` a FlatGeobuf keeps the order of its rows instead of a spatial index."""

    format: str
    table: Table
    encoding: str = "UTF-8"
    indexed: bool = True


def _source(column: Column, batch: Batch) -> NDArray[Any]:
    return batch.id if column.attribute == ID else batch.columns[column.attribute]


def columns(layer: Layer, names: Names, language: Language) -> tuple[Column, ...]:
    """The columns of a layer; the feature's id comes first where no attribute holds it."""
    made = [] if layer.id_attribute else [Column(ID, ID, pa.string())]
    taken = {ID, GEOMETRY}
    for one in layer.attributes:
        wanted = {"identifier": one.name, "code": one.code, "title": one.title[language]}[names]
        name = wanted if wanted.lower() not in taken else f"{wanted} {one.code}"
        taken.add(name.lower())
        made.append(Column(one.name, name, TYPES[one.type]))
    return tuple(made)


def returned(layer: Layer, properties: Sequence[str] | None) -> tuple[Column, ...]:
    """The columns that a feature's GeoJSON has: its properties by their names, the days of validity among them.

    The feature's id comes first where none of them holds it. None: all properties.
    """
    kinds = {one.name: TYPES[one.type] for one in layer.attributes} | dict.fromkeys(VALIDITY, pa.date32())
    chosen = [name for name in kinds if properties is None or name in properties]
    held = layer.id_attribute is not None and layer.id_attribute.name in chosen
    first = [] if held else [Column(ID, ID, pa.string())]
    return (*first, *(Column(name, name, kinds[name]) for name in chosen))


def attribute_names(table: Table) -> Sequence[str]:
    """The attributes to ask the store for."""
    return [one.attribute for one in table.columns if one.attribute not in (ID, *VALIDITY)]
