"""The tables of a node's store, all made from the layer definitions, alike on PostGIS and SQLite.

Per layer a current table (every state that no published transaction has replaced, and staged rows) and a history
table (states replaced in transaction time). `row_id` of a current row is `row_id(fid, version)`: B-tree and R*Tree
order is `fid` order. In the history table it is a running number; read it by (fid, version).

The node's own tables are `node_*`. `store.creation` writes them into a database.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from config.layers import Layer
from store import columns
from store.criteria import END_OF_TIME, OPEN_REVISION

SCHEMA_VERSION = 2

VERSIONS = 1024
"""How many versions of one feature may lie in the current table at once: `row_id` holds version modulo this."""

MAX_FID = 2**53 - 1

WHOLE_ROWS = {"toast_tuple_target": 8160}
"""PostgreSQL compresses rows above 2 kB unless told otherwise: undoing it was most of the cost of a page."""

FTS5 = "fts5(words, tokenize='ascii', columnsize=0)"
"""Words come finished and parted by spaces; nothing is ranked, so no sizes are kept."""

RTREE_COLUMNS = ("id", "minx", "maxx", "miny", "maxy")


def row_id(fid: int, version: int) -> int:
    """The key of a current row: in order of fid, one for each version."""
    return fid * VERSIONS + version % VERSIONS


def fid_of(row: int) -> int:
    """The feature's integer key from the key of a current row."""
    return row // VERSIONS


def identifier(*parts: str) -> str:
    """A database name of at most 60 characters from layer and attribute names; long ones are cut and made unique."""
    name = "_".join(parts).replace("-", "_")
    if len(name) <= 60:
        return name
    return f"{name[:51]}_{sha256(name.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class LayerTables:
    """The tables of one layer. The R*Trees exist in SQLite only, for layers with geometry; the indexes of words are
    FTS5 tables there, and tables of `tsvector` in PostGIS (`store.search_index`)."""

    layer: Layer
    current: sa.Table
    history: sa.Table
    current_rtree: sa.Table | None
    history_rtree: sa.Table | None
    current_words: sa.Table | None = None
    history_words: sa.Table | None = None

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.layer.attributes)

    @property
    def searched(self) -> tuple[str, ...]:
        """The attributes whose words are indexed."""
        return tuple(one.name for one in self.layer.attributes if one.searchable)

    def words(self, table: sa.FromClause) -> sa.Table | None:
        """The index of words of one of the two tables: `row_id`, `words`. None where no attribute is searchable."""
        return self.current_words if table is self.current else self.history_words


@dataclass(frozen=True, slots=True)
class NodeTables:
    """The node's own tables, the same for every set of layers."""

    schema: sa.Table
    layers: sa.Table
    transactions: sa.Table
    changes: sa.Table
    outbox: sa.Table
    boundaries: sa.Table


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything in one store. `metadata` holds all but the R*Trees, which SQLAlchemy cannot create."""

    metadata: sa.MetaData
    node: NodeTables
    layers: Mapping[str, LayerTables]

    def __getitem__(self, layer: str) -> LayerTables:
        return self.layers[layer]


def column_of(layer: Layer, table: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
    """The column of an attribute, of `id` or of a day of validity. The attribute that holds the feature's id is read
    as `id`, which has the index."""
    attribute = layer.id_attribute
    return table.c["id" if attribute is not None and attribute.name == name else name]


def build(layers: Iterable[Layer], dialect: str) -> Tables:
    """The tables for the layers whose rows the store holds. `dialect` is SQLAlchemy's: sqlite or postgresql."""
    metadata = sa.MetaData()
    made = {layer.id: _layer_tables(metadata, layer, dialect) for layer in layers if layer.stored}
    return Tables(metadata, _node_tables(metadata, dialect), made)


