"""A tiny node of its own, which these tests edit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.edits.conftest import Writing, editable_node


@pytest.fixture
def iut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writing]:
    """The implementation under test, over an embedded store; the client bears a writer's token."""
    with editable_node(tmp_path, f"sqlite:///{tmp_path}/store", monkeypatch) as client:
        yield client
