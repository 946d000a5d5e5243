"""Identifiers seen so far, as sorted 64-bit hashes: 12 bytes a row instead of a hundred, so that a million fit easily.

Two different identifiers share a hash once in 36 million loads of a million rows; such a load would be refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

MERGE_FROM = 8


def hashes(ids: Sequence[str]) -> NDArray[np.uint64]:
    data = b"".join(blake2b(one.encode(), digest_size=8).digest() for one in ids)
    return np.frombuffer(data, dtype=np.uint64)


@dataclass(slots=True)
class Identities:
    """Sorted runs of (hash, row); runs are merged when there are many."""

    runs: list[tuple[NDArray[np.uint64], NDArray[np.int32]]] = field(default_factory=list)

    def add(self, ids: Sequence[str], rows: NDArray[np.int64]) -> list[tuple[int, int]]:
        """Remember identifiers of rows; (index, row of the first use) of those that were used before."""
        if not len(ids):
            return []
        keys = hashes(ids)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        first = np.concatenate(([True], ordered[1:] != ordered[:-1]))
        starts = np.flatnonzero(first)
        leader = order[starts[np.cumsum(first) - 1]]
        found = {int(order[n]): int(rows[leader[n]]) for n in np.flatnonzero(~first)}
        before = self._before(keys)
        found |= {index: row for index, row in enumerate(before.tolist()) if row >= 0}
        fresh = order[starts][before[order[starts]] < 0]
        if len(fresh):
            self.runs.append((keys[fresh], rows[fresh].astype(np.int32)))
        if len(self.runs) >= MERGE_FROM:
            self._merge()
        return sorted(found.items())

    def contains(self, ids: Sequence[str]) -> list[int]:
        """Indexes of identifiers that were added."""
        return [index for index, row in enumerate(self._before(hashes(ids)).tolist()) if row >= 0] if len(ids) else []

    def _before(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The row where each was used first, -1 where it is new."""
        seen = np.full(len(keys), -1, dtype=np.int64)
        for known, rows in self.runs:
            at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
            hit = known[at] == keys
            seen[hit] = rows[at[hit]]
        return seen

    def _merge(self) -> None:
        keys = np.concatenate([run for run, _ in self.runs])
        rows = np.concatenate([run for _, run in self.runs])
        order = np.argsort(keys, kind="stable")
        self.runs = [(keys[order], rows[order])]
