"""Execution: `POST /processes/{id}/execution` (`/req/core/job-creation`), at once or as a job.

At once unless the caller prefers `respond-async`. Work runs in a child process either way; while a caller waits, no
thread of the server does.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import orjson

from config.errors import Fault, TooLargeError
from processes.contract import Description
from processes.inputs import InputError
from processes.jobs.model import Job, Order, Principal
from server.access import require
from server.documents import COMMON
from server.http.answer import Answer
from server.http.call import Call
from server.http.errors import HttpError
from server.http.negotiate import JSON
from server.processes.engine import jobs_of, setting_of
from server.processes.outcome import failed, outcome
from server.processes.processes import VARY
from server.processes.status import status_info

if TYPE_CHECKING:
    from processes.jobs.manager import Ended, Jobs

_MEMBERS = frozenset({"inputs", "outputs", "response", "subscriber", "id", "mode"})
_LONGEST_KEY = 200


async def execute(call: Call) -> Answer:
    """Run a process: 200 with the results, or 201 with the job."""
    call.params(COMMON)
    jobs = await jobs_of(call)
    process = jobs.process(call.path_params["processId"])
    body = _parsed(call, await call.body())
    setting = await setting_of(call.node)
    inputs = await call.run(jobs.resolve, process.description.id, body.get("inputs", {}), setting)
    for id in process.reads(inputs):
        require(call.scope, call.node.layer(id))
    wants_async = "respond-async" in _preferences(call)
    order = Order(
        process=process.description.id,
        inputs=inputs,
        principal=Principal(call.scope.key, call.scope),
        synchronous=not wants_async,
        outputs=_outputs(process.description, body.get("outputs") or {}),
        document=_document(body.get("response", "raw")),
        key=_key(call),
        request_id=call.id,
    )
    job, future = await call.run(copy_context().run, jobs.submit, order)
    if wants_async:
        headers = [
            (b"location", f"{call.base}/jobs/{job.id}".encode()),
            (b"preference-applied", b"respond-async"),
        ]
        state = orjson.dumps(status_info(job, call, JSON))
        return Answer(state, JSON.media, 201, headers, cache="no-store", vary=VARY, language=call.language)
    ended = await _wait(call, jobs, job, future)
    return failed(ended.job) if ended.job.failure else outcome(ended, call)


async def _wait(call: Call, jobs: "Jobs", job: Job, future: "Future[Ended]") -> "Ended":
    """The end of a job; it is stopped when the caller goes away or it takes too long."""
    end: asyncio.Future[Any] = asyncio.ensure_future(asyncio.wrap_future(future))
    gone: asyncio.Future[Any] = asyncio.ensure_future(_disconnected(call))
    seconds = jobs.limits.synchronous_seconds
    try:
        await asyncio.wait({end, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if end.done():
            ended: Ended = end.result()
            return ended
    finally:
        gone.cancel()
        if not end.done():
            end.add_done_callback(lambda done: done.cancelled() or done.exception())
            await call.run(jobs.abandon, job.id)
    raise TooLargeError(
        f"The execution took longer than {seconds:g} s",
        Fault("Prefer", "not given", "send 'Prefer: respond-async' and follow the job"),
    )


async def _disconnected(call: Call) -> None:
    while (await call.receive())["type"] != "http.disconnect":
        pass


def _parsed(call: Call, body: bytes) -> dict[str, Any]:
    media = (call.header(b"content-type") or "application/json").partition(";")[0].strip().lower()
    if media != "application/json" and not media.endswith("+json"):
        fault = Fault("Content-Type", media[:80], "send application/json")
        raise HttpError(415, "An execute request is JSON", fault)
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InputError("The body is no JSON", Fault("body", str(error), 'send {"inputs": {...}}')) from error
    if not isinstance(parsed, dict):
        raise InputError("The body is no object", Fault("body", "not an object", 'send {"inputs": {...}}'))
    strange = sorted(set(parsed) - _MEMBERS)
    if strange:
        faults = (
            Fault(name[:80], "no member of an execute request", "use: inputs, outputs, response") for name in strange
        )
        raise InputError("The execute request has unknown members", *faults)
    if "subscriber" in parsed:
        fault = Fault("subscriber", "this node sends no callbacks", "leave it out and follow the job")
        raise InputError("Callbacks are not offered", fault)
    return parsed


def _preferences(call: Call) -> set[str]:
    return {part.partition(";")[0].strip().lower() for part in (call.header(b"prefer") or "").split(",")}


def _outputs(description: Description, given: Any) -> tuple[str, ...]:
    """Names of the wanted outputs; empty means all."""
    if isinstance(given, list) and all(isinstance(name, str) for name in given):
        given = {name: {} for name in given}
    if not isinstance(given, Mapping):
        raise InputError("Outputs are an object", Fault("outputs", "not an object", 'write {"name": {}}'))
    faults = []
    for name, options in given.items():
        if name not in description.outputs:
            faults.append(Fault(f"outputs.{name[:80]}", "no such output", f"use: {', '.join(description.outputs)}"))
        elif isinstance(options, Mapping) and options.get("transmissionMode", "value") != "value":
            faults.append(Fault(f"outputs.{name}", "transmission by reference is not offered", "use value"))
    if faults:
        raise InputError("The wanted outputs are wrong", *faults)
    return tuple(given)


def _document(response: Any) -> bool:
    if response not in ("raw", "document"):
        raise InputError(
            "The kind of response is unknown", Fault("response", f"{response!r:.40}", "use raw or document")
        )
    return bool(response == "document")


def _key(call: Call) -> str | None:
    key = call.header(b"idempotency-key")
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        fault = Fault("Idempotency-Key", f"{len(key)} characters", f"use 1 to {_LONGEST_KEY}")
        raise InputError("The idempotency key is too long or empty", fault)
    return key
