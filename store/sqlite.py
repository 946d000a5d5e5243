"""Places on the embedded store: the R*Tree proposes, shapely decides, both in bulk.

R*Tree boxes are of 32 bits, widened outward, so a box wholly inside the asked one holds a geometry wholly inside it,
whose WKB need not be read; of all others the exact predicate decides. Candidates come in the order of their row key,
which is that of `fid`, from inside the R*Tree's own query: joined outside it costs ten times as much.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, compress
from time import monotonic
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray

from config.errors import UnavailableError
from store.columns import GEOPACKAGE_HEADER
from store.places import Region

FIRST_LOOK = 64  # candidates looked at beyond the page, since some will not be in the region
CHUNK = 20_000  # candidates decided at once: bounds the memory, and lets the statement's clock be looked at
SHORT = 1_000  # rows of a page up to which candidates of a region that is no rectangle are read until it is full
MOST_SECONDS = 30.0  # for deciding what has a relation to one literal
QUICK = 0.05  # seconds of a piece of it after which the next is larger
MOST = 0.5  # the share of a layer from which a region is better read in the order of rows than from the R*Tree

Run = Callable[[Hashable, Callable[[], sa.SelectBase], dict[str, Any]], Any]
Relation = Callable[[Any, NDArray[np.object_]], NDArray[np.bool_]]


def candidate_select(tree: sa.Table, table: sa.Table, conditions: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    """The next candidates after a row key, in order: key, fid, text, and WKB unless the box lies inside.

    Bound: west, south, east, north, row, look, inside (whether boxes inside need no decision), and what `conditions`
    on `table` bind.
    """
    proposed = (
        sa.select(tree)
        .where(*meets(tree), tree.c.id > sa.bindparam("row", type_=sa.BigInteger))
        .order_by(tree.c.id)
        .limit(sa.bindparam("look", type_=sa.BigInteger))
        .subquery()
    )
    joined = proposed.outerjoin(table, sa.and_(table.c.row_id == proposed.c.id, *conditions))
    return (
        sa.select(proposed.c.id, table.c.fid, table.c.json, _undecided(proposed, table))
        .select_from(joined)
        .order_by(proposed.c.id)
    )


def wide_select(tree: sa.Table, table: sa.Table, conditions: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    """As `candidate_select`, for a region that holds most of a layer: row by row, each asked for its box.

    The R*Tree would have to gather and sort them all for the first ten.
    """
    # From the left, so that SQLite does not turn the join round: the tree is looked up by its key.
    joined = table.outerjoin(tree, sa.and_(tree.c.id == table.c.row_id, *meets(tree)))
    fid = sa.case((tree.c.id.is_not(None), table.c.fid))
    return (
        sa.select(table.c.row_id, fid, table.c.json, _undecided(tree, table))
        .select_from(joined)
        .where(table.c.row_id > sa.bindparam("row", type_=sa.BigInteger), *conditions)
        .order_by(table.c.row_id)
        .limit(sa.bindparam("look", type_=sa.BigInteger))
    )


def _side(name: str) -> sa.BindParameter[float]:
    return sa.bindparam(name, type_=sa.Double)


def meets(tree: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    """Whether a row's box meets the bound one: west, south, east, north."""
    return [
        tree.c.maxx >= _side("west"),
        tree.c.minx <= _side("east"),
        tree.c.maxy >= _side("south"),
        tree.c.miny <= _side("north"),
    ]


def _inside(tree: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.and_(
        tree.c.minx >= _side("west"),
        tree.c.maxx <= _side("east"),
        tree.c.miny >= _side("south"),
        tree.c.maxy <= _side("north"),
        sa.bindparam("inside", type_=sa.Integer) == 1,
    )


def body(table: sa.Table) -> sa.ColumnElement[bytes]:
    """The WKB of a row."""
    return sa.func.substr(table.c.geom, len(GEOPACKAGE_HEADER) + 1)


def boxes_select(tree: sa.Table) -> sa.Select[Any]:
    """The keys and boxes of all candidates."""
    return sa.select(tree).where(*meets(tree))


def shapes_select(table: sa.Table) -> sa.Select[Any]:
    """Keys and WKB of the rows whose keys are bound as `rows`, a JSON array."""
    listed = sa.func.json_each(sa.bindparam("rows", type_=sa.Text)).table_valued("value")
    return sa.select(table.c.row_id, body(table)).where(table.c.row_id.in_(sa.select(listed.c.value)))


def found(run: Run, table: sa.Table, tree: sa.Table, literal: Any, relation: Relation) -> list[int]:
    """The keys of the rows whose geometry has a relation to a literal.

    A box in the interior of the literal decides without the geometry: what lies in it meets the literal and is within
    it, and has no other relation to it. Of all others shapely decides, thousands at a time.

    Args:
        run: runs a statement that has a name, with values; returns the driver's cursor.
        table: whose rows.
        tree: its R*Tree.
        literal: a geometry, x, y in EPSG:4490.
        relation: shapely's predicate of the literal to the geometry, one that holds for none beside its box.

    Raises:
        UnavailableError: deciding took longer than MOST_SECONDS.
    """
    shapely.prepare(literal)
    sides = dict(zip(("west", "south", "east", "north"), literal.bounds, strict=True))
    candidates = run((table.name, "boxes"), partial(boxes_select, tree), sides)
    inside = relation in (shapely.intersects, shapely.contains)
    core = _core(literal)
    keys: list[int] = []
    end = monotonic() + MOST_SECONDS
    while rows := candidates.fetchmany(CHUNK):
        numbers = [row[0] for row in rows]
        boxes = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * 5).reshape(-1, 5)[:, 1:]
        decided = _within(literal, core, boxes)
        if inside:
            keys += compress(numbers, decided.tolist())
        open_ones = list(compress(numbers, (~decided).tolist()))
        if open_ones:
            bodies = run((table.name, "shapes"), partial(shapes_select, table), {"rows": str(open_ones)}).fetchall()
            shapes = shapely.from_wkb(np.array([row[1] for row in bodies], dtype=object))
            keys += compress((row[0] for row in bodies), _related(relation, literal, shapes, end).tolist())
    return keys


