"""Bulk loads: modes, days, refusals, invisibility, and other writers meanwhile; the same on both stores."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from config.errors import BodyError, ConflictError, NotFoundError, UnavailableError
from store import lease, load
from store.changes import changes
from store.criteria import END_OF_TIME, Criteria, Edit, LoadMode, Operation
from store.engine import Database
from store.interface import Batch, LoadReport
from store.migrate import migrate
from store.sql import SqlStore
from store.write import write
from tests.store.writable import (
    PARCELS,
    TODAY,
    Clock,
    batch,
    create,
    delete,
    edit,
    opened,
    past,
    state_row,
    states,
    update,
)

Y14, Y16, Y20 = date(2014, 1, 1), date(2016, 1, 1), date(2020, 1, 1)
STEP = 2**20


def loaded(database: Database, mode: LoadMode, day: date, *batches: Any) -> LoadReport:
    with load.load(database, PARCELS, mode, day, "loader") as pending:
        for one in batches:
            pending.append(one)
        return pending.publish()


def test_a_load_becomes_visible_all_at_once(empty_database: Database) -> None:
    store = SqlStore(empty_database)
    edit(empty_database, create("old"))
    with load.load(empty_database, PARCELS, LoadMode.APPEND, TODAY, "loader") as pending:
        pending.append(batch(f"A{n:03}" for n in range(300)))
        pending.append(batch(["B", None, None]))
        assert store.count(PARCELS, Criteria()) == 1
        assert len(store.page(PARCELS, Criteria(limit=1000)).features) == 1
        assert sum(map(len, store.batches(PARCELS, Criteria()))) == 1
        report = pending.publish()
    assert report == LoadReport(PARCELS, STEP, added=303, changed=0, removed=0, unchanged=0)
    assert store.count(PARCELS, Criteria()) == 304
    assert len(store.page(PARCELS, Criteria(limit=1000)).features) == 304
    entry = changes(empty_database, PARCELS, after=1)[0]
    assert (entry.sequence, entry.operation, entry.revision, entry.id, entry.before) == (
        2,
        Operation.LOAD,
        STEP,
        None,
        None,
    )
    assert entry.after is not None and entry.after.west == 110
    row = state_row(empty_database)
    assert (row.revision, row.generation, row.load_owner) == (STEP, 1, None)


def test_append_refuses_what_exists_and_publishes_nothing(empty_database: Database) -> None:
    edit(empty_database, create("A"), create("gone"))
    edit(empty_database, delete("gone"))
    with (
        pytest.raises(BodyError, match=r"(?s)A: exists already.*gone: exists already"),
        load.load(empty_database, PARCELS, LoadMode.APPEND, TODAY, "loader") as pending,
    ):
        pending.append(batch(["B"]))
        pending.append(batch(["A", "C", "gone"]))
    assert state_row(empty_database).load_owner is None
    assert SqlStore(empty_database).count(PARCELS, Criteria()) == 1
    assert states(empty_database, "B") == []


@pytest.mark.parametrize("mode", LoadMode)
def test_an_id_that_comes_twice_is_refused(empty_database: Database, mode: LoadMode) -> None:
    with pytest.raises(BodyError, match="A: comes more than once"):
        loaded(empty_database, mode, TODAY, batch(["A", "B", "A"]))
    with pytest.raises(BodyError, match="A: comes more than once"):
        loaded(empty_database, mode, TODAY, batch(["A", "B"]), batch(["A"]))
    if mode is not LoadMode.APPEND:
        edit(empty_database, create("A", 110, valid_from=Y14))
        for name in ("x", "地块A"):
            with pytest.raises(BodyError, match="A: comes more than once"):
                loaded(empty_database, mode, TODAY, batch(["A"], name=name), batch(["A"]))


def test_upsert_makes_versions_only_of_what_changed(empty_database: Database) -> None:
    loaded(empty_database, LoadMode.APPEND, Y14, batch(["A", "B", "C"], name="old"))
    again = loaded(empty_database, LoadMode.UPSERT, Y20, batch(["A", "B", "C"], name="old"))
    assert (again.revision, again.unchanged) == (STEP, 3)
    assert len(changes(empty_database, PARCELS)) == 1
    report = loaded(empty_database, LoadMode.UPSERT, Y20, batch(["A", "D"], name="new"))
    assert report == LoadReport(PARCELS, 2 * STEP, added=1, changed=1, removed=0, unchanged=0)
    assert states(empty_database, "A") == [(2, Y14, Y20, "old"), (3, Y20, END_OF_TIME, "new")]
    assert past(empty_database, "A") == [(1, STEP, 2 * STEP)]
    assert states(empty_database, "B") == [(1, Y14, END_OF_TIME, "old")]
    item = SqlStore(empty_database).item(PARCELS, "A", Criteria())
    assert item.text.endswith('"valid_from":"2020-01-01","valid_to":null}}')


def test_a_late_load_of_older_data_fills_in_the_past(empty_database: Database) -> None:
    loaded(empty_database, LoadMode.APPEND, Y14, batch(["A", "B"], name="2014"))
    loaded(empty_database, LoadMode.UPSERT, Y20, batch(["A", "C"], name="2020"))
    loaded(empty_database, LoadMode.REPLACE, Y16, batch(["A", "C"], name="2016"))
    assert [row[1:] for row in states(empty_database, "A")] == [
        (Y14, Y16, "2014"),
        (Y16, Y20, "2016"),
        (Y20, END_OF_TIME, "2020"),
    ]
    assert [row[1:] for row in states(empty_database, "C")] == [(Y16, Y20, "2016"), (Y20, END_OF_TIME, "2020")]
    assert [row[1:] for row in states(empty_database, "B")] == [(Y14, Y16, "2014")]


def test_replace_ends_what_it_does_not_name_and_may_bring_it_back(empty_database: Database) -> None:
    loaded(empty_database, LoadMode.APPEND, Y14, batch(["A", "B", "C"], name="old"))
    edit(empty_database, create("E", valid_from=date(2030, 1, 1)))
    report = loaded(empty_database, LoadMode.REPLACE, Y20, batch(["A"], name="old"), batch(["D"], name="new"))
    assert report == LoadReport(PARCELS, 2 * STEP, added=1, changed=0, removed=2, unchanged=1)
    store = SqlStore(empty_database)
    assert store.count(PARCELS, Criteria()) == 2
    assert [row[1:] for row in states(empty_database, "B")] == [(Y14, Y20, "old")]
    assert [row[1] for row in states(empty_database, "E")] == [date(2030, 1, 1)]
    entry = changes(empty_database, PARCELS, after=2)[0]
    assert entry.before is not None and entry.after is not None
    back = loaded(empty_database, LoadMode.UPSERT, TODAY, batch(["B"], name="back"))
    assert (back.added, back.changed) == (1, 0)
    assert store.item(PARCELS, "B", Criteria()).version > 1


def test_a_batch_may_say_days_of_its_own(empty_database: Database) -> None:
    days = np.array([Y14, None, "2016-01-01"], dtype=object)
    ends = np.array([Y20, None, END_OF_TIME], dtype=object)
    loaded(empty_database, LoadMode.APPEND, TODAY, batch(["A", "B", "C"], valid_from=days, valid_to=ends))
    assert states(empty_database, "A") == [(1, Y14, Y20, "x")]
    assert states(empty_database, "B") == [(1, TODAY, END_OF_TIME, "x")]
    assert states(empty_database, "C") == [(1, Y16, END_OF_TIME, "x")]
    with pytest.raises(BodyError, match="valid_to is not after valid_from: D"):
        loaded(empty_database, LoadMode.APPEND, TODAY, batch(["D"], valid_to=np.array([Y20], dtype=object)))


def test_columns_of_every_type_come_back_as_they_were(empty_database: Database) -> None:
    columns = {
        "area": np.array([1.5, np.nan]),
        "floors": np.array([3, 4]),
        "protected": np.array([True, False]),
        "approval_date": np.array(["2020-01-01", "NaT"], dtype="datetime64[D]"),
        "surveyed_at": np.array(["2020-01-01T08:00:00+08:00", None], dtype=object),
    }
    loaded(empty_database, LoadMode.APPEND, TODAY, batch(["A", "B"], **columns))
    store = SqlStore(empty_database)
    assert (
        '"area":1.5,"floors":3,"protected":true,"approval_date":"2020-01-01","surveyed_at":"2020-01-01T00:00:00Z"'
        in (store.item(PARCELS, "A", Criteria()).text)
    )
    assert '"area":null,"floors":4,"protected":false,"approval_date":null,"surveyed_at":null' in (
        store.item(PARCELS, "B", Criteria()).text
    )
    (exported,) = store.batches(PARCELS, Criteria())
    assert loaded(empty_database, LoadMode.UPSERT, TODAY, exported).unchanged == 2


def test_one_load_at_a_time(empty_database: Database) -> None:
    with pytest.raises(NotFoundError), load.load(empty_database, "nowhere", LoadMode.APPEND, TODAY, "one"):
        pass
    with load.load(empty_database, PARCELS, LoadMode.APPEND, TODAY, "one") as pending:
        with pytest.raises(UnavailableError, match="under way"):
            loaded(empty_database, LoadMode.APPEND, TODAY)
        pending.append(batch(["A"]))
        pending.publish()
        with pytest.raises(ConflictError, match="has ended"):
            pending.append(batch(["B"]))


def test_a_load_that_was_given_up_leaves_nothing(empty_database: Database) -> None:
    loaded(empty_database, LoadMode.APPEND, Y14, batch(["A", "B"], name="old"))
    before = state_row(empty_database)
    with load.load(empty_database, PARCELS, LoadMode.REPLACE, Y20, "loader") as pending:
        pending.append(batch(["A", "C"], name="new"))
    assert state_row(empty_database)._mapping == {**before._mapping, "next_fid": before.next_fid + 1}
    assert states(empty_database, "A") == [(1, Y14, END_OF_TIME, "old")]
    assert states(empty_database, "C") == []


def test_a_silent_load_loses_its_layer(empty_database: Database, clock: Clock) -> None:
    edit(empty_database, create("A"))
    with load.load(empty_database, PARCELS, LoadMode.UPSERT, TODAY, "slow") as slow:
        slow.append(batch(["A", "B"], name="slow"))
        clock.forward(seconds=lease.LEASE.total_seconds() + 1)
        edit(empty_database, update("A", {"name": "edited"}))
        assert loaded(empty_database, LoadMode.UPSERT, TODAY, batch(["B"], name="quick")).added == 1
        with pytest.raises(ConflictError, match="silent for too long"):
            slow.append(batch(["C"], name="slow"))
        with pytest.raises(ConflictError, match="silent for too long"):
            slow.publish()
    assert states(empty_database, "A")[0][3] == "edited"
    assert states(empty_database, "B")[0][3] == "quick"


def test_a_load_whose_process_died_is_swept(empty_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(empty_database, create("A"))
    pending = load.load(empty_database, PARCELS, LoadMode.UPSERT, TODAY, "dead")
    pending.__enter__().append(batch(["A", "B"], name="dead"))
    monkeypatch.setattr(lease, "_runs", lambda process: False)
    SqlStore(empty_database).tidy()
    assert state_row(empty_database).load_owner is None
    assert states(empty_database, "A")[0][3] == "地块A"
    assert states(empty_database, "B") == []
    pending.__exit__(None, None, None)


LONGEST = 1.0
"""Seconds of work in one write transaction. The house promises a second by the clock; waiting for the disk is not
measured here, where other tests run beside."""


class Watcher(threading.Thread):
    """Writes all along, and notes how long each write had to wait."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self.work = work
        self.waits: list[float] = []
        self.problems: list[str] = []
        self._stop = threading.Event()

    def run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self.work()
            except Exception as error:  # noqa: BLE001  reported by the test
                self.problems.append(repr(error))
            self.waits.append(time.monotonic() - began)
            self._stop.wait(0.01)

    def end(self) -> None:
        self._stop.set()
        self.join()


