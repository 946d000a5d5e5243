"""A page of features: Features Part 1 (fc), Part 2 (fc-crs), Part 6, Part 8.

The body is joined from the store's finished texts. Next links carry a cursor, never an offset. numberMatched is exact
where it costs next to nothing (no condition, the page is the last, or the layer is small) and where
`numberMatched=true` asks for it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from config.errors import ParameterError, RequestError
from config.layers import Layer
from server import problems
from server.documents import COMMON
from server.documents import page as make_page
from server.features.envelope import cache, notice, spoken, vary
from server.features.formats import jsonfg
from server.features.formats.catalogue import ANSWERS
from server.features.formats.files import answer_file
from server.features.formats.profile import geojson_profile
from server.features.links import page_links
from server.features.query import Query, page_query, readable_layer
from server.features.references import told
from server.http.answer import WHOLE, Answer, Header, not_modified, unchanged
from server.http.call import Call
from server.http.conditional import weak
from server.http.links import Link, header
from server.http.negotiate import FEATURES, HTML, Format
from server.profiles import RFC7946
from store import paging
from store.interface import LayerState, Page

CHEAP = 1000
"""Features of a layer up to which matches are counted unasked."""
CHEAP_FOR_A_PERSON = 100_000
"""The same for a page in a browser, whose reader wants to know how many there are."""
PIECE = 262_144
"""Characters from which a piece of a long body is sent."""


async def get_items(call: Call) -> Answer:
    """The features that match every given condition (/req/core/fc-op, fc-response).

    A person who asked for a page gets it in any case: with what was wrong beside the form where it was written.
    """
    layer = readable_layer(call)
    try:
        return await _page(call, layer)
    except ParameterError as refusal:
        if refusal.parameter in COMMON or not _asks_for_page(call):
            raise
        return await call.run(_refused, call, layer, refusal)


def _asks_for_page(call: Call) -> bool:
    try:
        return call.format(FEATURES) is HTML
    except RequestError:
        return False


def _refused(call: Call, layer: Layer, refusal: ParameterError) -> Answer:
    problem = problems.document(refusal, 400, call)
    document = {"features": [], "links": page_links(call, HTML)}
    body = make_page("items", document, call, layer, refusal=refusal, problem=problem)
    made = Answer(body, HTML.media, 400, cache="no-store", language=call.language)
    made.vary = vary(call.language)
    return made


async def _page(call: Call, layer: Layer) -> Answer:
    query = await page_query(call, layer)
    form = call.format(FEATURES)
    if form in ANSWERS:
        return await answer_file(call, query, ANSWERS[form])
    language = spoken(call, form)
    made = await call.run(_answer, call, query, form)
    made.language, made.vary = language, vary(language)
    return made


def _answer(call: Call, query: Query, form: Format) -> Answer:
    """The page, or 304 before the page is read where the caller's validator still holds. Runs in a thread."""
    store, layer = call.node.store, query.layer
    profile = geojson_profile(call, form)
    criteria = jsonfg.readable(query.criteria, profile)
    state = None
    if query.nothing or call.header(b"if-none-match") is not None:
        state = store.state(layer.id)
        tag = _tag(call, query, form, state)
        if unchanged(call, tag):
            return not_modified(tag, cache(call))
    page = Page((), None, state.revision, state) if query.nothing and state else store.page(layer.id, criteria)
    shown: LayerState | None = page.state or store.state(layer.id)
    if shown is not None and shown.revision != page.revision:
        shown = None  # written in between: neither a validator nor a count fits the page
    page = replace(page, features=told(call, layer, page.features, form)) if query.normal else page
    links = page_links(call, form, None if page.cursor is None else paging.encode(page.cursor))
    headers: list[Header] = [(b"content-crs", f"<{query.criteria.crs}>".encode()), header(links)]
    more = notice(call)
    if profile != RFC7946:
        page = replace(page, features=jsonfg.features(page.features, query.criteria, profile))
        more = jsonfg.members(call, layer, query.criteria, collection=True) + more
    pieces = list(_pieces(page, links, _matched(call, query, page, shown, form), more))
    body: bytes | list[bytes] = pieces[0] if len(pieces) == 1 else pieces
    if form is HTML:
        body = make_page("items", orjson.loads(b"".join(pieces)), call, layer)
    tag_shown = _tag(call, query, form, shown) if shown and call.method != "POST" else None
    return Answer(body, form.media, 200, headers, tag_shown, cache(call))


def _tag(call: Call, query: Query, form: Format, state: LayerState) -> str:
    """The weak validator of a page: all that its meaning depends on, none of what the page query would tell."""
    parts = [state.revision, state.generation, state.epoch, query.layer.digest, query.normal, query.criteria.crs]
    parts += [call.scope.key, form.key, call.base, call.node.token]
    language = spoken(call, form)
    if language:
        parts.append(language)
    if call.header(b"accept"):
        parts.append(geojson_profile(call, form))  # which the media type in Accept may have chosen
    return weak(parts)


def _matched(call: Call, query: Query, page: Page, shown: LayerState | None, form: Format) -> int | None:
    """/req/core/fc-numberMatched: exact, or left out."""
    criteria = query.criteria
    if query.counted is False:
        return None
    if query.nothing:
        return 0
    if page.cursor is None and criteria.cursor is None and (page.features or not criteria.offset):
        return criteria.offset + len(page.features)
    if query.plain and shown is not None:
        return shown.count
    cheap = shown is not None and shown.count <= (CHEAP_FOR_A_PERSON if form is HTML else CHEAP)
    return call.node.store.count(query.layer.id, criteria) if query.counted or cheap else None


def _pieces(page: Page, links: list[Link], matched: int | None, member: bytes) -> Iterator[bytes]:
    """The feature collection with one more finished member, whole, or in pieces where it is long."""
    tail: dict[str, Any] = {"numberReturned": len(page.features)}
    if matched is not None:
        tail["numberMatched"] = matched
    tail["timeStamp"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    tail["links"] = links
    begin, end = '{"type":"FeatureCollection","features":[', b"]" + member + b"," + orjson.dumps(tail)[1:]
    features = page.features
    if len(features) < 2 or sum(map(len, features)) < WHOLE:
        yield (begin + ",".join(features)).encode() + end
        return
    part = [begin]
    size = 0
    for place, feature in enumerate(features):
        part.append("," + feature if place else feature)
        size += len(feature)
        if size >= PIECE:
            yield "".join(part).encode()
            part, size = [], 0
    yield "".join(part).encode() + end
