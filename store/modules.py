"""What the embedded store needs of SQLite itself, which not every build of Python brings."""

import sqlite3

import sqlalchemy as sa

from config.errors import Fault, StoreError

NEEDED = {"rtree": "RTREE (spatial indexes)", "fts5": "FTS5 (full-text search)"}
REMEDY = (
    "install a Python 3.13 whose SQLite has both: `uv python install 3.13` brings one, as do python.org and the "
    "python3 packages of Debian, Ubuntu, Fedora and openEuler"
)


def require(connection: sa.Connection) -> None:
    """Refuse a SQLite without R*Tree or full-text search; other databases pass.

    Raises:
        StoreError: names what is missing and what to install.
    """
    if connection.dialect.name != "sqlite":
        return
    found = set(connection.exec_driver_sql("PRAGMA module_list").scalars())
    lacking = [name for module, name in NEEDED.items() if module not in found]
    if lacking:
        where = f"SQLite {sqlite3.sqlite_version}"
        faults = [Fault(where, f"is built without {name}", REMEDY) for name in lacking]
        raise StoreError("The embedded store cannot work with this Python's SQLite", *faults)
