"""The demo province, made once for all workers, and served for each."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.peers import free_port, running

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo province's data, as `duogui demo` makes it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "demo-province"
    with (shared / "fixture.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [sys.executable, "-P", "-m", "server.cli.main", "demo", "--no-serve", "--data", str(folder)]
        subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def demo(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base address of the served demo province, without a slash at its end."""
    port = free_port()
    command = [sys.executable, "-P", "-m", "server.cli.main", "demo", "--data", str(demo_folder), "--port", str(port)]
    env = dict(os.environ, PYTHONPATH=str(ROOT))
    with running(command, port, "/collections", env, tmp_path_factory.mktemp("demo") / "server.log"):
        yield f"http://127.0.0.1:{port}"
