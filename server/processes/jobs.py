"""Jobs: list, status, results, dismissal (`/req/job-list`, `/req/core/job`, `job-results`, `/req/dismiss`)."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import orjson

from config.errors import ParameterError
from processes.jobs.model import Status
from processes.jobs.table import Query
from server.documents import COMMON
from server.http.answer import Answer
from server.http.call import Call
from server.http.links import link, own
from server.http.negotiate import HTML, JSON, PAGES
from server.processes.engine import jobs_of
from server.processes.outcome import document, failed, outcome
from server.processes.processes import VARY, finished, unknown, whole
from server.processes.status import status_info

LISTED, MOST = 100, 1000
FILTERS = ("type", "processID", "status", "datetime", "minDuration", "maxDuration", "limit", "offset")
_STATUSES = tuple(str(one) for one in Status)
_SHOWN_FEATURES = 20


async def get_jobs(call: Call) -> Answer:
    """Jobs that the caller may see, newest first."""
    params = call.params((*COMMON, *FILTERS))
    form = call.format(PAGES)
    jobs = await jobs_of(call)
    query = _query(params, frozenset(jobs.processes))
    found, matched = await call.run(jobs.find, query, call.scope)
    made: dict[str, Any] = {
        "jobs": [status_info(job, call, form) for job in found],
        "numberMatched": matched,
        "numberReturned": len(found),
        "links": own(call, "/jobs", PAGES, form),
    }
    if query.offset + len(found) < matched:
        made["links"].append(link(call.url(offset=str(query.offset + query.limit)), "next", form.media))
    if query.offset:
        made["links"].append(link(call.url(offset=str(max(0, query.offset - query.limit))), "prev", form.media))
    return _fresh(finished("jobs", made, call, form))


async def get_job(call: Call) -> Answer:
    """The state of a job."""
    call.params(COMMON)
    form = call.format(PAGES)
    jobs = await jobs_of(call)
    job = await call.run(jobs.get, call.path_params["jobId"], call.scope)
    return _fresh(finished("job", status_info(job, call, form), call, form))


async def delete_job(call: Call) -> Answer:
    """Stop a job, forget its results; the answer is its last state."""
    call.params(COMMON)
    jobs = await jobs_of(call)
    job = await call.run(jobs.dismiss, call.path_params["jobId"], call.scope)
    return _fresh(finished("job", status_info(job, call, JSON), call, JSON))


async def get_results(call: Call) -> Answer:
    """The results of a job that succeeded; of one that failed, why."""
    call.params(COMMON)
    form = call.format(PAGES) if _wants_page(call) else JSON
    jobs = await jobs_of(call)
    ended = await call.run(jobs.results, call.path_params["jobId"], call.scope)
    if ended.job.failure:
        failed(ended.job)
    if form is not HTML:
        return outcome(ended, call)
    shown = {name: _excerpt(value) for name, value in orjson.loads(document(ended.results)).items()}
    made = {"job": {"id": ended.job.id}, "result": shown, "links": own(call, call.raw_path, PAGES, form)}
    return _fresh(finished("results", made, call, form))


def _wants_page(call: Call) -> bool:
    return call.asked("f") is not None or "text/html" in (call.header(b"accept") or "")


def _excerpt(value: Any) -> Any:
    """A value for the page: the first features of a long collection."""
    inner = value.get("value") if isinstance(value, dict) else None
    if isinstance(inner, dict) and len(inner.get("features", ())) > _SHOWN_FEATURES:
        rest = len(inner["features"]) - _SHOWN_FEATURES
        return {**value, "value": {**inner, "features": [*inner["features"][:_SHOWN_FEATURES], f"+ {rest}"]}}
    return value


def _fresh(answer: Answer) -> Answer:
    """Of this moment and this caller."""
    answer.cache = "no-store"
    answer.vary = f"{VARY}, Authorization"
    return answer


def _query(params: dict[str, str], processes: frozenset[str]) -> Query:
    for name in _listed(params.get("type")):
        if name != "process":
            raise unknown("type", name, ("process",))
    for name in _listed(params.get("status")):
        if name not in _STATUSES:
            raise unknown("status", name, _STATUSES)
    after, before = _interval(params.get("datetime"))
    return Query(
        processes=tuple(processes.intersection(_listed(params["processID"]))) if "processID" in params else None,
        statuses=tuple(Status(one) for one in _listed(params.get("status"))),
        after=after,
        before=before,
        shortest=_seconds("minDuration", params.get("minDuration")),
        longest=_seconds("maxDuration", params.get("maxDuration")),
        limit=whole("limit", params.get("limit"), LISTED, 1, MOST),
        offset=whole("offset", params.get("offset"), 0, 0, 100_000),
    )


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _seconds(name: str, text: str | None) -> float | None:
    return None if text is None else float(whole(name, text, 0, 0, 10**8))


def _interval(text: str | None) -> tuple[datetime | None, datetime | None]:
    if text is None:
        return None, None
    first, slash, last = text.partition("/")
    return _moment(first, end=False), _moment(last if slash else first, end=True)


def _moment(text: str, *, end: bool) -> datetime | None:
    """An RFC 3339 instant, or the first or last moment of a day (UTC); None for an open side."""
    if text in ("", ".."):
        return None
    try:
        moment = datetime.fromisoformat(text)
        if len(text) == len("2026-01-31"):
            moment = datetime.combine(moment, time.max if end else time.min)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC) + timedelta(milliseconds=int(end))
    except (ValueError, OverflowError) as error:
        remedy = "write an instant (2026-01-31T08:00:00Z), a day, or an interval start/end with .. for an open side"
        raise ParameterError("datetime", f"'{text[:40]}'", remedy) from error
