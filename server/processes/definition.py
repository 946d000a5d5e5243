"""The share of this block in the OpenAPI document: paths and components, with the operationIds of Part 1's own."""

from typing import TYPE_CHECKING, Any

from processes.describe import describe
from processes.registry import all_processes
from server.http.negotiate import JSON
from server.openapi import operation, success

if TYPE_CHECKING:
    from server.node import Node

type Object = dict[str, Any]

_TAG = "processes"
_COMMON = ("f", "lang")
_TIME: Object = {"type": "string", "format": "date-time"}
_TEXT: Object = {"type": "string"}
_TEXTS: Object = {"type": "array", "items": _TEXT}
_LINKS: Object = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
_STATUS: Object = {"type": "string", "enum": ["accepted", "running", "successful", "failed", "dismissed"]}
_FILTERS: tuple[tuple[str, str, Object], ...] = (
    ("type", "Kind of job", {"type": "array", "items": {"type": "string", "enum": ["process"]}}),
    ("processID", "Jobs of these processes", _TEXTS),
    ("status", "Jobs in these states", {"type": "array", "items": _STATUS}),
    ("datetime", "Jobs created at this instant or in this interval", _TEXT),
    ("minDuration", "Seconds that a job ran at least", {"type": "integer", "minimum": 0}),
    ("maxDuration", "Seconds that a job ran at most", {"type": "integer", "minimum": 0}),
    ("limit", "Jobs of one page", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
    ("offset", "Jobs to skip", {"type": "integer", "minimum": 0, "default": 0}),
)


def paths(node: "Node") -> Object:  # noqa: ARG001  the same on every node
    """The operations of this block."""
    listed = success("The processes", JSON, "ProcessList")
    one = success("The description", JSON, "Process")
    jobs = success("The jobs", JSON, "JobList")
    state = success("The state of the job", JSON, "StatusInfo")
    names = tuple(f"job.{name}" for name, _, _ in _FILTERS)
    found = {
        "/processes": {"get": operation("getProcesses", "The processes", _TAG, ("processLimit", *_COMMON), listed)},
        "/processes/{processId}": {
            "get": operation("getProcessDescription", "One process", _TAG, ("processId", *_COMMON), one, "404")
        },
        "/processes/{processId}/execution": {"post": _execute()},
        "/jobs": {"get": operation("getJobs", "Jobs, newest first", _TAG, (*names, *_COMMON), jobs, "503")},
        "/jobs/{jobId}": {
            "get": operation("getStatus", "The state of a job", _TAG, ("jobId", *_COMMON), state, "404", "410"),
            "delete": operation(
                "dismiss", "Stop a job and forget its results", _TAG, ("jobId", *_COMMON), state, "404", "410"
            ),
        },
        "/jobs/{jobId}/results": {
            "get": operation("getResult", "The results of a job", _TAG, ("jobId", *_COMMON), _results(), "404", "410")
        },
    }
    for methods in found.values():
        for made in methods.values():
            _also_plain_json(made)
    return found


def components(node: "Node") -> Object:  # noqa: ARG001  the same on every node
    """Schemas and parameters of this block."""
    processes = all_processes()
    whole = {"type": "integer", "minimum": 0}
    summary: Object = {
        "id": _TEXT,
        "version": _TEXT,
        "title": _TEXT,
        "description": _TEXT,
        "keywords": _TEXTS,
        "jobControlOptions": {
            "type": "array",
            "items": {"type": "string", "enum": ["sync-execute", "async-execute", "dismiss"]},
        },
        "outputTransmission": {"type": "array", "items": {"type": "string", "enum": ["value", "reference"]}},
        "links": _LINKS,
    }
    parts = {"inputs": {"type": "object"}, "outputs": {"type": "object"}, "example": {"type": "object"}}
    status = {
        "jobID": _TEXT,
        "processID": _TEXT,
        "type": {"type": "string", "enum": ["process"]},
        "status": _STATUS,
        "message": _TEXT,
        "created": _TIME,
        "started": _TIME,
        "finished": _TIME,
        "updated": _TIME,
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        "links": _LINKS,
    }
    schemas = {
        "ProcessSummary": _object(("id", "version"), summary),
        "Process": _object(("id", "version", "inputs", "outputs"), summary | parts),
        "ProcessList": _object(("processes", "links"), {"processes": _many("ProcessSummary"), "links": _LINKS}),
        "StatusInfo": _object(("jobID", "status", "type"), status),
        "JobList": _object(
            ("jobs", "links"),
            {"jobs": _many("StatusInfo"), "links": _LINKS, "numberMatched": whole, "numberReturned": whole},
        ),
        "Execute": _object(
            (),
            {
                "inputs": {"type": "object"},
                "outputs": {"type": "object"},
                "response": {"type": "string", "enum": ["raw", "document"], "default": "raw"},
            },
        ),
    }
    parameters = {f"job.{name}": _query(name, text, schema) for name, text, schema in _FILTERS}
    limit = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1000}
    parameters["processLimit"] = _query("limit", "Processes of the list", limit)
    parameters["processId"] = _path("processId", "Id of a process", {"type": "string", "enum": list(processes)})
    parameters["jobId"] = _path("jobId", "Id of a job", {"type": "string", "minLength": 1})
    return {"schemas": schemas, "parameters": parameters}


def _execute() -> Object:
    made = operation("execute", "Run a process", _TAG, ("processId", *_COMMON), _results(), "401", "404", "503")
    text = "respond-async: answer with a job at once"
    made["parameters"].append(
        {"name": "Prefer", "in": "header", "required": False, "description": text, "schema": _TEXT}
    )
    text = "The same key makes the same job"
    made["parameters"].append(
        {"name": "Idempotency-Key", "in": "header", "required": False, "description": text, "schema": _TEXT}
    )
    examples = {
        id: {"summary": process.description.title.en, "value": describe(process.description, "en").get("example", {})}
        for id, process in all_processes().items()
    }
    made["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Execute"}, "examples": examples}},
    }
    created = success("The job", JSON, "StatusInfo", page=False)
    created["headers"] = {"Location": {"description": "Address of the job", "schema": _TEXT}}
    made["responses"] |= {"201": created}
    for status, text in (("409", "The key was used otherwise"), ("413", "Too much"), ("415", "Not JSON")):
        made["responses"][status] = {
            "description": text,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return made


def _results() -> Object:
    """One value in its own media type, several as a document or as multipart/related."""
    anything: Object = {"schema": {}}
    text: Object = {"schema": _TEXT}
    content = {
        "application/json": anything,
        "application/geo+json": {"schema": {"$ref": "#/components/schemas/FeatureCollection"}},
        "multipart/related": text,
        "text/html": text,
    }
    return {"description": "The results", "content": content}


def _also_plain_json(made: Object) -> None:
    """Refusals of this block go out as application/json too."""
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for status, response in made["responses"].items():
        if status.startswith("2"):
            continue
        text = response.get("description") or "Refused; the document says why"
        media = {"application/problem+json": problem, "application/json": problem, "text/html": {"schema": _TEXT}}
        made["responses"][status] = {"description": text, "content": media}


def _object(required: tuple[str, ...], properties: Object) -> Object:
    made: Object = {"type": "object", "properties": properties}
    return made | ({"required": list(required)} if required else {})


def _many(name: str) -> Object:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


def _query(name: str, text: str, schema: Object) -> Object:
    made = {"name": name, "in": "query", "required": False, "description": text, "schema": schema}
    return made | {"style": "form", "explode": False}


def _path(name: str, text: str, schema: Object) -> Object:
    return {"name": name, "in": "path", "required": True, "description": text, "schema": schema}
