"""The demo's token for edits: made and shown where none is set, never shown where one is."""

import os
from pathlib import Path

import pytest

from server.cli import demo
from tests.server import tiny


def test_a_token_is_shown_only_where_it_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tiny.settings(tmp_path)
    monkeypatch.setenv(demo.WRITER, "s" * 24)
    assert demo._editable(settings, "en").editing is not None
    assert capsys.readouterr().err == ""
    monkeypatch.setenv(demo.WRITER, "")
    demo._editable(settings, "en")
    made = os.environ[demo.WRITER]
    assert len(made) == 48
    assert made in capsys.readouterr().err
