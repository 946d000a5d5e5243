"""A PostGIS store for `store.backup`: PostgreSQL's own programs, told whom to connect by their environment only."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from config.errors import StoreError
from store.engine import guard

DUMP = "node.dump"
PSQL = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
_OURS = """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relnamespace = to_regnamespace(current_schema()::text) AND c.relkind IN ('r', 'p')
    AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
"""


def occupied(url: sa.URL) -> bool:
    """Whether the database holds tables that no extension brought."""
    return bool(tables_of(url))


def copy(url: sa.URL, target: Path) -> list[str]:
    """Dump the database as of one moment.

    Raises:
        StoreError: the program is missing or refuses.
    """
    _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target / DUMP}")
    _run(url, "pg_restore", "--list", str(target / DUMP))
    return [DUMP]


def state(url: sa.URL, folder: Path | None) -> tuple[int, dict[str, int]]:
    """Schema version and revisions: of the dump in `folder`, or of the database itself."""
    if folder is not None:
        return _state_of_dump(url, folder / DUMP)
    engine = sa.create_engine(url)
    try:
        with guard(), engine.connect() as connection:
            version = connection.exec_driver_sql("SELECT max(version) FROM node_schema").scalar()
            rows = connection.exec_driver_sql("SELECT layer, revision FROM node_layers").all()
            return int(version or 0), {row.layer: row.revision for row in rows}
    finally:
        engine.dispose()


def _state_of_dump(url: sa.URL, dump: Path) -> tuple[int, dict[str, int]]:
    """The same from the dumped rows: the database may have gone on since."""
    schema = _rows(url, dump, "node_schema")
    if not schema:
        raise StoreError("The database holds no store: run `duogui migrate` first")
    layers = _rows(url, dump, "node_layers")
    return max(int(row["version"]) for row in schema), {row["layer"]: int(row["revision"]) for row in layers}


def _rows(url: sa.URL, dump: Path, table: str) -> list[dict[str, str]]:
    """Rows of a dumped table as COPY writes them: names in its head, values parted by tabs, `\\.` at the end."""
    lines = _run(url, "pg_restore", "--data-only", f"--table={table}", "--file=-", str(dump)).splitlines()
    start = next((index for index, line in enumerate(lines) if line.startswith("COPY ")), None)
    if start is None:
        return []
    names = [name.strip().strip('"') for name in lines[start].partition("(")[2].partition(")")[0].split(",")]
    end = lines.index("\\.", start)
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines[start + 1 : end]]


def put(url: sa.URL, source: Path, names: Sequence[str]) -> None:
    """Replace what the database holds by the dump, in one transaction."""
    with TemporaryDirectory() as folder:
        emptied, script = Path(folder) / "drop.sql", Path(folder) / "restore.sql"
        quote = sa.create_engine(url).dialect.identifier_preparer.quote
        drops = [f"DROP TABLE {quote(name)} CASCADE;\n" for name in tables_of(url)]
        emptied.write_text("".join(drops), encoding="utf-8")
        options = ("--no-owner", "--no-privileges", "--no-comments")
        _run(url, "pg_restore", *options, f"--file={script}", str(source / names[0]))
        _run(url, "psql", *PSQL, f"--file={emptied}", f"--file={script}")


def tables_of(url: sa.URL) -> list[str]:
    """The tables that no extension brought."""
    engine = sa.create_engine(url)
    try:
        with guard(), engine.connect() as connection:
            return list(connection.exec_driver_sql(_OURS).scalars())
    finally:
        engine.dispose()


def _run(url: sa.URL, program: str, *arguments: str) -> str:
    """Run a program of PostgreSQL's; host, user, database and password go by its environment, not its arguments."""
    path = shutil.which(program)
    if path is None:
        raise StoreError(f"The program {program} is missing: install PostgreSQL's client programs (postgresql-client)")
    said = subprocess.run(  # noqa: S603 a program of that name, arguments of our own
        [path, *arguments], env=os.environ | _environment(url), capture_output=True, text=True, check=False
    )
    if said.returncode:
        raise StoreError(f"{program} refuses: {said.stderr.strip() or said.returncode}")
    return said.stdout


def _environment(url: sa.URL) -> dict[str, str]:
    named = {
        "PGHOST": url.host,
        "PGPORT": None if url.port is None else str(url.port),
        "PGUSER": url.username,
        "PGPASSWORD": None if url.password is None else str(url.password),
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
    }
    return {name: str(value) for name, value in named.items() if value is not None}
