"""A process that writes to a store until it is killed at a given step; what it was told is done, it notes in a file."""

import json
import os
import random
import signal
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from config.errors import ConflictError, NotFoundError, UnavailableError
from store import load
from store.criteria import Edit, LoadMode, Operation
from store.engine import Database
from store.write import write
from tests.store.layers import PARCELS, STATIONS
from tests.store.writable import TODAY, batch, create, delete, opened, replace, update

LAYERS = (PARCELS, STATIONS)
POOL = [f"L{number}" for number in range(10)]


class Steps:
    """Counts statements, commits and acknowledgements; kills this process, as by `kill -9`, at the given one."""

    def __init__(self, last: int | None) -> None:
        self.last = last
        self.done = 0

    def step(self, *_: Any) -> None:
        self.done += 1
        if self.done == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, database: Database) -> None:
        for engine in {id(one): one for one in (database.writer, database.staging)}.values():
            sa.event.listen(engine, "before_cursor_execute", self.step)
            sa.event.listen(engine, "commit", self.step)


class Victim:
    """Random edits and loads. Every write has contents of its own, so that each layer that it names must change."""

    def __init__(self, url: str, seed: int, notes: Path, last: int | None) -> None:
        self.rng = random.Random(seed)
        self.seed = seed
        self.database = opened(url, layers=LAYERS)
        self.steps = Steps(last)
        self.steps.watch(self.database)
        self.file = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.number = 0

    def note(self, **what: Any) -> None:
        os.write(self.file, json.dumps(what).encode() + b"\n")

    def run(self) -> None:
        kinds: list[Callable[[], None]] = [self.one, self.one, self.several, self.bulk]
        while True:
            self.number += 1
            self.rng.choice(kinds)()

    def fresh(self) -> str:
        return f"N{self.seed}-{self.number}-{self.rng.randrange(10**9)}"

    def day(self) -> date:
        return TODAY + timedelta(days=self.rng.randrange(-3, 4))

    def one(self) -> None:
        id, name, x = self.rng.choice(POOL), {"name": self.fresh()}, self.rng.uniform(100, 120)
        self.edits(
            self.rng.choice(
                [
                    create(self.fresh(), x, properties=name, valid_from=self.day()),
                    update(id, name, valid_from=self.day()),
                    replace(id, x, properties=name),
                    delete(id, valid_from=self.day()),
                ]
            )
        )

    def several(self) -> None:
        other = Edit(STATIONS.id, Operation.CREATE, self.fresh(), properties={"name": self.fresh()})
        self.edits(create(self.fresh(), 110, properties={}), other, create(self.fresh(), 111, properties={}))

    def edits(self, *edits: Edit) -> None:
        self.note(begun=sorted({edit.layer for edit in edits}))
        try:
            written = write(self.database, edits, "victim")
        except (NotFoundError, ConflictError, UnavailableError):
            self.note(refused=True)
            return
        self.steps.step()
        self.note(
            written=[
                [one.layer, one.id, one.version, one.revision, edit.operation.value]
                for one, edit in zip(written, edits, strict=True)
            ]
        )

    def bulk(self) -> None:
        mode = self.rng.choice(list(LoadMode))
        ids = [self.fresh() for _ in range(6)] if mode is LoadMode.APPEND else self.rng.sample(POOL, 7)
        self.note(begun=[PARCELS.id])
        with load.load(self.database, PARCELS.id, mode, self.day(), "victim") as pending:
            for start in range(0, len(ids), 3):
                part = ids[start : start + 3]
                pending.append(batch(part, name=self.fresh(), x=self.rng.uniform(100, 120)))
            report = pending.publish()
        self.steps.step()
        self.note(loaded=[PARCELS.id, report.revision, report.added + report.changed])


def run(url: str, seed: int, notes: Path, last: int | None) -> None:
    """In a forked process; never returns."""
    status = 1
    try:
        Victim(url, seed, notes, last).run()
    except UnavailableError:
        status = 7
    finally:
        os._exit(status)
