"""Content codings: brotli 1 or gzip 1 for what is made per request, brotli 5 or gzip 6 for what is kept."""

import zlib
from collections.abc import Iterable, Iterator

import brotli

SMALLEST = 600
"""Bytes below which compressing costs more than it saves."""


def encode(body: bytes, coding: str, *, kept: bool = False) -> bytes:
    """`body` in the coding `br` or `gzip`."""
    if coding == "br":
        return bytes(brotli.compress(body, quality=5 if kept else 1))
    machine = zlib.compressobj(6 if kept else 1, zlib.DEFLATED, 31)
    return machine.compress(body) + machine.flush()


def encode_pieces(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """The same piece by piece; pieces that the coder keeps back come out empty and are left out."""
    if coding == "br":
        coder = brotli.Compressor(quality=1)
        for piece in pieces:
            if made := coder.process(piece):
                yield made
        yield coder.finish()
        return
    machine = zlib.compressobj(1, zlib.DEFLATED, 31)
    for piece in pieces:
        if made := machine.compress(piece):
            yield made
    yield machine.flush()
