"""What a handler returns, and how it goes out: validators, coding, Vary, length."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from starlette.types import Send

from server.http.call import Call
from server.http.coding import SMALLEST, encode, encode_pieces
from server.http.conditional import matches
from server.http.files import File, send_ranged
from server.http.negotiate import pick_coding

WHOLE = 1_000_000
"""Bytes up to which a body goes out whole; longer ones in pieces of at least 64 kB."""
IDENTITY = "identity"
"""The coding of a body that is not to be compressed."""
_INLINE = 65_536
_COMPRESSIBLE = ("application/json", "application/geo+json", "text/", "application/schema+json", "application/problem")

type Header = tuple[bytes, bytes]


@dataclass(slots=True)
class Answer:
    """A finished answer.

    `body` is bytes, a sequence of pieces for a long one, or a file. `etag` is the tag without its coding; `coding` says
    that the body is in that coding already. `vary` names the request headers that chose the representation, but for
    Accept-Encoding, which is always added.
    """

    body: bytes | Sequence[bytes] | File = b""
    media: str = "application/json"
    status: int = 200
    headers: list[Header] = field(default_factory=list)
    etag: str | None = None
    cache: str | None = None
    vary: str = "Accept"
    language: str | None = None
    coding: str | None = None

    def tagged(self, coding: str | None) -> str | None:
        """The tag of this answer in a coding."""
        return None if self.etag is None else tag_of(self.etag, coding)


def tag_of(etag: str, coding: str | None) -> str:
    """An entity tag with the suffix of its coding: `"7"` in brotli is `"7-br"`."""
    return f'{etag[:-1]}-{coding}"' if coding else etag


def unchanged(call: Call, etag: str | None) -> bool:
    """Whether the caller holds the representation that `etag` (without coding) names."""
    given = call.header(b"if-none-match")
    if given is None or etag is None or call.method not in ("GET", "HEAD"):
        return False
    return any(matches(given, tag_of(etag, coding)) for coding in (None, "br", "gzip"))


def not_modified(etag: str, cache: str | None = None, vary: str = "Accept") -> Answer:
    """304, with the headers that the full answer would have carried."""
    return Answer(b"", "", 304, etag=etag, cache=cache, vary=vary)


async def respond(call: Call, answer: Answer, send: Send) -> None:
    """Send `answer`, as 304 where the caller holds it already, and compressed where the caller takes it."""
    if answer.status == 200 and unchanged(call, answer.etag):
        if isinstance(answer.body, File):
            answer.body.forget()
        answer = Answer(
            b"", "", 304, answer.headers, answer.etag, answer.cache, answer.vary, answer.language, answer.coding
        )
    body = answer.body
    coding = None if answer.coding == IDENTITY else answer.coding
    if answer.coding is None and answer.status not in (204, 304) and answer.media.startswith(_COMPRESSIBLE):
        coding = pick_coding(call.header(b"accept-encoding"))
        if coding and isinstance(body, bytes):
            if len(body) < SMALLEST:
                coding = None
            elif len(body) < _INLINE:
                body = encode(body, coding)
            else:
                body = await call.run(encode, body, coding)
    headers = _headers(call, answer, coding)
    if isinstance(body, bytes):
        await _send_whole(call, answer.status, headers, body, send)
    elif isinstance(body, File) and not body.once:
        await send_ranged(call, body, answer.status, headers, send)
    elif isinstance(body, File):
        await _send_once(call, answer, headers, coding, send)
    else:
        await _send_pieces(call, answer, headers, coding, send)


def _headers(call: Call, answer: Answer, coding: str | None) -> list[Header]:
    headers = [*answer.headers]
    add = headers.append
    if answer.media and answer.status not in (204, 304):
        add((b"content-type", answer.media.encode("latin-1")))
    if coding and answer.status != 304:
        add((b"content-encoding", coding.encode()))
    elif answer.status == 304:
        coding = coding or pick_coding(call.header(b"accept-encoding"))
    tag = answer.tagged(coding)
    if tag:
        add((b"etag", tag.encode("latin-1")))
    if answer.cache:
        add((b"cache-control", answer.cache.encode("latin-1")))
    if answer.language:
        add((b"content-language", answer.language.encode()))
    add((b"vary", f"{answer.vary}, Accept-Encoding".encode() if answer.vary else b"Accept-Encoding"))
    return headers


async def _send_whole(call: Call, status: int, headers: list[Header], body: bytes, send: Send) -> None:
    if status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if call.method == "HEAD" else body})


async def _send_once(call: Call, answer: Answer, headers: list[Header], coding: str | None, send: Send) -> None:
    """Send a file that was made for this answer; what it leaves behind goes, whatever happens."""
    file = cast(File, answer.body)
    pieces = file.pieces()
    try:
        if not coding:
            headers.append((b"content-length", b"%d" % file.path.stat().st_size))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if call.method != "HEAD":
            made = encode_pieces(pieces, coding) if coding else pieces
            while (piece := await call.run(next, made, None)) is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        pieces.close()
        file.forget()


async def _send_pieces(call: Call, answer: Answer, headers: list[Header], coding: str | None, send: Send) -> None:
    pieces = answer.body
    if not coding:
        headers.append((b"content-length", b"%d" % sum(map(len, pieces))))  # type: ignore[arg-type]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if call.method != "HEAD":
        made: Iterator[bytes] = encode_pieces(pieces, coding) if coding else iter(pieces)  # type: ignore[arg-type]
        while (piece := await call.run(next, made, None) if coding else next(made, None)) is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b""})
