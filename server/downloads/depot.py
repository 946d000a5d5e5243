"""Files of whole collections, kept in the node's data folder under a name that says which state they hold.

`<collection>.<state>.<variant>.<ending>`: `state` is a digest of all that the content depends on, `variant` of how it
is written. A file appears when it is complete. One that holds a former state goes when the next is made; of too many
bytes the least recently asked go first. Several servers may share the folder.
"""

import asyncio
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from config.errors import UnavailableError
from config.layers import Layer
from config.version import VERSION
from processes.files.order import Order, Written
from server.features.formats.catalogue import FileFormat
from server.features.formats.pool import writers_of
from server.http.conditional import digest
from store.criteria import ALL, Criteria
from store.interface import LayerState

if TYPE_CHECKING:
    from server.node import Node

PATIENCE = 50.0
"""Seconds that a caller waits for a file to be made; after them it is made all the same."""
READERS = 60.0
"""Seconds that a file of a former state stays for those who have just been told of it."""
LEFT_BEHIND = 3600.0
"""Age in seconds of an unfinished file that nobody can still be writing."""
_STEP = 0.2


@dataclass(frozen=True, slots=True)
class Wanted:
    """A whole collection in a format and a coordinate system (a URI)."""

    layer: Layer
    file: FileFormat
    crs: str

    def name(self, revision: int, generation: int, epoch: str) -> str:
        """The name of the file that holds a state."""
        state = digest([revision, generation, epoch, self.layer.digest, VERSION])[:16]
        return f"{self.layer.id}.{state}.{digest([self.crs])[:8]}{self.file.suffix}"


class Depot:
    """The kept files of one node."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._folder = node.settings.data_dir / "downloads"
        self._most = node.settings.downloads.bytes
        self._making: dict[str, asyncio.Task[Path]] = {}

    async def file(self, wanted: Wanted, state: LayerState) -> Path:
        """The file of the collection's present state, made if it is not there; once for all who ask meanwhile.

        Raises:
            UnavailableError: it is still being made.
        """
        name = wanted.name(state.revision, state.generation, state.epoch)
        path = self._folder / name
        if path.exists():
            stat = path.stat()
            os.utime(path, ns=(time.time_ns(), stat.st_mtime_ns))
            return path
        task = self._making.get(name)
        if task is None:
            task = self._making[name] = asyncio.ensure_future(self._make(wanted, path))
            task.add_done_callback(lambda done: self._made(name, done))
        try:
            return await asyncio.wait_for(asyncio.shield(task), PATIENCE)
        except TimeoutError:
            raise UnavailableError("The file is being made; ask again in a minute") from None

    def _made(self, name: str, done: asyncio.Task[Path]) -> None:
        self._making.pop(name, None)
        if not done.cancelled():
            done.exception()  # whoever still waits gets it; nobody else needs to hear of it

    async def _make(self, wanted: Wanted, path: Path) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        with _lock(self._folder / f".lock-{wanted.layer.id}") as lock:
            while not lock.taken():
                await asyncio.sleep(_STEP)
                if path.exists():
                    return path
            return path if path.exists() else await self._write(wanted)

    async def _write(self, wanted: Wanted) -> Path:
        room = self._folder / f".making-{secrets.token_hex(8)}"
        room.mkdir()
        try:
            made = room / f"{wanted.layer.id}{wanted.file.suffix}"
            order = Order(made, wanted.layer.id, wanted.file.kind, Criteria(scope=ALL, crs=wanted.crs))
            written: Written = await writers_of(self._node).write(order, ALL)
            path = self._folder / wanted.name(written.revision, written.generation, written.epoch)
            made.replace(path)
        finally:
            shutil.rmtree(room, ignore_errors=True)
        await self._node.threads.run(self._tidy, path)
        return path

    def _tidy(self, new: Path) -> None:
        """Remove files of former states, what was left behind, and the least recently asked of too many bytes."""
        now = time.time()
        layer, state = new.name.split(".")[:2]
        kept: list[tuple[float, int, Path]] = []
        for path in self._folder.iterdir():
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            if path.name.startswith(".making-"):
                if now - stat.st_mtime > LEFT_BEHIND:
                    shutil.rmtree(path, ignore_errors=True)
            elif not path.name.startswith("."):
                parts = path.name.split(".")
                if parts[0] == layer and parts[1] != state and now - stat.st_atime > READERS:
                    path.unlink(missing_ok=True)
                else:
                    kept.append((stat.st_atime, stat.st_size, path))
        size = sum(one for _, one, _ in kept)
        for _, one, path in sorted(kept):
            if size <= self._most:
                break
            if path != new:
                path.unlink(missing_ok=True)
                size -= one


class _Lock:
    """The right to make files in a folder shared by several servers; it ends with its holder."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def taken(self) -> bool:
        """Take it if nobody has it."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def _lock(path: Path) -> Iterator[_Lock]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield _Lock(handle)
    finally:
        os.close(handle)


_DEPOTS: "WeakKeyDictionary[Node, Depot]" = WeakKeyDictionary()


def depot_of(node: "Node") -> Depot:
    """The depot of a node."""
    found = _DEPOTS.get(node)
    if found is None:
        found = _DEPOTS[node] = Depot(node)
    return found
