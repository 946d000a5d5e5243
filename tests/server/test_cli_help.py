"""What `--help` shows as examples is true: each line parses, and those that only read run on a small node."""

import argparse
import re
import shlex
from pathlib import Path

import pytest

from server.cli.main import COMMANDS, build_parser, exit_code, main
from tests.server.test_store_commands import NODE, ROOT

PLACED = ("serve", "load", "export", "info", "migrate", "backup", "restore", "pygeoapi-config")


def command(name: str) -> argparse.ArgumentParser:
    spoken = name.replace("_", "-")
    (choice,) = (one for one in build_parser(spoken)._actions if isinstance(one, argparse._SubParsersAction))
    parser: argparse.ArgumentParser = choice.choices[spoken]
    return parser


def examples(name: str) -> list[list[str]]:
    """The arguments of each line of the help that begins with the program's name; remarks follow two blanks."""
    text = re.sub(r"\\\n\s+", "", command(name).format_help())
    lines = [line.strip() for line in text.splitlines() if line.startswith("  duogui ")]
    return [shlex.split(line.split("   ")[0].split(" | ")[0])[1:] for line in lines]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_parses(name: str) -> None:
    found = examples(name)
    assert found
    for line in found:
        assert build_parser().parse_args(line).command == line[0]


@pytest.mark.parametrize("name", PLACED)
def test_a_node_is_named_by_its_file_or_its_folder(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    usage = command(name).format_usage()
    assert "--config FILE | --data DIR" in " ".join(usage.split())
    with pytest.raises(SystemExit) as refused:
        main([name, "--config", "a.yaml", "--data", "b"])
    assert refused.value.code == 2
    assert "not allowed with" in capsys.readouterr().err


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which every name of the examples is there, all of one small node."""
    text = NODE.format(folder=tmp_path, collections=ROOT / "collections")
    text = text.replace("include: [", "include: [plan-green-line, ")
    for name in ("node.yaml", "config/nodes/city.yaml", "DIR/node.yaml", "big/node.yaml", "data/demo/node.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "local").mkdir()
    for link in ("collections", "local/collections"):
        (tmp_path / link).symlink_to(ROOT / "collections")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_examples_that_read_run(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line for name in ("migrate", "info", "validate", "backup", "restore", "export") for line in examples(name)]
    lines += [line for line in examples("demo") if line[0] != "demo"]
    assert len(lines) > 15
    for line in lines:
        assert main(line) == (2 if line[0] == "restore" and "--replace" not in line else 0), line
    assert "--replace" in capsys.readouterr().err
    assert {path.name for path in places.glob("green*")} == {"green.parquet", "green.csv"}


def test_one_table_decides_the_exit_code() -> None:
    from config import errors

    for kind, code in (
        (errors.SchemaMismatchError, 3),
        (errors.UnavailableError, 3),
        (errors.DefinitionError, 2),
        (errors.GoneError, 2),
        (errors.ConflictError, 2),
        (errors.BodyError, 1),
        (errors.TooLargeError, 1),
    ):
        assert exit_code(kind("")) == code
    assert exit_code(errors.ParameterError("crs", "")) == 2


def test_the_help_of_the_program_says_the_exit_codes() -> None:
    assert all(f"\n  {code} " in build_parser().format_help() for code in (0, 1, 2, 3, 130))
