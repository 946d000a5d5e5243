"""Spatial predicates on SQLite: the keys of the rows where each is true, found before the statement runs.

The R*Tree proposes by boxes. A box in the interior of the literal decides without the geometry: what lies in it meets
the literal and is within it, and has no other relation to it. Of all others shapely decides, thousands at a time.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray
from pygeofilter import ast

from store.filters.dialects import Predicate, Sqlite, keys_name
from store.filters.filter import Filter
from store.filters.spatial import DECIDE
from store.sqlite import body, meets
from store.tables import LayerTables

CHUNK = 20_000  # candidates decided at once: bounds the memory, and lets the statement's clock be looked at

Run = Callable[[Any, Callable[[], sa.SelectBase], dict[str, Any]], Any]
"""Runs a statement that has a name, with values; returns the driver's cursor."""


def bound(run: Run, tables: LayerTables, asked: Filter, *, known: bool) -> dict[str, str]:
    """For each spatial predicate of a filter the keys of its rows, as JSON arrays, under the names that SQL has.

    Args:
        run: how statements are run, all in one moment.
        tables: the layer's.
        asked: the filter.
        known: the history is read too.
    """
    sources = [(tables.current, tables.current_rtree), (tables.history, tables.history_rtree)]
    found = {}
    for one in asked.template.places:
        literal = asked.values[one.rhs.number].geometry
        for number, (table, tree) in enumerate(sources[: 2 if known else 1]):
            if tree is not None:
                keys = [part for part in _keys(run, table, tree, type(one), literal) if len(part)]
                found[keys_name(one.rhs, number)] = str(np.concatenate(keys).tolist()) if keys else "[]"
    return found


def _keys(run: Run, table: sa.Table, tree: sa.Table, predicate: Predicate, literal: Any) -> Iterator[NDArray[np.int64]]:
    # What S_DISJOINT picks is most of a layer: its complement is listed.
    predicate = ast.GeometryIntersects if predicate is ast.GeometryDisjoint else predicate
    inside = predicate in (ast.GeometryIntersects, ast.GeometryWithin)
    shapely.prepare(literal)
    sides = dict(zip(("west", "south", "east", "north"), literal.bounds, strict=True))
    candidates = run((table.name, "boxes"), lambda: sa.select(tree).where(*meets(tree)), sides)
    while rows := candidates.fetchmany(CHUNK):
        boxes = np.array(rows, dtype=np.float64)
        keys = np.array([row[0] for row in rows], dtype=np.int64)
        decided = shapely.contains_properly(literal, shapely.box(*boxes[:, 1:].T[[0, 2, 1, 3]]))
        if inside:
            yield keys[decided]
        yield _exact(run, table, keys[~decided], DECIDE[predicate], literal)


def _exact(run: Run, table: sa.Table, keys: NDArray[np.int64], decide: Any, literal: Any) -> NDArray[np.int64]:
    """Of some rows, those whose geometry itself has the relation."""
    if not len(keys):
        return keys

    def shapes() -> sa.Select[Any]:
        listed = Sqlite("").listed("rows", None)
        return sa.select(table.c.row_id, body(table)).where(table.c.row_id.in_(listed), table.c.geom.is_not(None))

    rows = run((table.name, "shapes"), shapes, {"rows": str(keys.tolist())}).fetchall()
    if not rows:
        return keys[:0]
    geometries = shapely.from_wkb(np.array([row[1] for row in rows], dtype=object))
    # The literal is the prepared one: it comes first, and the relation is turned round where it has a direction.
    turned = {shapely.within: shapely.contains, shapely.contains: shapely.within}.get(decide, decide)
    found: NDArray[np.int64] = np.array([row[0] for row in rows], dtype=np.int64)[turned(literal, geometries)]
    return found
