"""Kept tiles end exactly when something that they show has changed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely

from store.criteria import Box, Edit, LoadMode, Operation
from store.sql import SqlStore
from tests.tiles import data
from tiles.board import Board
from tiles.cache import Cache, Kept
from tiles.disk import FILE, Disk

HERE = Box(116.80, 38.30, 116.81, 38.31)
THERE = Box(116.90, 38.40, 116.91, 38.41)
FAR = Box(117.90, 39.40, 117.91, 39.41)


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def clocked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[SqlStore, data.Clock]]:
    url = f"sqlite:///{tmp_path}" if request.param == "sqlite" else _fresh(request)
    clock = data.Clock()
    with data.opened(url, clock) as store:
        data.load(store, "parcels", data.polygons(9))
        yield store, clock


def _fresh(request: pytest.FixtureRequest) -> str:
    from tests import postgis

    made = postgis.database(request.getfixturevalue("postgis_server"))
    url = made.__enter__()
    request.addfinalizer(lambda: made.__exit__(None, None, None))
    return url


@pytest.fixture
def store(clocked: tuple[SqlStore, data.Clock]) -> SqlStore:
    return clocked[0]


@pytest.fixture
def board(store: SqlStore) -> Board:
    made = Board(store.database, store.plans)
    made.refresh()
    return made


def square(box: Box, **more: Any) -> Edit:
    shape = shapely.box(box.west, box.south, box.east, box.north)
    properties = {"identifier": more.get("id", "new"), "name": "新"}
    given: dict[str, Any] = {"id": "new", "properties": properties} | more
    return Edit("parcels", given.pop("operation", Operation.CREATE), geometry=shapely.to_wkb(shape), **given)


def test_old_and_new_geometry(store: SqlStore, board: Board):
    marks = board.marks(["parcels"], timeless=False)
    store.write([square(THERE)], "tester")
    assert board.renewed(marks, THERE) is not None, "not looked yet"
    board.refresh()
    assert board.renewed(marks, THERE) is None
    renewed = board.renewed(marks, FAR)
    assert renewed is not None
    assert renewed[0].sequence == marks[0].sequence + 1
    later = board.marks(["parcels"], timeless=False)
    store.write([square(FAR, operation=Operation.REPLACE)], "tester")
    board.refresh()
    assert board.renewed(later, THERE) is None
    assert board.renewed(later, FAR) is None
    assert board.renewed(later, HERE) is not None


def test_another_layer(store: SqlStore, board: Board):
    marks = board.marks(["roads"], timeless=False)
    store.write([square(THERE)], "tester")
    board.refresh()
    assert board.renewed(marks, THERE) is not None


def test_a_load_ends_every_tile(store: SqlStore, board: Board):
    marks = board.marks(["parcels"], timeless=True)
    with store.load("parcels", LoadMode.UPSERT, date(2017, 1, 1), "tester") as load:
        load.append(data.batch(data.polygons(9)[4:5]))
        load.publish()
    board.refresh()
    assert board.renewed(marks, FAR) is None


def test_midnight(clocked: tuple[SqlStore, data.Clock], board: Board):
    store, clock = clocked
    store.write([square(THERE, valid_from=date(2024, 6, 3))], "tester")
    board.refresh()
    today, given = board.marks(["parcels"], timeless=False), board.marks(["parcels"], timeless=True)
    clock.forward(days=1)
    board.refresh()
    assert board.renewed(today, HERE) is not None, "nothing begins on the second"
    clock.forward(days=1)
    board.refresh()
    assert board.renewed(today, HERE) is None
    assert board.renewed(given, HERE) is not None, "a map of a given day does not change at midnight"
    fresh = Board(store.database, store.plans)
    fresh.refresh()
    assert fresh.renewed(today, HERE) is None
    assert fresh.renewed(board.marks(["parcels"], timeless=False), HERE) is not None


def test_an_edit_of_today_leaves_the_others(clocked: tuple[SqlStore, data.Clock], board: Board):
    store, clock = clocked
    marks = board.marks(["parcels"], timeless=False)
    clock.forward(days=3)
    board.refresh()
    store.write([square(THERE)], "tester")
    board.refresh()
    assert board.renewed(marks, HERE) is not None
    assert board.renewed(marks, THERE) is None


def test_a_long_absence(store: SqlStore, board: Board, monkeypatch: pytest.MonkeyPatch):
    marks = board.marks(["parcels"], timeless=True)
    for number in range(4):
        store.write([square(THERE, id=f"n{number}")], "tester")
    fresh = Board(store.database, store.plans)
    fresh.refresh()
    assert fresh.renewed(marks, HERE) is None, "the log is not known so far back"
    assert fresh.reach_back(marks)
    assert fresh.renewed(marks, HERE) is not None
    assert fresh.renewed(marks, THERE) is None
    other = replace(marks[0], stamp="2020-01-01T00:00:00Z")
    assert not fresh.reach_back([other]), "another store's log"
    monkeypatch.setattr("tiles.board.MOST", 2)
    board.refresh()
    assert board.renewed(marks, HERE) is None, "too much has changed to be remembered"


def test_the_cost_of_an_edit_does_not_grow(store: SqlStore, board: Board):
    """An edit touches no kept tile: what is done for it is one refresh, whatever is kept."""
    cache = Cache(board, 10**9)
    marks = board.marks(["parcels"], timeless=True)
    for number in range(1000):
        cache.put(number, Kept(b"x", marks, HERE if number % 2 else FAR))
    store.write([square(HERE)], "tester")
    board.refresh()
    assert len(cache) == 1000
    assert cache.get(1) is None
    assert cache.get(2) is not None
    assert len(cache) == 999


def test_memory_is_bounded(board: Board):
    cache = Cache(board, 10_000)
    marks = board.marks(["parcels"], timeless=True)
    for number in range(20):
        cache.put(number, Kept(b"x" * 1000, marks, FAR))
    assert len(cache) <= 7
    assert cache.get(19) is not None
    assert cache.get(0) is None
    cache.put("large", Kept(b"x" * 50_000, marks, FAR))
    assert cache.get("large") is not None
    assert len(cache) == 1


def test_disk(board: Board, tmp_path: Path):
    marks = board.marks(["parcels", "roads"], timeless=False) + board.marks(["wells"], timeless=True)
    kept = Kept(b"tile", marks, HERE, whole=False)
    kept.codings["br"] = b"short"
    disk = Disk(tmp_path / "cache", 10**6)
    disk.put("a", kept)
    disk.put("b", Kept(b"", marks, FAR))
    disk.close()
    again = Disk(tmp_path / "cache", 10**6)
    assert again.get("a") == kept
    assert again.get("b") == Kept(b"", marks, FAR)
    assert again.get("c") is None
    again.close()


def test_disk_is_bounded(board: Board, tmp_path: Path):
    disk = Disk(tmp_path, 400_000)
    marks = board.marks(["parcels"], timeless=True)
    for round in range(4):
        for number in range(50):
            disk.put(f"{round} {number}", Kept(bytes(4000), marks, FAR))
        disk.flush()
    there = [disk.get(f"{round} {number}") is not None for round in range(4) for number in range(50)]
    assert not any(there[:50])
    assert all(there[-50:])
    disk.close()


def test_a_damaged_file_is_made_anew(board: Board, tmp_path: Path):
    (tmp_path / FILE).write_bytes(b"no database " * 1000)
    disk = Disk(tmp_path, 10**6)
    disk.put("a", Kept(b"x", (), FAR))
    disk.flush()
    assert disk.get("a") is not None
    disk.close()
