"""What values occur in a layer: codes, ranges of numbers, lengths of texts, geometry types (Common Part 3: domains).

Over every state that the node knows now, whenever it is valid: what lies outside matches no filter, whatever its
`datetime`. Two passes over the current table, once for each revision; an answer costs nothing after that.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from threading import Lock
from typing import Any

import sqlalchemy as sa

from config.layers import Attribute, AttributeType, GeometryType
from store.columns import GEOPACKAGE_HEADER, PostgisGeometry
from store.interface import Domain, LayerState
from store.plans import Plans
from store.tables import LayerTables

GEOMETRY = "geometry"
_NUMBERS = (AttributeType.INTEGER, AttributeType.NUMBER)
_TYPES = ("", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
"""By their codes in WKB."""


class Domains:
    """The domains of each layer at its latest revision."""

    def __init__(self, plans: Plans) -> None:
        self._plans = plans
        self._kept: dict[str, tuple[tuple[int, int], Mapping[str, Domain]]] = {}
        self._lock = Lock()

    def of(self, tables: LayerTables, state: LayerState) -> Mapping[str, Domain]:
        """By property; `geometry` where the layer takes any type. Callers at once wait for one computation."""
        key = (state.revision, state.generation)
        id = tables.layer.id
        kept = self._kept.get(id)
        if kept is not None and kept[0] == key:
            return kept[1]
        with self._lock:
            kept = self._kept.get(id)
            if kept is None or kept[0] != key:
                kept = self._kept[id] = (key, self._read(tables, state.revision))
        return kept[1]

    def _read(self, tables: LayerTables, revision: int) -> Mapping[str, Domain]:
        layer, values = tables.layer, {"revision": revision}
        found: dict[str, Domain] = {}
        measured = [one for one in layer.attributes if _measured(one)]
        with self._plans.connection() as connection:
            if measured:
                plan = self._plans.named(("domains", layer.id), partial(_ranges, tables, measured))
                row = self._plans.execute(connection, plan, values).fetchone()
                for place, one in enumerate(measured):
                    found[one.name] = Domain(low=row[2 * place], high=row[2 * place + 1])
            listed = [one.name for one in layer.attributes if one.codelist is not None]
            kinds = layer.geometry is GeometryType.GEOMETRY
            if listed or kinds:
                plan = self._plans.named(("values", layer.id), partial(_values, tables, listed, kinds=kinds))
                rows = self._plans.execute(connection, plan, values).fetchall()
                for name in listed:
                    found[name] = Domain(values=tuple(sorted(value for key, value in rows if key == name)))
                if kinds:
                    types = sorted(_type_named(value) for key, value in rows if key == GEOMETRY)
                    found[GEOMETRY] = Domain(values=tuple(types))
        return found


def _measured(attribute: Attribute) -> bool:
    return attribute.codelist is None and (attribute.type in _NUMBERS or attribute.type is AttributeType.STRING)


def _known(table: sa.Table) -> list[sa.ColumnElement[bool]]:
    revision = sa.bindparam("revision", type_=sa.BigInteger)
    return [table.c.tx_from <= revision, table.c.tx_to > revision]


def _ranges(tables: LayerTables, measured: list[Attribute]) -> sa.Select[Any]:
    """Least and greatest of each attribute, of texts their lengths, in one pass."""

    def columns() -> Iterator[sa.ColumnElement[Any]]:
        for place, one in enumerate(measured):
            column = tables.current.c[one.name]
            value = column if one.type in _NUMBERS else sa.func.length(column)
            yield sa.func.min(value).label(f"low{place}")
            yield sa.func.max(value).label(f"high{place}")

    return sa.select(*columns()).where(*_known(tables.current))


def _values(tables: LayerTables, listed: list[str], *, kinds: bool) -> sa.SelectBase:
    """Pairs of a property and a value that occurs in it."""
    table = tables.current
    parts = [sa.select(_said(name), table.c[name].label("value")).distinct().where(*_known(table)) for name in listed]
    if kinds:
        conditions = [*_known(table), table.c.geom.is_not(None)]
        parts.append(sa.select(_said(GEOMETRY), _kind(table.c.geom).label("value")).distinct().where(*conditions))
    union = (parts[0] if len(parts) == 1 else sa.union_all(*parts)).subquery()
    return sa.select(union.c.name, union.c.value).where(union.c.value.is_not(None))


def _said(name: str) -> sa.ColumnElement[str]:
    return sa.bindparam(f"of_{name}", name, type_=sa.Text).label("name")


def _kind(geometry: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """PostGIS has a word for the type; in SQLite it is the first byte after WKB's byte order."""
    if isinstance(geometry.type, PostgisGeometry):
        return sa.func.GeometryType(geometry)
    return sa.func.hex(sa.func.substr(geometry, len(GEOPACKAGE_HEADER) + 2, 1))


def _type_named(value: str) -> str:
    """A geometry type as GeoJSON names it: of the code in WKB, or of PostGIS's capitals."""
    if value.isdigit():
        return _TYPES[int(value)]
    return next(one for one in _TYPES[1:] if one.upper() == value)
