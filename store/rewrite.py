"""Writing the stored texts of a layer anew after its attributes changed: in short transactions, resumable.

The rewriting of a text is no change of the data: digests, versions and revision stay. The layer's generation moves,
so that nothing made from the old texts is served on.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa

from config.layers import Layer
from store import render
from store.engine import Database
from store.evolution import Definition
from store.tables import LayerTables

ROWS = 2000


def texts(layer: str, database: Database) -> None:
    """Go on from where the stored definition says that the last run came to."""
    tables = database.tables[layer]
    for table in (tables.current, tables.history):
        while _some(database, tables, table):
            pass
    state = database.tables.node.layers
    with database.writer.begin() as connection:
        definition = _definition(connection, database, layer)
        values = {"definition": replace(definition, rewritten=None).text(), "generation": state.c.generation + 1}
        connection.execute(sa.update(state).where(state.c.layer == layer).values(values))


def _definition(connection: sa.Connection, database: Database, layer: str) -> Definition:
    state = database.tables.node.layers
    return Definition.parse(
        connection.execute(sa.select(state.c.definition).where(state.c.layer == layer)).scalar_one()
    )


def _some(database: Database, tables: LayerTables, table: sa.Table) -> bool:
    """Rewrite the next rows of one table and note it; False when there are none left."""
    layer, state, name = tables.layer, database.tables.node.layers, str(table.name)
    with database.writer.begin() as connection:
        definition = _definition(connection, database, layer.id)
        done = dict(definition.rewritten or {})
        needed = [one for one in table.columns if one.name not in ("json", "geom_3857")]
        query = sa.select(*needed).where(table.c.row_id > done.get(name, -1)).order_by(table.c.row_id).limit(ROWS)
        rows = connection.execute(query).all()
        if not rows:
            return False
        written = [{"key": row.row_id, "written": text} for row, text in zip(rows, _rendered(layer, rows), strict=True)]
        connection.execute(
            sa.update(table).where(table.c.row_id == sa.bindparam("key")).values(json=sa.bindparam("written")), written
        )
        done[name] = rows[-1].row_id
        noted = replace(definition, rewritten=done).text()
        connection.execute(sa.update(state).where(state.c.layer == layer.id).values(definition=noted))
    return True


def _rendered(layer: Layer, rows: Sequence[sa.Row[Any]]) -> list[str]:
    geometries = np.full(len(rows), None, dtype=object)
    if layer.geometry is not None:
        geometries[:] = [row._mapping["geom"] for row in rows]
    return render.features(
        layer,
        [row._mapping["id"] for row in rows],
        shapely.from_wkb(geometries),
        {one.name: [row._mapping[one.name] for row in rows] for one in layer.attributes},
        [(row._mapping["valid_from"], row._mapping["valid_to"]) for row in rows],
    )
