"""Protocol Buffers' numbers, many at a time."""

import numpy as np
from numpy.typing import NDArray

type Bytes = NDArray[np.uint8]

_SMALL = [bytes([one]) for one in range(128)]


def varint(value: int) -> bytes:
    """One unsigned number."""
    if value < 128:
        return _SMALL[value]
    made = bytearray()
    while value >= 128:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def field(number: int, body: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(body)) + body


def varints(values: NDArray[np.int64]) -> tuple[Bytes, NDArray[np.int64]]:
    """The bytes of unsigned numbers below 2**35, and where each begins; one more offset for the end."""
    sizes = np.ones(len(values), dtype=np.int64)
    for bits in (7, 14, 21, 28):
        more = values >= 1 << bits
        if not more.any():
            break
        sizes += more
    starts = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(sizes, out=starts[1:])
    made = np.empty(starts[-1], dtype=np.uint8)
    made[starts[:-1]] = (values & 0x7F) | np.where(sizes > 1, 0x80, 0)
    for place in range(1, int(sizes.max(initial=1))):
        chosen = np.flatnonzero(sizes > place)
        part = (values[chosen] >> (7 * place)) & 0x7F
        made[starts[chosen] + place] = part | np.where(sizes[chosen] > place + 1, 0x80, 0)
    return made, starts
