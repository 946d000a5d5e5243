"""Child processes, kept warm: one runs one job at a time, and an idle one is used again."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from io import RawIOBase
from pathlib import Path
from select import select
from time import monotonic

from processes.contract import CancelledError
from processes.jobs.model import Failure
from processes.jobs.tasks import Done, Environment, Logged, Progress, Started, Task, receive, send

_ROOT = Path(__file__).resolve().parents[2]
_TASKS_PER_CHILD = 50
_START_SECONDS = 60.0


class Child:
    """One child process. `run` is called by one thread; `kill` by any."""

    def __init__(self, environment: Environment) -> None:
        to_child, self._write = os.pipe()
        self._read, from_child = os.pipe()
        command = [sys.executable, "-m", "processes.jobs.child", str(to_child), str(from_child)]
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(  # noqa: S603  our own module
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(to_child, from_child),
            start_new_session=True,  # a Ctrl-C at the terminal is the server's, which then ends its children
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        os.close(to_child)
        os.close(from_child)
        self._tasks = os.fdopen(self._write, "wb")
        self._reports = os.fdopen(self._read, "rb", buffering=0)
        self._lock = threading.Lock()
        self._dead = False
        self.served = 0
        send(self._tasks, environment)

    @property
    def pid(self) -> int:
        return self._process.pid

    def run(self, task: Task, seconds: float, report: Callable[[int, str], None]) -> Done | Failure:
        """Run a task for at most `seconds`; calls `report(percent, message)` meanwhile.

        Raises:
            CancelledError: the child was killed, or died.
        """
        end = monotonic() + _START_SECONDS + seconds
        self.served += 1
        try:
            send(self._tasks, task)
            while True:
                left = end - monotonic()
                if left <= 0 or not select([self._reports], [], [], left)[0]:
                    self.kill()
                    return Failure("limit", f"The job ran longer than {seconds:g} s and was stopped")
                match receive(_Whole(self._reports)):
                    case Started():
                        end = monotonic() + seconds
                    case Progress(percent, message):
                        report(percent, message)
                    case Logged(level, logger, text):
                        logging.getLogger(logger).log(level, "%s", text)
                    case Done() | Failure() as result:
                        return result
                    case _:
                        raise CancelledError("The child process ended")
        except OSError as error:
            raise CancelledError("The child process ended") from error

    def kill(self) -> None:
        """End the child and whatever it started, at once. It holds nothing but read transactions."""
        with self._lock:
            if not self._dead:
                self._dead = True
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """End the child and release the pipes; the thread that runs a task on it must have returned."""
        self.kill()
        for pipe in (self._tasks, self._reports):
            with suppress(OSError):
                pipe.close()

    @property
    def fit(self) -> bool:
        """Whether it may take another task."""
        return not self._dead and self._process.poll() is None and self.served < _TASKS_PER_CHILD


class _Whole:
    """Reads exactly as many bytes as asked from an unbuffered pipe: `select` must see what is still to come."""

    def __init__(self, raw: RawIOBase) -> None:
        self._raw = raw

    def read(self, size: int) -> bytes:
        pieces = bytearray()
        while len(pieces) < size:
            piece = self._raw.read(min(size - len(pieces), 1 << 20))
            if not piece:
                break
            pieces += piece
        return bytes(pieces)


class Children:
    """The pool: children are started when wanted, and at most `spare` stay idle."""

    def __init__(self, environment: Environment, spare: int) -> None:
        self._environment = environment
        self._spare = spare
        self._idle: list[Child] = []
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Start one child ahead of the first job; it loads its modules while nobody waits."""
        child = Child(self._environment)
        with self._lock:
            self._idle.append(child)

    def take(self) -> Child:
        """An idle child, or a new one."""
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.fit:
                    return child
                child.close()
        return Child(self._environment)

    def give_back(self, child: Child) -> None:
        """Keep a child that is fit for the next task, else end it."""
        with self._lock:
            if child.fit and len(self._idle) < self._spare:
                self._idle.append(child)
                return
        child.close()

    def close(self) -> None:
        """End all idle children."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()
