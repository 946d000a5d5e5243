"""The child processes of a node that write files, and the queue before them.

Two files are written at once. A caller who goes away while he waits gives his place back; a child that writes for
nobody is ended if it does not finish soon.
"""

import asyncio
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from config.errors import BodyError, RequestError, StoreError, UnavailableError
from processes.files.order import AHEAD, WRITER, Order, Written
from server.http.call import Call
from server.threads import Threads
from store.criteria import Scope

if TYPE_CHECKING:
    from processes.jobs.children import Child, Children
    from server.node import Node

AT_ONCE = 2
MOST_WAITING = 32
SECONDS = 600.0
"""How long one file may take."""
GRACE = 2.0
"""Seconds that a child may go on for a caller who went away."""
IDLE = 300.0
"""Seconds after which a child without work is ended."""


@dataclass(slots=True)
class _Work:
    """One order on its way: the child that carries it out, once there is one."""

    child: "Child | None" = None
    cancelled: bool = False


class Writers:
    """The writing children of one node."""

    def __init__(self, children: "Children") -> None:
        self._children = children
        self._threads = Threads(AT_ONCE, "files")
        self._waiting = 0
        self._last = 0.0

    async def write(self, order: Order, scope: Scope) -> Written:
        """Have a file written. Cancelling the waiting task ends the work.

        Raises:
            UnavailableError: too many files wait, the store is busy, or it took too long.
            BodyError: what is to be written does not fit the format.
        """
        if self._waiting >= MOST_WAITING:
            raise UnavailableError("Too many files are being written; try again later")
        work = _Work()
        self._waiting += 1
        try:
            return await self._threads.run(self._carry_out, work, order, scope)
        except asyncio.CancelledError:
            self._abandon(work)
            raise
        finally:
            self._waiting -= 1
            self._rest()

    def _carry_out(self, work: _Work, order: Order, scope: Scope) -> Written:
        """In a thread: wait for a child. What nobody will send is removed."""
        sent = False
        try:
            written = self._ask(work, order, scope)
            sent = not work.cancelled
            return written
        finally:
            if not sent:
                _clear(order.path)

    def _ask(self, work: _Work, order: Order, scope: Scope) -> Written:
        from processes.contract import CancelledError
        from processes.jobs.model import Failure
        from processes.jobs.tasks import Task

        if work.cancelled:
            raise RequestError("The request ended early")
        child = work.child = self._children.take()
        try:
            result = child.run(Task(order.path.name, WRITER, {"order": order}, scope, 1_000_000), SECONDS, _ignore)
        except CancelledError as error:
            raise UnavailableError("Writing the file was interrupted; try again later") from error
        finally:
            work.child = None
            self._children.give_back(child)
        if isinstance(result, Failure):
            raise _refusal(result.kind, result.message)
        return Written.from_json(result.results["written"].body)

    def _abandon(self, work: _Work) -> None:
        work.cancelled = True
        if work.child is not None:
            asyncio.get_running_loop().call_later(GRACE, _end, work)

    def _rest(self) -> None:
        """End the idle children after a while without work."""
        loop = asyncio.get_running_loop()
        self._last = loop.time()
        loop.call_later(IDLE, self._sleep)

    def _sleep(self) -> None:
        if not self._waiting and asyncio.get_running_loop().time() - self._last >= IDLE:
            self._children.close()

    def close(self) -> None:
        """End what is left; files that are being written are never seen."""
        self._threads.close()
        self._children.close()


def _clear(path: Path) -> None:
    """Remove a file, and what a child that was ended left of it."""
    path.unlink(missing_ok=True)
    for left in path.parent.glob(f".{path.name}.partial-*"):
        shutil.rmtree(left, ignore_errors=True)


def _ignore(_percent: int, _message: str) -> None:
    """Files tell no progress."""


def _end(work: _Work) -> None:
    if work.child is not None:
        work.child.kill()


def _refusal(kind: str, message: str) -> Exception:
    if kind == "limit":
        return UnavailableError(message)
    return BodyError(message) if kind == "input" else StoreError(message)


def answers_folder(node: "Node") -> Path:
    """Where the files of answers lie while they are made and sent."""
    folder = node.settings.data_dir / "answers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _sweep(folder: Path) -> None:
    """Remove what a server that was killed left behind."""
    for left in folder.iterdir():
        if time.time() - left.stat().st_mtime > 2 * SECONDS:
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


_WRITERS: "WeakKeyDictionary[Node, Writers]" = WeakKeyDictionary()


def writers_of(node: "Node") -> Writers:
    """The writers of a node, made when first asked for."""
    found = _WRITERS.get(node)
    if found is None:
        from processes.jobs.children import Children
        from processes.jobs.tasks import Environment

        _sweep(answers_folder(node))
        settings = node.settings
        stored = {id: layer for id, layer in node.layers.items() if layer.stored}
        store = settings.store
        environment = Environment(store.url, stored, settings.node.timezone, store.options, AHEAD)
        found = _WRITERS[node] = Writers(Children(environment, AT_ONCE))
        node.at_close.append(found.close)
    return found


async def unless_gone[T](call: Call, work: "asyncio.Future[T] | asyncio.Task[T]") -> T:
    """The result of `work`, which is cancelled when the caller goes away first.

    Raises:
        RequestError: the caller went away.
    """
    gone = asyncio.ensure_future(_gone(call))
    try:
        both: tuple[asyncio.Future[Any], ...] = (work, gone)
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        raise RequestError("The request ended early")
    finally:
        gone.cancel()
        if not work.done():
            work.cancel()


async def _gone(call: Call) -> None:
    """Return when the caller has gone."""
    while (await call.receive())["type"] != "http.disconnect":
        pass
