"""Criteria to SQL: one SQLAlchemy statement per shape of question, the same for both stores.

A `Shape` is what of the criteria changes the statement's text; everything else is a bound value. So each shape is
compiled once, and the values of a request go straight to the driver.

A statement reads one or several arms: the current table, or with `known` the history too; and after a cursor on an
indexed sort key one arm per range of that key, so that the thousandth page costs what the first costs. Each arm is
ordered and limited by itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from config.layers import Role
from store import paging, search_index
from store.columns import PlacedGeometry
from store.criteria import SortKey
from store.filters.filter import Condition
from store.tables import VERSIONS, LayerTables, NodeTables, column_of


class Purpose(StrEnum):
    """What is read of the rows that the criteria pick."""

    PAGE = "page"  # fid, json
    SHAPES = "shapes"  # fid, json, geometry
    COUNT = "count"  # one number
    ITEM = "item"  # fid, version, json, valid_from, valid_to, author, known_from, known_to, geometry, neighbours
    BATCH = "batch"  # fid, id, version, geometry, valid_from, valid_to, attributes
    TEXTS = "texts"  # fid, json


_PAGES = (Purpose.PAGE, Purpose.SHAPES)


class Place(StrEnum):
    """How a place narrows the rows: by PostGIS, in a box or one or two regions, or by row keys found beforehand.

    ANY asks only that there is a geometry.
    """

    NONE = "none"
    ANY = "any"
    BOX = "box"
    ONE = "one"
    TWO = "two"
    KEYS = "keys"


_PLACED = (Place.BOX, Place.ONE, Place.TWO)


@dataclass(frozen=True, slots=True)
class Shape:
    """The part of a question that fixes its SQL.

    `nulls` are the cursor's null flags, one per sort key (None: no cursor). `interval` is None for an instant, else
    whether its start and its end are given. `replan` asks PostgreSQL for a plan made for the very values. `limited`: at
    most so many rows are read. `search`: words are asked for. `filter`: an expression without its literals.
    """

    layer: str
    purpose: Purpose
    place: Place = Place.NONE
    interval: tuple[bool, bool] | None = None
    known: bool = False
    equals: tuple[str, ...] = ()
    sort: tuple[SortKey, ...] = ()
    nulls: tuple[bool, ...] | None = None
    offset: bool = False
    replan: bool = False
    limited: bool = False
    search: bool = False
    filter: Condition | None = None

    @property
    def steady(self) -> bool:
        """Whether one plan of PostgreSQL is good for all values."""
        return not self.replan and (self.filter is None or self.filter.steady)

    @property
    def in_order(self) -> bool:
        """Whether PostGIS orders the keys of what may lie in a place before it tests one row exactly."""
        placed = self.place in _PLACED and self.purpose in _PAGES
        return placed and not (self.sort or self.known or self.replan)


class Builder:
    """Builds the statement of a shape. Parameters are named: layer, known, day or start and end, equals0.., after0..,
    fid and row, box, inner and region0.. (hexadecimal EWKB), keys0.. (JSON arrays of row keys, one for each
    table), words, filter0.. (literals), limit, offset."""

    def __init__(self, tables: LayerTables, node: NodeTables, shape: Shape) -> None:
        self.tables = tables
        self.node = node
        self.shape = shape

    def statement(self) -> sa.Select[Any]:
        """The whole statement, columns as `Purpose` says."""
        sources = [self.tables.current, self.tables.history] if self.shape.known else [self.tables.current]
        if self.shape.purpose is Purpose.COUNT:
            return self._count(sources)
        arms = [arm for number, table in enumerate(sources) for arm in self._arms(table, number)]
        if len(arms) > 1:
            return self._merged(arms)
        if self.shape.in_order and "geom" in self.tables.current.c:
            return self._tested_in_order()
        if self.shape.search and self._streams:
            return self._streamed()
        picked = self.shape.filter is not None and self.shape.filter.keys_first and self._by_row
        wide = self.shape.place is Place.BOX or picked
        narrow = wide and self.shape.purpose in _PAGES and not self.shape.sort
        return self._narrow(arms[0]) if narrow else self._ordered(arms[0])

    def _count(self, sources: Sequence[sa.Table]) -> sa.Select[Any]:
        counts = [
            sa.select(sa.func.count()).select_from(table).where(*self.conditions(table, number)).scalar_subquery()
            for number, table in enumerate(sources)
        ]
        return sa.select(counts[0] if len(counts) == 1 else counts[0] + counts[1])

    # --- which rows ---

    def _revision(self) -> sa.ColumnElement[int]:
        """The revision at which rows must be known: the layer's, or the one of an instant in the past."""
        layer = sa.bindparam("layer", type_=sa.Text)
        if not self.shape.known:
            state = self.node.layers
            return sa.func.coalesce(sa.select(state.c.revision).where(state.c.layer == layer).scalar_subquery(), -1)
        log = self.node.transactions
        instant = sa.bindparam("known", type_=log.c.at.type)
        newest = sa.select(sa.func.max(log.c.revision)).where(log.c.layer == layer, log.c.at <= instant)
        return sa.func.coalesce(newest.scalar_subquery(), -1)

    def _known(self, table: sa.FromClause) -> list[sa.ColumnElement[bool]]:
        """Rows known at the revision: nearly all. Said so that no planner expects few and takes their index."""
        revision = self._revision()
        return [sa.or_(table.c.tx_from > revision, table.c.tx_to <= revision).is_not(sa.true())]

    def _valid(self, table: sa.FromClause) -> list[sa.ColumnElement[bool]]:
        if self.shape.interval is None:
            day = sa.bindparam("day", type_=sa.Date)
            return [table.c.valid_from <= day, table.c.valid_to > day]
        has_start, has_end = self.shape.interval
        start, end = sa.bindparam("start", type_=sa.Date), sa.bindparam("end", type_=sa.Date)
        conditions = [table.c.valid_to > start] if has_start else []
        if not has_end:
            return [*conditions, sa.not_(self._later(table))]
        # A state that outlives the interval is the latest in it; only of the others must we look for a later one.
        latest = sa.or_(table.c.valid_to > end, sa.not_(self._later(table, end)))
        return [*conditions, table.c.valid_from <= end, latest]

    def _later(self, table: sa.FromClause, end: sa.ColumnElement[Any] | None = None) -> sa.ColumnElement[bool]:
        """Whether the feature has a later state that begins within the interval: states do not overlap."""
        found = []
        for other, mine in self._states(table):
            conditions = [*mine, other.c.valid_from > table.c.valid_from, *self._known(other)]
            if end is not None:
                conditions.append(other.c.valid_from <= end)
            found.append(sa.exists().where(*conditions))
        return sa.or_(*found)

    def _states(self, table: sa.FromClause) -> Iterator[tuple[sa.FromClause, list[sa.ColumnElement[bool]]]]:
        """Where the states of a row's feature lie, and the condition that finds them."""
        for source in (self.tables.current, self.tables.history) if self.shape.known else (self.tables.current,):
            other = source.alias()
            if source is self.tables.current:
                lowest = table.c.fid * VERSIONS
                yield other, [other.c.row_id >= lowest, other.c.row_id < lowest + VERSIONS]
            else:
                yield other, [other.c.fid == table.c.fid]

    def _neighbours(self, table: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        """The days on which the states before and after a row's begin, for each table in which they may lie."""
        found: list[sa.ColumnElement[Any]] = []
        for number, (other, mine) in enumerate(self._states(table)):
            day, begins = table.c.valid_from, other.c.valid_from
            for name, last, side in (("previous", sa.func.max, begins < day), ("following", sa.func.min, begins > day)):
                query = sa.select(last(begins)).where(*mine, side, *self._known(other))
                found.append(query.scalar_subquery().label(f"{name}{number}"))
        return found

    def conditions(self, table: sa.Table, number: int) -> list[sa.ColumnElement[bool]]:
        """Everything but the cursor. `number` tells the current table (0) from the history (1)."""
        conditions = [*self._known(table), *self._valid(table), *self.chosen(table)]
        if self.shape.place is not Place.NONE:
            conditions.append(self.meets(table, number) if "geom" in table.c else sa.false())
        return conditions

    def chosen(self, table: sa.FromClause) -> list[sa.ColumnElement[bool]]:
        """What the caller asks of the attributes and of their words."""
        conditions: list[sa.ColumnElement[bool]] = [
            column_of(self.tables.layer, table, name) == sa.bindparam(f"equals{index}", type_=table.c[name].type)
            for index, name in enumerate(self.shape.equals)
        ]
        index = self.tables.words(table) if self.shape.search else None
        if index is not None:
            conditions.append(table.c.row_id.in_(search_index.listed(index)))
        if self.shape.filter is not None:
            from store.filters import sql

            number = int(table is self.tables.history)
            conditions += sql.conditions(self.shape.filter, table, number, self.tables.layer)
        return conditions

    def meets(self, table: sa.Table, number: int) -> sa.ColumnElement[bool]:
        """Whether the geometry itself, not only its box, meets the place."""
        if self.shape.place is Place.ANY:
            return table.c.geom.is_not(None)
        if self.shape.place is Place.KEYS:
            return table.c.row_id.in_(self._listed(number))
        if self.shape.place is Place.BOX:
            # PostgreSQL's boxes are of 32 bits: one within the slightly smaller box lies surely inside, without GEOS.
            # A CASE, since the planner reads the spatial index twice for an OR.
            inner = _placed("inner")
            surely = sa.case((table.c.geom.op("@")(inner), sa.true()), else_=self._intersects(table))
            return sa.and_(self._near(table), surely)
        return self._intersects(table)

    def _places(self) -> list[sa.ColumnElement[Any]]:
        """The box or the regions as PostGIS geometries."""
        if self.shape.place is Place.BOX:
            return [_placed("box")]
        return [_placed(f"region{one}") for one in range(2 if self.shape.place is Place.TWO else 1)]

    def _near(self, table: sa.FromClause) -> sa.ColumnElement[bool]:
        """Whether the geometry's box meets the place's: what the spatial index knows."""
        return sa.or_(*(table.c.geom.op("&&", is_comparison=True)(one) for one in self._places()))

    def _intersects(self, table: sa.FromClause) -> sa.ColumnElement[bool]:
        return sa.or_(*(sa.func.ST_Intersects(table.c.geom, one) for one in self._places()))

    def _listed(self, number: int) -> sa.Select[Any]:
        """Row keys from a bound JSON array: SQLite only, where shapely decides what lies in a place."""
        keys = sa.func.json_each(sa.bindparam(f"keys{number}", type_=sa.Text)).table_valued("value")
        return sa.select(keys.c.value)

    # --- in which order ---

    @property
    def _by_row(self) -> bool:
        """Whether the current table is best read in the order of its key, which is that of `fid`."""
        indexed = {"id", *(one.name for one in self.tables.layer.attributes if one.indexed or one.role is Role.ID)}
        equal = {*self.shape.equals, *(self.shape.filter.template.equals if self.shape.filter is not None else ())}
        return not indexed.intersection(equal)

    def _keys(self, columns: Any) -> list[paging.Key]:
        nulls = self.shape.nulls or (False,) * len(self.shape.sort)
        return [
            paging.Key(
                columns[key.name],
                key.descending,
                sa.bindparam(f"after{index}", type_=columns[key.name].type),
                null,
            )
            for index, (key, null) in enumerate(zip(self.shape.sort, nulls, strict=True))
        ]

    def _arms(self, table: sa.Table, number: int) -> list[sa.Select[Any]]:
        conditions = self.conditions(table, number)
        by_row = table is self.tables.current and not self.shape.sort and self._by_row
        last, bound = (table.c.row_id, "row") if by_row else (table.c.fid, "fid")
        tie = last > sa.bindparam(bound, type_=sa.BigInteger)
        keys = self._keys(table.c)
        cursors: list[sa.ColumnElement[bool]] = [sa.true()]
        if self.shape.nulls is not None:
            cursors = paging.after(keys, tie, ranges=self._first_indexed)
        order = [*(key.order() for key in keys), last]
        return [sa.select(*self._columns(table)).where(*conditions, cursor).order_by(*order) for cursor in cursors]

    @property
    def _first_indexed(self) -> bool:
        attribute = self.tables.layer.attribute(self.shape.sort[0].name) if self.shape.sort else None
        return attribute is not None and attribute.indexed

    def _columns(self, table: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        match self.shape.purpose:
            case Purpose.BATCH:
                names = ["valid_from", "valid_to", *(one.name for one in self.tables.layer.attributes)]
                geometry = [table.c.geom] if "geom" in table.c else [sa.null().label("geom")]
                return [table.c.fid, table.c.id, table.c.version, *geometry, *(table.c[name] for name in names)]
            case Purpose.ITEM:
                plain = ("fid", "version", "json", "valid_from", "valid_to", "author")
                times = [self._at(table.c[name]).label(f"at_{name}") for name in ("tx_from", "tx_to")]
                geometry = [table.c.geom] if "geom" in table.c else [sa.null().label("geom")]
                return [*(table.c[name] for name in plain), *times, *geometry, *self._neighbours(table)]
            case Purpose.SHAPES if "geom" in table.c:
                return [table.c.fid, table.c.json, table.c.geom]
            case Purpose.SHAPES:
                return [table.c.fid, table.c.json, sa.null().label("geom")]
            case _:
                return [table.c.fid, table.c.json]

    def _at(self, revision: sa.ColumnElement[int]) -> sa.ScalarSelect[Any]:
        """When a transaction was: NULL for one that has not been published."""
        log = self.node.transactions
        layer = sa.bindparam("layer", type_=sa.Text)
        return sa.select(log.c.at).where(log.c.layer == layer, log.c.revision == revision).scalar_subquery()

    def _ordered(self, arm: sa.Select[Any]) -> sa.Select[Any]:
        limited = arm.limit(sa.bindparam("limit", type_=sa.BigInteger)) if self.shape.limited else arm
        return limited.offset(sa.bindparam("offset", type_=sa.BigInteger)) if self.shape.offset else limited

    def _narrow(self, arm: sa.Select[Any]) -> sa.Select[Any]:
        """All that a box holds or a filter picks is ordered by key alone; only the page's rows are read whole."""
        table = self.tables.current
        picked = arm.with_only_columns(table.c.row_id)
        if self.shape.filter is not None and self.shape.filter.placed:
            # PostgreSQL takes what lies in a place for spread over all rows, and would read them in order.
            fenced = picked.offset(sa.literal_column("0")).subquery()
            picked = sa.select(fenced.c.row_id).order_by(fenced.c.row_id)
        keys = self._ordered(picked).subquery()
        whole = table.alias()
        columns = [whole.c[column.name] for column in arm.selected_columns]
        return sa.select(*columns).join_from(keys, whole, whole.c.row_id == keys.c.row_id).order_by(whole.c.row_id)

    def _tested_in_order(self) -> sa.Select[Any]:
        """The keys of all that may lie in a place are ordered first; then each row is tested exactly and read, until
        the page is full. OFFSET 0 keeps PostgreSQL from pulling the parts into one."""
        table = self.tables.current
        fence: sa.ColumnElement[int] = sa.literal_column("0")
        candidates = sa.select(table.c.row_id).where(self._near(table), *self.chosen(table))
        if self.shape.nulls is not None:
            candidates = candidates.where(table.c.row_id > sa.bindparam("row", type_=sa.BigInteger))
        keys = candidates.order_by(table.c.row_id).offset(fence).subquery()
        row = table.alias()
        exact = [row.c.row_id == keys.c.row_id, *self._known(row), *self._valid(row), self._intersects(row)]
        tested = sa.select(*self._columns(row)).where(*exact).offset(fence).lateral()
        return self._ordered(sa.select(*tested.c).join_from(keys, tested, sa.true()).order_by(keys.c.row_id))

    @property
    def _streams(self) -> bool:
        """Whether SQLite's index of words gives the rows in the order of the page, one by one."""
        index, place = self.tables.current_words, self.shape.place
        plain = not self.shape.sort and self._by_row and place in (Place.NONE, Place.ANY)
        return plain and index is not None and search_index.streams(index)

    def _streamed(self) -> sa.Select[Any]:
        """The rows of a page from the index of words, which stops when the page is full: what all features have
        costs no more than what few have."""
        index, table = self.tables.current_words, self.tables.current
        arm = Builder(self.tables, self.node, replace(self.shape, search=False))._arms(table, 0)[0]
        if index is None:
            return self._ordered(arm)
        found = arm.select_from(index.join(table, table.c.row_id == index.c.row_id)).where(search_index.matches(index))
        if self.shape.nulls is not None:
            found = found.where(index.c.row_id > sa.bindparam("row", type_=sa.BigInteger))
        return self._ordered(found.order_by(None).order_by(index.c.row_id))

    def _merged(self, arms: Sequence[sa.Select[Any]]) -> sa.Select[Any]:
        """Several arms as one, each cut at what the whole may need of it."""
        reach: sa.ColumnElement[int] = sa.bindparam("limit", type_=sa.BigInteger)
        if self.shape.offset:
            reach = reach + sa.bindparam("offset", type_=sa.BigInteger)
        extra = [key.name for key in self.shape.sort]
        parts = []
        for arm in arms:
            table = arm.get_final_froms()[0]
            wider = arm.add_columns(*(table.c[name].label(f"key{index}") for index, name in enumerate(extra)))
            limited = wider.limit(reach) if self.shape.limited else wider.order_by(None)
            inner = limited.subquery()
            parts.append(sa.select(*inner.c))
        union = sa.union_all(*parts).subquery()
        names = [column.name for column in arms[0].selected_columns]
        keys = [replace(key, column=union.c[f"key{index}"]).order() for index, key in enumerate(self._keys(table.c))]
        merged = sa.select(*(union.c[name] for name in names)).order_by(*keys, union.c.fid)
        return self._ordered(merged)


def _placed(name: str) -> sa.ColumnElement[Any]:
    return sa.cast(sa.bindparam(name, type_=PlacedGeometry()), PlacedGeometry())


def build(tables: LayerTables, node: NodeTables, shape: Shape) -> sa.Select[Any]:
    """The statement that answers a shape of question."""
    return Builder(tables, node, shape).statement()
