"""Peers from PyPI, each in an environment of its own (under `build/`), started on the benchmark's database."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
import yaml

from tests.benchmarks.meter import wait_for
from tests.benchmarks.parcels import Parcels

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "peers"
PACKAGES = {
    "schemathesis": ("schemathesis==4.32.5",),
    "tipg": ("tipg==1.6.1", "uvicorn==0.54.0", "uvloop==0.23.0", "httptools==0.9.0"),
    "pygeoapi": (
        "pygeoapi==0.24.0",
        "psycopg2-binary==2.9.12",
        "geoalchemy2==0.20.0",
        "starlette==1.10.0",
        "uvicorn==0.54.0",
        "uvloop==0.23.0",
        "httptools==0.9.0",
    ),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def uv() -> str:
    """The program that the launcher uses.

    Raises:
        RuntimeError: there is none that runs.
    """
    beside = ROOT / ".venv-uv" / "bin" / "uv"
    for program in filter(None, (shutil.which("uv"), str(beside) if beside.exists() else None)):
        if subprocess.run([program, "--version"], capture_output=True).returncode == 0:
            return program
    raise RuntimeError("uv is needed: install it, or let ./duogui do so")


def environment(name: str) -> Path:
    """The peer's own interpreter; its packages are installed the first time."""
    folder = BUILD / name
    if not (folder / "ready").exists():
        subprocess.run([uv(), "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
        env = dict(os.environ, VIRTUAL_ENV=str(folder))
        subprocess.run([uv(), "pip", "install", "--quiet", *PACKAGES[name]], env=env, check=True)
        (folder / "ready").touch()
    return folder / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    pid: int


@contextmanager
def running(
    command: list[str], port: int, first: str, env: dict[str, str], log: Path, seconds: float = 60
) -> Iterator[Server]:
    """A server process from its start until the block ends; `first` is the path that must answer in time."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=output, cwd=log.parent)
    try:
        wait_for(port, first, seconds)
        yield Server(port, process.pid)
    except RuntimeError as error:
        raise RuntimeError(f"{error}\n{log.read_text(errors='replace')[-2000:]}") from error
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def fill(url: str, parcels: Parcels) -> None:
    """The table `peer.parcels` as peers like it: a serial key, text, numbers, a GiST index."""
    engine = sa.create_engine(url)
    columns = {name: "date" if name == "approval_date" else "text" for name in parcels.columns}
    columns |= {"area": "double precision", "floor_area_ratio": "double precision"}
    names = list(parcels.columns)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA peer"))
        body = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute(
            sa.text(f"CREATE TABLE peer.parcels (gid serial PRIMARY KEY, {body}, geom geometry(Polygon, 4326))")
        )
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY peer.parcels ({', '.join(names)}, geom) FROM STDIN") as copy:  # type: ignore[attr-defined]
            values = [parcels.columns[name] for name in names]
            for number, polygon in enumerate(parcels.polygons):
                copy.write_row([*(value[number] for value in values), f"SRID=4326;{polygon.wkt}"])
        connection.execute(sa.text("CREATE INDEX ON peer.parcels USING gist (geom)"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE peer.parcels"))
    engine.dispose()


@contextmanager
def tipg(url: str, folder: Path) -> Iterator[Server]:
    port, python = free_port(), environment("tipg")
    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    env = dict(os.environ, DATABASE_URL=address, TIPG_DB_SCHEMAS='["peer"]', DB_MIN_CONN_SIZE="1", DB_MAX_CONN_SIZE="8")
    env["TIPG_MAX_FEATURES_PER_QUERY"] = "10000"
    command = [str(python), "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--no-access-log"]
    with running(command, port, "/collections/peer.parcels", env, folder / "tipg.log") as server:
        yield server


def pygeoapi_configuration(url: str, port: int) -> dict[str, object]:
    """Stock pygeoapi on the same table through its own PostgreSQL provider."""
    address = sa.make_url(url)
    provider = {
        "type": "feature",
        "name": "PostgreSQL",
        "data": {
            "host": address.host,
            "port": address.port,
            "dbname": address.database,
            "user": address.username,
            "password": "trust",
            "search_path": ["peer", "public"],
        },
        "id_field": "gid",
        "table": "parcels",
        "geom_field": "geom",
    }
    text = {"title": "parcels", "description": "parcels", "keywords": ["parcels"]}
    link = {"type": "text/html", "rel": "canonical", "title": "parcels", "href": "http://localhost/"}
    resource = {
        "type": "collection",
        **text,
        "links": [link],
        "extents": {"spatial": {"bbox": [113, 36, 120, 43], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
        "providers": [provider],
    }
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "pretty_print": False,
            "limits": {"default_items": 10, "max_items": 10000},
            "map": {"url": "http://localhost/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                **text,
                "keywords_type": "theme",
                "terms_of_service": "none",
                "url": "http://localhost/",
            },
            "license": {"name": "none", "url": "http://localhost/"},
            "provider": {"name": "benchmark", "url": "http://localhost/"},
            "contact": {"name": "benchmark", "email": "nobody@localhost"},
        },
        "resources": {"parcels": resource},
    }


@contextmanager
def pygeoapi(url: str, folder: Path) -> Iterator[Server]:
    port, python = free_port(), environment("pygeoapi")
    configuration, document = folder / "pygeoapi.yml", folder / "pygeoapi-openapi.yml"
    configuration.write_text(yaml.safe_dump(pygeoapi_configuration(url, port)))
    env = dict(os.environ, PYGEOAPI_CONFIG=str(configuration), PYGEOAPI_OPENAPI=str(document))
    program = str(python.parent / "pygeoapi")
    generated = subprocess.run(
        [program, "openapi", "generate", str(configuration), "--output-file", str(document)],
        env=env, capture_output=True, text=True,
    )  # fmt: skip
    if generated.returncode != 0:
        raise RuntimeError(f"pygeoapi's own set-up failed: {generated.stderr[-1000:]}")
    command = [str(python), "-m", "uvicorn", "pygeoapi.starlette_app:APP", "--port", str(port), "--no-access-log"]
    with running(command, port, "/collections/parcels", env, folder / "pygeoapi.log") as server:
        yield server
