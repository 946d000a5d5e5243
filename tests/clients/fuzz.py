"""Schemathesis against a throw-away demo node: every operation of the server's own OpenAPI document.

    python -m tests.clients.fuzz [--examples 20] [schemathesis options...]

Checked: no server error, and status, type, headers and body of each answer as the document says. Exit status 0: so it
is. Schemathesis runs in an environment of its own, under `build/`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.peers import ROOT, environment, free_port, running


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=20)
    options, rest = parser.parse_known_args()
    program = environment("schemathesis").parent / "schemathesis"
    with tempfile.TemporaryDirectory(prefix="duogui-fuzz-") as folder:
        port = free_port()
        command = [
            sys.executable,
            "-P",
            "-m",
            "server.cli.main",
            "demo",
            "--data",
            f"{folder}/demo",
            "--port",
            str(port),
        ]
        env = dict(os.environ, PYTHONPATH=str(ROOT))
        with running(command, port, "/collections", env, Path(folder) / "server.log", seconds=180):
            base = f"http://127.0.0.1:{port}"
            fuzz = [str(program), "run", f"{base}/api?f=json", "--url", base, "--max-examples", str(options.examples)]
            # The standard clips a limit above its maximum, and a date is refused by its meaning: neither is a fault.
            # Allow leaves out POST of items where that only queries: clients take it for leave to add features.
            fuzz += ["--exclude-checks", "negative_data_rejection,positive_data_acceptance,allow_header_conformance"]
            settings = ["--workers", "2", "--seed", "1", "--continue-on-failure", "--no-color", *rest]
            return subprocess.run([*fuzz, *settings], cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main())
