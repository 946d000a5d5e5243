"""Execution of `echo` over HTTP: modes, forms of answers, refusals. 18-062r2, clause 7.11."""

import time
from typing import Any

import pytest

from tests.server.client import Client

EXECUTION = "/processes/echo/execution"
EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"


def run(client: Client, body: Any, **headers: str) -> Any:
    return client.request(
        "POST", EXECUTION, json=body, headers={name.replace("_", "-"): v for name, v in headers.items()}
    )


def follow(client: Client, location: str) -> dict[str, Any]:
    for _ in range(100):
        state = client.get(location, headers={"accept": "application/json"}).json()
        if state["status"] not in ("accepted", "running"):
            return dict(state)
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def test_one_output_is_sent_raw(client: Client) -> None:
    answer = run(client, {"inputs": {"echo": "你好"}, "outputs": {"echo": {"transmissionMode": "value"}}})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == "你好"
    assert "link" not in answer.headers


def test_several_raw_outputs_are_parts(client: Client) -> None:
    answer = run(client, {"inputs": {"echo": "teststring", "numbers": [1, 2]}})
    assert answer.headers["content-type"].startswith("multipart/related; boundary=")
    assert "Content-ID: <echo>" in answer.text and '"teststring"' in answer.text and "[1,2]" in answer.text


def test_several_outputs_as_document(client: Client) -> None:
    inputs = {"echo": "teststring", "numbers": [1, 2], "mixed": 3.5, "box": {"bbox": [51.9, 7, 52, 7.1]}}
    expected = inputs | {"seconds": 0}
    assert run(client, {"inputs": inputs, "response": "document"}).json() == expected
    assert run(client, {"inputs": inputs}, Accept="application/json").json() == expected


def test_wanted_outputs_are_chosen_and_empty_means_all(client: Client) -> None:
    inputs = {"echo": "a", "mixed": "b"}
    chosen = run(client, {"inputs": inputs, "outputs": {"mixed": {}, "seconds": {}}, "response": "document"})
    assert chosen.json() == {"mixed": "b", "seconds": 0}
    everything = run(client, {"inputs": inputs, "outputs": {}, "response": "document"})
    assert everything.json() == inputs | {"seconds": 0}


