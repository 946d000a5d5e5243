"""A store that is copied while it is written to, and put back."""

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.errors import ConflictError, StoreError, UnavailableError
from store import backup, dump, snapshot
from store.criteria import Criteria, LoadMode
from store.engine import Database
from store.load import load
from store.migrate import migrate
from store.sql import SqlStore
from store.verify import verify
from tests.store.writable import PARCELS, TODAY, batch, clear, create, delete, edit, opened, state_row, update

pytestmark = pytest.mark.skipif(
    shutil.which("pg_dump") is None and bool(os.environ.get("DUOGUI_TEST_POSTGIS")), reason="pg_dump is not installed"
)


@pytest.fixture
def filled(empty_url: str) -> Database:
    database = opened(empty_url)
    migrate(database)
    with load(database, PARCELS, LoadMode.APPEND, TODAY, "loader") as pending:
        pending.append(batch(f"L{n}" for n in range(500)))
        pending.publish()
    edit(database, create("A"), create("B"))
    edit(database, update("A", {"name": "新"}), delete("B"))
    return database


def emptied(url: str) -> None:
    """Take the store away."""
    if url.startswith("sqlite"):
        shutil.rmtree(url.removeprefix("sqlite:///"))
    else:
        clear(url)


def test_what_was_backed_up_is_restored(filled: Database, empty_url: str, tmp_path: Path) -> None:
    target = tmp_path / "backups" / "first"
    text = SqlStore(filled).item(PARCELS, "A", Criteria()).text
    revision = state_row(filled).revision
    made = backup.backup(empty_url, target)
    assert made.revisions[PARCELS] == revision
    assert sorted(path.name for path in target.iterdir()) == sorted(
        ["manifest.json", *(one.name for one in made.files)]
    )
    edit(filled, create("later"))
    filled.close()
    emptied(empty_url)
    assert backup.restore(target, empty_url) == made
    again = opened(empty_url)
    assert verify(again) == []
    assert state_row(again).revision == revision
    assert SqlStore(again).item(PARCELS, "A", Criteria()).text == text
    assert SqlStore(again).count(PARCELS, Criteria()) == 501
    edit(again, create("later"))
    assert verify(again) == []
    again.close()


def test_a_store_is_replaced_only_when_told(filled: Database, empty_url: str, tmp_path: Path) -> None:
    backup.backup(empty_url, tmp_path / "copy")
    edit(filled, create("later"))
    filled.close()
    with pytest.raises(ConflictError, match="--replace"):
        backup.restore(tmp_path / "copy", empty_url)
    backup.restore(tmp_path / "copy", empty_url, replace=True)
    again = opened(empty_url)
    assert SqlStore(again).count(PARCELS, Criteria()) == 501
    assert verify(again) == []
    again.close()


def test_a_store_can_be_backed_up_while_it_is_written_to(filled: Database, empty_url: str, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            edit(filled, update("A", {"floors": number}), create(None, properties={}))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backup.backup(empty_url, tmp_path / f"copy{n}") for n in range(2)]
    finally:
        stop.set()
        writer.join()
    filled.close()
    assert made[0].revisions[PARCELS] <= made[1].revisions[PARCELS]
    emptied(empty_url)
    backup.restore(tmp_path / "copy1", empty_url)
    again = opened(empty_url)
    assert state_row(again).revision == made[1].revisions[PARCELS]
    assert verify(again) == []
    again.close()


def test_an_interrupted_backup_leaves_nothing(
    filled: Database, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    for module in (snapshot, dump):
        monkeypatch.setattr(module, "state", interrupted)
    with pytest.raises(KeyboardInterrupt):
        backup.backup(empty_url, tmp_path / "backups" / "half")
    assert list((tmp_path / "backups").iterdir()) == []
    filled.close()


def test_a_damaged_backup_is_refused(filled: Database, empty_url: str, tmp_path: Path) -> None:
    made = backup.backup(empty_url, tmp_path / "copy")
    filled.close()
    with pytest.raises(ConflictError, match="exists already"):
        backup.backup(empty_url, tmp_path / "copy")
    path = tmp_path / "copy" / made.files[0].name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        backup.restore(tmp_path / "copy", empty_url, replace=True)
    (tmp_path / "copy" / backup.MANIFEST).write_text("[]")
    with pytest.raises(StoreError, match="not a backup"):
        backup.verify(tmp_path / "copy")


def test_an_embedded_store_in_use_is_not_replaced(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store'}"
    database = opened(url)
    migrate(database)
    with closing(sqlite3.connect(tmp_path / "store" / "jobs.sqlite")) as jobs:
        jobs.execute("CREATE TABLE job (id)")
        jobs.execute("INSERT INTO job VALUES (7)")
        jobs.commit()
    backup.backup(url, tmp_path / "copy")
    with database.writer.begin(), pytest.raises(UnavailableError, match="in use"):
        backup.restore(tmp_path / "copy", url, replace=True)
    database.close()
    (tmp_path / "store" / "jobs.sqlite").unlink()
    backup.restore(tmp_path / "copy", url, replace=True)
    with closing(sqlite3.connect(tmp_path / "store" / "jobs.sqlite")) as jobs:
        assert jobs.execute("SELECT id FROM job").fetchall() == [(7,)]
    with pytest.raises(StoreError, match="no store in"):
        backup.backup(f"sqlite:///{tmp_path / 'nowhere'}", tmp_path / "other")


def test_the_password_is_not_among_the_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def run(command: list[str], env: dict[str, str], **_: object) -> object:
        seen.update(command=command, env=env)
        raise OSError

    monkeypatch.setattr(dump.subprocess, "run", run)
    monkeypatch.setattr(dump.shutil, "which", lambda program: program)
    url = sa.make_url("postgresql+psycopg://me:se%40cret@db.example:5433/node")
    with pytest.raises(OSError):
        dump.copy(url, Path("target"))
    assert "se@cret" not in " ".join(seen["command"])
    assert seen["env"]["PGPASSWORD"] == "se@cret"
    assert (seen["env"]["PGHOST"], seen["env"]["PGPORT"], seen["env"]["PGDATABASE"]) == ("db.example", "5433", "node")
