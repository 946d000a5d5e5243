"""Items as a file: the same query, read by a child process into CSV, FlatGeobuf, GeoParquet or GeoPackage.

A file tells nobody that more would follow. So with `limit` it is a page, whose next page stands in the Link header; and
without it is whole, or refused where more features match than one file may have.
"""

import asyncio
import secrets
from dataclasses import replace

from config.errors import Fault, ParameterError, TooLargeError
from config.layers import Layer
from processes.files.order import Order, Written
from server import params
from server.features.envelope import cache
from server.features.formats.catalogue import FileFormat
from server.features.formats.pool import answers_folder, unless_gone, writers_of
from server.features.links import page_links
from server.features.query import Query
from server.http.answer import Answer, Header, not_modified, unchanged
from server.http.call import Call
from server.http.conditional import weak
from server.http.disposition import disposition
from server.http.files import File
from server.http.links import header


async def answer_file(call: Call, query: Query, file: FileFormat) -> Answer:
    """The features of a query as a file.

    Raises:
        ParameterError: the format cannot hold them. TooLargeError: more match than one file may have.
    """
    layer = query.layer
    if not file.holds(layer):
        raise ParameterError("f", f"{file.title['en']} cannot hold {layer.id}", "use csv or gpkg")
    order, limited = _order(call, query, file)
    if call.header(b"if-none-match") is not None:
        state = await call.run(call.node.store.state, layer.id)
        tag = _tag(call, query, file, (state.revision, state.generation, state.epoch))
        if unchanged(call, tag):
            return not_modified(tag, cache(call), _VARY)
    if not limited:
        await _refuse_more(call, query, order)
    written = await unless_gone(call, asyncio.ensure_future(writers_of(call.node).write(order, call.scope)))
    if written.rows is None:
        raise _too_many(call, layer)
    made = Answer(File(order.path, once=True), file.form.media, 200, _headers(call, query, file, written))
    made.cache, made.vary = cache(call), _VARY
    if call.method != "POST":
        made.etag = _tag(call, query, file, (written.revision, written.generation, written.epoch))
    return made


_VARY = "Accept, Authorization"


def _order(call: Call, query: Query, file: FileFormat) -> tuple[Order, bool]:
    """What to write, and whether the caller set a limit."""
    limits = call.node.settings.server.limits
    most = limits.file
    asked = call.asked("limit")
    limit = params.limit(asked, limits.model_copy(update={"page": most})) if asked else most
    criteria = replace(query.criteria, limit=limit)
    path = answers_folder(call.node) / f"{secrets.token_hex(12)}{file.suffix}"
    return Order(path, query.layer.id, file.kind, criteria, whole=not asked, nothing=query.nothing), bool(asked)


async def _refuse_more(call: Call, query: Query, order: Order) -> None:
    """Count first: a file that would be thrown away is not begun."""
    most = order.criteria.limit or 0
    state = await call.run(call.node.store.state, query.layer.id)
    if state.count <= most and query.criteria.valid is None:
        return
    matched = state.count if query.plain else await call.run(call.node.store.count, query.layer.id, query.criteria)
    if matched - query.criteria.offset > most:
        raise _too_many(call, query.layer, matched)


def _too_many(call: Call, layer: Layer, matched: int | None = None) -> TooLargeError:
    most = call.node.settings.server.limits.file
    what = f"{matched:,} features match" if matched else "more features match"
    whole = f"take the whole collection from a download link of {call.base}/collections/{layer.id}"
    fault = Fault("limit", what, f"narrow the query, or give limit= and follow the Link header, or {whole}")
    return TooLargeError(f"A file has at most {most:,} features, and none is left out unasked", fault)


def _tag(call: Call, query: Query, file: FileFormat, state: tuple[int, int, str]) -> str:
    """The weak validator: all that the content depends on. Two files of it may differ in a time of making."""
    parts = [*state, query.layer.digest, query.normal, query.criteria.crs, call.scope.key, file.kind]
    return weak([*parts, call.base, call.node.token])


def _headers(call: Call, query: Query, file: FileFormat, written: Written) -> list[Header]:
    links = page_links(call, file.form, written.cursor)
    return [
        (b"content-crs", f"<{query.criteria.crs}>".encode()),
        (b"ogc-numberreturned", b"%d" % (written.rows or 0)),
        header(links),
        disposition(f"{query.layer.id}{file.suffix}", f"{query.layer.title['zh']}{file.suffix}"),
    ]
