"""An edit over HTTP beside the bare transaction that writes the same rows, on both stores, in one run.

    python -m tests.benchmarks.edits [--edits 150] [--rounds 4] [--rows 20000] [--json FILE]

The edit is a PUT with If-Match of a feature that has held for years: the state is closed, what it was until today is
entered again, the new one is added, with revision, change log and outbox, durably. The bare transaction writes these
very rows and index entries by the driver's own cursor, knows them all beforehand, and checks nothing. Both take turns.

Prints wall and CPU time (the server's and the database's) of each, the ratios, and exits 1 where the wall ratio is
missed. Wall time is mostly the disk's: run it on a quiet machine.
"""

import argparse
import http.client
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
import sqlalchemy as sa
import yaml

from tests import postgis
from tests.benchmarks import node, parcels
from tests.benchmarks.features import postmaster
from tests.benchmarks.meter import cpu_seconds

GOAL = 3.0
WARM = 20
"""Edits before each turn: a server's first ones also compile its statements."""
TOKEN = "benchmark-" * 3
ITEMS = f"/collections/{node.COLLECTION}/items"
TABLE = node.COLLECTION.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Turn:
    """Milliseconds for one edit: on the wall, of our CPU, of the database's CPU."""

    wall: float
    ours: float
    database: float

    @property
    def cpu(self) -> float:
        return self.ours + self.database


def typical(turns: list[Turn]) -> Turn:
    return Turn(*(median(getattr(one, name) for one in turns) for name in ("wall", "ours", "database")))


