"""pygeoapi's view of a process: a `BaseProcessor` around our contract, for `pygeoapi serve` and its HTML.

pygeoapi gives `execute` no user, no progress and no cancel: the process runs in the calling thread, with what the
processor's definition allows: the sharing classes under `open` (default: unconditional), the store under `store`; a
`notice` (zh, en) goes into results.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import orjson
from pygeoapi.process.base import BaseProcessor, ProcessorExecuteError

from config.errors import AccessError, DuoguiError
from config.layers import Layer, Sharing, Text
from processes.contract import Process, Setting
from processes.describe import describe
from processes.inputs import check
from store.criteria import Box, Scope
from store.filters import NO_VOCABULARY, Vocabulary
from store.interface import Store

if TYPE_CHECKING:
    from config.registry import Registry

_KEYS = "a processor definition of this node has: store (url), collections (folder), open (sharing classes), timezone"


class Definition:
    """What a pygeoapi processor definition says: where the node's store and layers are, and what is open."""

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self._definition = definition
        self.timezone = definition.get("timezone", "Asia/Shanghai")
        classes = definition.get("open", [Sharing.UNCONDITIONAL])
        self.scope = Scope("processor", frozenset(Sharing(one) for one in classes))
        said = definition.get("notice")
        self.notice = Text(said["zh"], said["en"]) if said else None
        self._registry: Registry | None = None
        self._store: Store | None = None

    @property
    def registry(self) -> "Registry | None":
        """What the folder of definitions holds; None where the definition names none."""
        folder = self._definition.get("collections")
        if self._registry is None and folder is not None:
            from config import registry

            self._registry = registry.load(Path(folder))
        return self._registry

    @property
    def layers(self) -> Mapping[str, Layer]:
        """The node's layers; none where the definition names no folder."""
        return self.registry.layers if self.registry else {}

    @property
    def vocabulary(self) -> Vocabulary:
        """What functions of filters look up."""
        return self.registry or NO_VOCABULARY

    def extents(self, inputs: Mapping[str, Any]) -> Mapping[str, Box | None]:
        """Where the layers lie that are named somewhere in inputs."""
        text = orjson.dumps(inputs).decode()
        named = [id for id, layer in self.layers.items() if layer.stored and f'"{id}"' in text]
        return {id: self.store().state(id).extent for id in named}

    def store(self) -> Store:
        """The node's store, opened once."""
        if self._store is None:
            if "store" not in self._definition:
                raise ProcessorExecuteError(f"The processor has no store: {_KEYS}")
            from store import open_store

            stored = {id: layer for id, layer in self.layers.items() if layer.stored}
            self._store = open_store(self._definition["store"], stored, timezone=self.timezone)
        return self._store


class _Context:
    """A context without a job: progress goes nowhere."""

    job = "pygeoapi"

    def __init__(self, definition: Definition) -> None:
        self.scope = definition.scope
        self.store = definition.store
        self.vocabulary = definition.vocabulary

    def progress(self, fraction: float, message: str = "") -> None:
        """Nobody asks."""

    def each(self, function: Callable[[Any], Any], partitions: Sequence[Any]) -> Iterable[Any]:
        """One partition after the other."""
        return map(function, partitions)


def adapt(process: Process) -> type[BaseProcessor]:
    """The processor class of a process, as pygeoapi loads it by its dotted path."""

    class Processor(BaseProcessor):  # type: ignore[misc]  # pygeoapi has no types
        """One of this node's processes."""

        def __init__(self, processor_def: dict[str, Any]) -> None:
            super().__init__(processor_def, describe(process.description, "en"))
            self.supports_outputs = True
            self._definition = Definition(processor_def)

        def execute(self, data: dict[str, Any], outputs: Any = None) -> tuple[str, Any]:
            """Media type and value: of the only output that is wanted, else an object of all of them."""
            try:
                values = self._values(data)
            except DuoguiError as error:
                raise ProcessorExecuteError(str(error), user_msg=str(error)) from error
            wanted = [name for name in (outputs or values) if name in values]
            if len(wanted) == 1:
                return values[wanted[0]].media, orjson.loads(values[wanted[0]].body)
            return "application/json", {name: orjson.loads(values[name].body) for name in wanted}

        def _values(self, data: dict[str, Any]) -> Mapping[str, Any]:
            definition = self._definition
            today = datetime.now(ZoneInfo(definition.timezone)).date()
            given = check(process.description, data)
            extents = definition.extents(data)
            setting = Setting(definition.layers, today, extents, definition.notice, definition.vocabulary)
            inputs = process.resolve(given, setting)
            for id in process.reads(inputs):
                if not definition.scope.allows(definition.layers[id].sharing):
                    raise AccessError(f"Collection '{id}' is not open to this processor")
            return process.run(inputs, _Context(definition))

    Processor.__name__ = f"{type(process).__name__}Processor"
    return Processor
