"""Links of documents and Link headers (RFC 8288), each with its type, and hreflang where the target has a language."""

from collections.abc import Iterable, Sequence
from typing import Any

from server.http.answer import Header
from server.http.call import Call
from server.http.negotiate import Format

type Link = dict[str, Any]

MOST_HEADER = 4096
"""Characters of a Link header."""
ENCODED = {"json": ("JSON 文档", "This document as JSON"), "html": ("网页", "This document as a page")}
ENCODED |= {"jsonld": ("SKOS (JSON-LD)", "This list as SKOS (JSON-LD)")}


def link(href: str, rel: str, media: str, title: str = "", hreflang: str = "") -> Link:
    """One link object of the OGC API documents."""
    made: Link = {"href": href, "rel": rel, "type": media}
    if title:
        made["title"] = title
    if hreflang:
        made["hreflang"] = hreflang
    return made


def own(call: Call, path: str, offered: Sequence[Format], current: Format, query: str = "") -> list[Link]:
    """`self` in the current format and `alternate` for every other one (/req/core/fc-links and its kin).

    `query` is further query text without its question mark; its parameters come before `f`.
    """
    lead = f"?{query}&" if query else "?"
    links = []
    for one in sorted(offered, key=lambda one: one is not current):
        rel = "self" if one is current else "alternate"
        title = ENCODED[one.key][call.language == "en"]
        media = one.media.partition("; charset")[0]
        links.append(link(f"{call.base}{path}{lead}f={one.key}", rel, media, title, call.language))
    return links


def header(links: Iterable[Link], rels: frozenset[str] | None = None) -> Header:
    """A Link header of the links (of the given relations only). Titles stay out: header values are ASCII.

    Links that do not fit into `MOST_HEADER` stay in the document alone, alternates first: proxies refuse long headers.
    """
    given = [one for one in links if not rels or one["rel"] in rels]
    parts = [f'<{one["href"]}>; rel="{one["rel"]}"; type="{one["type"]}"' for one in given]
    left = MOST_HEADER
    kept = set()
    for place in sorted(range(len(parts)), key=lambda place: given[place]["rel"] == "alternate"):
        left -= len(parts[place]) + 2
        if left >= 0:
            kept.add(place)
    text = ", ".join(part for place, part in enumerate(parts) if place in kept)
    return (b"link", text.replace("\n", "").encode("ascii", "ignore"))
