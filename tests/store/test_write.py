"""Edits: versions, days, ids, refusals; the same on both stores."""

from datetime import date, datetime

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from config.errors import BodyError, ConflictError, GoneError, NotFoundError, PreconditionError, UnavailableError
from store import load
from store.criteria import END_OF_TIME, Criteria, Edit, LoadMode, Operation, ValidTime
from store.engine import Database
from store.sql import SqlStore
from tests.store.writable import (
    PARCELS,
    TODAY,
    Clock,
    batch,
    create,
    delete,
    edit,
    past,
    replace,
    square,
    state_row,
    states,
    update,
)

Y14, Y20, Y30 = date(2014, 1, 1), date(2020, 1, 1), date(2030, 1, 1)


def test_a_new_feature_is_valid_from_today_without_end(empty_database: Database) -> None:
    (made,) = edit(empty_database, create("A"))
    assert (made.id, made.fid, made.version, made.revision, made.changed) == ("A", 1, 1, 1, True)
    assert states(empty_database, "A") == [(1, TODAY, END_OF_TIME, "地块A")]
    item = SqlStore(empty_database).item(PARCELS, "A", Criteria())
    assert '"identifier":"A"' in item.text
    assert item.text.endswith('"valid_from":"2024-06-01","valid_to":null}}')
    assert item.author == "tester"


def test_an_id_comes_from_the_edit_or_its_attribute_or_is_drawn(empty_database: Database) -> None:
    made = edit(
        empty_database,
        create("A"),
        create(None, properties={"identifier": "B"}),
        create(None, properties={}),
        create(None, properties={}),
    )
    assert [one.id for one in made[:2]] == ["A", "B"]
    assert made[2].id < made[3].id
    assert made[2].id[14] == "7"
    with pytest.raises(BodyError, match="identifier: is 'D'"):
        edit(empty_database, create("C", properties={"identifier": "D"}))


def test_an_update_today_replaces_the_state_from_today_on(empty_database: Database, clock: Clock) -> None:
    edit(empty_database, create("A", valid_from=Y14))
    clock.forward(days=1)
    (done,) = edit(empty_database, update("A", {"name": "新"}))
    day = date(2024, 6, 2)
    assert states(empty_database, "A") == [(2, Y14, day, "地块A"), (3, day, END_OF_TIME, "新")]
    assert past(empty_database, "A") == [(1, 1, 2)]
    assert (done.version, done.revision) == (3, 2)


def test_an_update_keeps_what_it_does_not_name(empty_database: Database) -> None:
    edit(empty_database, create("A", properties={"name": "a", "area": 2, "approval_date": "2024-01-02"}))
    edit(empty_database, update("A", {"area": None, "surveyed_at": "2024-01-01T08:00:00+08:00"}))
    item = SqlStore(empty_database).item(PARCELS, "A", Criteria())
    assert '"name":"a","area":null' in item.text
    assert '"approval_date":"2024-01-02","surveyed_at":"2024-01-01T00:00:00Z"' in item.text
    assert '"Polygon"' in item.text


def test_an_update_can_clear_or_change_the_geometry(empty_database: Database) -> None:
    edit(empty_database, create("A"))
    edit(empty_database, update("A", geometry=None))
    assert '"geometry":null' in SqlStore(empty_database).item(PARCELS, "A", Criteria()).text
    edit(empty_database, update("A", geometry=square(112)))
    assert state_row(empty_database).west == 112


def test_a_later_state_survives_an_update_of_the_present(empty_database: Database) -> None:
    edit(empty_database, create("A", valid_from=Y14), update("A", {"name": "future"}, valid_from=Y30))
    edit(empty_database, update("A", {"name": "now"}))
    found = [(start, end, name) for _, start, end, name in states(empty_database, "A")]
    assert found == [(Y14, TODAY, "地块A"), (TODAY, Y30, "now"), (Y30, END_OF_TIME, "future")]


def test_a_state_of_given_days_splits_the_one_around_it(empty_database: Database) -> None:
    edit(empty_database, create("A", valid_from=Y14))
    edit(empty_database, replace("A", 111, valid_from=date(2016, 1, 1), valid_to=Y20))
    assert [row[1:3] for row in states(empty_database, "A")] == [
        (Y14, date(2016, 1, 1)),
        (date(2016, 1, 1), Y20),
        (Y20, END_OF_TIME),
    ]
    store = SqlStore(empty_database)
    day = ValidTime(date(2018, 1, 1), date(2018, 1, 1))
    assert '"valid_from":"2016-01-01","valid_to":"2020-01-01"' in store.item(PARCELS, "A", Criteria(valid=day)).text


def test_the_same_content_makes_no_version(empty_database: Database) -> None:
    edit(empty_database, create("A", valid_from=Y14))
    done = edit(empty_database, replace("A"), update("A"))
    assert [(one.changed, one.version, one.revision) for one in done] == [(False, 1, 1), (False, 1, 1)]
    assert state_row(empty_database).revision == 1


