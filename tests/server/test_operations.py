"""Health, metrics, logs, request ids, CORS, reload."""

import json
import logging
import re
from pathlib import Path

import pytest

from config.errors import DefinitionError, SchemaMismatchError, UnavailableError
from server import logs
from server.app import create_app
from server.node import Node
from tests.server.client import Client
from tests.server.conftest import make_node

ITEMS = "/collections/parcels/items"


def test_live_and_ready(client: Client, node: Node) -> None:
    assert client.get("/livez").json() == {"status": "alive"}
    whole = client.get("/readyz").json()
    assert whole["status"] == "ready"
    assert whole["checks"]["store"] == {"ready": True}
    node.store.failing = SchemaMismatchError("run `duogui migrate`")  # type: ignore[attr-defined]
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["store"] == {"ready": False, "reason": "run `duogui migrate`"}
    assert client.get("/livez").status_code == 200
    assert answer.headers["cache-control"] == "no-store"


def test_a_part_that_joins_later_is_asked_too(client: Client, node: Node) -> None:
    def worker() -> None:
        raise UnavailableError("no worker has reported for 30 s")

    node.readiness["worker"] = worker
    assert client.get("/readyz").json()["checks"]["worker"]["ready"] is False


def test_metrics_count_by_operation(client: Client) -> None:
    for path in (ITEMS, f"{ITEMS}?limit=x", f"{ITEMS}/P003", f"{ITEMS}/nothing", "/nothing", "/"):
        client.get(path)
    text = client.get("/metrics").text
    assert 'duogui_requests_total{operation="getItems",status="2xx"} 1' in text
    assert 'duogui_requests_total{operation="getItems",status="4xx"} 1' in text
    assert 'duogui_requests_total{operation="getItem",status="4xx"} 1' in text
    assert 'duogui_requests_total{operation="other",status="4xx"} 1' in text
    assert 'duogui_request_seconds_bucket{operation="getItems",le="+Inf"} 2' in text
    assert 'duogui_request_seconds_count{operation="getItems"} 2' in text
    assert "duogui_requests_in_flight 1" in text
    sample = re.compile(r'[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? [0-9.e+-]+')
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(sample.fullmatch(line) for line in lines)


def test_labels_do_not_grow_with_what_is_asked(client: Client) -> None:
    for number in range(30):
        client.get(f"/nothing{number}")
        client.get(f"{ITEMS}/unknown{number}")
    lines = [line for line in client.get("/metrics").text.splitlines() if line.startswith("duogui_requests_total")]
    assert len(lines) == 2


def test_the_histogram_is_cumulative(client: Client) -> None:
    for _ in range(5):
        client.get(ITEMS)
    found = re.findall(r'_bucket\{operation="getItems",le="[^"]+"\} (\d+)', client.get("/metrics").text)
    counts = [int(one) for one in found]
    assert counts == sorted(counts)
    assert counts[-1] == 5


def test_a_request_id_is_kept_or_made(client: Client) -> None:
    assert client.get("/", headers={"x-request-id": "abc-1.2_3"}).headers["x-request-id"] == "abc-1.2_3"
    made = client.get("/").headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", made)
    for wrong in ("a b", "x" * 65, 'a"b', "a;b"):
        assert client.get("/", headers={"x-request-id": wrong}).headers["x-request-id"] != wrong
    problem = client.get("/nothing", headers={"x-request-id": "r1"}).json()
    assert problem["instance"] == "urn:request:r1"


def test_a_failure_tells_the_caller_nothing_and_the_log_everything(
    client: Client, node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    node.store.failing = RuntimeError("password=hunter2")  # type: ignore[attr-defined]
    for accept in ("*/*", "text/html"):
        answer = client.get(ITEMS, headers={"accept": accept})
        assert answer.status_code == 500
        assert "hunter2" not in answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    assert "hunter2" in caplog.text
    node.store.failing = None  # type: ignore[attr-defined]
    assert client.get(ITEMS).status_code == 200


def test_a_busy_store_says_when_to_come_again(client: Client, node: Node) -> None:
    node.store.failing = UnavailableError("the store is locked")  # type: ignore[attr-defined]
    for path in (ITEMS, "/collections"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0


def test_log_lines_are_json_with_the_request(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    record = logging.LogRecord("duogui", logging.INFO, "x.py", 1, "three %s", ("layers\n",), None)
    token = logs.request_id.set("r7")
    line = json.loads(logs.JsonFormatter().format(record))
    logs.request_id.reset(token)
    assert (line["message"], line["request"], line["level"]) == ("three layers\n", "r7", "info")
    logs.access_line("r8", ("GET", "/a\nb"), "getItems", 200, 0.00123)
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert json.loads(written)["ms"] == 1.23


def test_requests_are_logged_where_the_node_wants_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node = make_node(tmp_path, request_log=True)
    with Client(create_app(node)) as client:
        client.get(f"{ITEMS}?limit=x", headers={"x-request-id": "r9"})
    node.close()
    line = json.loads(capsys.readouterr().err)
    assert (line["request"], line["status"], line["operation"]) == ("r9", 400, "getItems")


def test_cors_for_everybody(client: Client) -> None:
    for path in (ITEMS, "/collections", "/nothing"):
        answer = client.get(path, headers={"origin": "https://map.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = {one.strip() for one in answer.headers["access-control-expose-headers"].split(",")}
        assert {"Link", "ETag", "Content-Crs", "Location"} <= exposed
    asked = {"origin": "https://map.example", "access-control-request-method": "GET"}
    before = client.request("OPTIONS", ITEMS, headers=asked)
    assert before.status_code == 200
    assert "GET" in before.headers["access-control-allow-methods"]
    assert "Authorization" in before.headers["access-control-allow-headers"]


def test_cors_for_some(tmp_path: Path) -> None:
    node = make_node(tmp_path, cors_origins=["https://a.example"])
    with Client(create_app(node)) as client:
        allowed = client.get("/", headers={"origin": "https://a.example"})
        other = client.get("/", headers={"origin": "https://b.example"})
        plain = client.get("/")
    node.close()
    assert allowed.headers["access-control-allow-origin"] == "https://a.example"
    assert "access-control-allow-origin" not in other.headers
    assert all("Origin" in one.headers["vary"] for one in (allowed, other, plain))


def test_another_node_takes_over_between_two_requests(tmp_path: Path) -> None:
    first, second = make_node(tmp_path), make_node(tmp_path)
    second.store.rows["parcels"].clear()  # type: ignore[attr-defined]
    app = create_app(first)
    with Client(app) as client:
        assert client.get(ITEMS).json()["numberReturned"] == 10
        assert app.swap(second) is first
        assert client.get(ITEMS).json()["numberReturned"] == 0
        assert 'status="2xx"} 2' in client.get("/metrics").text
    first.close()
    second.close()


def test_a_node_that_does_not_fit_is_not_swapped_in(tmp_path: Path) -> None:
    first, wrong = make_node(tmp_path), make_node(tmp_path, root_path="/collections")
    app = create_app(first)
    with pytest.raises(DefinitionError):
        app.swap(wrong)
    assert app.node is first
    first.close()
    wrong.close()