@dataclass(frozen=True, slots=True)
class Lasted:
    """One write transaction, from its begin to the end of its commit, in seconds.

    `busy` is the processor time of this thread and of PostgreSQL's process behind the connection: what the transaction
    takes on a machine that has nothing else to do, but for waiting for the disk. `wall` is what the clock says.
    """

    busy: float
    wall: float


def transactions_of(database: Database) -> list[Lasted]:
    """A list that gets every write transaction of this thread on this database."""
    lasted: list[Lasted] = []
    began: list[tuple[float, float]] = []

    def begin(connection: sa.Connection) -> None:
        began.append((busy(connection.connection.driver_connection), time.monotonic()))

    def end(driver: Any, _record: Any) -> None:
        if began:
            first, wall = began.pop()
            lasted.append(Lasted(busy(driver) - first, time.monotonic() - wall))

    for engine in {id(one): one for one in (database.writer, database.staging)}.values():
        sa.event.listen(engine, "begin", begin)
        sa.event.listen(engine, "checkin", end)
    return lasted


def busy(driver: Any) -> float:
    """Processor seconds of this thread, and of the server's process behind a connection to PostgreSQL here."""
    info = getattr(driver, "info", None)
    server = Path(f"/proc/{info.backend_pid}/schedstat") if info is not None else None
    spent = int(server.read_text().split()[0]) / 1e9 if server is not None and server.exists() else 0.0
    return time.thread_time() + spent