def test_what_was_read_can_be_put_back(empty_database: Database) -> None:
    odd = shapely.Polygon([(110.1234567891, 30), (110.3, 30.000000000049), (110.2, 30.1)])
    edit(empty_database, Edit(PARCELS, Operation.CREATE, "A", shapely.to_wkb(odd), properties={"area": 1 / 3}))
    (got,) = list(SqlStore(empty_database).batches(PARCELS, Criteria()))
    assert shapely.from_wkb(got.wkb[0]).exterior.coords[0] == (110.123456789, 30.0)
    properties = {name: column[0] for name, column in got.columns.items() if name not in ("valid_from", "valid_to")}
    (done,) = edit(empty_database, Edit(PARCELS, Operation.REPLACE, "A", got.wkb[0], properties=properties))
    assert not done.changed


def test_a_deleted_feature_is_gone_now_and_was_there_before(empty_database: Database) -> None:
    edit(empty_database, create("A", valid_from=Y14))
    edit(empty_database, delete("A"))
    store = SqlStore(empty_database)
    with pytest.raises(GoneError):
        store.item(PARCELS, "A", Criteria())
    before = ValidTime(Y20, Y20)
    assert store.item(PARCELS, "A", Criteria(valid=before)).id == "A"
    for late in (update("A"), replace("A"), delete("A"), replace("A", valid_from=Y20, valid_to=Y30)):
        with pytest.raises(GoneError):
            edit(empty_database, late)
    with pytest.raises(ConflictError, match="never used again"):
        edit(empty_database, create("A"))


def test_a_feature_deleted_on_its_first_day_leaves_only_history(empty_database: Database) -> None:
    edit(empty_database, create("A"))
    edit(empty_database, delete("A"))
    assert states(empty_database, "A") == []
    assert past(empty_database, "A") == [(1, 1, 2)]
    assert state_row(empty_database).west is None
    with pytest.raises(GoneError):
        edit(empty_database, update("A"))
    with pytest.raises(ConflictError):
        edit(empty_database, create("A"))


def test_the_past_of_a_deleted_feature_can_be_corrected(empty_database: Database) -> None:
    edit(empty_database, create("A", valid_from=Y14), delete("A", valid_from=Y20))
    edit(empty_database, update("A", {"name": "corrected"}, valid_from=date(2018, 1, 1)))
    assert [row[1:] for row in states(empty_database, "A")] == [
        (Y14, date(2018, 1, 1), "地块A"),
        (date(2018, 1, 1), Y20, "corrected"),
    ]


def test_versions_are_never_used_again(empty_database: Database) -> None:
    edit(empty_database, create("A", valid_from=Y14))
    for name in ("b", "c"):
        edit(empty_database, update("A", {"name": name}))
    edit(empty_database, update("A", {"name": "d"}, valid_from=Y14))
    used = [row[0] for row in states(empty_database, "A") + past(empty_database, "A")]
    assert len(used) == len(set(used))


def test_edits_see_earlier_edits_of_their_transaction(empty_database: Database) -> None:
    done = edit(
        empty_database,
        create("A", valid_from=Y14),
        update("A", {"name": "b"}, valid_from=Y20),
        update("A", {"name": "c"}, valid_from=Y20),
        delete("A", valid_from=Y30),
    )
    assert {one.revision for one in done} == {1}
    assert [row[1:] for row in states(empty_database, "A")] == [(Y14, Y20, "地块A"), (Y20, Y30, "c")]
    assert past(empty_database, "A") == []


def test_one_wrong_edit_undoes_all_layers(empty_database: Database) -> None:
    road = Edit("roads", Operation.CREATE, "R", shapely.to_wkb(shapely.LineString([(110, 30), (111, 31)])))
    with pytest.raises(NotFoundError):
        edit(empty_database, create("A"), road, update("missing"))
    assert state_row(empty_database).revision == state_row(empty_database, "roads").revision == 0
    done = edit(empty_database, road, create("A"))
    assert [(one.layer, one.revision) for one in done] == [("roads", 1), (PARCELS, 1)]
    (got,) = SqlStore(empty_database).batches("roads", Criteria())
    assert shapely.from_wkb(got.wkb[0]).geom_type == "MultiLineString"


