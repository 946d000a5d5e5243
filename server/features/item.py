"""A single feature: Features Part 1 (f), Part 2.

Its entity tag is its version, followed by what distinguishes the representation; a later If-Match compares the version.
"""

import orjson

from server.documents import page as make_page
from server.features.links import feature_links
from server.features.query import Query, item_query, readable_layer
from server.http.answer import Answer, Header, not_modified, unchanged
from server.http.call import Call
from server.http.links import header
from server.http.negotiate import FEATURES, GEOJSON, HTML, Format


async def get_item(call: Call) -> Answer:
    """One feature in the state of the asked day (/req/core/f-op, f-success)."""
    layer = readable_layer(call)
    query = await item_query(call, layer)
    form = call.format(FEATURES)
    language = call.language if form is HTML else None
    answer = await call.run(_answer, call, query, form)
    answer.language = language
    return answer


def _answer(call: Call, query: Query, form: Format) -> Answer:
    layer = query.layer
    item = call.node.store.item(layer.id, call.path_params["featureId"], query.criteria)
    tag = f'"{item.version}"' if form is GEOJSON else f'"{item.version}-html-{call.language}-{call.node.token[:8]}"'
    cache = "no-cache" if call.scope is call.node.public else "private, no-cache"
    vary = "Accept, Authorization" + (", Accept-Language" if form is HTML else "")
    if unchanged(call, tag):
        return not_modified(tag, cache, vary)
    links = feature_links(call, form)
    body = item.text[:-1].encode() + b',"links":' + orjson.dumps(links) + b"}"
    if form is HTML:
        versions = call.node.store.versions(layer.id, item.id)
        body = make_page("item", orjson.loads(body), call, layer, versions=versions)
    headers: list[Header] = [(b"content-crs", f"<{query.criteria.crs}>".encode()), header(links)]
    return Answer(body, form.media, 200, headers, tag, cache, vary)
