"""The tiles of a node while it runs: kept ones, those being made, and what is known of the store's changes."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from config import matrixsets
from config.layers import GeometryType, Layer
from config.version import VERSION
from server.http.coding import SMALLEST, encode
from server.http.conditional import digest
from server.tiles.door import Door
from store.criteria import Box, Criteria
from store.sql import SqlStore
from tiles.board import Board, Mark
from tiles.cache import Cache, Kept
from tiles.disk import Disk
from tiles.grid import Grid, Tile, grids
from tiles.render import Renderer

if TYPE_CHECKING:
    from server.node import Node

FRESH_SECONDS = 0.5
"""How long what other processes did may go unseen; what this process did is seen at once."""
_SPARE_UNITS = 2
"""By how much a change may lie beyond a tile's buffer and still end it: rounding."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One layer in one tile. `key` is all that the bytes depend on but the data."""

    layer: Layer
    tile: Tile
    criteria: Criteria

    @property
    def key(self) -> tuple[Hashable, ...]:
        tile, asked = self.tile, self.criteria
        filter = asked.filter.normal if asked.filter else ""
        return (self.layer.id, tile.grid.id, tile.matrix.id, tile.row, tile.col, asked.valid, filter, asked.scope.key)

    @property
    def name(self) -> str:
        """The same for the disk, where programs and definitions may change between two runs."""
        tile = self.tile
        place = f"{self.layer.id}/{tile.grid.id}/{tile.matrix.id}/{tile.row}/{tile.col}"
        rest = [VERSION, self.layer.digest, tile.grid.set.digest, *self.key[5:]]
        return f"{place}/{digest(rest)}"


type _Maker = Callable[[], Coroutine[object, object, Kept]]


