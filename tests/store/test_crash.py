"""kill -9 at every write step: what was acknowledged is there, nothing is half written, the store goes on."""

import json
import os
import pwd
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from store.engine import Database
from store.migrate import migrate
from store.sweep import sweep_all
from store.verify import verify
from tests import postgis
from tests.store import victim, writable

KILLS = 200
FRESH_EVERY = 40
"""After so many kills the store is made anew, so that checking it stays quick."""


def fork(url: str, seed: int, notes: Path, last: int | None) -> int:
    """A victim, forked from this warm process. No connection may be open here meanwhile."""
    process = os.fork()
    if process == 0:
        victim.run(url, seed, notes, last)
    return process


def notes_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def transactions(database: Database) -> Counter[str]:
    table = database.tables.node.transactions
    with database.read() as connection:
        rows = connection.execute(sa.select(table.c.layer, sa.func.count().label("number")).group_by(table.c.layer))
        return Counter({row.layer: row.number for row in rows})


def rows_where(database: Database, layer: str, **values: Any) -> int:
    found = 0
    with database.read() as connection:
        for table in (database.tables[layer].current, database.tables[layer].history):
            query = sa.select(sa.func.count()).select_from(table)
            conditions = [table.c[name] == value for name, value in values.items()]
            found += connection.execute(query.where(*conditions)).scalar_one()
    return found


def check(database: Database, before: Counter[str], notes: list[dict[str, Any]]) -> None:
    """All that was acknowledged is there; what was begun last is there in every layer that it names, or in none."""
    assert verify(database) == []
    outbox, changes = database.tables.node.outbox, database.tables.node.changes
    with database.read() as connection:
        for table in (outbox, changes):
            grouped = connection.execute(sa.select(table.c.layer, sa.func.count()).group_by(table.c.layer)).all()
            sequences = connection.execute(
                sa.select(database.tables.node.layers.c.layer, database.tables.node.layers.c.sequence)
            ).all()
            assert dict(map(tuple, grouped)) == {layer: number for layer, number in sequences if number}
    expected = Counter(before)
    for note in notes:
        for layer, id, version, revision, operation in note.get("written", []):
            known = {"tx_to": revision} if operation == "delete" else {"tx_from": revision}
            assert rows_where(database, layer, id=id, version=version, **known) == 1
        expected.update({one[0] for one in note.get("written", [])})
        if "loaded" in note:
            layer, revision, count = note["loaded"]
            assert rows_where(database, layer, tx_from=revision) >= count
            expected[layer] += 1
    extra = transactions(database) - expected
    assert not expected - transactions(database)
    unfinished = notes[-1].get("begun", []) if notes else []
    assert extra in (Counter(), Counter(unfinished))


@pytest.mark.parametrize("part", range(KILLS // FRESH_EVERY))
def test_a_writer_killed_at_any_step_loses_nothing_and_leaves_nothing_half_done(
    empty_url: str, tmp_path: Path, part: int
) -> None:
    database = writable.opened(empty_url, layers=victim.LAYERS)
    migrate(database)
    acknowledged = 0
    for number in range(FRESH_EVERY):
        # All parts together kill at each of the first `KILLS` steps once.
        last = 1 + part + number * (KILLS // FRESH_EVERY)
        before = transactions(database)
        database.close()
        notes = tmp_path / f"notes-{number}"
        process = fork(empty_url, part * 1000 + number, notes, last)
        _, status = os.waitpid(process, 0)
        assert os.WIFSIGNALED(status), f"the writer ended by itself: {notes.read_text()[-500:]}"
        assert os.WTERMSIG(status) == signal.SIGKILL
        found = notes_of(notes)
        acknowledged += sum("written" in note or "loaded" in note for note in found)
        check(database, before, found)
    sweep_all(database)
    check(database, transactions(database), [])
    with database.read() as connection:
        owners = connection.execute(sa.select(database.tables.node.layers.c.load_owner)).scalars().all()
    assert set(owners) == {None}
    assert acknowledged > FRESH_EVERY
    database.close()


@pytest.mark.postgis
def test_a_database_server_that_crashes_loses_nothing_acknowledged(tmp_path: Path) -> None:
    if postgis.programs() is None:
        pytest.skip("no PostgreSQL with PostGIS is installed")
    with postgis.cluster() as url:
        database = writable.opened(url, layers=victim.LAYERS)
        migrate(database)
        for number in range(4):
            before = transactions(database)
            database.close()
            notes = tmp_path / f"notes-{number}"
            process = fork(url, number, notes, None)
            until = time.monotonic() + 20
            while not notes.exists() or notes.read_text().count("\n") < 20:
                assert time.monotonic() < until, "the writer does not get on"
                time.sleep(0.02)
            crash(url)
            _, status = os.waitpid(process, 0)
            assert os.WEXITSTATUS(status) == 7, "the writer did not see that the server was gone"
            check(database, before, notes_of(notes))
        sweep_all(database)
        assert verify(database) == []
        database.close()


def crash(url: str) -> None:
    """Stop the server without a shutdown, and start it again: it recovers from its log."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        data = connection.exec_driver_sql("SHOW data_directory").scalar_one()
    engine.dispose()
    program = postgis.programs()
    assert program is not None
    account = pwd.getpwuid(Path(data).stat().st_uid).pw_name if os.geteuid() == 0 else None
    command = [str(program / "pg_ctl"), "-D", data, "-w", "-m", "immediate", "restart"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=account, cwd="/")
