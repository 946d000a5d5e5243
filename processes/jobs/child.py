"""The child process: `python -m processes.jobs.child IN OUT` runs one task after the other, until its pipe ends.

It reads tasks from descriptor IN and reports on OUT. When the server dies, IN ends, and the child ends with it, also in
the middle of a task.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from queue import SimpleQueue
from time import monotonic
from typing import Any, BinaryIO

from config.errors import DuoguiError, StoreError, TooLargeError
from processes.contract import CancelledError
from processes.jobs.model import Failure
from processes.jobs.tasks import Done, Environment, Logged, Message, Progress, Started, Task, receive, send
from store.criteria import Scope
from store.interface import Store

_LOG = logging.getLogger("duogui.job")
_BETWEEN_REPORTS = 0.2


_SENDING = threading.Lock()


def _send(out: BinaryIO, message: Message) -> None:
    """Send whole messages: the task and the log of another thread share the pipe."""
    with _SENDING:
        send(out, message)


class Reporter:
    """The running task's context (`processes.contract.Context`)."""

    def __init__(self, task: Task, environment: Environment, out: BinaryIO) -> None:
        self.job = task.job
        self.scope: Scope = task.scope
        self.vocabulary = environment.vocabulary
        self._environment = environment
        self._out = out
        self._last = 0.0

    def store(self) -> Store:
        """The node's store; kept open for the tasks to come."""
        return _open(self._environment)

    def progress(self, fraction: float, message: str = "") -> None:
        """Report, but not more often than the job table can bear."""
        now = monotonic()
        if now - self._last >= _BETWEEN_REPORTS:
            self._last = now
            _send(self._out, Progress(min(99, int(fraction * 100)), message))

    def each(self, function: Callable[[Any], Any], partitions: Sequence[Any]) -> Iterable[Any]:
        """One partition after the other."""
        for number, partition in enumerate(partitions):
            self.progress(number / len(partitions), f"{number} / {len(partitions)}")
            yield function(partition)


class ToServer(logging.Handler):
    """Hands log records to the server, whose log knows the request."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__(logging.INFO)
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        _send(self._out, Logged(record.levelno, record.name, self.format(record)))


_STORES: dict[str, Store] = {}


def _open(environment: Environment) -> Store:
    if environment.url not in _STORES:
        from store import open_store

        options = dict(environment.options)
        _STORES[environment.url] = open_store(
            environment.url, environment.layers, timezone=environment.timezone, **options
        )
    return _STORES[environment.url]


def run(task: Task, environment: Environment, out: BinaryIO) -> Done | Failure:
    """Run one task; whatever goes wrong becomes a failure, and what is our own fault stays in the log."""
    try:
        process = import_module(task.process).PROCESS
        results = process.run(task.inputs, Reporter(task, environment, out))
        size = sum(len(value.body) for value in results.values())
        if size > task.largest:
            return Failure("limit", f"The result has {size} bytes, more than {task.largest}; ask for less at once")
        return Done(results)
    except (TooLargeError, CancelledError, StoreError, MemoryError) as error:
        return Failure("limit", str(error) or "The process ran out of memory")
    except DuoguiError as error:
        return Failure("input", str(error))
    except Exception:  # noqa: BLE001  the boundary of a job: whatever happens, it ends with a state
        _LOG.exception("job %s failed", task.job)
        return Failure("inside", "The process failed; the server's log knows this job's id")


def _load_ahead(modules: Sequence[str]) -> None:
    for module in modules:
        import_module(module)


def main(read: int, write: int) -> None:
    """Serve tasks until the pipe ends."""
    tasks: SimpleQueue[Task | None] = SimpleQueue()
    incoming, out = os.fdopen(read, "rb"), os.fdopen(write, "wb")
    environment = receive(incoming)
    if not isinstance(environment, Environment):
        return
    logging.basicConfig(level=logging.INFO, handlers=[ToServer(out)], force=True)

    def listen() -> None:
        while isinstance(message := receive(incoming), Task):
            tasks.put(message)
        os._exit(0)  # the server is gone: nobody wants the result

    threading.Thread(target=listen, daemon=True).start()
    threading.Thread(target=_load_ahead, args=(environment.ahead,), daemon=True).start()
    while (task := tasks.get()) is not None:
        _send(out, Started())
        _send(out, run(task, environment, out))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
