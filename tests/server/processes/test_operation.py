"""The engine as a part of the node: readiness, logs with the request's id, closing, too many jobs."""

import asyncio
import logging
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from processes.jobs.manager import JobLimits, Jobs
from server import logs
from server.app import create_app
from server.node import Node
from server.processes import engine
from tests.server.client import Client
from tests.server.conftest import make_node
from tests.server.processes.test_execution import follow, run


def test_readiness_asks_the_job_table(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"]["jobs"] == {"ready": True}


def test_job_log_lines_carry_the_request_id(client: Client) -> None:
    seen: list[tuple[str, str]] = []

    class Seen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append((logs.request_id.get(), record.getMessage()))

    logger, handler = logging.getLogger("duogui.jobs"), Seen()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        answer = run(client, {"inputs": {"echo": "a"}}, Prefer="respond-async", X_Request_Id="call-77")
        follow(client, answer.headers["location"])
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    id = answer.json()["jobID"]
    assert ("call-77", f"job {id} accepted: echo") in seen
    assert ("call-77", f"job {id} successful") in seen


def test_closing_the_node_ends_its_children(tmp_path: Path) -> None:
    node = make_node(tmp_path)
    with Client(create_app(node)) as client:
        location = run(client, {"inputs": {"echo": "a", "pause": 60}}, Prefer="respond-async").headers["location"]
    node.close()
    again = make_node(tmp_path)
    with Client(create_app(again)) as client:
        state = client.get(location).json()
        assert state["status"] == "failed" and "submit it again" in state["message"]
        refused = client.get(f"{location}/results")
        assert refused.status_code == 500
    again.close()


def small(node: Node, **limits: float) -> None:
    """An engine with its own limits for a node."""
    made = engine._open(node)
    made.limits = JobLimits(**limits)  # type: ignore[arg-type]


def test_too_many_jobs_are_told_when_to_come_again(node: Node, client: Client) -> None:
    small(node, running=1, waiting=0, retry=9)
    body = {"inputs": {"echo": "a", "pause": 60}}
    first = run(client, body, Prefer="respond-async")
    refused = run(client, {"inputs": {"echo": "b"}}, Prefer="respond-async")
    assert refused.status_code == 503
    assert refused.headers.get_list("retry-after") == ["9"]
    assert client.request("DELETE", first.headers["location"]).status_code == 200


def test_a_caller_who_goes_away_stops_the_run(node: Node) -> None:
    """Spoken as plain ASGI: the body, and then nothing but the end of the connection."""
    app = create_app(node)
    sent: list[Any] = []
    body = orjson.dumps({"inputs": {"echo": "a", "pause": 60}})
    said = [{"type": "http.request", "body": body, "more_body": False}]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/processes/echo/execution",
        "raw_path": b"/processes/echo/execution",
        "query_string": b"",
        "headers": [(b"host", b"localhost:8080"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 50000),
    }

    async def receive() -> Any:
        if said:
            return said.pop()
        await asyncio.sleep(0.5)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    began = time.monotonic()
    asyncio.run(asyncio.wait_for(app(scope, receive, send), 30))
    jobs = engine._open(node)
    end = began + 30
    while jobs._mine:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert jobs._table.active() == []


def test_a_synchronous_run_that_takes_too_long(node: Node, client: Client) -> None:
    small(node, synchronous_seconds=0.5)
    refused = run(client, {"inputs": {"echo": "a", "pause": 60}})
    assert refused.status_code == 413
    assert "respond-async" in str(refused.json()["faults"])


def test_an_engine_that_cannot_open_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from config.errors import UnavailableError

    def refuse(self: Jobs) -> None:
        raise UnavailableError("the job table is locked")

    monkeypatch.setattr(Jobs, "check", refuse)
    node = make_node(tmp_path)
    with Client(create_app(node)) as client:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["jobs"]["ready"] is False
    node.close()
