"""Ids for features that bring none: UUID version 7 (RFC 9562, 5.7), rising with time within one process."""

from itertools import count
from os import urandom
from threading import Lock
from time import time_ns
from uuid import UUID

_lock = Lock()
_state = [0]


def draw(number: int) -> list[str]:
    """`number` new ids in rising order: 48 bits of milliseconds, a 12-bit fraction or counter, 62 random bits."""
    with _lock:
        # Twelve bits below the millisecond: method 3 of RFC 9562, 6.2, with the counter carried into the time.
        first = max(time_ns() * 4096 // 1_000_000, _state[0] + 1)
        _state[0] = first + number - 1
    noise = urandom(8 * number)
    return [
        str(
            UUID(
                int=(moment >> 12 & (1 << 48) - 1) << 80
                | 7 << 76
                | (moment & 0xFFF) << 64
                | 1 << 63
                | int.from_bytes(noise[8 * n : 8 * n + 8]) & (1 << 62) - 1
            )
        )
        for n, moment in zip(range(number), count(first))
    ]
