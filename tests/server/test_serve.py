"""`duogui serve` as a process: it starts, answers, reloads what fits, keeps what does not, and stops."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import registry
from store.engine import connect
from store.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("plan-permanent-basic-farmland", "plan-land-use")

CONFIGURATION = """
node:
  id: served
  division: "130900"
  level: city
  title: {{ zh: 服务中的节点, en: {title} }}
store: {{ url: "sqlite:///store" }}
collections: {{ path: {collections}, include: [{include}] }}
access: {{ open: [unconditional, conditional, withheld] }}
data_dir: data
"""


class Served:
    """A node's process and how to ask it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "node.yaml"
        self.log = folder / "log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.write()
        known = registry.load(ROOT / "collections").layers
        database = connect(f"sqlite:///{folder}/store", {id: known[id] for id in LAYERS})
        migrate(database, lambda _: None)
        database.close()

    def write(self, title: str = "Served node", include: str = LAYERS[0]) -> None:
        text = CONFIGURATION.format(title=title, collections=ROOT / "collections", include=include)
        self.file.write_text(text, "utf-8")

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "server.cli.main",
            "serve",
            "--config",
            str(self.file),
            "--port",
            str(self.port),
        ]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def get(self, path: str) -> tuple[int, bytes]:
        speaking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            speaking.request("GET", path)
            answer = speaking.getresponse()
            return answer.status, answer.read()
        finally:
            speaking.close()

    def title(self) -> str:
        return str(json.loads(self.get("/?lang=en")[1])["title"])

    def until(self, wanted: str) -> None:
        """Wait until the log holds a text."""
        for _ in range(200):
            if wanted in self.log.read_text():
                return
            time.sleep(0.05)
        raise AssertionError(f"no '{wanted}' in {self.log.read_text()}")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("served"))
    made.start()
    made.until("Ctrl-C stops")
    yield made
    if made.process.poll() is None:
        made.process.kill()
    made.process.wait()


def test_it_answers(served: Served) -> None:
    assert served.title() == "Served node"
    assert served.get(f"/collections/{LAYERS[0]}/items")[0] == 200
    assert served.get("/readyz")[0] == 200
    assert served.get("/collections/nothing")[0] == 404


def test_raw_nonsense_does_not_stop_it(served: Served) -> None:
    for line in (b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x00\xff\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", served.port), timeout=5) as raw:
            raw.sendall(line)
            assert b" 400 " in raw.recv(200)
    assert served.get("/livez")[0] == 200


def test_reload_swaps_what_fits_and_keeps_what_does_not(served: Served) -> None:
    served.write("Renamed node", ", ".join(LAYERS))
    served.process.send_signal(signal.SIGHUP)
    served.until('"message":"reloaded"')
    assert served.title() == "Renamed node"
    assert served.get(f"/collections/{LAYERS[1]}/items")[0] == 200
    served.write("Broken node", "no-such-layer")
    served.process.send_signal(signal.SIGHUP)
    served.until("no layer 'no-such-layer'")
    assert served.title() == "Renamed node"


def test_a_taken_port_is_said(served: Served) -> None:
    command = [
        sys.executable,
        "-m",
        "server.cli.main",
        "serve",
        "--config",
        str(served.file),
        "--port",
        str(served.port),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_ctrl_c_stops_it_cleanly(served: Served) -> None:
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(20) in (0, 130)
    assert "Traceback" not in served.log.read_text()
    with pytest.raises(OSError):
        served.get("/livez")


def test_info_tells_what_a_node_holds(served: Served) -> None:
    served.write()
    command = [sys.executable, "-m", "server.cli.main", "info", "--config", str(served.file), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True, env=os.environ)
    told = json.loads(done.stdout)
    assert told["node"] == "served"
    assert [one["id"] for one in told["layers"]] == [LAYERS[0]]
    assert told["layers"][0]["count"] == 0
