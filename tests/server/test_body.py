"""Request bodies are bounded, whether their length is declared or not."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from config.errors import RequestError, TooLargeError
from server.http.call import Call
from tests.server.conftest import make_node


def read(folder: Path, messages: list[dict[str, Any]], headers: dict[bytes, bytes], limit: int | None) -> bytes:
    node = make_node(folder)
    waiting = iter(messages)

    async def receive() -> Any:
        return next(waiting)

    asgi = {"method": "POST", "query_string": b"", "raw_path": b"/"}
    try:
        return asyncio.run(Call(asgi, receive, node, headers, "r").body(limit))
    finally:
        node.close()


def part(body: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_parts_are_joined(tmp_path: Path) -> None:
    assert read(tmp_path, [part(b"ab", True), part(b"c", False)], {}, 3) == b"abc"
    assert read(tmp_path, [{"type": "http.request"}], {}, 3) == b""


@pytest.mark.parametrize("headers", [{b"content-length": b"4"}, {b"content-length": b"1"}, {}])
def test_more_than_the_limit_is_refused(tmp_path: Path, headers: dict[bytes, bytes]) -> None:
    with pytest.raises(TooLargeError) as refused:
        read(tmp_path, [part(b"ab", True), part(b"cd", False)], headers, 3)
    assert "3 bytes" in refused.value.faults[0].what


def test_a_caller_that_goes_away_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="ended early"):
        read(tmp_path, [part(b"ab", True), {"type": "http.disconnect"}], {}, None)
