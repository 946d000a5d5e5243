"""What every reader gives: chunks of rows as the file has them, with the flaws that only the reader can see."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from store.ingest.frame import Claim
from store.ingest.problems import Problem


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a file. `rows` are their numbers as a person counts them (from 1); `wkb` is an object array of bytes or
    None in the file's own x, y (None: a table without geometry); `columns` are Python values, None where empty."""

    rows: NDArray[np.int64]
    wkb: NDArray[np.object_] | None
    columns: Mapping[str, list[Any]]
    flaws: Sequence[Problem] = ()

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class About:
    """What the file says of itself. `claim` carries its CRS, datum and zone; `notes` are findings about the whole."""

    driver: str
    layer: str
    columns: tuple[str, ...]
    encoding: str
    claim: Claim = field(default_factory=Claim)
    notes: Sequence[Problem] = ()


class Source(Protocol):
    """A file opened for reading. `chunks` may be called more than once, each time from the start."""

    @property
    def about(self) -> About: ...

    def chunks(self, size: int) -> Iterator[Chunk]: ...


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the operator may say about reading: layer, text encoding, columns of a table that hold the geometry.
    `polygonal`: the target's features are polygons, so closed lines of a drawing are outlines."""

    layer: str | None = None
    encoding: str | None = None
    geometry_columns: tuple[str, ...] = ()
    polygonal: bool = False
