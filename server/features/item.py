"""A single feature: Features Part 1 (f), Part 2.

Its entity tag is its version, then a digest of the text as it is sent: `"7-1f0c9a2e"`, on a page
`"7-html-zh-1f0c9a2e"`. So the tag is another one after an edit, and also where the same version reads otherwise: the
layer's definition, the program or the whole store was exchanged. If-Match compares the version alone (`version_of`).
"""

import orjson

from config.layers import Layer
from config.version import VERSION
from server.documents import page as make_page
from server.features.envelope import cache, notice, spoken, vary
from server.features.links import feature_links
from server.features.query import Query, item_query, readable_layer
from server.http.answer import Answer, Header, not_modified, unchanged
from server.http.call import Call
from server.http.conditional import short
from server.http.links import header
from server.http.negotiate import FEATURES, GEOJSON, HTML, Format


async def get_item(call: Call) -> Answer:
    """One feature in the state of the asked day (/req/core/f-op, f-success)."""
    layer = readable_layer(call)
    query = await item_query(call, layer)
    form = call.format(FEATURES)
    language = spoken(call, form)
    answer = await call.run(_answer, call, query, form)
    answer.language, answer.vary = language, vary(language)
    return answer


def _tag(call: Call, layer: Layer, version: int, body: bytes, form: Format) -> str:
    """The validator of a representation; a page depends on more than its text: templates, code lists, language."""
    if form is GEOJSON:
        return f'"{version}-{short([layer.digest, VERSION], body)}"'
    return f'"{version}-html-{call.language}-{short([layer.digest, call.node.token], body)}"'


def _answer(call: Call, query: Query, form: Format) -> Answer:
    layer = query.layer
    item = call.node.store.item(layer.id, call.path_params["featureId"], query.criteria)
    links = feature_links(call, form)
    body = item.text[:-1].encode() + notice(call) + b',"links":' + orjson.dumps(links) + b"}"
    tag = _tag(call, layer, item.version, body, form)
    if unchanged(call, tag):
        return not_modified(tag, cache(call))
    if form is HTML:
        versions = call.node.store.versions(layer.id, item.id)
        body = make_page("item", orjson.loads(body), call, layer, versions=versions)
    headers: list[Header] = [(b"content-crs", f"<{query.criteria.crs}>".encode()), header(links)]
    return Answer(body, form.media, 200, headers, tag, cache(call))
