"""The statements that compare two moments of a layer; `store.differences` says what a difference is."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from config.layers import AttributeType
from store.criteria import END_OF_TIME
from store.select import Builder, Place, Shape
from store.tables import VERSIONS, LayerTables, NodeTables

ENDED = sa.literal_column(f"'{END_OF_TIME.isoformat()}'", sa.Date())
"""Spelt out: only so does SQLite see that the partial index on `valid_to` serves."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How two moments are compared.

    `known`: whether each is of an instant in the past, so that the history is read too. `dense`: so many rows differ
    that reading them in order beats the indexes.
    """

    known: tuple[bool, bool]
    dense: bool
    sqlite: bool


class Comparison:
    """Statements over the rows that hold at one of two moments only.

    Bound: layer, before and after (days), known_before and known_after where `Mode.known` says so (else it is the
    layer's revision), and what the shape's conditions bind; further row, fid and look, or fids (a JSON array).
    """

    def __init__(self, tables: LayerTables, node: NodeTables, shape: Shape, mode: Mode) -> None:
        self.tables = tables
        self.node = node
        self.shape = shape
        self.mode = mode
        self._builder = Builder(tables, node, shape)

    @property
    def sources(self) -> list[sa.Table]:
        return [self.tables.current, self.tables.history] if any(self.mode.known) else [self.tables.current]

    def candidates(self, table: sa.Table) -> sa.Select[Any]:
        """The next features with a row that differs and meets the conditions, in order; one may come twice."""
        current = table is self.tables.current
        order = table.c.row_id if current else table.c.fid
        last = sa.bindparam("row" if current else "fid", type_=sa.BigInteger)
        query = sa.select(table.c.fid).where(order > last, *self._differs(table), *self._matching(table))
        if self.mode.dense:
            query = query.with_hint(table, "NOT INDEXED", "sqlite")
        return query.order_by(order).limit(sa.bindparam("look", type_=sa.BigInteger))

    def rows(self, table: sa.Table) -> sa.Select[Any]:
        """The rows of the features `fids` that differ: fid, side (0 before, 1 after), digest, text. In SQLite all NULL
        for a feature without any: the outer join, like OFFSET 0 in PostgreSQL, makes it begin with the features."""
        given = sa.bindparam("fids", type_=sa.Text)
        row = table.alias()
        columns = (row.c.fid, self._side(row), row.c.digest, row.c.json)
        if self.mode.sqlite:
            listed = sa.func.json_each(given).table_valued("value")
            mine = self._of_feature(table, row, sa.cast(listed.c.value, sa.BigInteger))
            return sa.select(*columns).select_from(listed.outerjoin(row, sa.and_(mine, *self._differs(row))))
        listed = sa.func.json_array_elements_text(sa.cast(given, sa.JSON)).table_valued("value")
        mine = self._of_feature(table, row, sa.cast(listed.c.value, sa.BigInteger))
        fence: sa.ColumnElement[int] = sa.literal_column("0")
        found = sa.select(*columns).where(mine, *self._differs(row)).offset(fence).lateral()
        return sa.select(*found.c).select_from(listed.join(found, sa.true()))

    def _of_feature(self, table: sa.Table, row: sa.FromClause, fid: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        lowest = fid * VERSIONS
        current = table is self.tables.current
        return row.c.row_id.between(lowest, lowest + VERSIONS - 1) if current else row.c.fid == fid

    def counts(self) -> sa.Select[Any]:
        """Kind and number of the features that changed."""
        parts = []
        for table in self.sources:
            query = sa.select(*self._compared(table)).where(*self._differs(table))
            if self.mode.dense:
                query = query.with_hint(table, "NOT INDEXED", "sqlite")
            parts.append(query)
        rows = (sa.union_all(*parts) if len(parts) > 1 else parts[0]).subquery()
        pair = sa.func.count() == 2
        shape = self._differ(rows.c.shape)
        contents = sa.or_(sa.false(), *(self._differ(one) for one in rows.c if one.name.startswith("value")))
        kind = sa.case(
            (sa.and_(pair, shape, contents), "geometry-and-attributes"),
            (sa.and_(pair, shape), "geometry"),
            (sa.and_(pair, contents), "attributes"),
            (pair, "none"),
            (sa.func.max(rows.c.side) == 1, "added"),
            else_="removed",
        ).label("kind")
        features = sa.select(kind).group_by(rows.c.fid).having(sa.func.max(rows.c.matched) == 1).subquery()
        number = sa.func.count().label("number")
        return sa.select(features.c.kind, number).where(features.c.kind != "none").group_by(features.c.kind)

    # --- which rows ---

    def _differs(self, table: sa.FromClause) -> list[sa.ColumnElement[bool]]:
        """Rows that hold at one of the moments only."""
        if any(self.mode.known):
            before, after = (sa.and_(*self._holds(table, side)) for side in (0, 1))
            return [sa.or_(sa.and_(before, sa.not_(after)), sa.and_(after, sa.not_(before)))]
        before, after = _day("before"), _day("after")
        begins = sa.and_(table.c.valid_from > before, table.c.valid_from <= after, table.c.valid_to > after)
        ends = sa.and_(
            table.c.valid_to > before, table.c.valid_to <= after, table.c.valid_to < ENDED, table.c.valid_from <= before
        )
        return [sa.or_(begins, ends), self._is_known(table, 0)]

    def _holds(self, table: sa.FromClause, side: int) -> list[sa.ColumnElement[bool]]:
        day = _day(("before", "after")[side])
        return [self._is_known(table, side), table.c.valid_from <= day, table.c.valid_to > day]

    def _is_known(self, table: sa.FromClause, side: int) -> sa.ColumnElement[bool]:
        """Nearly all rows are: said so that no planner expects few and takes their index."""
        revision = self._revision(side)
        return sa.or_(table.c.tx_from > revision, table.c.tx_to <= revision).is_not(sa.true())

    def _revision(self, side: int) -> sa.ColumnElement[int]:
        layer = sa.bindparam("layer", type_=sa.Text)
        if not self.mode.known[side]:
            state = self.node.layers
            return sa.func.coalesce(sa.select(state.c.revision).where(state.c.layer == layer).scalar_subquery(), -1)
        log = self.node.transactions
        instant = sa.bindparam(("known_before", "known_after")[side], type_=log.c.at.type)
        newest = sa.select(sa.func.max(log.c.revision)).where(log.c.layer == layer, log.c.at <= instant)
        return sa.func.coalesce(newest.scalar_subquery(), -1)

    def _side(self, table: sa.FromClause) -> sa.ColumnElement[int]:
        """1 for a row that holds at the later moment, 0 for one that holds at the earlier."""
        holds = sa.and_(*self._holds(table, 1))
        return sa.case((holds, 1), else_=0).label("side")

    def _matching(self, table: sa.Table) -> list[sa.ColumnElement[bool]]:
        """What the caller asks of either state."""
        number = int(table is self.tables.history)
        if self.shape.place is Place.NONE:
            return self._builder.chosen(table)
        placed = self._builder.meets(table, number) if "geom" in table.c else sa.false()
        return [*self._builder.chosen(table), placed]

    # --- what is compared ---

    def _compared(self, table: sa.Table) -> list[sa.ColumnElement[Any]]:
        matching = self._matching(table)
        matched = sa.case((sa.and_(*matching), 1), else_=0) if matching else sa.literal(1)
        shape: sa.ColumnElement[Any] = sa.null()
        if "geom" in table.c:
            stored = sa.type_coerce(table.c.geom, sa.LargeBinary())
            shape = stored if self.mode.sqlite else sa.func.md5(sa.func.ST_AsBinary(stored))
        values: list[sa.ColumnElement[Any]] = []
        for number, one in enumerate(self.tables.layer.attributes):
            column = table.c[one.name]
            plain = sa.cast(column, sa.Integer) if one.type is AttributeType.BOOLEAN else column
            values.append(plain.label(f"value{number}"))
        return [table.c.fid, self._side(table), matched.label("matched"), shape.label("shape"), *values]

    def _differ(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """Whether two rows have different values, or one of them none."""
        return sa.or_(sa.func.min(column) != sa.func.max(column), sa.func.count(column) == 1)


def _day(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=sa.Date)
