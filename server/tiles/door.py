"""Kept tiles answered below the router: the address as it was sent, to finished headers and bytes.

Only what costs nothing to decide passes here: GET without a token, of an address that was answered before, while the
board is current. Everything else, such as conditions of several tags, takes the long way.
"""

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

from starlette.types import Scope as AsgiScope

from server.http.answer import Header, tag_of
from server.http.coding import SMALLEST
from server.http.negotiate import pick_coding
from tiles.cache import Kept

if TYPE_CHECKING:
    from server.tiles.service import Tiles

MOST = 20_000
"""Addresses that are remembered; the tiles behind them are not kept by that."""

MEDIA = b"application/vnd.mapbox-vector-tile"
CACHE = b"no-cache"
VARY = b"Accept, Authorization, Accept-Encoding"
REDUCED: Header = (b"x-tile-reduced", b"true")

type Address = tuple[bytes, bytes, bytes | None]
type Quick = tuple[int, list[Header], bytes]


class Door:
    """The addresses of one node's tiles that were answered to callers without a token."""

    def __init__(self, tiles: "Tiles") -> None:
        self._tiles = tiles
        self._known: dict[Address, Hashable] = {}

    def remember(self, scope: AsgiScope, accept: bytes | None, key: Hashable) -> None:
        """The tile under `key` of the cache is what this request was answered with."""
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[scope["raw_path"], scope["query_string"], accept] = key

    def answer(self, scope: AsgiScope, headers: Mapping[bytes, bytes]) -> Quick | None:
        """Status, headers and body, if the request can be answered at once."""
        key = self._known.get((scope["raw_path"], scope["query_string"], headers.get(b"accept")))
        if key is None or scope["method"] != "GET" or b"authorization" in headers or not self._tiles.current:
            return None
        kept = self._tiles.cache.get(key)
        if kept is None:
            return None
        coding = _coding(kept, headers.get(b"accept-encoding"))
        if coding is not None and coding not in kept.codings:
            return None
        known = headers.get(b"if-none-match")
        head = kept.heads.get(coding)
        if head is None:
            head = kept.heads[coding] = _head(kept, coding)
        tag, common, whole = head
        if known is None:
            return (200, whole, kept.data if coding is None else kept.codings[coding])
        return (304, common, b"") if known == tag else None


def _coding(kept: Kept, accept: bytes | None) -> str | None:
    if accept is None or len(kept.data) < SMALLEST:
        return None
    return pick_coding(accept.decode("latin-1"))


def _head(kept: Kept, coding: str | None) -> tuple[bytes, list[Header], list[Header]]:
    """The tag, the headers of a 304, and those of the whole answer."""
    tag = tag_of(kept.etag, coding).encode("latin-1")
    body = kept.data if coding is None else kept.codings[coding]
    common: list[Header] = [(b"etag", tag), (b"cache-control", CACHE), (b"vary", VARY)]
    whole = [(b"content-type", MEDIA), *common, (b"content-length", b"%d" % len(body))]
    if coding:
        whole.append((b"content-encoding", coding.encode()))
    if not kept.whole:
        whole.append(REDUCED)
    return tag, common, whole
