"""One layer of a tile, whole or reduced to what a tile may hold: the same from both stores."""

from config.errors import AccessError
from config.layers import Layer
from store.criteria import Criteria
from store.sql import SqlStore
from tiles.content import MOST_BYTES, MOST_FEATURES, content
from tiles.embedded import Embedded
from tiles.grid import Tile
from tiles.postgis import Postgis
from tiles.rendered import Rendered, Source

_ROUNDS = 6


class Renderer:
    """Renders layers of tiles from a store. Thread-safe."""

    def __init__(self, store: SqlStore) -> None:
        kind = Embedded if store.database.sqlite else Postgis
        self._source: Source = kind(store.database, store.plans)

    def layer(self, layer: Layer, tile: Tile, criteria: Criteria) -> Rendered:
        """What `criteria` picks of a layer in a tile. Its box, sort, page and properties do not count.

        A tile that is too large first loses its attributes, but for the one that gives the colour, then its smallest
        features: those of the smallest boxes.

        Raises:
            AccessError: the scope does not see the layer. UnavailableError: the store is busy.
        """
        if not criteria.scope.allows(layer.sharing):
            raise AccessError(f"The scope '{criteria.scope.key}' does not see layer '{layer.id}'")
        wanted = content(layer, tile.zoom)
        if wanted is None or layer.geometry is None:
            return Rendered(b"", 0, 0)
        made = self._source.render(tile, wanted, criteria, MOST_FEATURES + 1)
        if made.found <= MOST_FEATURES and len(made.data) <= MOST_BYTES:
            return made
        plain = wanted.plain()
        most = MOST_FEATURES
        for _ in range(_ROUNDS):
            made = self._source.render(tile, plain, criteria, most, largest=True)
            if len(made.data) <= MOST_BYTES:
                break
            most = max(1, int(min(most, made.found) * 0.9 * MOST_BYTES / len(made.data)))
        return Rendered(made.data, made.features, made.found, whole=False)
