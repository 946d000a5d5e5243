"""POST on items: a query whose filter stands in the body; what the body is, its media type says.

Part 3 defines filters of GET alone, and CQL2 has no registered media type. Long filters (a digitised polygon, a list of
ids) need a body, so this node takes what other servers take: CQL2 as `text/cql2` or `application/cql2+json`, or every
parameter of a GET as a form. The answer is that of the GET with the same parameters. `Accept-Post` names the types.
Bodies of other types are for those who write features.
"""

from collections.abc import Callable, Mapping

from config.errors import Fault, RequestError
from server.features.items import get_items
from server.http.answer import Answer
from server.http.call import Call
from server.http.query import pairs

type Pairs = list[tuple[str, str]]


def _text(body: bytes) -> Pairs:
    return [("filter", _decoded(body)), ("filter-lang", "cql2-text")]


def _json(body: bytes) -> Pairs:
    return [("filter", _decoded(body)), ("filter-lang", "cql2-json")]


def _form(body: bytes) -> Pairs:
    return pairs(body.decode("latin-1"))


def _decoded(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise RequestError(
            "The body is wrongly encoded", Fault("body", "no valid UTF-8", "encode it as UTF-8")
        ) from err
    if "\x00" in text:
        raise RequestError("The body holds a NUL character", Fault("body", "NUL is in no text of this node"))
    return text


QUERIES: Mapping[str, Callable[[bytes], Pairs]] = {
    "text/cql2": _text,
    "text/plain": _text,
    "application/cql2+json": _json,
    "application/query-cql-json": _json,  # what pygeoapi once asked for
    "application/x-www-form-urlencoded": _form,
}
"""The bodies that are queries, by media type, and what parameters each stands for."""


async def post_items(call: Call) -> Answer:
    """The features that match the filter of the body, which is of one of the types of `QUERIES`, and every parameter of
    the address.

    Raises:
        RequestError: the body is no text.
    """
    media = (call.header(b"content-type") or "").partition(";")[0].strip().lower()
    call.add_pairs(QUERIES[media](await call.body()))
    return await get_items(call)