def _state_columns(layer: Layer, dialect: str) -> Iterator[sa.Column[Any]]:
    text = columns.text(dialect)
    yield sa.Column("fid", columns.whole(), nullable=False)
    yield sa.Column("id", text, nullable=False)
    yield sa.Column("version", columns.whole(), nullable=False)
    yield sa.Column("valid_from", sa.Date, nullable=False)
    yield sa.Column("valid_to", sa.Date, nullable=False)
    yield sa.Column("tx_from", columns.whole(), nullable=False)
    yield sa.Column("tx_to", columns.whole(), nullable=False, server_default=sa.text(str(OPEN_REVISION)))
    yield sa.Column("digest", sa.LargeBinary, nullable=False)
    yield sa.Column("author", text, nullable=False)
    for one in layer.attributes:
        yield sa.Column(one.name, columns.attribute(dialect, one.type))
    yield sa.Column("json", text, nullable=False)
    if layer.geometry is not None:
        yield sa.Column("geom", columns.geometry(dialect, layer.geometry))
        if dialect == "postgresql":
            mercator = columns.PostgisGeometry(layer.geometry.value, 3857)
            yield sa.Column("geom_3857", mercator, sa.Computed("ST_Transform(geom, 3857)", persisted=True))


def _layer_tables(metadata: sa.MetaData, layer: Layer, dialect: str) -> LayerTables:
    current_name, history_name = identifier("layer", layer.id), identifier("past", layer.id)
    current = sa.Table(
        current_name,
        metadata,
        sa.Column("row_id", columns.whole(), primary_key=True, autoincrement=False),
        *_state_columns(layer, dialect),
        postgresql_with=WHOLE_ROWS,
    )
    history = sa.Table(
        history_name,
        metadata,
        sa.Column("row_id", columns.whole(), primary_key=True),
        *_state_columns(layer, dialect),
        postgresql_with=WHOLE_ROWS,
    )
    _index(current, "id")
    _index(current, "valid_from", "valid_to")
    _index(current, "tx_from")
    # What a finished load left behind, and what `migrate` or an edit moves to history: normally nothing.
    _index(current, "tx_to", where=current.c.tx_to < OPEN_REVISION)
    # States that have an end: few, but for those that a later edition replaced.
    _index(current, "valid_to", where=current.c.valid_to < sa.literal_column(f"'{END_OF_TIME.isoformat()}'"))
    for one in layer.attributes:
        if one.indexed:
            _index(current, one.name, "fid")
    _index(history, "id", "version")
    _index(history, "fid", "version")
    _index(history, "tx_to")
    searchable = any(one.searchable for one in layer.attributes)
    words = tuple(_words(table, dialect) if searchable else None for table in (current, history))
    if layer.geometry is None:
        return LayerTables(layer, current, history, None, None, *words)
    if dialect == "postgresql":
        for table in (current, history):
            sa.Index(identifier("ix", table.name, "geom"), table.c.geom, postgresql_using="gist")
        return LayerTables(layer, current, history, None, None, *words)
    return LayerTables(layer, current, history, _rtree(current), _rtree(history), *words)


def _index(table: sa.Table, *names: str, where: sa.ColumnElement[bool] | None = None) -> None:
    # SQLAlchemy attaches an index to the table of its columns.
    sa.Index(
        identifier("ix", table.name, *names),
        *(table.c[name] for name in names),
        sqlite_where=where,
        postgresql_where=where,
    )


def _rtree(table: sa.Table) -> sa.Table:
    name = f"rtree_{table.name}_geom"  # the name that GeoPackage gives it
    key, *bounds = RTREE_COLUMNS
    return sa.Table(
        name, sa.MetaData(), sa.Column(key, sa.Integer, primary_key=True), *(sa.Column(one, sa.Float) for one in bounds)
    )


def _words(table: sa.Table, dialect: str) -> sa.Table:
    name = identifier("words", table.name)
    if dialect == "sqlite":
        key = sa.Column("rowid", sa.Integer, primary_key=True, key="row_id")
        return sa.Table(name, sa.MetaData(), key, sa.Column("words", sa.Text))
    key = sa.Column("row_id", columns.whole(), primary_key=True, autoincrement=False)
    made = sa.Table(name, table.metadata, key, sa.Column("words", postgresql.TSVECTOR, nullable=False))
    sa.Index(identifier("ix", name), made.c.words, postgresql_using="gin")
    return made


