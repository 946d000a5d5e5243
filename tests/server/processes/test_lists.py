"""Lists and descriptions of processes and jobs; conformance, HTML, API definition."""

import pytest

from server.processes import CONFORMANCE
from tests.server.client import Client
from tests.server.processes.test_execution import follow, run


def test_process_list(client: Client) -> None:
    answer = client.get("/processes?lang=en").json()
    assert [one["id"] for one in answer["processes"]] == ["conflict-detection", "echo"]
    assert {link["rel"] for link in answer["links"]} >= {"self", "alternate"}
    for one in answer["processes"]:
        assert one["jobControlOptions"] == ["sync-execute", "async-execute", "dismiss"]
        assert one["outputTransmission"] == ["value"]
    assert len(client.get("/processes?limit=1").json()["processes"]) == 1


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "strange=1"])
def test_process_list_refuses(client: Client, query: str) -> None:
    answer = client.get(f"/processes?{query}")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == query.partition("=")[0]


def test_description_of_echo_has_the_shape_that_the_suite_needs(client: Client) -> None:
    one = client.get("/processes/echo?lang=en").json()
    assert isinstance(one["inputs"], dict) and isinstance(one["outputs"], dict)
    assert next(iter(one["inputs"])) == "echo" and "echo" in one["outputs"]
    assert one["inputs"]["echo"]["schema"] == {"type": "string"}
    assert one["inputs"]["pause"]["schema"]["type"] == "integer"
    assert one["inputs"]["numbers"]["schema"] == {"type": "array", "items": {"type": "integer"}}
    assert one["inputs"]["box"]["schema"] == {"allOf": [{"format": "ogc-bbox", "type": "object"}]}
    assert one["inputs"]["mixed"]["schema"] == {"oneOf": [{"type": "string"}, {"type": "number"}]}
    assert "contentMediaType" in one["inputs"]["document"]["schema"]
    assert [name for name, given in one["inputs"].items() if given["minOccurs"]] == ["echo"]
    assert one["outputs"]["seconds"]["schema"] == {"type": "integer"}
    (execute,) = (link for link in one["links"] if link["rel"] == "http://www.opengis.net/def/rel/ogc/1.0/execute")
    assert execute["href"] == "http://localhost:8080/processes/echo/execution"


def test_languages(client: Client) -> None:
    assert client.get("/processes/conflict-detection?lang=zh").json()["title"] == "冲突检测"
    english = client.get("/processes/conflict-detection", headers={"accept-language": "en"})
    assert english.json()["title"] == "Conflict detection"
    assert english.headers["content-language"] == "en"


def test_what_follows_the_language_says_so(client: Client) -> None:
    made = run(client, {"inputs": {"echo": "a"}}, Prefer="respond-async", Accept_Language="en")
    follow(client, made.headers["location"])
    job = made.headers["location"].removeprefix("http://localhost:8080")
    answers = [made]
    for path in ("/processes", "/processes/echo", "/jobs", job):
        answers += [client.get(f"{path}?f={form}", headers={"accept-language": "en"}) for form in ("json", "html")]
    answers.append(client.get(f"{job}/results?f=html", headers={"accept-language": "en"}))
    answers.append(client.get("/processes/none", headers={"accept": "text/html", "accept-language": "en"}))
    for answer in answers:
        assert answer.headers["content-language"] == "en", answer.url
        assert {"Accept", "Accept-Language"} <= set(answer.headers["vary"].split(", ")), answer.url
    for answer in answers[5:9]:
        assert "Authorization" in answer.headers["vary"]


def test_pages(client: Client) -> None:
    location = run(client, {"inputs": {"echo": "a"}}, Prefer="respond-async").headers["location"]
    follow(client, location)
    for path in ("/processes", "/processes/echo", "/jobs", location, f"{location}/results"):
        answer = client.get(path, headers={"accept": "text/html"})
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith("text/html")
        assert "<h1>" in answer.text


def test_conformance_is_declared_and_linked(client: Client) -> None:
    assert set(CONFORMANCE) <= set(client.get("/conformance").json()["conformsTo"])
    rels = {link["rel"]: link["href"] for link in client.get("/").json()["links"]}
    assert rels["http://www.opengis.net/def/rel/ogc/1.0/processes"].endswith("/processes")
    assert rels["http://www.opengis.net/def/rel/ogc/1.0/job-list"].endswith("/jobs")


def test_api_definition_names_the_operations(client: Client) -> None:
    made = client.get("/api?f=json").json()
    ids = {one["operationId"] for path in made["paths"].values() for one in path.values()}
    assert {"getProcesses", "getProcessDescription", "execute", "getJobs", "getStatus", "getResult", "dismiss"} <= ids


def test_job_list_filters_and_pages(client: Client) -> None:
    for text in "abc":
        follow(client, run(client, {"inputs": {"echo": text}}, Prefer="respond-async").headers["location"])
    run(client, {"inputs": {"echo": "at once"}})
    everything = client.get("/jobs").json()
    assert everything["numberMatched"] == 3
    ids = [job["jobID"] for job in everything["jobs"]]
    first = client.get("/jobs?limit=2").json()
    (following,) = (link["href"] for link in first["links"] if link["rel"] == "next")
    assert [job["jobID"] for job in first["jobs"] + client.get(following).json()["jobs"]] == ids

    def matched(query: str) -> int:
        return int(client.get(f"/jobs?{query}").json()["numberMatched"])

    assert matched("status=successful") == 3
    assert matched("status=failed,running") == 0
    assert matched("processID=echo&type=process") == 3
    assert matched("processID=conflict-detection") == 0
    assert matched("processID=none") == matched("processID=") == 0
    assert matched("datetime=2020-01-01/..") == 3
    assert matched("datetime=../2020-01-01T00:00:00Z") == 0
    assert matched("maxDuration=20") == 3
    assert matched("minDuration=20") == 0


@pytest.mark.parametrize(
    "query",
    [
        "status=done",
        "type=map",
        "datetime=soon",
        "datetime=9999-12-31",
        "datetime=0001-01-01T00:00:00%2B10:00",
        "minDuration=-1",
        "limit=0",
        "x=1",
    ],
)
def test_job_list_refuses(client: Client, query: str) -> None:
    answer = client.get(f"/jobs?{query}")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == query.partition("=")[0]