class Tiles:
    """The tiles of one node. Its coroutines belong to the event loop; `changed` may be called from any thread."""

    def __init__(self, node: "Node", store: SqlStore) -> None:
        settings = node.settings
        self._threads = node.threads
        self.grids = grids_of(node)
        self.board = Board(store.database, store.plans)
        self.cache = Cache(self.board, settings.tiles.memory)
        self._renderer = Renderer(store)
        self.door = Door(self)
        self._disk = Disk(settings.data_dir / "tiles", settings.tiles.disk) if settings.tiles.disk else None
        self._making: dict[Hashable, tuple[tuple[Mark, ...], asyncio.Task[Kept]]] = {}
        self._coding: dict[tuple[int, str], asyncio.Task[bytes]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._looked = float("-inf")
        self._dirty = True
        store.after_write.append(self.changed)

    def changed(self) -> None:
        """An edit was committed by this process: the next answer looks first."""
        self._dirty = True

    @property
    def current(self) -> bool:
        """Whether the board was read lately and nothing was written here since."""
        return not self._dirty and time.monotonic() - self._looked < FRESH_SECONDS

    async def fresh(self) -> None:
        """See to it that the board is current."""
        while not self.current:
            if self._looking is None:
                self._dirty = False
                self._looking = asyncio.get_running_loop().create_task(self._look())
            await asyncio.shield(self._looking)

    async def _look(self) -> None:
        began = time.monotonic()
        try:
            await self._threads.run(self.board.refresh)
            self._looked = began
        except BaseException:
            self._dirty = True
            raise
        finally:
            self._looking = None

    def extent(self, layer: Layer) -> Box | None:
        """The layer's box as the board has it."""
        known = self.board.standings.get(layer.id)
        return known.extent if known else None

    async def layer(self, wanted: Wanted) -> Kept:
        """One layer in one tile, kept or made; the same asked for at one time is made once."""
        box = wanted.tile.place(wanted.layer.tiles.buffer + _SPARE_UNITS)
        if box is None:
            return Kept(b"", (), Box(0, 0, 0, 0))
        await self.fresh()
        key = wanted.key
        found = self.cache.get(key)
        if found is None:
            marks = self.board.marks([wanted.layer.id], timeless=wanted.criteria.valid is not None)
            found = await self._once(key, marks, box, lambda: self._made(wanted, marks, box))
        return found

    async def dataset(self, asked: Sequence[Wanted]) -> Kept:
        """Several layers in one tile, in their order."""
        if len(asked) == 1:
            return await self.layer(asked[0])
        tile = asked[0].tile
        buffer = max(one.layer.tiles.buffer for one in asked)
        box = tile.place(buffer + _SPARE_UNITS)
        if box is None:
            return Kept(b"", (), Box(0, 0, 0, 0))
        await self.fresh()
        key = tuple(one.key for one in asked)
        found = self.cache.get(key)
        if found is None:
            marks = self.board.marks([one.layer.id for one in asked], timeless=asked[0].criteria.valid is not None)
            found = await self._once(key, marks, box, lambda: self._joined(asked, marks, box))
        return found

    async def coded(self, kept: Kept, coding: str | None) -> tuple[bytes, str | None]:
        """A tile's bytes in a coding, compressed once; small ones stay as they are."""
        if coding is None or len(kept.data) < SMALLEST:
            return kept.data, None
        body = kept.codings.get(coding)
        if body is None:
            running = self._coding.get((id(kept), coding))
            if running is None:
                running = asyncio.get_running_loop().create_task(self._encode(kept, coding))
                self._coding[id(kept), coding] = running
            body = await asyncio.shield(running)
        return body, coding

    async def _encode(self, kept: Kept, coding: str) -> bytes:
        try:
            body = kept.codings[coding] = await self._threads.run(encode, kept.data, coding, kept=True)
        finally:
            del self._coding[id(kept), coding]
        self.cache.recount(kept)
        if self._disk is not None and kept.name:
            self._disk.put(kept.name, kept)
        return body

    async def _once(self, key: Hashable, marks: tuple[Mark, ...], box: Box, make: _Maker) -> Kept:
        """Make a tile, or wait for it where it is being made from rows that are as new."""
        running = self._making.get(key)
        if running is None or self.board.renewed(running[0], box) is None:
            task = asyncio.get_running_loop().create_task(make())
            running = self._making[key] = (marks, task)
            task.add_done_callback(lambda _: self._done(key, running))
        return await asyncio.shield(running[1])

    def _done(self, key: Hashable, running: tuple[tuple[Mark, ...], asyncio.Task[Kept]]) -> None:
        if self._making.get(key) is running:
            del self._making[key]
        if not running[1].cancelled() and running[1].exception() is None:
            self.cache.put(key, running[1].result())

    async def _made(self, wanted: Wanted, marks: tuple[Mark, ...], box: Box) -> Kept:
        return await self._threads.run(self._read, wanted, marks, box)

    def _read(self, wanted: Wanted, marks: tuple[Mark, ...], box: Box) -> Kept:
        """From the disk where it still holds, else from the store. Runs in a thread."""
        name = wanted.name if self._disk is not None else ""
        if self._disk is not None:
            found = self._disk.get(name)
            if found is not None and self.board.reach_back(found.marks):
                renewed = self.board.renewed(found.marks, box)
                if renewed is not None:
                    found.marks, found.name = renewed, name
                    return found
        rendered = self._renderer.layer(wanted.layer, wanted.tile, wanted.criteria)
        kept = Kept(rendered.data, marks, box, whole=rendered.whole, name=name)
        if self._disk is not None:
            self._disk.put(name, kept)
        return kept

    async def _joined(self, asked: Sequence[Wanted], marks: tuple[Mark, ...], box: Box) -> Kept:
        found = await asyncio.gather(*(self.layer(one) for one in asked))
        return Kept(b"".join(one.data for one in found), marks, box, whole=all(one.whole for one in found))

    def close(self) -> None:
        """Write what waits for the disk."""
        if self._disk is not None:
            self._disk.close()


_SERVICES: "WeakKeyDictionary[Node, Tiles]" = WeakKeyDictionary()
_GRIDS: "WeakKeyDictionary[Node, Mapping[str, Grid]]" = WeakKeyDictionary()
_LOCK = threading.Lock()


def tiles_of(node: "Node") -> Tiles:
    """The tiles of a node, opened when first asked for."""
    found = _SERVICES.get(node)
    if found is None:
        with _LOCK:
            if node not in _SERVICES:
                store = node.store
                if not isinstance(store, SqlStore):
                    raise TypeError("tiles are made from a store on PostGIS or SQLite")
                made = _SERVICES[node] = Tiles(node, store)
                node.shortcuts.append((made.door.answer, ".vector.getTile"))
                node.at_close.append(made.close)
            found = _SERVICES[node]
    return found


def grids_of(node: "Node") -> Mapping[str, Grid]:
    """The tile matrix sets of a node's folder of definitions and the shipped ones, by id."""
    found = _GRIDS.get(node)
    if found is None:
        found = _GRIDS[node] = grids(matrixsets.load(node.settings.collections.path))
    return found


def offered(node: "Node") -> bool:
    """Whether the node's store is one that tiles can be made from."""
    return isinstance(node.store, SqlStore)


def tiled(layer: Layer) -> bool:
    """Whether a layer has vector tiles."""
    return layer.stored and isinstance(layer.geometry, GeometryType)
