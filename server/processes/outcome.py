"""Results as an answer: one value raw, several as multipart/related or as a document (`/req/core/job-creation-sync-*`).

A raw request for several outputs gets multipart/related, as the standard says, but a caller who asks for
application/json by name gets the document.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

import orjson

from config.errors import DuoguiError, Fault, TooLargeError
from processes.contract import Value
from processes.inputs import InputError
from processes.jobs.model import Job
from server.http.answer import Answer
from server.http.call import Call

if TYPE_CHECKING:
    from processes.jobs.manager import Ended

_JSON = "application/json"


class ProcessFailedError(DuoguiError):
    """The process failed by our own fault: 500, the log has the reason."""


def outcome(ended: "Ended", call: Call) -> Answer:
    """The results of a successful job, in the form that its request asked for."""
    results = ended.results
    if not ended.job.document and len(results) == 1:
        (value,) = results.values()
        return Answer(value.body, value.media, cache="no-store")
    if not ended.job.document and results and _JSON not in (call.header(b"accept") or ""):
        return _multipart(results, ended.job.id)
    return Answer(document(results), _JSON, cache="no-store")


def document(results: Mapping[str, Value]) -> bytes:
    """All results in one JSON object; what is not plain JSON carries its media type."""
    members = [orjson.dumps(name) + b":" + _inline(value) for name, value in results.items()]
    return b"{" + b",".join(members) + b"}"


def failed(job: Job) -> NoReturn:
    """Raise why a job failed.

    Raises:
        InputError: what the caller sent. TooLargeError: time or size. ProcessFailedError: our own fault.
    """
    failure = job.failure
    if failure is None or failure.kind == "inside":
        raise ProcessFailedError(failure.message if failure else f"The job '{job.id}' has no results")
    if failure.kind == "limit":
        fault = Fault("job", failure.message, "ask for less at once, or send 'Prefer: respond-async'")
        raise TooLargeError("The job went beyond a limit", fault)
    raise InputError(failure.message)


def _inline(value: Value) -> bytes:
    if value.media == _JSON:
        return value.body
    content = value.body if value.media.endswith("+json") else orjson.dumps(value.body.decode())
    return b'{"value":' + content + b',"mediaType":' + orjson.dumps(value.media) + b"}"


def _multipart(results: Mapping[str, Value], id: str) -> Answer:
    boundary = f"duogui-{id}".encode()
    parts = [
        b"--%s\r\nContent-Type: %s\r\nContent-ID: <%s>\r\n\r\n%s\r\n"
        % (boundary, value.media.encode(), name.encode(), value.body)
        for name, value in results.items()
    ]
    media = f'multipart/related; boundary="{boundary.decode()}"'
    return Answer(b"".join(parts) + b"--%s--\r\n" % boundary, media, cache="no-store")
