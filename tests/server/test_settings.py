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
    ("old", "new", "line", "said"),
    [
        ("  level: city\n", "  level: village\n", 4, "node.level 'village' is not one of (write nation, province"),
        (
            '  division: "130900"\n',
            '  division: "13"\n',
            3,
            "'13' is not written as it should be (write 6, 9 or 12 digits",
        ),
        ('  division: "130900"\n', "  division: 130900\n", 3, "'130900' is not a text (put it in quotes"),
        (
            "  id: tiny\n",
            "  id: Tiny Town\n",
            2,
            "is not written as it should be (write small letters, digits and hyphens",
        ),
        ("title: { zh: 小节点, en: Tiny node }", "title: { zh: 小节点 }", 5, "node.title: (under zh and en"),
        ("title: { zh: 小节点, en: Tiny node }", "title: Tiny", 5, "is not in two languages (under zh and en"),
        ("  path: layers\n", "  path: layers\n  paht: x\n", 10, "collections.paht is not a setting (is path meant?"),
        ("data_dir: data\n", "data_dir: data\nthreads: 4\n", 11, "threads is not a setting (the file knows access,"),
        ("data_dir: data\n", "data_dir: data\nserver: 8080\n", 11, "server '8080' is not a group (KEY: VALUE"),
        (
            "data_dir: data\n",
            "data_dir: data\nserver: { public_url: ftp://x }\n",
            11,
            "'ftp://x' is no address (http(s)",
        ),
        ("data_dir: data\n", "data_dir: data\nserver: { root_path: maps/ }\n", 11, "'maps/' (a slash before each part"),
        ("data_dir: data\n", "data_dir: data\nserver: { port: eighty }\n", 11, "whole number (write digits only"),
        ("data_dir: data\n", "data_dir: data\nserver: { request_log: maybe }\n", 11, "true nor false (true or false"),
        ("data_dir: data\n", "data_dir: data\nserver:\n  limits: { page: 0 }\n", 12, "too small (write 1 or more"),
        ("data_dir: data\n", "data_dir: data\nserver:\n  limits: { page: 20000 }\n", 12, "too large (10000 or less"),
        ("data_dir: data\n", "data_dir: data\nserver:\n  trusted_proxies: [localhost]\n", 12, "network (10.0.0.0/8"),
        ("data_dir: data\n", "data_dir: data\nserver:\n  trusted_proxies: 10.0.0.0/8\n", 12, "a list (as [a, b]"),
        ("data_dir: data\n", "data_dir: data\naccess:\n  open: [everything]\n", 12, "access.open[0] (unconditional,"),
        ("  level: city\n", "  level: city\n  timezone: Mars/Base\n", 5, "no time zone (Asia/Shanghai"),
        ("data_dir: data\n", "", 1, "data_dir is missing (add it"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_what_would_be_right(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    """`said` is part of what is wrong and, in parentheses, part of the remedy."""
    assert old in GOOD
    with pytest.raises(DefinitionError) as refused:
        load(write(tmp_path, GOOD.replace(old, new)))
    (fault,) = refused.value.faults
    assert fault.where == f"{tmp_path}/node.yaml:{line}"
    what, remedy = said.split(" (", 1)
    assert what in fault.what and remedy in fault.remedy
    assert "Input" not in str(fault) and "->" not in str(fault)


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
