"""Reading single features, versions, states, counts and batches; what is refused and how."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import sleep
from typing import Any

import numpy as np
import orjson
import pytest
import shapely
import sqlalchemy as sa

from config.errors import AccessError, GoneError, NotFoundError, ParameterError, StoreError, UnavailableError
from store import engine, open_store
from store.criteria import END_OF_TIME, PUBLIC, Box, Criteria, SortKey, ValidTime
from store.engine import Database, Options, connect
from store.postgis import bind
from store.question import question
from store.read import Reader
from store.select import Purpose
from store.sql import SqlStore
from tests import postgis
from tests.store import sample
from tests.store.layers import LAYERS


def _on(day: date) -> Criteria:
    return Criteria(valid=ValidTime(day, day))


def test_an_item_is_the_state_of_today(sample_store: SqlStore) -> None:
    item = sample_store.item("parcels", "f52", Criteria())
    assert (item.id, item.fid, item.version, item.author) == ("f52", 52, 3, "tester")
    assert (item.valid_from, item.valid_to) == (date(2020, 1, 1), END_OF_TIME)
    assert (item.known_from, item.known_to) == (sample.REVISIONS[2], None)
    assert orjson.loads(item.text)["properties"]["area"] == 6.0


def test_an_item_of_another_day_and_of_another_knowledge(sample_store: SqlStore) -> None:
    assert sample_store.item("parcels", "f52", _on(date(2018, 1, 1))).version == 2
    before = sample_store.item("parcels", "f52", Criteria(known=sample.REVISIONS[1]))
    assert (before.version, before.known_from, before.known_to) == (1, sample.REVISIONS[0], sample.REVISIONS[2])
    interval = Criteria(valid=ValidTime(date(2011, 1, 1), date(2016, 1, 1)))
    assert sample_store.item("parcels", "f40", interval).version == 2


def test_an_item_in_another_crs_and_shape(sample_store: SqlStore) -> None:
    gauss = Criteria(crs="http://www.opengis.net/def/crs/EPSG/0/4547", properties=("name",))
    item = orjson.loads(sample_store.item("stations", "f1", gauss).text)
    assert item["geometry"]["coordinates"] == [3386666.250562, 528770.237256]
    assert item["properties"] == {"name": "甲"}
    assert orjson.loads(sample_store.item("parcels", "f1", Criteria(geometry=False)).text)["geometry"] is None


def test_a_row_that_a_load_waits_to_replace_is_still_the_present_one(sample_store: SqlStore) -> None:
    assert sample_store.item("parcels", "f61", Criteria()).known_to is None


@pytest.mark.parametrize(
    ("id", "criteria", "error"),
    [
        ("nobody", Criteria(), NotFoundError),
        ("f60", Criteria(), NotFoundError),  # staged by a load that nobody published
        ("f43", Criteria(), NotFoundError),  # begins tomorrow
        ("f40", Criteria(), GoneError),  # in a gap
        ("f1", _on(date(1949, 10, 1)), GoneError),
        ("f41", Criteria(), GoneError),  # ended yesterday
        ("f51", Criteria(), GoneError),  # deleted
        ("f51", _on(date(2018, 1, 1)), GoneError),
    ],
)
def test_why_there_is_no_item(sample_store: SqlStore, id: str, criteria: Criteria, error: type[Exception]) -> None:
    with pytest.raises(NotFoundError) as refusal:
        sample_store.item("parcels", id, criteria)
    assert type(refusal.value) is error
    assert id in str(refusal.value)


def test_versions_are_all_that_was_ever_known(sample_store: SqlStore) -> None:
    versions = sample_store.versions("parcels", "f52")
    first, _, third = sample.REVISIONS
    assert [(one.version, one.known_from, one.known_to, one.valid_to) for one in versions] == [
        (1, first, third, END_OF_TIME),
        (2, third, None, date(2020, 1, 1)),
        (3, third, None, END_OF_TIME),
    ]
    assert [one.version for one in sample_store.versions("parcels", "f51")] == [1]
    for unknown in ("nobody", "f60"):
        with pytest.raises(NotFoundError):
            sample_store.versions("parcels", unknown)


@pytest.mark.parametrize(
    ("name", "text", "typed"),
    [
        ("area", "0.5", 0.5),
        ("floors", "2", 2),
        ("protected", "true", True),
        ("protected", "FALSE", False),
        ("approval_date", "2020-02-02", date(2020, 2, 2)),
        ("surveyed_at", "2021-03-02T16:30:00+08:00", datetime(2021, 3, 2, 8, 30, tzinfo=UTC)),
        ("name", "甲", "甲"),
        ("valid_from", "2024-06-01", date(2024, 6, 1)),
        ("id", "f3", "f3"),
    ],
)
def test_property_filters_take_texts_by_the_attributes_type(sample_store: SqlStore, name, text, typed) -> None:
    expected = len(sample.expected("parcels", Criteria(equals=((name, typed),))))
    assert expected > 0
    for value in (text, typed):
        assert sample_store.count("parcels", Criteria(equals=((name, value),))) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("area", "wide"),
        ("area", "nan"),
        ("area", "1e999"),
        ("floors", "1.5"),
        ("floors", 2**64),
        ("protected", "yes"),
        ("approval_date", "2020-13-01"),
        ("approval_date", "yesterday"),
        ("surveyed_at", "noon"),
        ("name", "a\0b"),
        ("name", "\ud800"),
        ("nothing", "x"),
        ("geom", "x"),
        ("tx_from", "1"),
    ],
)
def test_property_filters_of_the_wrong_type_are_refused(sample_store: SqlStore, name: str, value: object) -> None:
    with pytest.raises(ParameterError) as refusal:
        sample_store.page("parcels", Criteria(equals=((name, value),)))
    assert refusal.value.parameter == name
    assert refusal.value.remedy


@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(limit=0),
        Criteria(limit=-1),
        Criteria(offset=-1),
        Criteria(offset=100_001),
        Criteria(sort=(SortKey("nothing"),)),
        Criteria(sort=(SortKey("json"),)),
        Criteria(sort=tuple(SortKey("area") for _ in range(9))),
        Criteria(properties=("nothing",)),
        Criteria(crs="http://www.opengis.net/def/crs/EPSG/0/4610"),
    ],
)
def test_criteria_that_cannot_be_met_are_refused(sample_store: SqlStore, criteria: Criteria) -> None:
    with pytest.raises(ParameterError):
        sample_store.page("parcels", criteria)


def test_a_layer_that_the_scope_does_not_see_is_refused(sample_store: SqlStore) -> None:
    scoped = Criteria(scope=PUBLIC)
    assert sample_store.page("parcels", scoped).features
    for ask in (sample_store.page, sample_store.count, lambda *asked: list(sample_store.batches(*asked))):
        with pytest.raises(AccessError):
            ask("stations", scoped)
    with pytest.raises(AccessError):
        sample_store.item("stations", "f1", scoped)


def test_an_unknown_layer_is_not_found(sample_store: SqlStore) -> None:
    for ask in (sample_store.state, lambda layer: sample_store.page(layer, Criteria())):
        with pytest.raises(NotFoundError):
            ask("nothing")


@pytest.mark.postgis
def test_a_small_box_is_tested_exactly_only_until_the_page_is_full(postgis_server: str) -> None:
    with postgis.database(postgis_server) as url:
        database = sample.make(url)
        reader = Reader(database)
        criteria = Criteria(limit=3, box=Box(114, 29.9, 114.5, 30.1))
        state = reader.page("parcels", criteria).state
        shape, values = bind(question(database, LAYERS[0], criteria, Purpose.PAGE), state)
        plan = reader.plans.of(shape)
        with reader.plans.connection() as connection:
            explained = replace(plan, sql=f"EXPLAIN (ANALYZE, FORMAT JSON) {plan.sql}")
            nodes = _nodes(reader.plans.execute(connection, explained, values).fetchone()[0][0]["Plan"])
        tested = [one["Actual Loops"] for one in nodes if "st_intersects" in one.get("Filter", "")]
        assert tested == [4]  # of some thirty candidates: the page, and the one that tells of a next
        database.close()


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for one in plan.get("Plans", ()):
        yield from _nodes(one)


def test_the_page_brings_the_state_of_the_same_moment(sample_store: SqlStore) -> None:
    page = sample_store.page("parcels", Criteria())
    state = sample_store.state("parcels")
    assert page.state == state
    assert page.revision == state.revision == 3
    assert state.count == len(sample.expected("parcels", Criteria()))
    assert state.updated == sample.REVISIONS[-1]
    nowhere = sample_store.page("parcels", Criteria(valid=ValidTime(date(1949, 1, 1), date(1949, 1, 1))))
    assert (list(nowhere.features), nowhere.cursor, nowhere.revision) == ([], None, 3)


@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(),
        Criteria(box=Box(114.03, 29.9, 114.2, 30.02)),
        Criteria(known=sample.REVISIONS[0]),
        Criteria(known=sample.REVISIONS[0], box=Box(114, 29, 119, 36.1)),
        Criteria(valid=ValidTime(None, None), equals=(("division_code", "130101"),)),
    ],
)
def test_batches_are_the_rows_as_columns(sample_store: SqlStore, criteria: Criteria) -> None:
    expected = sample.expected("parcels", criteria)
    batches = list(sample_store.batches("parcels", criteria, size=8))
    assert [len(one) for one in batches[:-1]] == [8] * (len(batches) - 1)
    assert np.concatenate([one.fid for one in batches]).tolist() == [one.fid for one in expected]
    rows = [row for batch in batches for row in range(len(batch))]
    owners = [batch for batch in batches for _ in range(len(batch))]
    for state, batch, row in zip(expected, owners, rows, strict=True):
        assert (batch.id[row], batch.version[row]) == (state.name, state.version)
        wkb = batch.wkb[row]
        assert (wkb is None) == (state.shape is None)
        assert wkb is None or shapely.equals_exact(shapely.from_wkb(wkb), state.shape, 1e-9)
        for name in ("name", "floors", "protected", "approval_date", "surveyed_at", "identifier", "division_code"):
            value, wanted = batch.columns[name][row], state.attributes.get(name)
            assert value == wanted and type(value) is type(wanted)
        area = state.attributes.get("area")
        assert np.isnan(batch.columns["area"][row]) if area is None else batch.columns["area"][row] == area
        assert batch.columns["valid_from"][row] == state.valid_from
        assert batch.columns["valid_to"][row] == (None if state.valid_to == END_OF_TIME else state.valid_to)


def test_batches_of_nothing_are_none(sample_store: SqlStore) -> None:
    assert list(sample_store.batches("parcels", Criteria(box=Box(0, 0, 1, 1)))) == []


def test_batches_show_one_moment_and_leave_the_connection_clean(sample_store: SqlStore) -> None:
    running = sample_store.batches("parcels", Criteria(), size=3)
    next(running)
    running.close()
    assert sample_store.page("parcels", Criteria()).features


def test_a_day_that_no_write_has_seen_is_computed_anew(store_url: str, sample_database: Database) -> None:
    """At midnight a state begins and one ends, without a write: epoch, count and boundary move, the revision not."""
    boundaries = sample_database.tables.node.boundaries
    layers = sample_database.tables.node.layers
    rows = [("2016-01-01", 5, 0), ("2024-06-03", 2, 1), ("2024-06-10", 0, 3)]
    days = [{"layer": "roads", "day": date.fromisoformat(d), "begins": b, "ends": e} for d, b, e in rows]
    with sample_database.writer.begin() as connection:
        connection.execute(boundaries.insert(), days)
        first = {"next_boundary": date(2024, 6, 3), "epoch": date(2016, 1, 1), "count": 5}
        connection.execute(layers.update().where(layers.c.layer == "roads").values(**first))
    now = [sample.NOW]
    database = connect(store_url, LAYERS, Options(clock=lambda: now[0]))
    reader = Reader(database)
    seen = []
    for days_later in (0, 1, 2, 9):
        now[0] = sample.NOW + timedelta(days=days_later)
        state = reader.state("roads")
        assert reader.page("roads", Criteria()).state == state
        seen.append((state.revision, state.epoch, state.count, state.next_boundary))
    database.close()
    assert seen == [
        (3, "2016-01-01", 5, date(2024, 6, 3)),
        (3, "2016-01-01", 5, date(2024, 6, 3)),
        (3, "2024-06-03", 6, date(2024, 6, 10)),
        (3, "2024-06-10", 3, None),
    ]


def test_today_is_the_day_in_the_nodes_time_zone(store_url: str) -> None:
    late = datetime(2024, 5, 31, 17, tzinfo=UTC)  # 01:00 on 1 June in Shanghai
    for zone, seen in (("Asia/Shanghai", True), ("Europe/London", False)):
        database = connect(store_url, LAYERS, Options(timezone=zone, clock=lambda: late))
        page = Reader(database).page("parcels", Criteria(equals=(("id", "f42"),)))  # begins on 1 June
        database.close()
        assert bool(page.features) is seen


def test_a_statement_that_takes_too_long_is_stopped(store_url: str, sample_database: Database) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    database = connect(store_url, LAYERS, Options(statement_timeout=0.2))
    with pytest.raises(UnavailableError, match="out of time"), database.read() as connection:
        connection.execute(sa.text(endless))
    assert Reader(database).state("parcels").revision == 3
    database.close()


def test_an_unreachable_database_is_unavailable() -> None:
    reader = Reader(connect("postgresql+psycopg://nobody@127.0.0.1:1/nothing", LAYERS))
    with pytest.raises(UnavailableError):
        reader.state("parcels")


@pytest.mark.postgis
def test_a_server_that_restarted_costs_one_request(postgis_server: str) -> None:
    with postgis.database(postgis_server) as url:
        reader = Reader(sample.make(url))
        held = [reader.database.reader.raw_connection() for _ in range(4)]
        pids = [one.driver_connection.info.backend_pid for one in held]
        for one in held:
            one.close()
        with reader.database.writer.begin() as connection:
            connection.execute(sa.text("SELECT pg_terminate_backend(pid) FROM unnest(:pids) AS pid"), {"pids": pids})
        with pytest.raises(UnavailableError):
            reader.page("parcels", Criteria())
        assert reader.page("parcels", Criteria()).features
        assert [fid for batch in reader.batches("parcels", Criteria()) for fid in batch.fid.tolist()]
        reader.database.close()


def test_a_stream_has_its_time_for_each_batch(store_url: str, sample_database: Database, monkeypatch) -> None:
    monkeypatch.setattr(engine, "PROGRESS_STEPS", 1)  # look at the clock at each step
    database = connect(store_url, LAYERS, Options(statement_timeout=0.3, clock=lambda: sample.NOW))
    running = Reader(database).batches("parcels", Criteria(), size=10)
    fids: list[int] = []
    for batch in running:
        sleep(0.2)
        fids += batch.fid.tolist()
    database.close()
    assert fids == [one.fid for one in sample.expected("parcels", Criteria())]


def test_a_store_without_tables_says_so(tmp_path) -> None:
    reader = Reader(connect(f"sqlite:///{tmp_path}", LAYERS))
    with pytest.raises(StoreError):
        reader.page("parcels", Criteria())


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(StoreError, match="mysql"):
        connect("mysql+pymysql://host/database", LAYERS)
    with pytest.raises(StoreError, match="colour"):
        open_store("postgresql+psycopg://host/database", LAYERS, colour="red")


def test_texts_of_features_never_change_with_the_page_they_are_on(sample_store: SqlStore) -> None:
    whole = sample_store.page("parcels", Criteria(limit=100)).features
    one_by_one, criteria = [], Criteria(limit=1)
    while True:
        page = sample_store.page("parcels", criteria)
        one_by_one += page.features
        if page.cursor is None:
            break
        criteria = replace(criteria, cursor=page.cursor)
    assert one_by_one == list(whole)