def _node_tables(metadata: sa.MetaData, dialect: str) -> NodeTables:
    text = columns.text(dialect)
    schema = sa.Table(
        "node_schema",
        metadata,
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("applied_at", columns.Instant, nullable=False),
        sa.Column("program", text, nullable=False),
    )
    changes = _change_table(metadata, text)
    transactions = sa.Table(
        "node_transactions",
        metadata,
        sa.Column("layer", text, primary_key=True),
        sa.Column("revision", columns.whole(), primary_key=True, autoincrement=False),
        sa.Column("at", columns.Instant, nullable=False),
        sa.Column("author", text, nullable=False),
    )
    sa.Index("ix_node_transactions_at", transactions.c.layer, transactions.c.at)
    outbox = sa.Table(
        "node_outbox",
        metadata,
        sa.Column("sequence", columns.whole(), primary_key=True),
        sa.Column("topic", text, nullable=False),
        sa.Column("layer", text, nullable=False),
        sa.Column("revision", columns.whole(), nullable=False),
        sa.Column("payload", text, nullable=False),
        sa.Column("at", columns.Instant, nullable=False),
        sa.Column("delivered_at", columns.Instant),
        sqlite_autoincrement=True,
    )
    # How many open states begin and end on a day: their running sum is the number of states valid on each day.
    boundaries = sa.Table(
        "node_boundaries",
        metadata,
        sa.Column("layer", text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("begins", columns.whole(), nullable=False),
        sa.Column("ends", columns.whole(), nullable=False),
    )
    return NodeTables(schema, _layer_state_table(metadata, text), transactions, changes, outbox, boundaries)


def _change_table(metadata: sa.MetaData, text: Any) -> sa.Table:
    """The change log: `sequence` is dense within a layer; boxes are those of the state before and after."""
    return sa.Table(
        "node_changes",
        metadata,
        sa.Column("layer", text, primary_key=True),
        sa.Column("sequence", columns.whole(), primary_key=True, autoincrement=False),
        sa.Column("revision", columns.whole(), nullable=False),
        sa.Column("operation", text, nullable=False),
        sa.Column("id", text),
        sa.Column("fid", columns.whole()),
        sa.Column("version", columns.whole()),
        *(sa.Column(f"before_{side}", sa.Double) for side in ("west", "south", "east", "north")),
        *(sa.Column(f"after_{side}", sa.Double) for side in ("west", "south", "east", "north")),
        sa.Column("at", columns.Instant, nullable=False),
        sa.Column("author", text, nullable=False),
    )


def _layer_state_table(metadata: sa.MetaData, text: Any) -> sa.Table:
    """One row per layer: what `LayerState` says, as of `as_of`, and the counters of the write path.

    `epoch` is the latest validity boundary up to `as_of`, `next_boundary` the first after it; count, box and validity
    are of the states valid on `as_of`. A reader that finds `next_boundary` passed computes them anew for its day.
    `definition` is the layer's table as JSON, for `migrate` to compare with; `digest` is the definition's.
    """
    return sa.Table(
        "node_layers",
        metadata,
        sa.Column("layer", text, primary_key=True),
        sa.Column("revision", columns.whole(), nullable=False),
        sa.Column("generation", columns.whole(), nullable=False),
        sa.Column("next_fid", columns.whole(), nullable=False),
        sa.Column("sequence", columns.whole(), nullable=False),
        sa.Column("load_revision", columns.whole()),
        sa.Column("load_owner", text),
        sa.Column("load_seen", columns.Instant),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("epoch", sa.Date),
        sa.Column("next_boundary", sa.Date),
        sa.Column("count", columns.whole(), nullable=False),
        *(sa.Column(side, sa.Double) for side in ("west", "south", "east", "north")),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("updated", columns.Instant),
        sa.Column("digest", text, nullable=False),
        sa.Column("definition", text, nullable=False),
    )
