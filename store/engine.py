"""Connections to a node's database, as measured best for each store, and what reader and writer share.

`sqlite:///DIR` is a folder that holds `node.sqlite` (and `jobs.sqlite`, which is not opened here);
`postgresql+psycopg://...` a database with PostGIS.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from config.errors import StoreError, UnavailableError
from config.layers import Layer
from store.filters import scalar
from store.tables import Tables, build

NODE_FILE = "node.sqlite"
BUSY_TIMEOUT = 10.0
BUSY_STEP = 0.004
STATEMENT_TIMEOUT = 30.0
PROGRESS_STEPS = 50_000  # virtual machine steps between looks at the clock: about 1 ms


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Database:
    """One node's database: shared by the reader and the writer.

    `reader` is in autocommit: each statement sees the newest commit. `planner` is the same where PostgreSQL plans each
    statement for its very values. `writer` opens transactions that own the right to
    write from their first moment on SQLite (BEGIN IMMEDIATE), and commits durably. `staging` is the same with
    commits that a power cut may lose, for rows that nobody has been promised yet. On PostGIS both are one engine.
    """

    url: sa.URL
    tables: Tables
    layers: Mapping[str, Layer]
    timezone: ZoneInfo
    reader: sa.Engine
    planner: sa.Engine
    writer: sa.Engine
    staging: sa.Engine
    clock: Callable[[], datetime] = field(default=_now)

    @property
    def sqlite(self) -> bool:
        return self.reader.dialect.name == "sqlite"

    @property
    def directory(self) -> Path | None:
        """The folder of an embedded store; None for PostGIS."""
        return Path(str(self.url.database)).parent if self.sqlite else None

    def now(self) -> datetime:
        """The present instant, UTC."""
        return self.clock()

    def today(self) -> date:
        """The present day in the node's time zone: what validity is compared with."""
        return self.clock().astimezone(self.timezone).date()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for one or several reads, each of which sees the newest commit.

        Raises:
            UnavailableError: busy, not reachable, or the statement ran out of time.
        """
        with self.guard(), self.reader.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """A connection whose reads all see one moment. Keep it short on SQLite: the log grows meanwhile."""
        with self.guard(), self.reader.connect() as connection:
            begin = "BEGIN" if self.sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            connection.exec_driver_sql(begin)
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def guard(self) -> AbstractContextManager[None]:
        """`guard` for reads that use the driver's own cursor."""
        return guard(self.reader.dialect.loaded_dbapi.Error)

    def close(self) -> None:
        for engine in {id(one): one for one in (self.reader, self.planner, self.writer, self.staging)}.values():
            engine.dispose()


@contextmanager
def guard(driver: type[Exception] = DBAPIError) -> Iterator[None]:
    """The one place where the drivers' errors become ours.

    Raises:
        UnavailableError: busy, not reachable, or the statement ran out of time.
        StoreError: any other refusal.
    """
    try:
        yield
    except DBAPIError as error:
        raise _translated(error.orig or error) from error
    except driver as error:
        raise _translated(error) from error
    except sa.exc.TimeoutError as error:
        raise UnavailableError("All connections to the database are in use; try again later") from error


def _translated(error: BaseException) -> StoreError:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    state = getattr(error, "sqlstate", None)
    if state == "57014" or "interrupted" in text:
        return UnavailableError("The statement ran out of time; ask for less at once (a smaller page, box or filter)")
    if "locked" in text or "busy" in text:
        return UnavailableError("The store is busy with another writer; try again later")
    # 08 connection, 40 serialisation and deadlock, 53 resources, 55P03 lock not available, 57P shutting down
    if state is None and isinstance(error, sqlite3.Error):
        return StoreError(f"The embedded store refuses: {text}")
    if state is None or state.startswith(("08", "40", "53", "57P")) or state == "55P03":
        return UnavailableError(f"The database cannot answer now: {text}")
    return StoreError(f"The database refuses: {text}")


@dataclass(frozen=True, slots=True)
class Options:
    """How a store is opened.

    timezone: the node's, by IANA name: days of validity are days there.
    pool_size: connections kept open; as many again are opened for a peak.
    statement_timeout: seconds after which a read is stopped.
    clock: the present instant, UTC (tests set it).
    """

    timezone: str = "Asia/Shanghai"
    pool_size: int = 8
    statement_timeout: float = STATEMENT_TIMEOUT
    clock: Callable[[], datetime] = _now


