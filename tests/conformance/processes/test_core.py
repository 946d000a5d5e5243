"""Processes Part 1 (18-062r2), Annex A, in short: the executable suite and `tests/server/processes` say more."""

import time
from typing import Any

import httpx

from tests.server.client import BASE, Client

STANDARD = "http://www.opengis.net/spec/ogcapi-processes-1/1.0"
EXECUTION = "/processes/echo/execution"


def execute(iut: Client, inputs: dict[str, Any], **headers: str) -> httpx.Response:
    return iut.request("POST", EXECUTION, json={"inputs": inputs, "response": "document"}, headers=headers)


def ended(iut: Client, address: str) -> dict[str, Any]:
    """The status of a job when it has ended."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        status: dict[str, Any] = iut.get(address).json()
        if status["status"] not in ("accepted", "running"):
            return status
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def test_core_process_list_and_links(iut: Client) -> None:
    """/conf/core/pl-op, pl-success, pl-links, pl-limit-response."""
    document = iut.get("/processes").json()
    assert {one["rel"] for one in document["links"]} >= {"self", "alternate"}
    assert all(one["id"] and one["version"] for one in document["processes"])
    assert len(iut.get("/processes?limit=1").json()["processes"]) == 1


def test_core_process_exception_no_such_process(iut: Client) -> None:
    """/conf/core/process-exception-no-such-process."""
    answer = iut.get("/processes/no-such-process")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("/no-such-process")


def test_core_job_creation_sync(iut: Client) -> None:
    """/conf/core/job-creation-success-sync, job-creation-sync-document."""
    answer = execute(iut, {"echo": "said"})
    assert answer.status_code == 200
    assert answer.json()["echo"] == "said"


def test_core_job_creation_async_and_job_results(iut: Client) -> None:
    """/conf/core/job-creation-success-async, job-success, job-results-async-document."""
    made = execute(iut, {"echo": "said"}, prefer="respond-async")
    assert made.status_code == 201
    place = made.headers["location"]
    assert ended(iut, place)["status"] == "successful"
    assert iut.get(f"{place}/results").json()["echo"] == "said"


def test_core_job_creation_input_validation(iut: Client) -> None:
    """/conf/core/job-creation-input-validation."""
    assert execute(iut, {}).status_code == 400
    assert execute(iut, {"echo": "said", "pause": "long"}).status_code == 400


def test_ogc_process_description_json_encoding(iut: Client) -> None:
    """/conf/ogc-process-description/json-encoding, inputs-def, outputs-def."""
    for one in iut.get("/processes").json()["processes"]:
        document = iut.get(f"/processes/{one['id']}").json()
        assert all(given["schema"] for given in document["inputs"].values())
        assert all(given["schema"] for given in document["outputs"].values())


def test_json_definition(iut: Client) -> None:
    """/conf/json/definition."""
    for path in ("/processes", "/processes/echo", "/jobs"):
        assert iut.get(path, headers={"accept": "application/json"}).headers["content-type"] == "application/json"


def test_html_definition_and_content(iut: Client) -> None:
    """/conf/html/definition, content."""
    for path in ("/processes", "/processes/echo", "/jobs"):
        answer = iut.get(path, headers={"accept": "text/html"})
        assert answer.headers["content-type"].startswith("text/html")
        assert f'href="{BASE}/' in answer.text


def test_oas30_oas_definition(api: dict[str, Any]) -> None:
    """/conf/oas30/oas-definition-1, oas-impl."""
    assert {"/processes", "/jobs"} <= set(api["paths"])
    assert any(path.endswith("/execution") and "post" in one for path, one in api["paths"].items())


def test_job_list_op_and_success(iut: Client) -> None:
    """/conf/job-list/job-list-op, job-list-success, type-param, limit-response."""
    made = execute(iut, {"echo": "listed"}, prefer="respond-async").headers["location"]
    listed = iut.get("/jobs?limit=100").json()["jobs"]
    assert made.rpartition("/")[2] in [one["jobID"] for one in listed]
    assert all(one["type"] == "process" for one in listed)


def test_dismiss_op_and_success(iut: Client) -> None:
    """/conf/dismiss/job-dismiss-op, job-dismiss-success."""
    made = execute(iut, {"echo": "late", "pause": 60}, prefer="respond-async").headers["location"]
    answer = iut.request("DELETE", made)
    assert answer.status_code == 200
    assert answer.json()["status"] == "dismissed"
