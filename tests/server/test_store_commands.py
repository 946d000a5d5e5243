"""`duogui migrate`, `backup` and `restore` on a small node."""

import json
from pathlib import Path

import pytest

from server.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
NODE = """
node: {{id: small, division: "130900", level: city, title: {{zh: 小, en: Small}}}}
store: {{url: "sqlite:///{folder}/store"}}
collections: {{path: "{collections}", include: [plan-land-use, plan-permanent-basic-farmland]}}
data_dir: "{folder}/data"
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "node.yaml"
    path.write_text(NODE.format(folder=tmp_path, collections=ROOT / "collections"), encoding="utf-8")
    return str(path)


def test_migrate_says_what_it_would_do_and_then_does_it(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--config", config, "--dry-run", "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert planned["dry_run"] and len(planned["steps"]) == 2
    assert main(["info", "--config", config]) == 3
    assert "duogui migrate" in capsys.readouterr().err
    assert main(["migrate", "--config", config, "--lang", "en", "--verify"]) == 0
    assert "create tables for 2 layers" in capsys.readouterr().out
    assert main(["migrate", "--config", config, "--lang", "en"]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert main(["info", "--config", config]) == 0


def test_a_backup_is_made_checked_and_restored(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = str(tmp_path / "copy")
    assert main(["migrate", "--config", config]) == 0
    assert main(["backup", "--config", config, target]) == 0
    assert main(["backup", "--config", config, target]) == 2
    capsys.readouterr()
    assert main(["backup", "--check", target, "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["revisions"]) == {"plan-land-use", "plan-permanent-basic-farmland"}
    assert main(["restore", "--config", config, target]) == 2
    assert "--replace" in capsys.readouterr().err
    assert main(["restore", "--config", config, "--replace", target, "--lang", "en"]) == 0
    assert "2 layers" in capsys.readouterr().out
    (tmp_path / "copy" / "node.sqlite").write_bytes(b"")
    assert main(["backup", "--check", target]) == 3
    assert main(["backup", "--config", str(tmp_path / "none.yaml"), target]) == 2