def connect(url: str, layers: Iterable[Layer] | Mapping[str, Layer], options: Options = Options()) -> Database:
    """Engines and tables; opens no connection yet. An embedded store's folder is made if it is missing.

    Args:
        url: `sqlite:///DIR` or `postgresql+psycopg://user@host/database`.
        layers: definitions; those whose rows the store does not hold are left out.
        options: time zone, pool and limits.

    Raises:
        StoreError: the URL names another kind of database.
    """
    parsed = sa.make_url(url)
    chosen = [one for one in (layers.values() if isinstance(layers, Mapping) else layers) if one.stored]
    if parsed.get_backend_name() == "sqlite":
        folder = Path(str(parsed.database))
        folder.mkdir(parents=True, exist_ok=True)
        parsed = parsed.set(database=str(folder / NODE_FILE))
        reader = _sqlite(parsed, "NORMAL", options.pool_size, options.statement_timeout)
        planner = reader
        writer, staging = _sqlite(parsed, "FULL", 2, None), _sqlite(parsed, "NORMAL", 2, None)
    elif parsed.drivername == "postgresql+psycopg":
        reader = _postgresql(parsed, options.pool_size, options.statement_timeout, autocommit=True)
        planner = _postgresql(parsed, options.pool_size, options.statement_timeout, autocommit=True, anew=True)
        writer = staging = _postgresql(parsed, options.pool_size, None, autocommit=False)
    else:
        raise StoreError(f"No store speaks '{parsed.drivername}': use sqlite:///DIRECTORY or postgresql+psycopg://...")
    return Database(
        url=parsed,
        tables=build(chosen, parsed.get_backend_name()),
        layers={one.id: one for one in chosen},
        timezone=ZoneInfo(options.timezone),
        reader=reader,
        planner=planner,
        writer=writer,
        staging=staging,
        clock=options.clock,
    )


def _postgresql(url: sa.URL, size: int, timeout: float | None, *, autocommit: bool, anew: bool = False) -> sa.Engine:
    settings = f"-c jit=off -c statement_timeout={int((timeout or 0) * 1000)} -c timezone=UTC"
    if autocommit:
        # Planning anew cost the hottest reads four times their execution; `Plans` says which must be.
        settings += f" -c plan_cache_mode=force_{'custom' if anew else 'generic'}_plan"
    engine = sa.create_engine(
        url,
        pool_size=size,
        max_overflow=size,
        pool_timeout=BUSY_TIMEOUT,
        pool_pre_ping=not autocommit,
        isolation_level="AUTOCOMMIT" if autocommit else "READ COMMITTED",
        skip_autocommit_rollback=True,
        connect_args={"prepare_threshold": 0, "options": settings, "application_name": "duogui", "connect_timeout": 5},
    )
    if anew:
        sa.event.listen(engine, "connect", lambda _, record: record.info.update(anew=True))
    return engine


def _sqlite(url: sa.URL, synchronous: str, size: int, timeout: float | None) -> sa.Engine:
    """Without a timeout, an engine of writers: BEGIN IMMEDIATE. With one, of readers in autocommit."""
    engine = sa.create_engine(
        url,
        poolclass=sa.QueuePool,
        pool_size=size,
        max_overflow=size,
        pool_timeout=BUSY_TIMEOUT,
        connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False, "cached_statements": 512},
        **({} if timeout is None else {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}),
    )

    def opened(connection: sqlite3.Connection, record: Any) -> None:
        # Readers' caches are small and nothing is mapped: each connection of each thread would count it anew.
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "temp_store=MEMORY",
            f"cache_size={-65536 if timeout is None else -4096}",
            "wal_autocheckpoint=2000",
        ):
            connection.execute(f"PRAGMA {pragma}")
        if timeout is not None:
            _stop_late_statements(connection, record, timeout)
            scalar.register(connection)

    sa.event.listen(engine, "connect", opened)
    if timeout is None:
        sa.event.listen(engine, "begin", _begin_immediate)
    else:
        sa.event.listen(engine, "checkout", _start_clock)
    return engine


def _begin_immediate(connection: sa.Connection) -> None:
    """Take the right to write, asking every few milliseconds: SQLite's own waiting asks ten times a second at last,
    and would not find the gaps between the commits of a bulk load for seconds."""
    driver: Any = connection.connection.driver_connection
    deadline = monotonic() + BUSY_TIMEOUT
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while monotonic() < deadline:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
                sleep(BUSY_STEP)
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # refused for good: as SQLAlchemy's error
    finally:
        driver.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT * 1000)}")


class _Clock:
    """When the statement now running on a connection must stop."""

    __slots__ = ("deadline", "timeout")

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.deadline = 0.0

    def restart(self) -> None:
        self.deadline = monotonic() + self.timeout

    def late(self) -> bool:
        return monotonic() > self.deadline


def _stop_late_statements(connection: sqlite3.Connection, record: Any, timeout: float) -> None:
    record.info["clock"] = clock = _Clock(timeout)
    clock.restart()
    connection.set_progress_handler(clock.late, PROGRESS_STEPS)


def _start_clock(_connection: sqlite3.Connection, record: Any, _proxy: Any) -> None:
    record.info["clock"].restart()


def restart_clock(connection: sa.Connection | sa.PoolProxiedConnection) -> None:
    """Give a long read through one SQLite connection its time anew, as PostgreSQL does for each statement."""
    clock = connection.info.get("clock")
    if clock is not None:
        clock.restart()
