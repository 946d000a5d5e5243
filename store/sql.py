"""The store itself: reading and writing over one database, behind `store.interface.Store`."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date

from store import changes, check, load, write
from store.criteria import Edit, LoadMode
from store.engine import Database
from store.interface import Change, Load, Written
from store.read import Reader


class SqlStore(Reader):
    """A node's store on PostGIS or SQLite. `after_write` is called when edits of this process have been committed."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.after_write: list[Callable[[], None]] = []

    def write(self, edits: Sequence[Edit], author: str) -> Sequence[Written]:
        """All edits in one transaction with their change-log entries, or none; see `Store.write`."""
        written = write.write(self.database, edits, author)
        for tell in self.after_write:
            tell()
        return written

    def load(self, layer: str, mode: LoadMode, valid_from: date, author: str) -> AbstractContextManager[Load]:
        """Begin a bulk load; see `Store.load`."""
        return load.load(self.database, layer, mode, valid_from, author)

    def changes(self, layer: str, after: int = 0, limit: int = 1000) -> Sequence[Change]:
        """The change log after a sequence number, in order."""
        return changes.changes(self.database, layer, after, limit)

    def tidy(self) -> None:
        """Sweep what interrupted bulk loads left behind, in small commits; see `Store.tidy`."""
        from store import sweep

        sweep.sweep_all(self.database)

    def check(self) -> None:
        """Refuse a store that does not fit the definitions or lacks an index.

        Raises:
            SchemaMismatchError: says what to run.
        """
        check.check(self.database)

    def close(self) -> None:
        """Release connections and files."""
        self.database.close()