def test_a_table_has_rows_without_geometry(empty_database: Database) -> None:
    edit(empty_database, Edit("permits", Operation.CREATE, "P", properties={"name": "许可"}))
    assert '"geometry":null' in SqlStore(empty_database).item("permits", "P", Criteria()).text
    with pytest.raises(BodyError, match="has none"):
        edit(empty_database, Edit("permits", Operation.CREATE, "Q", square(110)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (create("A", properties={"colour": 1}), "colour: the layer has no such attribute"),
        (create("A", properties={"area": "large"}), "'large' is not a finite number"),
        (create("A", properties={"floors": 1.5}), "not a whole number"),
        (create("A", properties={"approval_date": "31.12.2020"}), "YYYY-MM-DD"),
        (create("A", properties={"surveyed_at": datetime(2020, 1, 1)}), "no time zone"),
        (create("A", properties={"name": "a\0b"}), "NUL"),
        (create("A", valid_from=Y20, valid_to=Y14), "not after"),
        (create(""), "is not an id"),
        (create("A", 200.0), "no degrees"),
        (Edit(PARCELS, Operation.CREATE, "A", shapely.to_wkb(shapely.Point(1, 2))), "holds Polygon"),
        (Edit(PARCELS, Operation.CREATE, "A", b"no wkb"), "not WKB"),
        (Edit(PARCELS, Operation.UPDATE, None), "id: is missing"),
        (Edit(PARCELS, Operation.LOAD, "A"), "not create, replace"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(empty_database: Database, wrong: Edit, said: str) -> None:
    with pytest.raises(BodyError, match=said):
        edit(empty_database, wrong)


def test_an_expected_version_must_be_the_present_one(empty_database: Database) -> None:
    edit(empty_database, create("A", valid_from=Y14))
    edit(empty_database, update("A", {"name": "b"}, expected=frozenset({1})))
    with pytest.raises(PreconditionError, match="at version 3, not 1"):
        edit(empty_database, update("A", {"name": "c"}, expected=frozenset({1})))
    edit(empty_database, delete("A", expected=frozenset({2, 3})))


def test_count_and_epoch_follow_the_calendar(empty_database: Database, clock: Clock) -> None:
    edit(empty_database, create("A", valid_from=Y14, valid_to=date(2024, 6, 2)), create("B", valid_from=Y30))
    row = state_row(empty_database)
    assert (row.count, row.epoch, row.next_boundary, row.valid_from, row.valid_to) == (
        1,
        Y14,
        date(2024, 6, 2),
        Y14,
        None,
    )
    clock.forward(days=1)
    state = SqlStore(empty_database).state(PARCELS)
    assert (state.count, state.next_boundary, state.revision) == (0, Y30, 1)
    edit(empty_database, create("C"))
    assert state_row(empty_database).count == 1


def test_the_extent_shrinks_when_the_outermost_feature_goes(empty_database: Database) -> None:
    edit(empty_database, create("A", 110.1), create("B", 115.3))
    edit(empty_database, delete("B"))
    row = state_row(empty_database)
    assert (row.west, row.south, row.east, row.north) == (110.1, 30.0, 110.6, 30.5)


def test_features_that_a_load_is_replacing_take_no_edits(empty_database: Database, clock: Clock) -> None:
    edit(empty_database, create("A"), create("B"))
    with load.load(empty_database, PARCELS, LoadMode.UPSERT, TODAY, "loader") as pending:
        pending.append(batch(["A", "C"]))
        for touching in (update("A", {"name": "y"}), create("C")):
            with pytest.raises(UnavailableError, match="bulk load"):
                edit(empty_database, touching)
        edit(empty_database, update("B", {"name": "free"}))
        pending.publish()
    edit(empty_database, update("A", {"name": "y"}))
    assert states(empty_database, "A")[-1][3] == "y"
    assert states(empty_database, "B")[-1][3] == "free"


def test_numpy_values_are_taken_as_they_are(empty_database: Database) -> None:
    edit(empty_database, create("A", properties={"area": np.float64(2.5), "floors": np.int64(3)}))
    table = empty_database.tables[PARCELS].current
    with empty_database.read() as connection:
        assert connection.execute(sa.select(table.c.area, table.c.floors)).one() == (2.5, 3)


def test_a_state_changed_since_an_instant_is_refused(empty_database: Database, clock: Clock) -> None:
    edit(empty_database, create("A", valid_from=Y14))
    made = clock.moment
    clock.forward(seconds=5)
    edit(empty_database, update("A", {"name": "b"}, unmodified_since=made))
    with pytest.raises(PreconditionError, match="was changed at 2024-06-01T04:00:05"):
        edit(empty_database, update("A", {"name": "c"}, unmodified_since=made))
    edit(empty_database, update("A", {"name": "d"}, unmodified_since=clock.moment))


def test_an_answer_brings_the_text_of_the_state_that_holds(empty_database: Database) -> None:
    (made,) = edit(empty_database, create("A", valid_from=Y14))
    store = SqlStore(empty_database)
    assert (made.present, made.text) == (1, store.item(PARCELS, "A", Criteria()).text)
    (later,) = edit(empty_database, update("A", {"name": "x"}, valid_from=Y30))
    assert (later.version, later.present, later.text) == (3, 2, None)
    (same,) = edit(empty_database, update("A"))
    assert (same.changed, same.present) == (False, 2)
    (gone,) = edit(empty_database, delete("A"))
    assert gone.present is None
