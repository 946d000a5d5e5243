"""A throw-away PostgreSQL with PostGIS for tests and benchmarks: found on the machine, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

URL_VARIABLE = "DUOGUI_TEST_POSTGIS"
REQUIRED_VARIABLE = "DUOGUI_REQUIRE_POSTGIS"

SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_connections": "60",
    "jit": "off",
    "listen_addresses": "127.0.0.1",
}


def programs() -> Path | None:
    """The folder of initdb and postgres whose installation has PostGIS, newest first; None where there is none."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        extension = Path("/usr/share/postgresql") / folder.parent.name / "extension/postgis.control"
        if (folder / "initdb").exists() and extension.exists():
            return folder
    config = shutil.which("pg_config")
    if not config:
        return None
    said = {
        name: subprocess.run([config, f"--{name}"], capture_output=True, text=True, check=True).stdout.strip()
        for name in ("bindir", "sharedir")
    }
    has_postgis = (Path(said["sharedir"]) / "extension/postgis.control").exists()
    return Path(said["bindir"]) if has_postgis and (Path(said["bindir"]) / "initdb").exists() else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _account() -> str | None:
    """PostgreSQL refuses to run as root: another account then, the distribution's own if it is there."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def cluster(settings: dict[str, str] | None = None) -> Iterator[str]:
    """Start a cluster; yields the SQLAlchemy URL of its `postgres` database (trust on loopback).

    Raises:
        RuntimeError: no PostgreSQL with PostGIS is installed.
    """
    bin_folder = programs()
    if bin_folder is None:
        raise RuntimeError("no PostgreSQL with PostGIS is installed")
    account, port = _account(), _free_port()
    folder = Path(tempfile.mkdtemp(prefix="duogui-pg-"))
    try:
        if account:
            shutil.chown(folder, account)
        data = folder / "data"

        def run(*command: str) -> None:
            subprocess.run(command, check=True, capture_output=True, user=account, cwd=folder)

        run(
            str(bin_folder / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        )
        options = " ".join(f"-c {name}={value}" for name, value in (SETTINGS | (settings or {})).items())
        pg_ctl = str(bin_folder / "pg_ctl")
        options += f" -p {port} -k {folder}"
        run(pg_ctl, "-D", str(data), "-w", "-t", "60", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            run(pg_ctl, "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server: str) -> Iterator[str]:
    """A fresh database with PostGIS on `server`; yields its URL, drops it afterwards."""
    name = f"duogui_test_{uuid4().hex[:12]}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    url = sa.make_url(server).set(database=name)
    try:
        with admin.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        fresh = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with fresh.connect() as connection:
            connection.execute(sa.text("CREATE EXTENSION postgis"))
        fresh.dispose()
        yield url.render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()
