"""Raster collections as map tiles: /collections/{id}/map/tiles (OGC API Tiles Part 1, conformance class png)."""

from pathlib import Path

from config.errors import Fault, NotFoundError
from config.layers import Layer
from server import rasters
from server.access import require
from server.http.answer import IDENTITY, Answer
from server.http.call import Call
from server.http.links import Link, link
from server.tiles.asked import TIME, grid_of, moment_of, tile_of, within
from server.tiles.picture import picture
from server.tiles.service import Tiles, tiles_of
from server.tiles.tilesets import PNG, REL, Source, listed, one
from store.criteria import Box
from tiles.cache import Kept
from tiles.grid import Tile


async def get_map_tilesets(call: Call) -> Answer:
    """The tilesets of a raster collection."""
    return await listed(call, _source(call))


async def get_map_tileset(call: Call) -> Answer:
    """One tileset of a raster collection."""
    moment_of(call, call.params((*TIME, "f", "lang")))
    return await one(call, _source(call))


async def get_map_tile(call: Call) -> Answer:
    """A tile of the file of the asked year, the newest without `datetime` (/req/png/content)."""
    layer = _layer(call)
    tiles = tiles_of(call.node)
    tile = tile_of(call, grid_of(call, tiles.grids))
    given = call.params((*TIME, "f", "lang"))
    call.format((PNG,))
    data_dir = call.node.settings.data_dir
    path = rasters.file_of(layer, data_dir, rasters.year_of(layer, data_dir, moment_of(call, given)))
    if not path.is_file():
        raise NotFoundError(f"Collection '{layer.id}' has no file on this node")
    within(tile, [_extent(layer, data_dir)])
    kept = await _kept(call, tiles, layer, path, tile)
    cache = "no-cache" if call.scope is call.node.public else "private, no-cache"
    if not kept.data:
        return Answer(b"", "", 204, cache=cache, vary="Accept, Authorization")
    return Answer(kept.data, PNG.media, etag=kept.etag, cache=cache, vary="Accept, Authorization", coding=IDENTITY)


async def _kept(call: Call, tiles: Tiles, layer: Layer, path: Path, tile: Tile) -> Kept:
    """The picture, made once for each version of the file."""
    changed = path.stat().st_mtime_ns
    key = (layer.id, "map", str(path), changed, tile.grid.id, tile.matrix.id, tile.row, tile.col, call.scope.key)
    found = tiles.cache.get(key)
    if found is None:
        found = Kept(await call.run(picture, path, changed, tile), (), Box(0, 0, 0, 0))
        tiles.cache.put(key, found)
    return found


def _layer(call: Call) -> Layer:
    """The raster layer of the path.

    Raises:
        NotFoundError: no such collection, or one without files. UnauthorizedError: it needs a token.
    """
    layer = call.node.layer(call.path_params["collectionId"])
    if not rasters.filed(layer) or _extent(layer, call.node.settings.data_dir) is None:
        what = Fault("collectionId", f"'{layer.id}' has no raster file here", f"see /collections/{layer.id}")
        raise NotFoundError(f"Collection '{layer.id}' has no map tiles", what)
    require(call.scope, layer)
    return layer


def _extent(layer: Layer, data_dir: Path) -> Box | None:
    found = rasters.extent(layer, data_dir)
    return Box(*found["spatial"]["bbox"][0]) if found else None


def _source(call: Call) -> Source:
    layer = _layer(call)
    return Source(call, [], layer, "map", _extent(layer, call.node.settings.data_dir))


def links(call: Call, layer: Layer) -> list[Link]:
    """What a raster collection with a file leads to."""
    title = "Map tiles" if call.language == "en" else "栅格瓦片"
    place = f"{call.base}/collections/{layer.id}/map/tiles"
    return [link(place, f"{REL}tilesets-map", "application/json", title)]