def _related(relation: Relation, literal: Any, shapes: NDArray[np.object_], end: float) -> NDArray[np.bool_]:
    """The relation to each shape, in pieces that grow while they are quick: GEOS cannot be stopped within one.

    Raises:
        UnavailableError: it took too long.
    """
    verdict = np.zeros(len(shapes), dtype=bool)
    begin, size = 0, 1
    while begin < len(shapes):
        if monotonic() > end:
            raise UnavailableError("Comparing geometries took too long; ask with a smaller or simpler one")
        started = monotonic()
        verdict[begin : begin + size] = relation(literal, shapes[begin : begin + size])
        begin += size
        size = size * 8 if monotonic() - started < QUICK else max(size // 8, 1)
    return verdict


def _core(literal: Any) -> tuple[float, float, float, float] | None:
    """A rectangle (west, east, south, north) in the interior of a prepared geometry; None where none is found."""
    if not _areal(literal):
        return None
    west, south, east, north = literal.bounds
    x, y = (west + east) / 2, (south + north) / 2
    for share in (0.95, 0.85, 0.7, 0.5, 0.3):
        wide, high = (east - west) / 2 * share, (north - south) / 2 * share
        if literal.contains_properly(shapely.box(x - wide, y - high, x + wide, y + high)):
            return x - wide, x + wide, y - high, y + high
    return None


def _areal(literal: Any) -> bool:
    """Whether a box can lie in its interior. To find that none does costs much beside a line that crosses itself."""
    return bool(shapely.get_dimensions(literal) == 2)


def _within(
    literal: Any, core: tuple[float, float, float, float] | None, boxes: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which boxes (west, east, south, north) lie in the interior of a prepared geometry; those in its core surely."""
    west, east, south, north = boxes.T
    decided = np.zeros(len(boxes), dtype=bool)
    if core is not None:
        decided = (west >= core[0]) & (east <= core[1]) & (south >= core[2]) & (north <= core[3])
    if not _areal(literal):
        return decided
    rest = np.flatnonzero(~decided)
    corners = shapely.box(west[rest], south[rest], east[rest], north[rest])
    decided[rest] = shapely.contains_properly(literal, corners)
    return decided


def _undecided(tree: sa.FromClause, table: sa.Table) -> sa.ColumnElement[Any]:
    return sa.case((_inside(tree), sa.null()), else_=body(table))


def decide(wkb: Sequence[bytes | None], region: Region) -> NDArray[np.bool_]:
    """Which candidates meet the region: those without WKB lie inside it."""
    verdict = np.ones(len(wkb), dtype=bool)
    open_ones = [index for index, one in enumerate(wkb) if one is not None]
    if open_ones:
        shapes = shapely.from_wkb(np.array([wkb[index] for index in open_ones], dtype=object))
        verdict[open_ones] = shapely.intersects(region.prepared, shapes)
    return verdict


def region_values(region: Region, *, shapes: bool = False) -> dict[str, Any]:
    """What the selects of this module bind for a region. `shapes` asks for the WKB of what lies inside too."""
    west, south, east, north = region.bounds
    inside = int(region.rectangle and not shapes)
    return {"west": west, "south": south, "east": east, "north": north, "inside": inside}


def page(
    fetch: Callable[[Mapping[str, Any]], list[tuple[Any, ...]]], region: Region, values: Mapping[str, Any], wanted: int
) -> Iterator[tuple[int, str, bytes | None]]:
    """The first `wanted` rows (fid, text, WKB where it was read) in a region after `values["row"]`, by fid."""
    row, found, look = values["row"], 0, wanted + FIRST_LOOK
    while found < wanted:
        proposed = fetch({**values, "row": row, "look": look})
        kept = [one for one in proposed if one[1] is not None]
        verdict = decide([one[3] for one in kept], region).tolist()
        for (_, fid, text, wkb), inside in zip(kept, verdict, strict=True):
            if inside:
                yield fid, text, wkb
                found += 1
                if found == wanted:
                    return
        if len(proposed) < look:
            return
        row, look = proposed[-1][0], min(look * 4, 20_000)
