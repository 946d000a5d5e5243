"""What a server and its child processes say to each other: pickled messages of a stated length, on two pipes.

Both ends are this program; nothing from outside is ever unpickled.
"""

import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from config.layers import Layer
from processes.contract import Value
from processes.jobs.model import Failure
from store.criteria import Scope
from store.filters import NO_VOCABULARY, Vocabulary

_HEADER = struct.Struct("<Q")


class Source(Protocol):
    """What messages are read from: gives as many bytes as asked, fewer only at the end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Environment:
    """What a child needs to open the node's store (address, layers, time zone, options) and to read filters."""

    url: str
    layers: Mapping[str, Layer]
    timezone: str = "Asia/Shanghai"
    options: Mapping[str, Any] = field(default_factory=dict)
    ahead: tuple[str, ...] = ("processes.conflict_detection", "store.sql")
    """Modules that most tasks need: imported before the first one comes."""
    vocabulary: Vocabulary = NO_VOCABULARY


@dataclass(frozen=True, slots=True)
class Task:
    """One job to run; `process` names a module that has a `PROCESS`."""

    job: str
    process: str
    inputs: Mapping[str, Any]
    scope: Scope
    largest: int


@dataclass(frozen=True, slots=True)
class Started:
    """The child has taken the task up: from now on its time counts."""


@dataclass(frozen=True, slots=True)
class Progress:
    percent: int
    message: str


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of the child's log: what it says, with the traceback of an error."""

    level: int
    logger: str
    text: str


@dataclass(frozen=True, slots=True)
class Done:
    results: Mapping[str, Value]


type Message = Environment | Task | Started | Progress | Logged | Done | Failure


def send(pipe: BinaryIO, message: Message) -> None:
    """Write one message."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.write(_HEADER.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def receive(pipe: Source) -> Message | None:
    """Read one message; None at the end, also at an end within a message (the other side died)."""
    header = pipe.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    (size,) = _HEADER.unpack(header)
    data = pipe.read(size)
    if len(data) < size:
        return None
    message: Message = pickle.loads(data)  # noqa: S301  our own child or parent
    return message
