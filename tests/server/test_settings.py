"""Node configurations: what is wrong is named with file and line; the examples are right."""

from pathlib import Path

import pytest

from config import registry
from config.errors import DefinitionError
from config.layers import Sharing
from config.settings import load, parse

NODES = Path(__file__).resolve().parents[2] / "config" / "nodes"

GOOD = """\
node:
  id: tiny
  division: "130900"
  level: city
  title: { zh: 小节点, en: Tiny node }
store:
  url: sqlite:///store
collections:
  path: layers
data_dir: data
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "node.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("level", ["nation", "province", "city"])
def test_the_examples_are_right(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DUOGUI_STORE", raising=False)
    settings = load(NODES / f"{level}.yaml")
    assert settings.node.level == level
    assert settings.collections.path == NODES.parents[1] / "collections"
    assert settings.access.open == {Sharing.UNCONDITIONAL}
    known = registry.load(settings.collections.path).layers
    assert set(settings.collections.include or ()) <= set(known)


def test_paths_start_at_the_file(tmp_path: Path) -> None:
    settings = load(write(tmp_path, GOOD))
    assert settings.store.url == f"sqlite:///{tmp_path}/store"
    assert settings.collections.path == tmp_path / "layers"
    assert settings.data_dir == tmp_path / "data"
    assert settings.file == tmp_path / "node.yaml"
    assert settings.node.title["en"] == "Tiny node"


def test_the_environment_fills_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_URL", "postgresql+psycopg://me:p@host/db")
    monkeypatch.delenv("DATA", raising=False)
    text = GOOD.replace("sqlite:///store", "${STORE_URL}").replace("data_dir: data", "data_dir: ${DATA:-elsewhere}")
    settings = load(write(tmp_path, text))
    assert settings.store.url == "postgresql+psycopg://me:p@host/db"
    assert settings.data_dir == tmp_path / "elsewhere"
    with pytest.raises(DefinitionError, match="needs the environment") as refused:
        load(write(tmp_path, GOOD.replace("data_dir: data", "data_dir: ${DATA}")))
    assert "DATA" in refused.value.faults[0].what


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("  level: city\n", "  level: village\n", 4, "nation"),
        ('  division: "130900"\n', '  division: "13"\n', 3, "pattern"),
        ("title: { zh: 小节点, en: Tiny node }", "title: { zh: 小节点 }", 5, "zh and en"),
        ("  path: layers\n", "  path: layers\n  paht: x\n", 10, "not permitted"),
        ("data_dir: data\n", "data_dir: data\nserver: { public_url: ftp://x }\n", 11, "http"),
        ("data_dir: data\n", "data_dir: data\nserver:\n  limits: { page: 0 }\n", 12, "greater than"),
        ("data_dir: data\n", "data_dir: data\nserver:\n  trusted_proxies: [localhost]\n", 12, "network"),
        ("data_dir: data\n", "data_dir: data\naccess:\n  open: [everything]\n", 12, "unconditional"),
        ("  level: city\n", "  level: city\n  timezone: Mars/Base\n", 5, "time zone"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, word: str) -> None:
    assert old in GOOD
    with pytest.raises(DefinitionError) as refused:
        load(write(tmp_path, GOOD.replace(old, new)))
    fault = refused.value.faults[0]
    assert fault.where == f"{tmp_path}/node.yaml:{line}"
    assert word in fault.what


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [\n", "\tx: 1"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DefinitionError):
        load(write(tmp_path, text))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="cannot be read"):
        load(tmp_path / "nothing.yaml")


def test_settings_are_frozen(tmp_path: Path) -> None:
    settings = load(write(tmp_path, GOOD))
    with pytest.raises(ValueError, match="frozen"):
        settings.server.port = 1  # type: ignore[misc]


def test_an_incomplete_mapping_is_refused() -> None:
    with pytest.raises(DefinitionError) as refused:
        parse({"node": {}})
    assert len(refused.value.faults) >= 5
