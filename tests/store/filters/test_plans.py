"""An index serves what it can: the plans of both databases, on rows enough that it pays."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
import shapely

from config.errors import UnavailableError
from store import open_store, postgis
from store.criteria import Criteria, LoadMode
from store.filters import Terms, read
from store.interface import Batch
from store.migrate import migrate
from store.question import question
from store.select import Purpose
from store.sql import SqlStore
from tests.store.filters.vocabulary import DIVISIONS
from tests.store.layers import PARCELS

COUNT = 6_000
VOCABULARY = Terms(divisions=DIVISIONS)


@pytest.fixture(scope="module")
def store(store_url: str) -> Iterator[SqlStore]:
    opened = open_store(store_url, [PARCELS])
    migrate(opened.database)
    with opened.load("parcels", LoadMode.APPEND, date(2020, 1, 1), "tests") as load:
        load.append(_rows())
        load.publish()
    with opened.database.writer.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    yield opened
    opened.close()


def _rows() -> Batch:
    keys = np.arange(COUNT)
    x, y = 114 + keys % 100 * 0.01, 36 + keys // 100 * 0.01
    columns: dict[str, Any] = {one.name: np.full(COUNT, None, dtype=object) for one in PARCELS.attributes}
    columns["identifier"] = np.array([f"P{key:06d}" for key in keys], dtype=object)
    columns["division_code"] = np.array([f"13{key % 60:02d}{key % 7:02d}" for key in keys], dtype=object)
    columns["area"] = keys * 1.5
    columns["approval_date"] = np.array([date(2000, 1, 1) + timedelta(days=int(key)) for key in keys], dtype=object)
    wkb = np.array(shapely.to_wkb(shapely.box(x, y, x + 0.008, y + 0.008)), dtype=object)
    return Batch(keys, columns["identifier"], keys, wkb, columns)


def _plan(store: SqlStore, text: str) -> str:
    """The plan of a page of ten."""
    asked = read(text, "cql2-text", PARCELS, vocabulary=VOCABULARY)
    question_ = question(store.database, PARCELS, Criteria(filter=asked), Purpose.PAGE)
    with store.plans.connection() as connection:
        if not store.database.sqlite:
            shape, values = postgis.bind(question_, None)
            plan = store.plans.of(shape)
            driver = psycopg.ClientCursor(connection.driver_connection)
            return "\n".join(row[0] for row in driver.execute("EXPLAIN " + plan.sql, {**plan.fixed, **values}))
        with store.plans.moment(connection):
            shape, values = store._bound(connection, question_)
            plan = store.plans.of(shape)
            bound = {**plan.fixed, **{name: str(one) if isinstance(one, date) else one for name, one in values.items()}}
            rows = connection.cursor().execute("EXPLAIN QUERY PLAN " + plan.sql, bound).fetchall()
            return "\n".join(row[3] for row in rows)


INDEXED = {
    "identifier = 'P000123'": "ix_layer_parcels_id",
    "id = 'P000123'": "ix_layer_parcels_id",
    "division_code = '130101'": "ix_layer_parcels_division_code_fid",
    "division_code IN ('130101', '130202')": "ix_layer_parcels_division_code_fid",
    "division_code LIKE '130102%'": "ix_layer_parcels_division_code_fid",
    "identifier LIKE 'P00012_'": "ix_layer_parcels_id",
    "within_division('130102')": "ix_layer_parcels_division_code_fid",
    "area > 100 + 20 AND area < 123": "ix_layer_parcels_area_fid",
    "area BETWEEN 100 AND 110": "ix_layer_parcels_area_fid",
    "approval_date = DATE('2001-02-03')": "ix_layer_parcels_approval_date_fid",
    "approval_date = TIMESTAMP('2001-02-03T00:00:00Z')": "ix_layer_parcels_approval_date_fid",
    "T_DURING(approval_date, INTERVAL('2001-02-03', '2001-02-09'))": "ix_layer_parcels_approval_date_fid",
    "identifier = 'P000123' AND NOT (name IS NULL) OR identifier = 'P000124'": "ix_layer_parcels_id",
}


@pytest.mark.parametrize("text", INDEXED)
def test_an_index_serves_the_filter(store: SqlStore, text: str) -> None:
    assert INDEXED[text] in _plan(store, text)


@pytest.mark.parametrize("function", ["INTERSECTS", "WITHIN", "CONTAINS", "EQUALS", "TOUCHES", "OVERLAPS", "CROSSES"])
def test_the_spatial_index_serves_the_filter(store: SqlStore, function: str) -> None:
    plan = _plan(store, f"S_{function}(geometry, POLYGON((114.1 36.1, 114.13 36.1, 114.13 36.13, 114.1 36.1)))")
    # On SQLite the R*Tree was read beforehand: the rows are found by their keys.
    assert ("ix_layer_parcels_geom" if not store.database.sqlite else "USING INTEGER PRIMARY KEY (rowid=?)") in plan


def test_what_no_index_serves_is_read_in_order(store: SqlStore) -> None:
    plan = _plan(store, "area * 2 > 5")
    assert "ix_layer_parcels" not in plan


def test_a_filter_that_takes_too_long_is_stopped(store: SqlStore, store_url: str) -> None:
    """Filters run under the clock of every read, and the next question is answered."""
    hasty = open_store(store_url, [PARCELS], statement_timeout=0.05)
    slow = read(" OR ".join(["area() > 1e15", "perimeter() > 1e15"] * 100), "cql2-text", PARCELS)
    with pytest.raises(UnavailableError):
        hasty.count("parcels", Criteria(filter=slow))
    assert len(hasty.page("parcels", Criteria(limit=3)).features) == 3
    hasty.close()
