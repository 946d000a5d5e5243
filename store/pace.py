"""How many rows to write per commit, so that no commit keeps others waiting."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, sleep

TARGET = 0.1
LIMIT = 0.15
GAP = 0.01
"""Seconds left to other writers after each commit: SQLite's lock knows no queue, and who waits asks now and then."""


class Pace:
    """Adapts the number of rows to what the last commit took: seconds stay near `TARGET`."""

    def __init__(self, rows: int = 500, least: int = 100, most: int = 8000) -> None:
        self.rows = rows
        self._least = least
        self._most = most

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Around one commit."""
        began = perf_counter()
        yield
        took = perf_counter() - began
        sleep(GAP)
        if took > LIMIT:
            self.rows = max(self._least, self.rows // 2)
        elif took < TARGET / 2:
            self.rows = min(self._most, self.rows * 2)
