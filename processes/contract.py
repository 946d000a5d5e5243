"""What a process is, and what it is given to run with: our own contract, on which pygeoapi's is a thin adapter.

A process describes itself, resolves its inputs (defaults, dates, collections) before a job is accepted, and runs on the
resolved inputs alone: the same inputs on the same revisions give the same bytes. It splits its work into partitions
by `Context.each`; who runs them, and whether finished ones are kept, is not its business.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

from config.errors import DuoguiError
from config.layers import Layer, Text
from store.criteria import Box, Scope
from store.filters import NO_VOCABULARY, Vocabulary
from store.interface import Store

Mode = Literal["sync-execute", "async-execute"]


class CancelledError(DuoguiError):
    """The job was dismissed or ran out of time: stop."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input: `schema` is a JSON schema (OpenAPI 3.0 dialect) of one value."""

    title: Text
    description: Text
    schema: Mapping[str, Any]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """One output: its JSON schema and the media type of its value on its own."""

    title: Text
    description: Text
    schema: Mapping[str, Any]
    media: str = "application/json"


@dataclass(frozen=True, slots=True)
class Description:
    """A process description (Processes Part 1, `/req/ogc-process-description`)."""

    id: str
    version: str
    title: Text
    description: Text
    inputs: Mapping[str, Input]
    outputs: Mapping[str, Output]
    keywords: tuple[Text, ...] = ()
    modes: tuple[Mode, ...] = ("sync-execute", "async-execute")
    example: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Value:
    """The value of one output, finished: JSON text, or whatever `media` says."""

    media: str
    body: bytes


class Context(Protocol):
    """What a running process may use."""

    @property
    def job(self) -> str:
        """The job's id."""

    @property
    def scope(self) -> Scope:
        """What the caller may see."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Code lists and divisions, which functions of filters look up."""

    def store(self) -> Store:
        """The node's store, opened when first asked for."""

    def progress(self, fraction: float, message: str = "") -> None:
        """Work done, 0 to 1. Raises CancelledError when the job is to stop."""

    def each(self, function: Callable[[Any], Any], partitions: Sequence[Any]) -> Iterable[Any]:
        """`function` of every partition, in order, with progress. Function and partitions can be pickled, the
        function depends on nothing else, and running it twice does no harm."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What inputs are resolved against: the node's layers and its present day.

    `extents` are boxes of the layers as far as they are known; `notice` is what the node says of all its data, such as
    that they are synthetic: results repeat it; `vocabulary` is what functions of filters look up.
    """

    layers: Mapping[str, Layer]
    today: date
    extents: Mapping[str, Box | None] = field(default_factory=dict)
    notice: Text | None = None
    vocabulary: Vocabulary = NO_VOCABULARY


class Process(Protocol):
    """One process; without state, so that several jobs may share it."""

    @property
    def description(self) -> Description: ...

    def resolve(self, inputs: Mapping[str, Any], setting: Setting) -> dict[str, Any]:
        """Inputs that fit the schemas, completed by defaults: all that `run` depends on beside the store.

        Raises:
            ParameterError: names the input, what is wrong and what would be right.
        """

    def reads(self, inputs: Mapping[str, Any]) -> Sequence[str]:
        """The collections that these resolved inputs read: the caller must be allowed to see each."""

    def run(self, inputs: Mapping[str, Any], context: Context) -> Mapping[str, Value]:
        """The value of every output. `inputs` are resolved."""
