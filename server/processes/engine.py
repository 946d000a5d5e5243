"""The job engine of a node: made when first asked for, closed with the node."""

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from processes.contract import Setting
from server.http.call import Call

if TYPE_CHECKING:
    from processes.jobs.manager import Jobs
    from server.node import Node

_ENGINES: "WeakKeyDictionary[Node, Jobs]" = WeakKeyDictionary()
_LOCK = threading.Lock()


async def jobs_of(call: Call) -> "Jobs":
    """The engine of the call's node."""
    found = _ENGINES.get(call.node)
    return found if found is not None else await call.run(_open, call.node)


async def setting_of(node: "Node") -> Setting:
    """What inputs are resolved against."""
    snapshot = await node.snapshot()
    extents = {id: state.extent for id, state in snapshot.states.items()}
    return Setting(node.layers, node.today(), extents, node.settings.node.notice, node.registry)


def attach(node: "Node") -> None:
    """Make the engine a part of the node's readiness."""
    node.readiness["jobs"] = lambda: _open(node).check()


def _open(node: "Node") -> "Jobs":
    from processes.jobs.manager import Jobs
    from processes.jobs.tasks import Environment
    from processes.registry import all_processes
    from store.filters import Terms

    with _LOCK:
        if node not in _ENGINES:
            settings = node.settings
            stored = {id: layer for id, layer in node.layers.items() if layer.stored}
            environment = Environment(
                settings.store.url,
                stored,
                settings.node.timezone,
                settings.store.options,
                vocabulary=Terms.of(node.registry),
            )
            engine = Jobs(settings.store.url, all_processes(), environment)
            node.at_close.append(engine.close)
            _ENGINES[node] = engine
        return _ENGINES[node]
