"""The list of processes and their descriptions (`/req/core/process-list`, `/req/core/process`)."""

from typing import Any

from config.errors import ParameterError
from processes.describe import describe, summarise
from server.documents import COMMON, page
from server.http.answer import Answer
from server.http.call import Call
from server.http.links import header, link, own
from server.http.negotiate import HTML, PAGES, Format
from server.processes.engine import jobs_of

EXECUTE = "http://www.opengis.net/def/rel/ogc/1.0/execute"
MOST = 1000
VARY = "Accept, Accept-Language"
"""Titles and links follow the language, in JSON as on pages."""


async def get_processes(call: Call) -> Answer:
    """The processes of this node, by id."""
    params = call.params((*COMMON, "limit"))
    limit = whole("limit", params.get("limit"), MOST, 1, MOST)
    form = call.format(PAGES)
    jobs = await jobs_of(call)
    listed = []
    for one in list(jobs.processes.values())[:limit]:
        summary = summarise(one.description, call.language)
        summary["links"] = _links(call, one.description.id, form)
        listed.append(summary)
    made = {"processes": listed, "links": own(call, "/processes", PAGES, form)}
    return finished("processes", made, call, form)


async def get_process(call: Call) -> Answer:
    """One description."""
    call.params(COMMON)
    form = call.format(PAGES)
    description = (await jobs_of(call)).process(call.path_params["processId"]).description
    made = describe(description, call.language)
    made["links"] = _links(call, description.id, form)
    return finished("process", made, call, form)


def _links(call: Call, id: str, form: Format) -> list[dict[str, Any]]:
    path = f"/processes/{id}"
    title = "Execute" if call.language == "en" else "执行"
    return [*own(call, path, PAGES, form), link(f"{call.base}{path}/execution", EXECUTE, "application/json", title)]


def finished(name: str, made: dict[str, Any], call: Call, form: Format, status: int = 200) -> Answer:
    """A document as JSON or as the page `name`, with its links in the header."""
    import orjson

    body = page(name, made, call) if form is HTML else orjson.dumps(made)
    rels = frozenset({"self", "alternate", "next", "prev"})
    headers = [header(made["links"], rels)]
    return Answer(body, form.media, status, headers, cache="no-cache", vary=VARY, language=call.language)


def whole(name: str, text: str | None, default: int, low: int, high: int) -> int:
    """A whole number of a query parameter; above `high` it is clipped.

    Raises:
        ParameterError: no whole number, or below `low`.
    """
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or int(text[:9]) < low:
        raise ParameterError(name, f"'{text[:40]}'", f"write a whole number from {low} to {high}")
    return min(int(text[:9]), high)


def unknown(name: str, value: str, known: tuple[str, ...]) -> ParameterError:
    """The refusal of a value that is not in a closed list."""
    return ParameterError(name, f"'{value[:40]}'", f"use: {', '.join(known)}")
