"""What a server asks of the child process that writes files, and what it hears back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from store.criteria import Criteria

WRITER = "processes.files.writer"
AHEAD = ("processes.files.lean", "store.sql", WRITER)
"""What a writing child imports before the first order, in this order."""


@dataclass(frozen=True, slots=True)
class Order:
    """A file to write.

    Attributes:
        path: where; the file appears there when it is complete.
        layer: the collection's id.
        format: a key of `store.export.exporter.FORMATS`, or `shp` with a path that ends in .zip.
        criteria: which features, in which order, with which properties and system; its limit is that of the file.
        whole: whether a file that would leave out features beyond the limit is not to be written at all.
        nothing: no feature can match, whatever the criteria say.
    """

    path: Path
    layer: str
    format: str
    criteria: Criteria
    whole: bool = False
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: rows, the token of the next page, and the state of the layer at that moment.

    `rows` None: nothing, since more features match than the limit allows.
    """

    rows: int | None
    cursor: str | None
    revision: int
    generation: int
    epoch: str

    def as_json(self) -> bytes:
        return orjson.dumps(self)

    @classmethod
    def from_json(cls, text: bytes) -> "Written":
        found: dict[str, Any] = orjson.loads(text)
        return cls(**found)
