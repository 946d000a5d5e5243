"""The change log, the outbox and the counters: dense, ordered, in the transaction of what they tell of."""

import threading
from datetime import date

import orjson
import pytest
import sqlalchemy as sa

from config.errors import NotFoundError
from store import boundaries
from store.boundaries import Tally
from store.changes import changes
from store.criteria import END_OF_TIME, Box, Edit, Operation
from store.engine import Database
from store.sql import SqlStore
from tests.store.writable import PARCELS, TODAY, Clock, create, delete, edit, opened, replace, state_row, update


def test_each_edit_is_one_entry_with_both_boxes(empty_database: Database) -> None:
    edit(empty_database, create("A", 110.0), create("B", 112.0))
    edit(empty_database, replace("A", 115.0), update("B"))
    edit(empty_database, delete("B"))
    found = SqlStore(empty_database).changes(PARCELS)
    told = [(one.sequence, one.revision, one.operation.value, one.id, one.version) for one in found]
    assert told == [
        (1, 1, "create", "A", 1),
        (2, 1, "create", "B", 1),
        (3, 2, "replace", "A", 2),
        (4, 3, "delete", "B", 1),
    ]
    assert (found[0].before, found[0].after) == (None, Box(110.0, 30.0, 110.5, 30.5))
    assert (found[2].before, found[2].after) == (Box(110.0, 30.0, 110.5, 30.5), Box(115.0, 30.0, 115.5, 30.5))
    assert (found[3].before, found[3].after) == (Box(112.0, 30.0, 112.5, 30.5), None)
    assert {one.author for one in found} == {"tester"}
    assert [one.sequence for one in changes(empty_database, PARCELS, after=1, limit=2)] == [2, 3]
    with pytest.raises(NotFoundError):
        changes(empty_database, "nowhere")


def test_each_entry_has_its_event_in_the_outbox(empty_database: Database) -> None:
    edit(empty_database, create("A"), Edit("permits", Operation.CREATE, "P"))
    with pytest.raises(NotFoundError):
        edit(empty_database, create("B"), update("missing"))
    table = empty_database.tables.node.outbox
    with empty_database.read() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.sequence)).all()
    assert [(row.topic, row.layer, row.revision, row.delivered_at) for row in rows] == [
        ("layer.changed", PARCELS, 1, None),
        ("layer.changed", "permits", 1, None),
    ]
    expected = {"layer": PARCELS, "sequence": 1, "operation": "create", "id": "A"}
    assert orjson.loads(rows[0].payload) == expected


def test_time_never_runs_backwards_in_the_log(empty_database: Database, clock: Clock) -> None:
    edit(empty_database, create("A"))
    clock.forward(hours=-3)
    edit(empty_database, create("B"))
    first, second = changes(empty_database, PARCELS)
    assert second.at >= first.at


def test_sequences_are_dense_under_many_writers(empty_database: Database, empty_url: str) -> None:
    """Several connections write several layers in opposite orders."""

    def write(number: int) -> None:
        database = opened(empty_url)
        for turn in range(6):
            pair = [create(f"{number}-{turn}"), Edit("permits", Operation.CREATE, f"{number}-{turn}")]
            edit(database, *(pair if (number + turn) % 2 else pair[::-1]))
        database.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    for layer in (PARCELS, "permits"):
        found = changes(empty_database, layer)
        assert [one.sequence for one in found] == list(range(1, 19))
        assert [one.revision for one in found] == list(range(1, 19))
        assert len({one.fid for one in found}) == 18
        assert state_row(empty_database, layer).count == 18


def test_boundaries_count_what_begins_and_ends(empty_database: Database) -> None:
    table, days = empty_database.tables.node.boundaries, [date(2020, 1, 1), date(2022, 1, 1), date(2030, 1, 1)]
    tally = Tally()
    tally.add(days[0], days[2], 3)
    tally.add(days[1], END_OF_TIME)
    with empty_database.writer.begin() as connection:
        boundaries.apply(connection, table, "permits", tally)
        stands = boundaries.standing(connection, table, "permits", TODAY)
        assert (stands.count, stands.epoch, stands.next_boundary) == (4, days[1], days[2])
        assert (stands.valid_from, stands.valid_to) == (days[0], None)
        back = Tally()
        back.add(days[1], END_OF_TIME, -1)
        boundaries.apply(connection, table, "permits", back)
        stands = boundaries.standing(connection, table, "permits", TODAY)
        assert (stands.count, stands.epoch, stands.valid_to) == (3, days[0], days[2])
        assert boundaries.standing(connection, table, "permits", days[2]).count == 0
        connection.rollback()
