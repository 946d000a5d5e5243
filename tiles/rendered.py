"""What a store makes of one layer in one tile."""

from dataclasses import dataclass
from typing import Protocol

from store.criteria import Criteria
from tiles.content import Content
from tiles.grid import Tile


@dataclass(frozen=True, slots=True)
class Rendered:
    """A layer of a tile as the bytes of a Mapbox Vector Tile; none where it is empty.

    `features` are in it; `found` rows lie in the tile's box, as far as they were read. `whole` says that neither
    features nor attributes were left out because there were too many.
    """

    data: bytes
    features: int
    found: int
    whole: bool = True


class Source(Protocol):
    """One kind of store. `most` is how many rows are read; `largest` asks for those of the largest boxes."""

    def render(
        self, tile: Tile, content: Content, criteria: Criteria, most: int, *, largest: bool = False
    ) -> Rendered: ...
