"""Documents that are finished once and sent many times: bytes per language, format, scope and base, with validators."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from server.http.answer import IDENTITY, Answer, Header, unchanged
from server.http.call import Call
from server.http.coding import SMALLEST, encode
from server.http.negotiate import pick_coding

MOST_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """One finished representation and its headers."""

    body: bytes
    media: str
    headers: tuple[Header, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    token: Hashable
    made: Made
    etag: str
    codings: dict[str | None, bytes]

    @property
    def size(self) -> int:
        return sum(map(len, self.codings.values()))


class Shelf:
    """The finished documents of a node; the least recently used leave when there are too many bytes."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._bytes = 0
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    async def answer(
        self, call: Call, key: Hashable, token: Hashable, make: Callable[[], Made], cache: str = "no-cache"
    ) -> Answer:
        """The document under `key`, made again where `token` (all that it depends on) is another than before."""
        kept = self._kept.get(key)
        if kept is None or kept.token != token:
            kept = await call.run(_finish, token, make)
            self._put(key, kept)
        else:
            self._kept.move_to_end(key)
        made = kept.made
        vary = "Accept, Accept-Language, Authorization"
        if unchanged(call, kept.etag):
            return Answer(b"", "", 304, list(made.headers), kept.etag, cache, vary=vary, language=made.language)
        coding = pick_coding(call.header(b"accept-encoding"))
        if coding not in kept.codings:
            coding = None
        return Answer(
            kept.codings[coding],
            made.media,
            headers=list(made.headers),
            etag=kept.etag,
            cache=cache,
            vary=vary,
            language=made.language,
            coding=coding or IDENTITY,
        )

    def _put(self, key: Hashable, kept: _Kept) -> None:
        old = self._kept.pop(key, None)
        self._bytes += kept.size - (old.size if old else 0)
        self._kept[key] = kept
        while self._bytes > self._most and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].size


def _finish(token: Hashable, make: Callable[[], Made]) -> _Kept:
    made = make()
    codings: dict[str | None, bytes] = {None: made.body}
    if len(made.body) >= SMALLEST:
        codings |= {"br": encode(made.body, "br", kept=True), "gzip": encode(made.body, "gzip", kept=True)}
    return _Kept(token, made, f'"{hashlib.blake2b(made.body, digest_size=12).hexdigest()}"', codings)
