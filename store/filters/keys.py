"""Spatial predicates on SQLite: the keys of the rows where each is true, found before the statement runs."""

from collections.abc import Mapping

import shapely
from pygeofilter import ast

from store import sqlite
from store.filters.dialects import Predicate, keys_name
from store.filters.filter import Asked
from store.tables import LayerTables

# From the literal, which is the prepared one, to the geometry. What S_DISJOINT picks is most of a layer: its
# complement is listed.
_RELATIONS: Mapping[Predicate, sqlite.Relation] = {
    ast.GeometryIntersects: shapely.intersects,
    ast.GeometryDisjoint: shapely.intersects,
    ast.GeometryEquals: shapely.equals,
    ast.GeometryTouches: shapely.touches,
    ast.GeometryWithin: shapely.contains,
    ast.GeometryContains: shapely.within,
    ast.GeometryOverlaps: shapely.overlaps,
    ast.GeometryCrosses: shapely.crosses,
}


def bound(run: sqlite.Run, tables: LayerTables, asked: Asked, *, known: bool) -> dict[str, str]:
    """For each spatial predicate of an expression the keys of its rows, as JSON arrays, under the names that SQL has.

    Args:
        run: how statements are run, all in one moment.
        tables: the layer's.
        asked: the expression.
        known: the history is read too.
    """
    sources = [(tables.current, tables.current_rtree), (tables.history, tables.history_rtree)]
    found = {}
    for one in asked.template.places:
        literal = asked.values[one.rhs.number].geometry
        for number, (table, tree) in enumerate(sources[: 2 if known else 1]):
            if tree is not None:
                keys = sqlite.found(run, table, tree, literal, _RELATIONS[type(one)])
                found[keys_name(one.rhs, number)] = str(keys)
    return found
