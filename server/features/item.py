"""A single feature: Features Part 1 (f), Part 2.

Its entity tag is its version, then a digest of the text as it is sent: `"7-1f0c9a2e"`, on a page
`"7-html-zh-1f0c9a2e"`. So the tag is another one after an edit, and also where the same version reads otherwise: the
layer's definition, the program or the whole store was exchanged. If-Match compares the version alone (`version_of`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

import orjson

from config.errors import GoneError
from config.layers import Layer
from config.version import VERSION
from server.documents import page as make_page
from server.features import history
from server.features.envelope import cache, notice, spoken, vary
from server.features.formats import jsonfg
from server.features.formats.profile import geojson_profile
from server.features.links import feature_links
from server.features.query import Query, item_query, readable_layer
from server.features.references import told
from server.http.answer import Answer, Header, not_modified, unchanged
from server.http.call import Call
from server.http.conditional import short
from server.http.links import Link, header
from server.http.negotiate import FEATURE, GEOJSON, HTML, Format
from server.profiles import RFC7946


async def get_item(call: Call) -> Answer:
    """One feature in the state of the asked day (/req/core/f-op, f-success)."""
    layer = readable_layer(call)
    query = await item_query(call, layer)
    form = call.format(FEATURE)
    language = spoken(call, form)
    try:
        answer = await call.run(_answer, call, query, form)
    except GoneError as gone:
        gone.headers = (("Link", header(history.gone_links(call, gone.facts.get("latest")))[1].decode()),)
        raise
    answer.language, answer.vary = language, vary(language)
    return answer


def _tag(call: Call, layer: Layer, version: int, body: bytes, form: Format) -> str:
    """The validator of a representation; a page depends on more than its text: templates, code lists, language."""
    if form is not HTML:
        return f'"{version}-{short([layer.digest, VERSION], body)}"'
    return f'"{version}-html-{call.language}-{short([layer.digest, call.node.token], body)}"'


@dataclass(frozen=True, slots=True)
class Shown:
    """One state of a feature as it is sent: the GeoJSON body, its links and its entity tag."""

    body: bytes
    links: list[Link]
    tag: str


def show(call: Call, layer: Layer, version: int, text: str, form: Format = GEOJSON) -> Shown:
    """What a GET of the call's address answers where this state holds; `text` is the store's finished one."""
    links = [*feature_links(call, form), *history.standing_links(call)]
    body = text[:-1].encode() + notice(call) + b',"links":' + orjson.dumps(links) + b"}"
    return Shown(body, links, _tag(call, layer, version, body, form))


def last_modified(at: datetime) -> Header:
    """When the node came to know a state (RFC 9110, 8.8.2)."""
    return (b"last-modified", format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True).encode())


def _answer(call: Call, query: Query, form: Format) -> Answer:
    layer = query.layer
    criteria = query.criteria
    profile = geojson_profile(call, form)
    item = call.node.store.item(layer.id, call.path_params["featureId"], jsonfg.readable(criteria, profile))
    text = told(call, layer, [item.text], form)[0]
    if profile != RFC7946:
        (text,) = jsonfg.features([text], criteria, profile)
        text = text[:-1] + jsonfg.members(call, layer, criteria, collection=False).decode() + "}"
    shown = show(call, layer, item.version, text, form)
    body, links, tag = shown.body, shown.links, shown.tag
    if unchanged(call, tag):
        return not_modified(tag, cache(call))
    if form is HTML:
        versions = call.node.store.versions(layer.id, item.id)
        body = make_page("item", orjson.loads(body), call, layer, versions=versions)
    links = [*links, *history.neighbour_links(call, item)]
    headers: list[Header] = [(b"content-crs", f"<{query.criteria.crs}>".encode()), header(links)]
    headers += [last_modified(item.known_from), history.memento(item.valid_from, call.node.zone)]
    return Answer(body, form.media, 200, headers, tag, cache(call))
