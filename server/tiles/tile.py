"""The tiles themselves, of one collection and of the dataset (/req/core/tc-op, tc-success, tc-error; /req/mvt/content).

The same path with row and column exchanged serves clients that know only XYZ: `{z}/{y}/{x}`.
"""

import orjson

from config.layers import Layer
from server.http.answer import IDENTITY, Answer, Header, not_modified, unchanged
from server.http.call import Call
from server.http.negotiate import Format, pick_coding
from server.tiles.asked import ONE, SEVERAL, chosen, criteria_of, grid_of, layer_of, tile_of, valid_of, wanted, within
from server.tiles.door import REDUCED
from server.tiles.service import Tiles, tiles_of
from store.criteria import Criteria
from tiles.cache import Kept
from tiles.grid import Tile

MVT = Format("mvt", "application/vnd.mapbox-vector-tile", ("application/x-protobuf", "application/octet-stream"))
INSPECTED = Format("json", "application/json")
FORMATS = (MVT, INSPECTED)
_VARY = "Accept, Authorization"


async def get_collection_tile(call: Call) -> Answer:
    """A tile of one collection."""
    layer = layer_of(call)
    tiles = tiles_of(call.node)
    tile = tile_of(call, grid_of(call, tiles.grids))
    given = call.params((*ONE, "f", "lang"))
    criteria = await criteria_of(call, layer, given)
    return await _answer(call, tiles, tile, [layer], criteria)


async def get_dataset_tile(call: Call) -> Answer:
    """A tile of several collections, each a layer of its own, in the order of `collections`."""
    tiles = tiles_of(call.node)
    tile = tile_of(call, grid_of(call, tiles.grids))
    given = call.params((*SEVERAL, "f", "lang"))
    layers = chosen(call, given.get("collections"))
    return await _answer(call, tiles, tile, layers, Criteria(scope=call.scope, valid=valid_of(call, given)))


async def _answer(call: Call, tiles: Tiles, tile: Tile, layers: list[Layer], criteria: Criteria) -> Answer:
    form = call.format(FORMATS)
    await tiles.fresh()
    inside = within(tile, [tiles.extent(layer) for layer in layers]) if layers else []
    there = [layer for layer, held in zip(layers, inside, strict=True) if held]
    kept = await tiles.dataset(wanted(there, tile, criteria)) if there else None
    cache = "no-cache" if call.scope is call.node.public else "private, no-cache"
    if form is INSPECTED:
        return await _inspected(call, tile, kept, cache)
    if kept is None or not kept.data:
        return Answer(b"", "", 204, cache=cache, vary=_VARY)
    if unchanged(call, kept.etag):
        _remember(call, tiles, kept)
        return not_modified(kept.etag, cache, _VARY)
    body, coding = await tiles.coded(kept, pick_coding(call.header(b"accept-encoding")))
    headers: list[Header] = [] if kept.whole else [REDUCED]
    _remember(call, tiles, kept)
    return Answer(body, MVT.media, 200, headers, kept.etag, cache, _VARY, coding=coding or IDENTITY)


def _remember(call: Call, tiles: Tiles, kept: Kept) -> None:
    """The next who asks so is answered below the router; not where a token was shown, of whatever worth."""
    if b"authorization" not in call.headers and kept.key is not None:
        tiles.door.remember(call.asgi, call.headers.get(b"accept"), kept.key)


async def _inspected(call: Call, tile: Tile, kept: Kept | None, cache: str) -> Answer:
    from tiles.inspection import inspected

    data, whole = (kept.data, kept.whole) if kept else (b"", True)
    made = await call.run(lambda: orjson.dumps(inspected(data, tile, whole=whole)))
    return Answer(made, INSPECTED.media, cache=cache, vary=_VARY)
