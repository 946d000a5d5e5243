"""The job table: `jobs.sqlite` in the folder of an embedded store, or tables in the node's PostgreSQL database.

Every change of status is one statement that names the status it expects, so that a job has exactly one terminal state;
the results of a job are written in the same transaction as its success.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from config.errors import SchemaMismatchError
from config.layers import Sharing
from processes.contract import Value
from processes.jobs.model import Failure, Job, KeyInUseError, NoSuchJobError, Status
from store.engine import guard

JOBS_FILE = "jobs.sqlite"
SCHEMA_VERSION = 1
_BUSY_TIMEOUT = 10
_SCHEMA_LOCK = 7042001

_METADATA = sa.MetaData()
_VERSION = sa.Table("job_schema", _METADATA, sa.Column("version", sa.Integer, primary_key=True))
_JOBS = sa.Table(
    "job",
    _METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("synchronous", sa.Boolean, nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("updated", sa.Float, nullable=False),
    sa.Column("started", sa.Float),
    sa.Column("finished", sa.Float),
    sa.Column("progress", sa.Integer, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("principal", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("classes", sa.Text, nullable=False),
    sa.Column("inputs", sa.Text, nullable=False),
    sa.Column("outputs", sa.Text, nullable=False),
    sa.Column("document", sa.Boolean, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("seen", sa.Float, nullable=False),
    sa.Column("failure_kind", sa.Text),
    sa.Column("failure", sa.Text),
    sa.Column("key", sa.Text),
    sa.UniqueConstraint("principal", "key", name="job_key"),
    sa.Index("job_by_time", "created", "id"),
    sa.Index("job_by_status", "status", "owner"),
)
_RESULTS = sa.Table(
    "job_result",
    _METADATA,
    sa.Column("job", sa.String(36), sa.ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("output", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("media", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
_ACTIVE = (Status.ACCEPTED, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Query:
    """Which jobs to list (Processes Part 1, `/req/job-list`); None does not restrict, nor do no statuses.
    Durations are in seconds."""

    processes: tuple[str, ...] | None = None
    statuses: tuple[Status, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    shortest: float | None = None
    longest: float | None = None
    limit: int = 100
    offset: int = 0


class JobTable:
    """Reads and writes jobs; `owner` names the server process whose children run them."""

    def __init__(self, url: str, owner: str) -> None:
        self.owner = owner
        self._reader, self._writer = _engines(url)
        with self._write() as connection:
            if not url.startswith("sqlite"):  # two servers that start at once
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            _METADATA.create_all(connection)
            version = connection.execute(sa.select(_VERSION.c.version)).scalar()
            if version is None:
                connection.execute(sa.insert(_VERSION).values(version=SCHEMA_VERSION))
            elif version != SCHEMA_VERSION:
                raise SchemaMismatchError(f"The job table has schema {version}, this program wants {SCHEMA_VERSION}")

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        with guard(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        with guard(), self._writer.begin() as connection:
            yield connection

    def insert(self, job: Job, key: str | None = None) -> Job:
        """Write a new job durably; one with a known key is not written: the earlier job is given back.

        Raises:
            KeyInUseError: the key stands for another process or other inputs.
        """
        row = _row(job) | {"owner": self.owner, "seen": _now(), "key": key}
        with self._write() as connection:
            earlier = None if key is None else self._by_key(connection, job.principal, key)
            if earlier is None:
                connection.execute(sa.insert(_JOBS).values(row))
                return job
        if (earlier.process, earlier.inputs) != (job.process, job.inputs):
            raise KeyInUseError("The Idempotency-Key was used for another request; draw a new one")
        return earlier

    def get(self, id: str) -> Job:
        """A job.

        Raises:
            NoSuchJobError: no such job.
        """
        row = None
        if id.isascii() and id.isprintable():  # PostgreSQL refuses a text with a NUL
            with self._read() as connection:
                row = connection.execute(sa.select(_JOBS).where(_JOBS.c.id == id)).mappings().one_or_none()
        if row is None:
            raise NoSuchJobError(f"There is no job '{id[:80]}'")
        return _job(dict(row))

    def find(self, query: Query, classes: frozenset[Sharing]) -> tuple[Sequence[Job], int]:
        """Jobs that run on their own (not the synchronous ones) and could read `classes` at most, newest first, and
        how many there are in all. Dismissed ones only where asked for."""
        duration = _JOBS.c.finished - _JOBS.c.started
        readable = _JOBS.c.classes.in_([_classes(one) for one in _subsets(classes)])
        where: list[sa.ColumnElement[bool]] = [_JOBS.c.synchronous.is_(False), readable]
        if query.processes is not None:
            where.append(_JOBS.c.process.in_(query.processes))
        where.append(_JOBS.c.status.in_(query.statuses) if query.statuses else _JOBS.c.status != Status.DISMISSED)
        if query.after:
            where.append(_JOBS.c.created >= query.after.timestamp())
        if query.before:
            where.append(_JOBS.c.created <= query.before.timestamp())
        if query.shortest is not None:
            where.append(duration >= query.shortest)
        if query.longest is not None:
            where.append(duration <= query.longest)
        page = (
            sa.select(_JOBS)
            .where(*where)
            .order_by(_JOBS.c.created.desc(), _JOBS.c.id.desc())
            .limit(query.limit)
            .offset(query.offset)
        )
        with self._read() as connection:
            rows = connection.execute(page).mappings().all()
            matched = connection.execute(sa.select(sa.func.count()).select_from(_JOBS).where(*where)).scalar_one()
        return [_job(dict(row)) for row in rows], int(matched)

    def start(self, id: str) -> bool:
        """accepted -> running; False where the job was dismissed meanwhile."""
        now = _now()
        return self._move(id, (Status.ACCEPTED,), status=Status.RUNNING, started=now, updated=now)

    def report(self, id: str, progress: int, message: str) -> bool:
        """Progress of a running job; False where it runs no more."""
        return self._move(id, (Status.RUNNING,), progress=progress, message=message, updated=_now())

    def succeed(self, id: str, results: Mapping[str, Value]) -> bool:
        """running -> successful, with the results, in one transaction; False where the job was dismissed meanwhile."""
        rows = [
            {"job": id, "output": name, "position": place, "media": value.media, "body": value.body}
            for place, (name, value) in enumerate(results.items())
        ]
        with self._write() as connection:
            end = _ended(Status.SUCCESSFUL) | {"progress": 100, "message": ""}
            moved = connection.execute(_move(id, (Status.RUNNING,)).values(end)).rowcount == 1
            if moved and rows:
                connection.execute(sa.insert(_RESULTS), rows)
        return moved

    def fail(self, id: str, failure: Failure) -> bool:
        """accepted or running -> failed; False where the job has ended already."""
        said = {"failure_kind": failure.kind, "failure": failure.message, "message": failure.message}
        return self._move(id, _ACTIVE, **_ended(Status.FAILED), **said)

    def dismiss(self, id: str) -> bool:
        """accepted or running -> dismissed; False where the job has ended already."""
        return self._move(id, _ACTIVE, **_ended(Status.DISMISSED), message="dismissed")

    def forget(self, id: str) -> None:
        """Remove the results of a job that has ended and mark it dismissed."""
        with self._write() as connection:
            connection.execute(sa.delete(_RESULTS).where(_RESULTS.c.job == id))
            gone = {"status": Status.DISMISSED, "updated": _now(), "message": "dismissed"}
            connection.execute(sa.update(_JOBS).where(_JOBS.c.id == id).values(gone))

    def results(self, id: str) -> dict[str, Value]:
        """The results of a successful job, in the order of its outputs."""
        wanted = sa.select(_RESULTS).where(_RESULTS.c.job == id).order_by(_RESULTS.c.position)
        with self._read() as connection:
            return {row.output: Value(row.media, bytes(row.body)) for row in connection.execute(wanted)}

    def active(self) -> Sequence[tuple[str, str, datetime]]:
        """Id, owner and last sign of life of every job that has not ended."""
        wanted = sa.select(_JOBS.c.id, _JOBS.c.owner, _JOBS.c.seen).where(_JOBS.c.status.in_(_ACTIVE))
        with self._read() as connection:
            return [(row.id, row.owner, _time(row.seen)) for row in connection.execute(wanted)]

    def sign_of_life(self) -> None:
        """Say that this server still cares for its jobs."""
        mine = sa.update(_JOBS).where(_JOBS.c.owner == self.owner, _JOBS.c.status.in_(_ACTIVE))
        with self._write() as connection:
            connection.execute(mine.values(seen=_now()))

    def close(self) -> None:
        """Release the connections."""
        self._reader.dispose()
        self._writer.dispose()

    def _by_key(self, connection: sa.Connection, principal: str, key: str) -> Job | None:
        if connection.dialect.name == "postgresql":  # two requests with one key at once
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(principal + key))))
        wanted = sa.select(_JOBS).where(_JOBS.c.principal == principal, _JOBS.c.key == key)
        row = connection.execute(wanted).mappings().one_or_none()
        return None if row is None else _job(dict(row))

    def _move(self, id: str, expected: tuple[Status, ...], **values: Any) -> bool:
        with self._write() as connection:
            return connection.execute(_move(id, expected).values(values)).rowcount == 1


def _move(id: str, expected: tuple[Status, ...]) -> sa.Update:
    return sa.update(_JOBS).where(_JOBS.c.id == id, _JOBS.c.status.in_(expected))


def _ended(status: Status) -> dict[str, Any]:
    now = _now()
    return {"status": status, "finished": now, "updated": now}


def _now() -> float:
    return datetime.now(UTC).timestamp()


def _engines(url: str) -> tuple[sa.Engine, sa.Engine]:
    """A reader in autocommit and a writer whose transactions own the right to write from their first moment."""
    if not url.startswith("sqlite:///"):
        engine = sa.create_engine(url, pool_pre_ping=True, pool_size=4)
        return engine.execution_options(isolation_level="AUTOCOMMIT"), engine
    folder = Path(url.removeprefix("sqlite:///"))
    folder.mkdir(parents=True, exist_ok=True)
    options = {"timeout": _BUSY_TIMEOUT, "isolation_level": None}
    reader, writer = (sa.create_engine(f"sqlite:///{folder / JOBS_FILE}", connect_args=options) for _ in range(2))
    for engine in (reader, writer):
        sa.event.listen(engine, "connect", _pragmas)
    sa.event.listen(writer, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return reader, writer


def _pragmas(connection: Any, record: Any) -> None:  # noqa: ARG001
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _subsets(classes: frozenset[Sharing]) -> list[frozenset[Sharing]]:
    found = [frozenset[Sharing]()]
    for one in sorted(classes):
        found += [known | {one} for known in found]
    return found


def _classes(classes: frozenset[Sharing]) -> str:
    return " ".join(sorted(classes))


def _row(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "process": job.process,
        "synchronous": job.synchronous,
        "status": job.status,
        "created": job.created.timestamp(),
        "updated": job.updated.timestamp(),
        "progress": job.progress,
        "message": job.message,
        "principal": job.principal,
        "request_id": job.request_id,
        "classes": _classes(job.classes),
        "inputs": json.dumps(job.inputs, ensure_ascii=False, sort_keys=True),
        "outputs": json.dumps(job.outputs),
        "document": job.document,
    }


def _job(row: Mapping[str, Any]) -> Job:
    failure = Failure(row["failure_kind"], row["failure"]) if row["failure_kind"] else None
    return Job(
        id=row["id"],
        process=row["process"],
        synchronous=bool(row["synchronous"]),
        status=Status(row["status"]),
        created=_time(row["created"]),
        updated=_time(row["updated"]),
        principal=row["principal"],
        request_id=row["request_id"],
        classes=frozenset(Sharing(one) for one in row["classes"].split()),
        inputs=json.loads(row["inputs"]),
        outputs=tuple(json.loads(row["outputs"])),
        document=bool(row["document"]),
        progress=row["progress"],
        message=row["message"],
        started=None if row["started"] is None else _time(row["started"]),
        finished=None if row["finished"] is None else _time(row["finished"]),
        failure=failure,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