def test_qualified_value_is_unwrapped(client: Client) -> None:
    body = {"inputs": {"echo": {"value": "a"}, "document": {"value": "{}", "mediaType": "application/json"}}}
    assert run(client, {**body, "response": "document"}).json()["document"] == "{}"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "echo"),
        ({"inputs": {}}, "echo"),
        ({"inputs": {"echo": 5}}, "echo"),
        ({"inputs": {"echo": "a", "pause": "b"}}, "pause"),
        ({"inputs": {"echo": "a", "pause": -1}}, "pause"),
        ({"inputs": {"echo": "a", "nothing": 1}}, "nothing"),
        ({"inputs": {"echo": "a", "numbers": [1, "x"]}}, "numbers[1]"),
        ({"inputs": {"echo": "a", "box": {"bbox": [1, 2, 3]}}}, "box.bbox"),
        ({"inputs": {"echo": "a", "document": {"type": "wrong/type"}}}, "document"),
        ({"inputs": {"echo": "a", "document": {"value": "x", "mediaType": "image/png"}}}, "document"),
        ({"inputs": {"echo": {"href": "http://localhost/secret"}}}, "echo"),
        ({"inputs": {"echo": {"value": 1, "format": []}}}, "echo"),
        ({"inputs": {"echo": "a", "document": {"value": "x", "mediaType": {"a": 1}}}}, "document"),
        ({"inputs": []}, "inputs"),
        ({"inputs": {"echo": "a"}, "outputs": [1]}, "outputs"),
        ({"inputs": {"echo": "a"}, "outputs": "all"}, "outputs"),
        ({"inputs": {"echo": "a"}, "outputs": {"none": {}}}, "outputs.none"),
        ({"inputs": {"echo": "a"}, "outputs": {"echo": {"transmissionMode": "reference"}}}, "outputs.echo"),
        ({"inputs": {"echo": "a"}, "response": "xml"}, "response"),
        ({"inputs": {"echo": "a"}, "subscriber": {"successUri": "http://localhost/"}}, "subscriber"),
        ({"invalid-execute-request": "true)"}, "invalid-execute-request"),
    ],
)
def test_wrong_requests_name_the_input(client: Client, body: Any, where: str) -> None:
    answer = run(client, body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert where in [fault["where"] for fault in problem["faults"]]
    assert all(fault["what"] for fault in problem["faults"])
    plain = run(client, body, Accept="application/json")
    assert plain.headers["content-type"] == "application/json" and plain.json()["type"]


def test_body_must_be_json(client: Client) -> None:
    broken = client.request("POST", EXECUTION, content=b"{", headers={"content-type": "application/json"})
    assert broken.status_code == 400
    xml = client.request("POST", EXECUTION, content=b"<a/>", headers={"content-type": "text/xml"})
    assert xml.status_code == 415
    assert client.request("POST", EXECUTION, content=b"[]").status_code == 400


def test_no_such_process(client: Client) -> None:
    for answer in (client.get("/processes/none"), client.request("POST", "/processes/none/execution", json={})):
        assert answer.status_code == 404
        assert answer.json()["type"] == f"{EXCEPTIONS}/no-such-process"


def test_asynchronous_job_from_acceptance_to_results(client: Client) -> None:
    body = {"inputs": {"echo": "teststring", "pause": 1}, "outputs": {"echo": {}}}
    answer = run(client, body, Prefer="respond-async", X_Request_Id="walk-1")
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "respond-async"
    location = answer.headers["location"]
    state = answer.json()
    assert location == f"http://localhost:8080/jobs/{state['jobID']}"
    assert (state["type"], state["processID"], state["status"]) == ("process", "echo", "accepted")
    assert None not in state.values()
    assert {"monitor", "self"} <= {link["rel"] for link in state["links"]}

    early = client.get(f"{location}/results", headers={"accept": "application/json"})
    assert early.status_code == 404
    assert early.json()["type"] == f"{EXCEPTIONS}/result-not-ready"
    assert early.headers["content-type"] == "application/json"

    state = follow(client, location)
    assert state["status"] == "successful" and state["progress"] == 100
    assert {"created", "started", "finished", "updated"} <= set(state) and None not in state.values()
    (results,) = (link["href"] for link in state["links"] if link["rel"].endswith("/rel/ogc/1.0/results"))
    assert results == f"{location}/results"
    assert client.get(results).json() == "teststring"
    assert location.rsplit("/", 1)[1] in [job["jobID"] for job in client.get("/jobs").json()["jobs"]]


def test_dismissing_a_running_job_ends_it_and_its_child(client: Client) -> None:
    location = run(client, {"inputs": {"echo": "a", "pause": 60}}, Prefer="respond-async").headers["location"]
    while client.get(location).json()["status"] == "accepted":
        time.sleep(0.02)
    began = time.monotonic()
    answer = client.request("DELETE", location)
    assert time.monotonic() - began < 2
    assert answer.status_code == 200 and answer.json()["status"] == "dismissed"
    for again in (client.get(location), client.get(f"{location}/results"), client.request("DELETE", location)):
        assert again.status_code == 410
        assert again.json()["type"] == f"{EXCEPTIONS}/no-such-job"
    listed = client.get("/jobs?status=dismissed").json()["jobs"]
    assert [job["jobID"] for job in listed] == [location.rsplit("/", 1)[1]]
    assert client.get("/jobs").json()["jobs"] == []


def test_idempotency_key_gives_the_first_job(client: Client) -> None:
    body = {"inputs": {"echo": "a"}}
    first = run(client, body, Prefer="respond-async", Idempotency_Key="k1")
    again = run(client, body, Prefer="respond-async", Idempotency_Key="k1")
    assert first.headers["location"] == again.headers["location"]
    other = run(client, {"inputs": {"echo": "b"}}, Prefer="respond-async", Idempotency_Key="k1")
    assert other.status_code == 409
    follow(client, first.headers["location"])
    assert len(client.get("/jobs").json()["jobs"]) == 1


def test_no_such_job(client: Client) -> None:
    for path in ("/jobs/none", "/jobs/none/results", f"/jobs/{'a' * 300}"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.json()["type"] == f"{EXCEPTIONS}/no-such-job"


def test_collections_that_are_not_open_are_refused(client: Client) -> None:
    body = {"inputs": {"left": "parcels", "right": "secret"}}
    answer = client.request("POST", "/processes/conflict-detection/execution", json=body)
    assert answer.status_code == 401
    assert "www-authenticate" in answer.headers
    assert "secret" in answer.json()["detail"]
    assert client.get("/jobs").json()["jobs"] == []


@pytest.mark.parametrize(
    ("inputs", "where"),
    [
        ({"left": "parcels"}, "right"),
        ({"left": "parcels", "right": "nowhere"}, "right"),
        ({"left": "parcels", "right": "statistics"}, "right"),
        ({"left": "parcels", "right": {"collection": "empty", "day": "x"}}, "right"),
        ({"left": "parcels", "right": "empty", "datetime": "2017-02-30"}, "datetime"),
        ({"left": "parcels", "right": "empty", "datetime": "yesterday"}, "datetime"),
        ({"left": "parcels", "right": "empty", "minArea": -1}, "minArea"),
        ({"left": "parcels", "right": "empty", "severity": "grave"}, "severity"),
        ({"left": "parcels", "right": "empty", "areaCrs": "EPSG:4490"}, "areaCrs"),
        ({"left": "parcels", "right": "empty", "areaCrs": "nonsense"}, "areaCrs"),
        ({"left": "parcels", "right": "empty", "bbox": {"bbox": [1, 9, 2, 8]}}, "bbox"),
        ({"left": "parcels", "right": "empty", "areaCrs": "EPSG:2154"}, "areaCrs"),
        ({"left": "parcels", "right": "empty", "area": {"type": "Polygon", "coordinates": []}}, "area.coordinates"),
        ({"left": "parcels", "right": "empty", "area": {"type": "Point", "coordinates": [0, 0]}}, "area.type"),
    ],
)
def test_conflict_detection_checks_its_inputs(client: Client, inputs: Any, where: str) -> None:
    answer = client.request("POST", "/processes/conflict-detection/execution", json={"inputs": inputs})
    assert answer.status_code == 400, answer.text
    assert where in [fault["where"] for fault in answer.json()["faults"]]
