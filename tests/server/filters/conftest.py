"""A served node with 2,000 features on each store: a process of its own, which a hostile filter may kill."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from config import registry
from store import open_store
from store.criteria import LoadMode
from store.engine import connect
from store.interface import Batch
from store.migrate import migrate
from tests.benchmarks.peers import free_port

ROOT = Path(__file__).resolve().parents[3]
LAYER = "plan-land-use"
ROWS = 2_000
CONFIGURATION = """
node:
  id: served
  division: "130900"
  level: city
  title: {{ zh: 服务中的节点, en: Served node }}
store: {{ url: "{url}" }}
collections: {{ path: {collections}, include: [{layer}] }}
access: {{ open: [unconditional, conditional, withheld] }}
data_dir: data
"""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    seconds: float


class Worker:
    """The one process of a served node. `configuration` is its file, for commands."""

    def __init__(self, configuration: Path, port: int, process: "subprocess.Popen[bytes]") -> None:
        self.configuration = configuration
        self.port = port
        self.process = process

    def ask(self, method: str, path: str, body: bytes | None = None, media: str = "") -> Answer:
        speaking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        began = time.perf_counter()
        try:
            speaking.request(method, path, body, {"Content-Type": media} if media else {})
            got = speaking.getresponse()
            return Answer(got.status, got.read(), time.perf_counter() - began)
        finally:
            speaking.close()

    def lives(self) -> bool:
        """Whether the same process still answers, a filter among the rest."""
        found = self.ask("GET", f"/collections/{LAYER}/items?limit=1&filter=land_use_code%20%3D%20%27R2%27")
        return self.process.poll() is None and found.status == 200 and b'"features":[{' in found.body


def fill(url: str) -> None:
    """Squares with texts that make a pattern try again and again."""
    layer = registry.load(ROOT / "collections").layers[LAYER]
    database = connect(url, {LAYER: layer})
    migrate(database, lambda _: None)
    database.close()
    store = open_store(url, {LAYER: layer})
    numbers = np.arange(ROWS)
    west, south = 116.0 + numbers % 50 * 0.01, 38.0 + numbers // 50 * 0.01
    squares = shapely.box(west, south, west + 0.009, south + 0.009)
    columns = {one.name: np.full(ROWS, None, dtype=object) for one in layer.attributes}
    columns["identifier"] = np.array([f"P{n:05d}" for n in numbers], dtype=object)
    columns["land_use_code"] = np.full(ROWS, "R2", dtype=object)
    columns["division_code"] = np.full(ROWS, "130902", dtype=object)
    columns["plan_name"] = np.full(ROWS, "a" * 200, dtype=object)
    columns["area"] = np.full(ROWS, 100.0)
    wkb = np.array(shapely.to_wkb(squares), dtype=object)
    batch = Batch(numbers, columns["identifier"], numbers, wkb, columns)
    with store.load(LAYER, LoadMode.APPEND, date(2016, 1, 1), "test") as load:
        load.append(batch)
        load.publish()
    store.close()


@contextmanager
def serving(folder: Path, url: str) -> Iterator[Worker]:
    fill(url)
    configuration = folder / "node.yaml"
    text = CONFIGURATION.format(url=url, collections=ROOT / "collections", layer=LAYER)
    configuration.write_text(text, encoding="utf8")
    port = free_port()
    command = [sys.executable, "-P", "-m", "server.cli.main", "serve", "--config", str(configuration), "--port"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, str(port)], cwd=ROOT, stdout=log, stderr=log)
    worker = Worker(configuration, port, process)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                if worker.ask("GET", "/livez").status == 200:
                    break
            except OSError:
                assert time.monotonic() < until, (folder / "log").read_text()
                time.sleep(0.1)
        yield worker
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="package", params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def worker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    from tests import postgis

    folder = tmp_path_factory.mktemp("worker")
    if request.param == "sqlite":
        with serving(folder, f"sqlite:///{folder}/store") as made:
            yield made
    else:
        with postgis.database(request.getfixturevalue("postgis_server")) as url, serving(folder, url) as made:
            yield made
