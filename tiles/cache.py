"""Finished tiles in memory: bytes in each coding that was asked for, an entity tag, and the marks of what they show."""

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from store.criteria import Box
from tiles.board import Board, Mark

_OVERHEAD = 600
"""Bytes that a kept tile costs beside its own."""


@dataclass(slots=True)
class Kept:
    """One tile. `version` is that of the board at which it was last found to hold; `box` is in degrees, buffer
    included; `whole` says that nothing was left out of it; `name` is that on disk, `key` that in memory;
    `heads` holds what a server makes of it for each coding."""

    data: bytes
    marks: tuple[Mark, ...]
    box: Box
    version: int = -1
    whole: bool = True
    etag: str = ""
    codings: dict[str, bytes] = field(default_factory=dict)
    name: str = field(default="", compare=False)
    key: Hashable = field(default=None, compare=False)
    heads: dict[str | None, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.etag:
            self.etag = f'"{hashlib.blake2b(self.data, digest_size=12).hexdigest()}"'

    @property
    def size(self) -> int:
        return _OVERHEAD + len(self.data) + sum(map(len, self.codings.values()))


class Cache:
    """The least recently used tiles leave when there are too many bytes. Belongs to one thread, the event loop's."""

    def __init__(self, board: Board, most: int) -> None:
        self._board = board
        self._most = most
        self._bytes = 0
        self._kept: OrderedDict[Hashable, tuple[Kept, int]] = OrderedDict()

    def get(self, key: Hashable) -> Kept | None:
        """The tile under `key` if it still holds as far as the board knows."""
        found = self._kept.get(key)
        if found is None:
            return None
        kept = found[0]
        version = self._board.version
        if kept.version != version:
            marks = self._board.renewed(kept.marks, kept.box)
            if marks is None:
                self.drop(key)
                return None
            kept.marks, kept.version = marks, version
        self._kept.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep a tile."""
        self.drop(key)
        kept.key = key
        size = kept.size
        self._kept[key] = (kept, size)
        self._bytes += size
        while self._bytes > self._most and len(self._kept) > 1:
            self.drop(next(iter(self._kept)))

    def recount(self, kept: Kept) -> None:
        """Count a tile's bytes anew after it was coded, if it is still kept."""
        there = self._kept.get(kept.key)
        if there is not None and there[0] is kept:
            self.put(kept.key, kept)

    def drop(self, key: Hashable) -> None:
        """Forget a tile."""
        _, size = self._kept.pop(key, (None, 0))
        self._bytes -= size

    def __len__(self) -> int:
        return len(self._kept)
