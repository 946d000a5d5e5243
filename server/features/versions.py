"""The versions of a feature: every state that the node ever knew, and what changed from one to the next.

As JSON it is the Time Map of the proposal "Versioned features": a `memento` link for each state that holds now, and
beside the links, in `versions`, all states with their validity and when the node knew them. As
`application/link-format` (RFC 6690) it is the links alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from config.layers import Layer
from server.documents import page as make_page
from server.features import history
from server.features.differences import described, parsed
from server.features.envelope import cache, vary
from server.features.query import readable_layer
from server.http.answer import Answer, not_modified, unchanged
from server.http.call import Call
from server.http.conditional import weak
from server.http.links import Link, header, link
from server.http.negotiate import GEOJSON, HTML, JSON, Format
from store.criteria import END_OF_TIME
from store.interface import Item

LINKS = Format("links", history.LINK_FORMAT)
OFFERED = (JSON, HTML, LINKS)
PARAMETERS = ("f", "lang")
_HEADED = frozenset({"self", "alternate", "original", "latest-version"})


async def get_versions(call: Call) -> Answer:
    """The history of a feature, of one that was deleted too.

    Raises:
        NotFoundError: the node never knew it.
    """
    layer = readable_layer(call)
    call.params(PARAMETERS)
    form = call.format(OFFERED)
    answer = await call.run(_answer, call, layer, form)
    answer.language, answer.vary = call.language, vary(call.language)
    return answer


def _answer(call: Call, layer: Layer, form: Format) -> Answer:
    states = call.node.store.versions(layer.id, call.path_params["featureId"])
    document = versions(call, layer, states, form)
    tag = weak([orjson.dumps(document), form.key, call.language, call.node.token])
    if unchanged(call, tag):
        return not_modified(tag, cache(call))
    links: list[Link] = document["links"]
    body = orjson.dumps(document)
    if form is LINKS:
        body = ",\n".join(map(_link_format, links)).encode()
    if form is HTML:
        body = make_page("versions", document, call, layer)
    return Answer(body, form.media, 200, [header(links, _HEADED)], tag, cache(call))


def versions(call: Call, layer: Layer, states: Sequence[Item], form: Format = JSON) -> dict[str, Any]:
    """The document: links, then the states from the oldest knowledge to the newest."""
    place = history.feature_address(call)
    types = {one: one.media.partition(";")[0] for one in OFFERED}
    links = [link(f"{place}/versions?f={form.key}", "self", types[form])]
    links += [link(f"{place}/versions?f={one.key}", "alternate", types[one]) for one in OFFERED if one is not form]
    links.append(link(place, "original", GEOJSON.media))
    held = sorted((one for one in states if one.known_to is None), key=lambda one: one.valid_from)
    for one in held:
        address = history.version_address(call, one.valid_from)
        when = {"datetime": history.http_date(one.valid_from, call.node.zone)}
        links.append(link(address, "memento", GEOJSON.media) | when)
    if held:
        links.append(link(history.version_address(call, held[-1].valid_from), "latest-version", GEOJSON.media))
    links.append(link(f"{call.base}/collections/{layer.id}", "collection", "application/json"))
    texts = [parsed(one.text) for one in states]
    said = [_state(call, layer, states, texts, number) for number in range(len(states))]
    return {"id": states[0].id, "versions": said, "links": links}


def _state(
    call: Call, layer: Layer, states: Sequence[Item], texts: Sequence[dict[str, Any]], number: int
) -> dict[str, Any]:
    one = states[number]
    former = predecessor(states, number)
    known = None if one.known_to is None else _instant(one.known_from)
    return {
        "version": one.version,
        "validFrom": one.valid_from.isoformat(),
        "validTo": None if one.valid_to == END_OF_TIME else one.valid_to.isoformat(),
        "knownFrom": _instant(one.known_from),
        "knownTo": None if one.known_to is None else _instant(one.known_to),
        "author": one.author,
        "href": history.version_address(call, one.valid_from, known),
        "follows": None if former is None else states[former].version,
        "change": described(layer, None if former is None else texts[former], texts[number]),
    }


def predecessor(states: Sequence[Item], number: int) -> int | None:
    """The state that one is compared with: the one that it superseded on its first day, else the one before it."""
    one = states[number]
    replaced = [
        place
        for place, other in enumerate(states)
        if other.known_to == one.known_from and other.valid_from <= one.valid_from < other.valid_to
    ]
    if replaced:
        return replaced[-1]
    earlier = [
        place
        for place, other in enumerate(states)
        if other.valid_from < one.valid_from
        and other.known_from <= one.known_from
        and (other.known_to is None or other.known_to > one.known_from)
    ]
    return max(earlier, key=lambda place: states[place].valid_from, default=None)


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _link_format(one: Link) -> str:
    """RFC 6690, section 2."""
    parts = [f"<{one['href']}>", f'rel="{one["rel"]}"', f'type="{one["type"]}"']
    if "datetime" in one:
        parts.append(f'datetime="{one["datetime"]}"')
    return "; ".join(parts)
