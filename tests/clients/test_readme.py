"""The README's requests are run, each as it stands there, against the demo."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def commands() -> list[str]:
    """The shell commands under 'The first six requests'."""
    section = (
        (ROOT / "README.md").read_text(encoding="utf8").partition("## The first six requests")[2].partition("\n## ")[0]
    )
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    return [one for one in re.split(r"\n(?=\S)", blocks.replace("\\\n", "")) if one.strip() and not one.startswith("#")]


def test_the_readme_has_requests() -> None:
    assert len(commands()) >= 5


@pytest.mark.parametrize("command", commands(), ids=lambda one: one.split()[0])
def test_each_request_of_the_readme_works(command: str, demo: str, tmp_path: Path) -> None:
    tool = command.split()[0]
    if tool != "python3" and shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    line = command.replace("http://localhost:8080", demo).replace("curl ", "curl --silent --show-error --fail ")
    line = re.sub(r"^python3\b", sys.executable, line)
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    if tool == "curl":
        answer = json.loads(done.stdout)
        assert answer.get("features") or answer.get("outputs") or answer.get("pieces"), done.stdout[:500]
