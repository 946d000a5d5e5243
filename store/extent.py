"""The box around all open states of a layer, exact: computed apart from any write, since it may read every row."""

import numpy as np
import shapely
import sqlalchemy as sa

from store.changes import SIDES
from store.criteria import Box
from store.engine import Database, guard
from store.rows import REPLACED_BEFORE
from store.tables import LayerTables


def tighten(database: Database, layer: str) -> None:
    """Set the layer's extent to the exact one, unless another write comes first: that one looks after it again."""
    tables, state = database.tables[layer], database.tables.node.layers
    with database.snapshot() as connection:
        revision = connection.execute(sa.select(state.c.revision).where(state.c.layer == layer)).scalar_one()
        box = exact(connection, tables, revision)
    values = {side: None if box is None else getattr(box, side) for side in SIDES}
    with guard(), database.writer.begin() as connection:
        connection.execute(sa.update(state).where(state.c.layer == layer, state.c.revision == revision).values(values))


def exact(connection: sa.Connection, tables: LayerTables, revision: int) -> Box | None:
    """The box around the states open at `revision`; None where there are none with geometry."""
    if tables.layer.geometry is None:
        return None
    table, rtree = tables.current, tables.current_rtree
    unseen = sa.or_(table.c.tx_from > revision, table.c.tx_to <= revision)
    if rtree is None:
        shape = sa.type_coerce(table.c.geom, sa.Text())
        sides = connection.execute(
            sa.select(
                sa.func.min(sa.func.ST_XMin(shape)),
                sa.func.min(sa.func.ST_YMin(shape)),
                sa.func.max(sa.func.ST_XMax(shape)),
                sa.func.max(sa.func.ST_YMax(shape)),
            ).where(~unseen)
        ).one()
        return None if sides[0] is None else Box(*sides)
    # The R*Tree rounds boxes outwards to 32 bits: it finds the rows at the edges, their geometry says where those are.
    # Two searches by index, for `or` would read every row.
    hidden = sa.union_all(
        sa.select(table.c.row_id).where(table.c.tx_from > revision),
        sa.select(table.c.row_id).where(table.c.tx_to <= revision, table.c.tx_to < REPLACED_BEFORE),
    )
    sides = connection.execute(
        sa.select(
            sa.func.min(rtree.c.minx), sa.func.min(rtree.c.miny), sa.func.max(rtree.c.maxx), sa.func.max(rtree.c.maxy)
        ).where(rtree.c.id.not_in(hidden))
    ).one()
    if sides[0] is None:
        return None
    west, south, east, north = sides
    edges = [rtree.c.minx <= west, rtree.c.miny <= south, rtree.c.maxx >= east, rtree.c.maxy >= north]
    bounds = []
    for edge in edges:
        query = sa.select(table.c.geom).where(
            table.c.row_id.in_(sa.select(rtree.c.id).where(edge, rtree.c.id.not_in(hidden)))
        )
        bounds.append(
            shapely.bounds(shapely.from_wkb(np.array(connection.execute(query).scalars().all(), dtype=object)))
        )
    return Box(
        float(bounds[0][:, 0].min()),
        float(bounds[1][:, 1].min()),
        float(bounds[2][:, 2].max()),
        float(bounds[3][:, 3].max()),
    )
