"""A node while it runs: settings, definitions, store, threads, and what is kept of them."""

import asyncio
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import orjson
from starlette.types import Scope as AsgiScope

from config.errors import DefinitionError, Fault, NotFoundError
from config.layers import Layer
from config.settings import Settings
from config.version import VERSION
from server import rasters
from server.access import Access
from server.http.address import Addresses
from server.http.conditional import digest
from server.http.finished import Shelf
from server.http.negotiate import LANGUAGES
from server.metrics import Metrics
from server.threads import Threads
from store.interface import LayerState, Store

if TYPE_CHECKING:
    from config.registry import Registry
    from server.block import Block
    from server.edits.door import Ground

type Shortcut = Callable[[AsgiScope, Mapping[bytes, bytes]], tuple[int, list[tuple[bytes, bytes]], bytes] | None]

FRESH_SECONDS = 1.0
"""How long the states of all layers are believed by documents about layers; never by pages of features."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The states of all stored layers at about one moment, on one day.

    `token` changes when any of them does, and when a file of a raster layer does.
    """

    states: Mapping[str, LayerState]
    day: date
    token: str


class Node:
    """One government's node. `layers` are the published ones by id; `readiness` holds a check per part of /readyz."""

    def __init__(self, settings: Settings, registry: "Registry", layers: Mapping[str, Layer], store: Store) -> None:
        self.settings = settings
        self.registry = registry
        self.layers = layers
        self.store = store
        self.access = Access(settings.access, settings.editing)
        self.public = self.access.public
        self.addresses = Addresses(settings.server)
        self.threads = Threads(settings.server.threads)
        self.metrics = Metrics()
        self.shelf = Shelf()
        self.blocks: tuple[Block, ...] = ()
        self.token = digest([VERSION, registry.digest, settings.node.model_dump_json()])
        notice = settings.node.notice
        self.notices: Mapping[str, str] = {one: notice[one] for one in LANGUAGES} if notice else {}
        """By language, what every collection, page of features and result says (data are synthetic); mostly empty."""
        self.notice_members = {one: b',"notice":' + orjson.dumps(text) for one, text in self.notices.items()}
        """The same as a finished member of a JSON object, to be put behind another one."""
        self.readiness: dict[str, Callable[[], object]] = {"store": store.check}
        self.listings: dict[Hashable, tuple[str, object]] = {}
        """The collections as they are described: by language, scope and address, with the snapshot's token."""
        self.parameters: dict[str, frozenset[str]] = {}
        """What items of each layer take, once asked for."""
        self.ground: Ground | None = None
        """What edits are checked against."""
        self.at_start: list[Callable[[], object]] = []
        """What a thread does once the server runs, so that no first request waits for it."""
        self.at_close: list[Callable[[], None]] = []
        """What to end before the threads and the store do, such as the job engine."""
        self.shortcuts: list[tuple[Shortcut, str]] = []
        """What may answer a request at once, below the router, each with its operation's name: kept tiles."""
        self._zone = ZoneInfo(settings.node.timezone)
        self._snapshot: Snapshot | None = None
        self._checked = 0.0
        self._writes = 0
        self._refreshing: tuple[int, asyncio.Task[Snapshot]] | None = None

    def now(self) -> datetime:
        """The time in the node's zone."""
        return datetime.now(self._zone)

    def today(self) -> date:
        """The day in the node's zone."""
        return datetime.now(self._zone).date()

    @property
    def zone(self) -> ZoneInfo:
        return self._zone

    def layer(self, id: str) -> Layer:
        """A published layer.

        Raises:
            NotFoundError: no such collection.
        """
        found = self.layers.get(id)
        if found is None:
            raise NotFoundError(f"No collection '{id[:80]}'", Fault("collectionId", f"'{id[:80]}'", "see /collections"))
        return found

    async def snapshot(self) -> Snapshot:
        """The states of all layers, at most a second old."""
        if self._snapshot is None or time.monotonic() - self._checked > FRESH_SECONDS:
            under_way = self._refreshing
            if under_way is None or under_way[1].done() or under_way[0] != self._writes:
                task = asyncio.get_running_loop().create_task(self.threads.run(self._read_states))
                under_way = self._refreshing = (self._writes, task)
            return await asyncio.shield(under_way[1])
        return self._snapshot

    def wrote(self) -> None:
        """Called after each write of this process: what was read of the states before it is believed no more."""
        self._writes += 1
        self._checked = 0.0

    @property
    def counts(self) -> Mapping[str, int]:
        """How many features each layer had when the states were last read; empty before that."""
        return {id: state.count for id, state in self._snapshot.states.items()} if self._snapshot else {}

    def _read_states(self) -> Snapshot:
        writes, day = self._writes, self.today()
        states = {id: self.store.state(id) for id, layer in self.layers.items() if layer.stored}
        files = [rasters.stamp(layer, self.settings.data_dir) for layer in self.layers.values()]
        token = digest(
            [day, files, *(f"{s.revision}.{s.generation}.{s.epoch}.{s.count}.{s.extent}" for s in states.values())]
        )
        kept = self._snapshot
        found = kept if kept is not None and kept.token == token else Snapshot(states, day, token)
        if writes == self._writes:
            self._snapshot, self._checked = found, time.monotonic()
        return found

    def close(self) -> None:
        """Let what runs beside the requests end, then the threads, then release the store."""
        for end in self.at_close:
            end()
        self.threads.close()
        self.store.close()


def open_node(settings: Settings) -> Node:
    """Read the definitions, open the store and check that both fit.

    Raises:
        DefinitionError: a definition or the configuration is wrong. SchemaMismatchError: says what to run.
    """
    from config import registry as registries
    from store import open_store

    registry = registries.load(settings.collections.path, settings.data_dir / "definitions")
    layers = published(settings, registry)
    stored = {id: layer for id, layer in layers.items() if layer.stored}
    options = {"statement_timeout": settings.server.limits.statement, "pool_size": settings.server.threads}
    store = open_store(settings.store.url, stored, settings.node.timezone, **(options | settings.store.options))
    try:
        store.check()
    except BaseException:
        store.close()
        raise
    return Node(settings, registry, layers, store)


def published(settings: Settings, registry: "Registry") -> Mapping[str, Layer]:
    """The layers that the node's configuration includes.

    Raises:
        DefinitionError: it includes one that no file defines.
    """
    include = settings.collections.include
    if include is None:
        return dict(registry.layers)
    missing = [id for id in include if id not in registry.layers]
    if missing:
        where = str(settings.file or "settings")
        raise DefinitionError(
            "The configuration includes unknown layers",
            *(Fault(where, f"collections.include: no layer '{id}'", "see the files in the folder") for id in missing),
        )
    return {id: registry.layers[id] for id in include}
