"""From the address of a tile to what is wanted: OGC API Tiles Part 1 (20-057).

Numbers that are none, negative or too long are 400; a matrix, row or column that the tileset does not have is 404.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from config.errors import Fault, NotFoundError, ParameterError
from config.layers import Layer
from server import params
from server.access import require
from server.features.query import FILTER, filter_of
from server.http.call import Call
from server.http.query import given_once
from server.tiles.service import Wanted, tiled
from store.changes import union
from store.criteria import Box, Criteria, ValidTime
from tiles.grid import Grid, Tile

if TYPE_CHECKING:
    from server.node import Node

TIME = ("datetime", "subset")
ONE = (*TIME, *FILTER)
"""What chooses the features of a tile of one collection."""
SEVERAL = (*TIME, "collections")
"""What chooses the features of a tile of the dataset."""

_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_SUBSET = re.compile(r'datetime\(\s*("[^"]*"|\*)\s*(?::\s*("[^"]*"|\*)\s*)?\)')


def layers_of(node: "Node") -> list[Layer]:
    """The layers that have vector tiles, in their order."""
    return [layer for layer in node.layers.values() if tiled(layer)]


def layer_of(call: Call) -> Layer:
    """The layer of the path, whose features the caller may read.

    Raises:
        NotFoundError: no such collection, or one without vector tiles. UnauthorizedError: it needs a token.
    """
    layer = call.node.layer(call.path_params["collectionId"])
    if not tiled(layer):
        what = Fault("collectionId", f"'{layer.id}' is of kind {layer.kind}", f"see /collections/{layer.id}")
        raise NotFoundError(f"Collection '{layer.id}' has no vector tiles", what)
    require(call.scope, layer)
    return layer


def chosen(call: Call, text: str | None) -> list[Layer]:
    """The layers that `collections` names, in its order; else all that the caller may read.

    /req/collections-selection/query-collections: ids, or addresses of collections.

    Raises:
        ParameterError: one that is not there or has no vector tiles. UnauthorizedError: one that needs a token.
    """
    known = {layer.id: layer for layer in layers_of(call.node)}
    if text is None:
        return [layer for layer in known.values() if call.scope.allows(layer.sharing)]
    found: dict[str, Layer] = {}
    for part in text.split(","):
        id = part.rstrip("/").removeprefix(f"{call.base}/collections/")
        layer = known.get(id)
        if layer is None:
            what = "has no vector tiles" if id in call.node.layers else "is no collection"
            raise ParameterError("collections", f"'{id[:80]}' {what}", "ids of vector collections, see /collections")
        require(call.scope, layer)
        found[id] = layer
    return list(found.values())


def grid_of(call: Call, grids: Mapping[str, Grid]) -> Grid:
    """The tile matrix set of the path.

    Raises:
        NotFoundError: no such set.
    """
    id = call.path_params["tileMatrixSetId"]
    found = grids.get(id)
    if found is None:
        what = Fault("tileMatrixSetId", f"'{id[:80]}'", f"one of: {', '.join(grids)}")
        raise NotFoundError(f"No tile matrix set '{id[:80]}'", what)
    return found


def tile_of(call: Call, grid: Grid) -> Tile:
    """The tile of the path (/req/core/tc-tilematrix-definition and its kin).

    Raises:
        ParameterError: a row or column that is no number. NotFoundError: the set has no such tile.
    """
    matrix = grid.set.matrices.get(call.path_params["tileMatrix"])
    if matrix is None:
        known = list(grid.set.matrices)
        what = Fault("tileMatrix", f"'{call.path_params['tileMatrix'][:40]}'", f"{known[0]} to {known[-1]}")
        raise NotFoundError(f"'{grid.id}' has no such tile matrix", what)
    row, col = _number(call, "tileRow"), _number(call, "tileCol")
    for name, value, most in (("tileRow", row, matrix.height), ("tileCol", col, matrix.width)):
        if value >= most:
            what = Fault(name, f"{value}", f"0 to {most - 1} in tile matrix {matrix.id}")
            raise NotFoundError(f"'{grid.id}' has no such tile", what)
    return Tile(grid, matrix, row, col)


def _number(call: Call, name: str) -> int:
    text = call.path_params[name]
    if not _NUMBER.fullmatch(text):
        raise ParameterError(name, f"'{text[:40]}' is no row or column", "a whole number from 0")
    return int(text)


def within(tile: Tile, extents: Sequence[Box | None]) -> list[bool]:
    """For each of several layers, by their extents, whether it can have anything in the tile.

    Raises:
        NotFoundError: the tile is outside of the tileset's limits, which are those of all extents together
            (/req/core/tc-error). Where no layer has a feature there are none.
    """
    whole: Box | None = None
    for extent in extents:
        whole = union(whole, extent)
    if whole is None:
        return [False for _ in extents]
    limits = tile.grid.limit(tile.matrix, whole)
    if limits is None or not limits.holds(tile.row, tile.col):
        remedy = "see tileMatrixSetLimits of the tileset"
        if limits is not None:
            remedy = f"rows {limits.min_row} to {limits.max_row}, columns {limits.min_col} to {limits.max_col}"
        raise NotFoundError("There are no data so far out", Fault("tileRow", "outside of the tileset's limits", remedy))
    return [extent is not None and _reaches(tile, extent) for extent in extents]


def _reaches(tile: Tile, extent: Box) -> bool:
    """Whether a layer's own limits hold the tile, or its neighbours: buffers reach over."""
    limits = tile.grid.limit(tile.matrix, extent)
    return limits is not None and (
        limits.min_row - 1 <= tile.row <= limits.max_row + 1 and limits.min_col - 1 <= tile.col <= limits.max_col + 1
    )


def valid_of(call: Call, given: Mapping[str, str]) -> ValidTime | None:
    """The day or interval that is asked for, as `moment_of` has it.

    Raises:
        ParameterError: neither a day nor an interval; both parameters; another axis.
    """
    text = moment_of(call, given)
    return None if text is None else params.moment(text, call.node.zone)


def moment_of(call: Call, given: Mapping[str, str]) -> str | None:
    """The text of `datetime`, also where it is given as `subset=datetime(...)` (/req/datetime/axis).

    Raises:
        ParameterError: neither a day nor an interval; both parameters; another axis.
    """
    given_once(call.pairs, TIME.__contains__)
    text, subset = given.get("datetime"), given.get("subset")
    if subset is not None:
        if text is not None:
            raise ParameterError("subset", "datetime is given too", "one of them")
        match = _SUBSET.fullmatch(subset.strip())
        if match is None:
            remedy = 'datetime("2016-01-01"), or datetime("2016-01-01":*)'
            raise ParameterError("subset", f"'{subset[:60]}' is not understood", remedy)
        ends = [None if end is None else ".." if end == "*" else end.strip('"') for end in match.groups()]
        text = "/".join(end for end in ends if end is not None)
    if text is not None:
        params.moment(text, call.node.zone)
    return text


async def criteria_of(call: Call, layer: Layer, given: Mapping[str, str]) -> Criteria:
    """What a tile of one collection shows."""
    given_once(call.pairs, FILTER.__contains__)
    return Criteria(scope=call.scope, valid=valid_of(call, given), filter=await filter_of(call, layer, dict(given)))


def wanted(layers: Sequence[Layer], tile: Tile, criteria: Criteria) -> list[Wanted]:
    return [Wanted(layer, tile, criteria) for layer in layers]
