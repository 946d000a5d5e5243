"""Documents about the node and its layers: built as dictionaries, sent as JSON or as a page, finished once."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import orjson

from config.layers import Layer
from server.http.answer import Answer
from server.http.call import Call
from server.http.finished import Made
from server.http.links import Link, header, own
from server.http.negotiate import HTML, Format

COMMON = ("f", "lang")
"""The parameters that every document takes."""
_RELS = frozenset({"self", "alternate", "service-desc", "service-doc", "conformance", "data", "items", "next", "prev"})
_RELS |= {"profile"}

type Builder = Callable[[Format], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: its name (that of its page too), the formats offered, and the layer that it is about.

    `takes` are the parameters beside those of every document, `variant` what they choose, `links` what goes into the
    Link header beside the document's own links.
    """

    name: str
    offered: tuple[Format, ...]
    layer: Layer | None = None
    takes: tuple[str, ...] = ()
    variant: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


async def document(call: Call, kind: Kind, token: Hashable, build: Builder) -> Answer:
    """A document of this call, built when `token` has changed.

    `build` gets the chosen format and gives the document; its `links` become the Link header.
    """
    call.params((*COMMON, *kind.takes))
    name, offered, layer = kind.name, kind.offered, kind.layer
    form = call.format(offered)
    language = call.language
    explicit = (call.asked("f") is None, call.asked("lang") is None) if form is HTML else ()
    key = (name, kind.variant, layer.id if layer else "", form.key, language, call.scope.key, call.base, explicit)

    def make() -> Made:
        made = build(form)
        links = made.get("links") or own(call, call.raw_path, offered, form)
        body = page(name.partition(" ")[0], made, call, layer) if form is HTML else orjson.dumps(made)
        return Made(body, form.media, (header([*links, *kind.links], _RELS),), language)

    return await call.node.shelf.answer(call, key, (token, call.node.token), make)


def page(name: str, made: dict[str, Any], call: Call, layer: Layer | None = None, **extra: Any) -> bytes:
    """A document as a page."""
    from server import html

    return html.render(name, made, html.View.of(call, layer, **extra))