class Editor:
    """PUT of one feature after the other, each with the entity tag that it was read with."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._ready: list[tuple[str, bytes, dict[str, str]]] = []

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
        self._http.request(method, path, body, headers or {})
        answer = self._http.getresponse()
        content = answer.read()
        if answer.status not in (200, 204):
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:400]!r}")
        return answer, content

    def prepare(self, ids: list[str]) -> None:
        """Read the features, so that only their writing is measured."""
        for id in ids:
            answer, content = self._ask("GET", f"{ITEMS}/{id}")
            feature = json.loads(content)
            feature["properties"]["area"] = (feature["properties"]["area"] or 0) + 1
            headers = {"If-Match": answer.headers["ETag"], "Content-Type": "application/geo+json"}
            headers["Authorization"] = f"Bearer {TOKEN}"
            self._ready.append((f"{ITEMS}/{id}", json.dumps(feature).encode(), headers))

    def edit(self, count: int) -> None:
        for _ in range(count):
            path, body, headers = self._ready.pop()
            self._ask("PUT", path, body, headers)


class Bare:
    """The same rows by hand."""

    def __init__(self, url: str, ids: list[str]) -> None:
        self._sqlite = url.startswith("sqlite")
        if self._sqlite:
            path = f"{url.removeprefix('sqlite:///')}/node.sqlite"
            self._connection: Any = sqlite3.connect(path, isolation_level=None, timeout=10)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536", "wal_autocheckpoint=2000"):
                self._connection.execute(f"PRAGMA {pragma}")
        else:
            address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection = psycopg.connect(address, autocommit=True, prepare_threshold=0)
        self._columns = self._read_columns()
        self._ids = list(ids)
        marks = ",".join("?" * len(ids)) if self._sqlite else ",".join(["%s"] * len(ids))
        found = self._connection.execute(
            f"SELECT id, row_id, fid, version FROM layer_{TABLE} WHERE id IN ({marks})", ids
        ).fetchall()
        self._rows = {row[0]: row[1:] for row in found}
        self._revision, self._sequence = self._connection.execute(
            f"SELECT revision, sequence FROM node_layers WHERE layer = '{node.COLLECTION}'"
        ).fetchone()
        self._statements = list(self._make())

    def _read_columns(self) -> list[str]:
        if self._sqlite:
            rows = self._connection.execute(f"SELECT name FROM pragma_table_info('layer_{TABLE}')").fetchall()
        else:
            rows = self._connection.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER' "
                "ORDER BY ordinal_position",
                (f"layer_{TABLE}",),
            ).fetchall()
        return [row[0] for row in rows]

    def _make(self) -> Iterator[tuple[str, Callable[[dict[str, Any]], tuple[Any, ...]]]]:
        """The statements and what each binds."""
        rest = [name for name in self._columns if name != "row_id"]
        listed = ", ".join(rest)
        copied = ", ".join("?" if name in ("version", "valid_to", "tx_from") else name for name in rest)
        fresh = ", ".join("?" if name in ("version", "valid_from", "tx_from") else name for name in rest)
        closed = ", ".join("?" if name == "tx_to" else name for name in rest)
        table, past, today = f"layer_{TABLE}", f"past_{TABLE}", time.strftime("%Y-%m-%d")

        def insert(target: str, key: str, values: str) -> str:
            chosen = f"{'?, ' if key else ''}{values}"
            return f"INSERT INTO {target} ({key}{listed}) SELECT {chosen} FROM {table} WHERE row_id = ?"

        yield (
            insert(table, "row_id, ", copied),
            lambda row: (row["key"] + 1, row["version"] + 1, today, row["revision"], row["key"]),
        )
        yield (
            insert(table, "row_id, ", fresh),
            lambda row: (row["key"] + 2, row["version"] + 2, today, row["revision"], row["key"]),
        )
        yield insert(past, "", closed), lambda row: (row["revision"], row["key"])
        if self._sqlite:
            tree = f"rtree_{table}_geom"
            copy = f"INSERT INTO {tree} SELECT ?, minx, maxx, miny, maxy FROM {tree} WHERE id = ?"
            yield copy, lambda row: (row["key"] + 1, row["key"])
            yield copy, lambda row: (row["key"] + 2, row["key"])
            newest = f"(SELECT max(row_id) FROM {past}), minx, maxx, miny, maxy"
            yield f"INSERT INTO rtree_{past}_geom SELECT {newest} FROM {tree} WHERE id = ?", lambda row: (row["key"],)
            yield f"DELETE FROM {tree} WHERE id = ?", lambda row: (row["key"],)
        yield f"DELETE FROM {table} WHERE row_id = ?", lambda row: (row["key"],)
        layer, now = node.COLLECTION, time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
        yield (
            "INSERT INTO node_transactions (layer, revision, at, author) VALUES (?, ?, ?, ?)",
            lambda row: (layer, row["revision"], now, "bare"),
        )
        yield (
            "INSERT INTO node_changes (layer, sequence, revision, operation, id, fid, version, before_west, "
            "before_south, before_east, before_north, after_west, after_south, after_east, after_north, at, author) "
            "VALUES (?, ?, ?, 'replace', ?, ?, ?, 1, 1, 2, 2, 1, 1, 2, 2, ?, 'bare')",
            lambda row: (layer, row["sequence"], row["revision"], row["id"], row["fid"], row["version"] + 2, now),
        )
        yield (
            "INSERT INTO node_outbox (topic, layer, revision, payload, at) VALUES ('layer.changed', ?, ?, ?, ?)",
            lambda row: (layer, row["revision"], f'{{"sequence":{row["sequence"]}}}', now),
        )
        upsert = (
            "INSERT INTO node_boundaries (layer, day, begins, ends) VALUES (?, ?, 1, 1) ON CONFLICT (layer, day) "
            "DO UPDATE SET begins = node_boundaries.begins + 1, ends = node_boundaries.ends + 1"
        )
        yield upsert, lambda _: (layer, today)
        yield (
            "UPDATE node_layers SET revision = ?, sequence = ?, updated = ? WHERE layer = ?",
            lambda row: (row["revision"], row["sequence"], now, layer),
        )

    def edit(self, count: int) -> None:
        execute = self._connection.execute
        statements = [(text if self._sqlite else text.replace("?", "%s"), bind) for text, bind in self._statements]
        for _ in range(count):
            id = self._ids.pop()
            key, fid, version = self._rows[id]
            self._revision, self._sequence = self._revision + 1, self._sequence + 1
            row = {"id": id, "key": key, "fid": fid, "version": version}
            row |= {"revision": self._revision, "sequence": self._sequence}
            execute("BEGIN IMMEDIATE" if self._sqlite else "BEGIN")
            for text, bind in statements:
                execute(text, bind(row))
            execute("COMMIT")


def turn(work: Callable[[int], None], count: int, ours: int, database: int | None) -> Turn:
    """What `count` edits cost."""
    before = cpu_seconds(ours), cpu_seconds(database) if database else 0.0
    began = time.perf_counter()
    work(count)
    wall = time.perf_counter() - began
    after = cpu_seconds(ours), cpu_seconds(database) if database else 0.0
    return Turn(wall * 1000 / count, (after[0] - before[0]) * 1000 / count, (after[1] - before[1]) * 1000 / count)


def compare(store: str, database: int | None, data: parcels.Parcels, folder: Path, options: Any) -> tuple[Turn, Turn]:
    """Edits over HTTP and bare ones, in turns; features that are edited over HTTP are never edited by hand."""
    configuration = node.make(folder, store, data)
    settings = yaml.safe_load(configuration.read_text())
    writer = {"name": "benchmark", "token_env": "DUOGUI_BENCHMARK", "themes": ["working"]}
    settings["editing"] = {"writers": [writer]}
    configuration.write_text(yaml.safe_dump(settings, allow_unicode=True))
    count, rounds = options.edits, options.rounds
    each = count + WARM
    ids = [str(one) for one in data.columns["identifier"][: 2 * each * rounds]]
    if len(ids) < 2 * each * rounds:
        raise ValueError(f"{len(data)} rows are too few: each is edited once")
    over_http: list[Turn] = []
    by_hand: list[Turn] = []
    for number in range(rounds):
        part = ids[2 * each * number : 2 * each * (number + 1)]
        with node.serve(configuration, folder) as server:
            editor = Editor(server.port)
            editor.prepare(part[:each])
            editor.edit(WARM)
            over_http.append(turn(editor.edit, count, server.pid, database))
        bare = Bare(store, part[each:])
        bare.edit(WARM)
        by_hand.append(turn(bare.edit, count, os.getpid(), database))
    return typical(over_http), typical(by_hand)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=150, help="edits of a turn")
    parser.add_argument("--rounds", type=int, default=4, help="turns of each kind")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args(arguments)
    os.environ["DUOGUI_BENCHMARK"] = TOKEN
    data = parcels.make(options.rows)
    figures: dict[str, Any] = {}
    missed = False
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="duogui-bench-")))
        server = stack.enter_context(postgis.cluster({"fsync": "on", "synchronous_commit": "on"}))
        url = stack.enter_context(postgis.database(server))
        for who, store, database in (
            ("embedded", f"sqlite:///{folder}/embedded-store", None),
            ("PostGIS", url, postmaster(url)),
        ):
            ours, bare = compare(store, database, data, folder / who, options)
            for name, one in (("PUT with If-Match", ours), ("bare transaction", bare)):
                print(
                    f"{who:9} {name:18} {one.wall:7.2f} ms wall  {one.ours:6.2f} + {one.database:5.2f} ms CPU",
                    flush=True,
                )
            ratio, cpu = ours.wall / bare.wall, ours.cpu / bare.cpu
            missed |= ratio > GOAL
            verdict = "MISS" if ratio > GOAL else "met "
            print(f"{verdict} {who}: wall {ratio:.2f} (goal at most {GOAL}), CPU {cpu:.2f}", flush=True)
            figures[who] = {"wall": ratio, "cpu": cpu, "edit_ms": ours.wall, "bare_ms": bare.wall}
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
