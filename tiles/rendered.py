"""What a store makes of one layer in one tile."""

from dataclasses import dataclass, replace
from typing import Protocol

from config.layers import Layer
from store.criteria import Box, Criteria
from store.engine import Database
from store.question import Question, question
from store.select import Purpose
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


def asked(database: Database, layer: Layer, criteria: Criteria, place: Box) -> Question:
    """The question without its box: a tile's own finds the rows. (With a box, all of a filter stays a condition.)"""
    boxed = criteria if criteria.filter is None else replace(criteria, box=place)
    return question(database, layer, boxed, Purpose.BATCH)


class Source(Protocol):
    """One kind of store. `most` is how many rows are read; `largest` asks for those of the largest boxes."""

    def render(
        self, tile: Tile, content: Content, criteria: Criteria, most: int, *, largest: bool = False
    ) -> Rendered: ...
