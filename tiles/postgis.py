"""Tiles by PostGIS: ST_AsMVT over the stored Web Mercator geometry, or over degrees, or transformed by row.

Rows come in the order of their key, so that the same rows are the same bytes whatever plan found them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from config.layers import Attribute, AttributeType
from store.columns import SRID
from store.criteria import Criteria
from store.engine import Database
from store.plans import Plans
from store.question import Question
from store.select import Builder, Shape
from store.tables import LayerTables
from tiles import rendered
from tiles.content import Content
from tiles.grid import EXTENT, Tile
from tiles.rendered import Rendered

_SIDES = ("west", "south", "east", "north")
_HALF_PIXEL = EXTENT / 256 / 2


@dataclass(frozen=True, slots=True)
class _Form:
    """What fixes the statement's text."""

    shape: Shape
    columns: tuple[str, ...]
    code: str
    buffer: int
    small: str
    most: int | None


class Postgis:
    """Renders with the compiled statements of a store."""

    def __init__(self, database: Database, plans: Plans) -> None:
        self._database = database
        self._plans = plans

    def render(self, tile: Tile, content: Content, criteria: Criteria, most: int, *, largest: bool = False) -> Rendered:
        """One layer of a tile from one statement, which is one moment by itself."""
        place = tile.place(content.buffer)
        if place is None:
            return Rendered(b"", 0, 0)
        asked = rendered.asked(self._database, content.layer, criteria, place)
        small = "" if not content.least else "keep" if content.keep else "drop"
        form = _Form(asked.shape, content.names, _code(tile), content.buffer, small, None if largest else most)
        plan = self._plans.named(form, lambda: _statement(self._database, form), binary=True)
        values = _values(asked, tile, content)
        values |= {f"box_{side}": getattr(place, side) for side in _SIDES}
        if largest:
            values["most"] = most
        with self._plans.connection() as connection:
            data, found, features = self._plans.execute(connection, plan, values).fetchone()
        return Rendered(bytes(data or b""), features, found)


def _code(tile: Tile) -> str:
    """The system in which a row's geometry is cut: geographic ones differ by no coordinate."""
    return tile.grid.crs.code if tile.grid.crs.projected else str(SRID)


def _values(asked: Question, tile: Tile, content: Content) -> dict[str, Any]:
    values: dict[str, Any] = {**asked.values, **dict(zip(_SIDES, tile.bounds, strict=True))}
    if content.least:
        unit = (tile.bounds[2] - tile.bounds[0]) / EXTENT
        values["least"] = content.least * unit
        values["half"] = _HALF_PIXEL * unit
    return values


def _number(name: str) -> sa.BindParameter[float]:
    return sa.bindparam(name, type_=sa.Double)


def _statement(database: Database, form: _Form) -> sa.Select[Any]:
    tables = database.tables[form.shape.layer]
    table = tables.current
    shape = _geometry(tables, form)
    envelope = sa.func.ST_MakeEnvelope(*map(_number, _SIDES), sa.literal_column(form.code))
    box = sa.func.ST_MakeEnvelope(*(_number(f"box_{side}") for side in _SIDES), sa.literal_column(str(SRID)))
    conditions = [table.c.geom.op("&&")(box), *Builder(tables, database.tables.node, form.shape).conditions(table, 0)]
    if form.small == "drop":
        conditions.append(sa.not_(_small(shape)))
    elif form.small:
        shape = sa.case((sa.and_(sa.func.ST_Dimension(shape) == 2, _small(shape)), _pixel(shape)), else_=shape)
    cut = sa.func.ST_AsMVTGeom(shape, envelope, _literal(EXTENT), _literal(form.buffer), sa.true())
    columns = [_value(table, one) for one in tables.layer.attributes if one.name in form.columns]
    chosen = sa.select(cut.label("geom"), table.c.fid, table.c.id, *columns).where(*conditions)
    if form.most is None:
        # The rows of the largest boxes, then in their order again.
        largest = sa.select(table.c.row_id).where(*conditions).order_by(_size(table).desc(), table.c.row_id)
        limited = largest.limit(sa.bindparam("most", type_=sa.BigInteger)).subquery("largest")
        chosen = sa.select(*chosen.selected_columns).where(table.c.row_id.in_(sa.select(limited.c.row_id)))
    chosen = chosen.order_by(table.c.row_id)
    if form.most is not None:
        # Spelt out: of a bound number the planner expects few rows and would read them in the order of their key.
        chosen = chosen.limit(_literal(form.most))
    rows = chosen.subquery("rows")
    name = sa.bindparam("name", form.shape.layer, type_=sa.Text)
    tile = sa.func.ST_AsMVT(sa.literal_column("rows"), name, _literal(EXTENT), sa.literal("geom"), sa.literal("fid"))
    return sa.select(tile, sa.func.count(), sa.func.count(rows.c.geom)).select_from(rows)


def _literal(number: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(number), sa.Integer())


def _geometry(tables: LayerTables, form: _Form) -> sa.ColumnElement[Any]:
    table = tables.current
    if form.code == "3857":
        return sa.type_coerce(table.c.geom_3857, sa.types.NullType())
    stored = sa.type_coerce(table.c.geom, sa.types.NullType())
    return stored if form.code == str(SRID) else sa.func.ST_Transform(stored, sa.literal_column(form.code))


def _small(shape: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether the box of a line or polygon is smaller than `least` in width and height."""
    width = sa.func.ST_XMax(shape) - sa.func.ST_XMin(shape)
    height = sa.func.ST_YMax(shape) - sa.func.ST_YMin(shape)
    least = _number("least")
    return sa.and_(sa.func.ST_Dimension(shape) > 0, width < least, height < least)


def _pixel(shape: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A square of one pixel around the middle of the box."""
    return sa.func.ST_Expand(sa.func.ST_Centroid(sa.func.ST_Envelope(shape)), _number("half"))


def _size(table: sa.Table) -> sa.ColumnElement[float]:
    shape = sa.type_coerce(table.c.geom, sa.types.NullType())
    width = sa.func.ST_XMax(shape) - sa.func.ST_XMin(shape)
    height = sa.func.ST_YMax(shape) - sa.func.ST_YMin(shape)
    return width * height


def _value(table: sa.Table, attribute: Attribute) -> sa.ColumnElement[Any]:
    """An attribute as tiles have it: days and instants are the texts of the GeoJSON."""
    column = table.c[attribute.name]
    if attribute.type is AttributeType.DATE:
        return sa.func.to_char(column, _TEXTS["day"]).label(attribute.name)
    if attribute.type is AttributeType.DATETIME:
        utc = sa.func.timezone("UTC", column)
        return sa.func.replace(sa.func.to_char(utc, _TEXTS["instant"]), ".000000Z", "Z").label(attribute.name)
    return column.label(attribute.name)


_TEXTS: Mapping[str, str] = {"day": "YYYY-MM-DD", "instant": 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'}
