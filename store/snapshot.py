"""The files of an embedded store for `store.backup`: copied by SQLite's online backup, while others write."""

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from config.errors import StoreError, UnavailableError
from store.engine import NODE_FILE

FILES = (NODE_FILE, "jobs.sqlite")
COMPANIONS = ("-wal", "-shm", "-journal")


def _folder(url: sa.URL) -> Path:
    return Path(str(url.database))


def occupied(url: sa.URL) -> bool:
    """Whether a store's file lies there."""
    return any((_folder(url) / name).exists() for name in FILES)


def copy(url: sa.URL, target: Path) -> list[str]:
    """Copy what there is of the store's files; each is one moment's and needs no companion files.

    Raises:
        StoreError: no store there, or the copy is not sound.
    """
    folder = _folder(url)
    if not (folder / NODE_FILE).is_file():
        raise StoreError(f"There is no store in {folder}")
    names = [name for name in FILES if (folder / name).is_file()]
    for name in names:
        with closing(_opened(folder / name, "ro")) as source, closing(sqlite3.connect(target / name)) as copied:
            # One step: a copy in several would begin anew whenever somebody writes.
            source.backup(copied, pages=-1)
            copied.execute("PRAGMA journal_mode=DELETE")
            found = [row[0] for row in copied.execute("PRAGMA integrity_check(5)")]
        if found != ["ok"]:
            raise StoreError(f"{folder / name} is damaged: {'; '.join(found)}")
    return names


def state(url: sa.URL, folder: Path | None) -> tuple[int, dict[str, int]]:
    """Schema version and revisions of the copy in `folder`, or of the store itself."""
    with closing(_opened((folder or _folder(url)) / NODE_FILE, "ro")) as connection:
        try:
            version = connection.execute("SELECT max(version) FROM node_schema").fetchone()[0]
            return int(version or 0), dict(connection.execute("SELECT layer, revision FROM node_layers"))
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{folder or _folder(url)} holds no store: {error}") from error


def put(url: sa.URL, source: Path, names: Sequence[str]) -> None:
    """Put the files into the store's folder: each whole, by renaming; the node's own last.

    Raises:
        UnavailableError: the store that is to be replaced is in use.
    """
    folder = _folder(url)
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        if (folder / name).exists():
            _refuse_in_use(folder / name)
    for name in names:
        shutil.copyfile(source / name, folder / f"{name}.restoring")
        with (folder / f"{name}.restoring").open("rb+") as file:
            os.fsync(file.fileno())
    for name in reversed(FILES):
        for companion in COMPANIONS:
            (folder / f"{name}{companion}").unlink(missing_ok=True)
        if name in names:
            (folder / f"{name}.restoring").replace(folder / name)
        else:
            (folder / name).unlink(missing_ok=True)


def _refuse_in_use(path: Path) -> None:
    """Nobody else may have the file open: SQLite leaves its log only while somebody has."""
    try:
        with closing(_opened(path, "rw")) as connection:
            connection.execute("PRAGMA busy_timeout=500")
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise UnavailableError(f"{path} is in use: stop the node first") from error
    except sqlite3.DatabaseError:
        return  # damaged: that is why it is replaced


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=10)
