"""From an error to an answer: RFC 9457 problem documents, by one table of statuses.

A problem carries `type`, `title`, `status`, `detail`, `instance` (the request id) and `faults`: for each thing that is
wrong where, what, and the remedy.
"""

from contextlib import suppress
from http import HTTPStatus
from typing import Any

import orjson

from config import errors
from server.http.answer import Answer
from server.http.call import Call
from server.http.errors import HttpError

STATUSES: tuple[tuple[type[errors.DuoguiError], int], ...] = (
    (errors.TooLargeError, 413),
    (errors.RequestError, 400),
    (errors.AccessError, 403),
    (errors.GoneError, 410),
    (errors.NotFoundError, 404),
    (errors.PreconditionError, 412),
    (errors.ConflictError, 409),
    (errors.UnavailableError, 503),
)
"""The first row whose class fits decides; what no row names is our own fault: 500."""

_TITLES = {413: "Too large", 414: "Address too long", 422: "Cannot be processed"}
_RETRY = b"2"


def status_of(error: Exception) -> int:
    """The HTTP status of an error."""
    if isinstance(error, HttpError):
        return error.status
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def document(error: errors.DuoguiError, status: int, call: Call) -> dict[str, Any]:
    """The problem document of a refusal; nothing of the inside is shown for a status of 500."""
    inside = status == 500
    problem: dict[str, Any] = {
        "type": getattr(error, "type", "about:blank"),
        "title": _TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": "The server failed; its log knows this request's id." if inside else error.message,
        "instance": f"urn:request:{call.id}",
    }
    if isinstance(error, errors.ParameterError):
        problem["parameter"] = error.parameter
        if error.remedy:
            problem["remedy"] = error.remedy
    if error.faults and not inside:
        problem["faults"] = [
            {"where": fault.where, "what": fault.what} | ({"remedy": fault.remedy} if fault.remedy else {})
            for fault in error.faults
        ]
    return problem


def answer(error: errors.DuoguiError, call: Call) -> Answer:
    """The problem document as an answer, in HTML for a browser; a failure of ours never leans on templates."""
    status = status_of(error)
    problem = document(error, status, call)
    headers = [(name.encode(), value.encode()) for name, value in getattr(error, "headers", ())]
    if status == 503 and not any(name.lower() == b"retry-after" for name, _ in headers):
        headers.append((b"retry-after", _RETRY))
    made = Answer(orjson.dumps(problem), "application/problem+json", status, headers, cache="no-store")
    if status != 500 and _wants_page(call):
        with suppress(errors.RequestError):  # the address itself cannot be read: no page can be linked to it
            made.body, made.media = _page(problem, call), "text/html; charset=utf-8"
            made.vary, made.language = "Accept, Accept-Language", call.language
    return made


def _wants_page(call: Call) -> bool:
    """Whether `f` or else Accept asks for HTML. The query is not decoded: it may be what was refused."""
    query = call.asgi["query_string"].decode("latin-1")
    if "f=json" in query or "f=html" in query:
        return "f=html" in query
    return "text/html" in (call.header(b"accept") or "")


def _page(problem: dict[str, Any], call: Call) -> bytes:
    from server.html import View, render

    return render("problem", problem, View.of(call))