def grid(start: int, count: int, name: str) -> Any:
    """Small squares on a grid; one attribute."""
    number = np.arange(start, start + count)
    west, south = 100 + number % 2000 * 0.005, 20 + number // 2000 * 0.005
    ids = np.array([f"G{one:07}" for one in number.tolist()], dtype=object)
    wkb = shapely.to_wkb(shapely.box(west, south, west + 0.004, south + 0.004))
    return Batch(number, ids, number, wkb, {"name": np.full(count, name, dtype=object)})


@pytest.mark.parametrize("rows", [10_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_no_write_waits_a_second_for_a_load(empty_url: str, clock: Clock, rows: int) -> None:
    """A load, a second that replaces a part, and their sweeping; edits of the same layer and of another all along."""
    database, other = opened(empty_url, clock), opened(empty_url, clock)
    migrate(database)
    edit(database, create("mine"))
    lasted = transactions_of(database)
    number = iter(range(10**9))
    watchers = [
        Watcher(lambda: write(other, [update("mine", {"floors": next(number)})], "watcher") and None),
        Watcher(lambda: write(other, [Edit("stations", Operation.CREATE)], "watcher") and None),
    ]
    for watcher in watchers:
        watcher.start()
    try:
        loaded(database, LoadMode.APPEND, Y14, *(grid(start, 10_000, "a") for start in range(0, rows, 10_000)))
        part = rows // 10
        loaded(database, LoadMode.UPSERT, Y20, *(grid(start, 10_000, "b") for start in range(0, part, 10_000)))
    finally:
        for watcher in watchers:
            watcher.end()
    assert [watcher.problems for watcher in watchers] == [[], []]
    longest = max(lasted, key=lambda one: one.busy)
    waits = [max(watcher.waits) for watcher in watchers]
    walls = max(one.wall for one in lasted)
    print(f"{rows} rows: longest transaction {longest.busy:.3f} s of work ({walls:.2f} s by the clock)", end="")
    print(f", longest edits {waits[0]:.2f} s and {waits[1]:.2f} s by the clock")
    assert len(lasted) > rows / 10_000
    assert longest.busy < LONGEST
    assert SqlStore(database).count(PARCELS, Criteria()) == rows + 1
    other.close()
    database.close()
