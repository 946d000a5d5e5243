"""Finished tiles on disk: one SQLite file that all server processes of a machine share.

A tile is written with its marks, and read back only where they still hold, so that nothing need be deleted when a
feature changes; what is stale is overwritten when it is asked for again. (diskcache, the library for this, has had no
release since 2023 and unpickles what it finds in its folder.)
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import Any

import orjson

from store.criteria import Box
from tiles.board import Mark
from tiles.cache import Kept

FILE = "tiles.sqlite"
_LOG = logging.getLogger("duogui.tiles")
_VERSION = 1
_PAUSE = 0.5
"""Seconds for which written tiles are gathered into one transaction."""
_SPARE = 0.9
"""The share of its bytes that a full cache keeps."""

_TABLE = """CREATE TABLE IF NOT EXISTS tiles (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, marks BLOB NOT NULL, place BLOB NOT NULL, whole INTEGER NOT NULL,
    etag TEXT NOT NULL, data BLOB NOT NULL, br BLOB, gzip BLOB, size INTEGER NOT NULL)"""


class Disk:
    """The file in a folder. Reading is safe in any thread; a thread of its own writes."""

    def __init__(self, folder: Path, most: int) -> None:
        self._most = most
        self._local = Lock()
        self._free: list[sqlite3.Connection] = []
        self._queue: SimpleQueue[tuple[str, Kept] | None] = SimpleQueue()
        self._idle = Event()
        self._idle.set()
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE
        try:
            self._prepare()
        except sqlite3.DatabaseError as err:
            _LOG.warning("the tile cache %s is damaged and made anew: %s", self._path, err)
            for path in folder.glob(f"{FILE}*"):
                path.unlink()
            self._free.clear()
            self._prepare()
        self._thread = Thread(target=self._write, name="tiles-disk", daemon=True)
        self._thread.start()

    def _prepare(self) -> None:
        with self._connection() as connection:
            if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                connection.executescript(f"DROP TABLE IF EXISTS tiles; PRAGMA user_version = {_VERSION};")
            connection.execute(_TABLE)

    def get(self, name: str) -> Kept | None:
        """The tile of a name, with the marks under which it was written."""
        query = "SELECT marks, place, whole, etag, data, br, gzip FROM tiles WHERE name = ?"
        try:
            with self._connection() as connection:
                row = connection.execute(query, (name,)).fetchone()
        except sqlite3.Error as err:
            _LOG.warning("the tile cache cannot be read: %s", err)
            return None
        if row is None:
            return None
        marks, place, whole, etag, data, *coded = row
        codings = {name: body for name, body in zip(("br", "gzip"), coded, strict=True) if body is not None}
        return Kept(data, _marks(marks), Box(*orjson.loads(place)), -1, bool(whole), etag, codings)

    def put(self, name: str, kept: Kept) -> None:
        """Write a tile soon."""
        self._idle.clear()
        self._queue.put((name, kept))

    def flush(self) -> None:
        """Wait until all is written that was put."""
        self._idle.wait(10)

    def close(self) -> None:
        """Write what is waiting, and let the file go."""
        self._queue.put(None)
        self._thread.join(10)
        for connection in self._free:
            connection.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._local:
            connection = self._free.pop() if self._free else None
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
            # A cache: what a power cut takes is made again.
            connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA mmap_size=268435456;")
        yield connection
        with self._local:
            self._free.append(connection)

    def _write(self) -> None:
        ending = False
        while not ending:
            first = self._queue.get()
            Event().wait(_PAUSE if first else 0)
            waiting: dict[str, Kept] = {}
            ending = self._gather(first, waiting)
            try:
                if waiting:
                    with self._connection() as connection:
                        self._store(connection, waiting)
            except sqlite3.Error as err:
                _LOG.warning("%d tiles are not kept on disk: %s", len(waiting), err)
            if self._queue.empty():
                self._idle.set()

    def _gather(self, first: tuple[str, Kept] | None, into: dict[str, Kept]) -> bool:
        """All that waits, the last of each name; whether the end was asked for."""
        task = first
        while task is not None:
            into[task[0]] = task[1]
            try:
                task = self._queue.get_nowait()
            except Empty:
                return False
        return True

    def _store(self, connection: sqlite3.Connection, waiting: dict[str, Kept]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(
                "INSERT OR REPLACE INTO tiles (name, marks, place, whole, etag, data, br, gzip, size) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_row(name, kept) for name, kept in waiting.items()],
            )
            self._make_room(connection)
        finally:
            connection.execute("COMMIT")

    def _make_room(self, connection: sqlite3.Connection) -> None:
        """Forget the tiles written longest ago when there are too many bytes."""
        pages, size = (connection.execute(f"PRAGMA {one}").fetchone()[0] for one in ("page_count", "page_size"))
        free = connection.execute("PRAGMA freelist_count").fetchone()[0]
        if (pages - free) * size <= self._most:
            return
        over = (pages - free) * size - int(self._most * _SPARE)
        ids = connection.execute("SELECT id, size FROM tiles ORDER BY id")
        last = None
        for id, bytes in ids:
            last, over = id, over - bytes
            if over <= 0:
                break
        if last is not None:
            connection.execute("DELETE FROM tiles WHERE id <= ?", (last,))


def _row(name: str, kept: Kept) -> tuple[Any, ...]:
    marks = [[one.layer, one.generation, one.sequence, one.stamp, one.day] for one in kept.marks]
    box = kept.box
    coded = [kept.codings.get(one) for one in ("br", "gzip")]
    place = orjson.dumps([box.west, box.south, box.east, box.north])
    return (name, orjson.dumps(marks), place, kept.whole, kept.etag, kept.data, *coded, kept.size)


def _marks(text: bytes) -> tuple[Mark, ...]:
    return tuple(
        Mark(layer, generation, sequence, stamp, None if day is None else date.fromisoformat(day))
        for layer, generation, sequence, stamp, day in orjson.loads(text)
    )
