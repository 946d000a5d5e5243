"""Makes the demo province in a folder: store, rasters, truth and uploads; all of it or nothing.

It is made beside its place and moved there when it is whole: an interrupted making leaves nothing that could be served.
"""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from config.errors import DefinitionError, Fault
from config.registry import Registry
from config.registry import load as load_registry
from server.demo.fill import Ready
from store.interface import Batch, Store

MARKER = "demo.json"
EXAMPLE = Path(__file__).parents[2] / "config" / "nodes" / "demo.yaml"
COLLECTIONS = Path(__file__).parents[2] / "collections"
ROWS = 10_000
AUTHOR = "demo"
VERSION = 3
"""Moves when the generator makes something else from the same size and seed."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What to make: about `size` features in all (0: the small province), from `seed`; `real` None takes the real
    boundaries where their package is installed."""

    size: int = 0
    seed: int = 2017
    real: bool | None = None


def ensure(folder: Path, order: Order, say: Say) -> dict[str, Any]:
    """The demo in `folder`, made if it is not there. Returns its marker.

    Raises:
        DefinitionError: the folder holds something else, or a demo of another size or seed.
    """
    folder = folder.resolve()
    marker = folder / MARKER
    if marker.exists():
        found: dict[str, Any] = json.loads(marker.read_text("utf-8"))
        wanted = {"version": VERSION, "size": order.size, "seed": order.seed}
        if {name: found.get(name) for name in wanted} != wanted:
            fault = Fault(str(folder), f"holds a demo of {found}", "remove the folder or give another --data")
            raise DefinitionError("The folder holds another demo province", fault)
        return found
    if folder.exists() and any(folder.iterdir()):
        fault = Fault(str(folder), "is not empty and no demo province", "give an empty or a new folder")
        raise DefinitionError("The demo province needs a folder of its own", fault)
    making = folder.with_name(folder.name + ".making")
    with _alone(folder.with_name(folder.name + ".lock")):
        if making.exists():
            shutil.rmtree(making)
        making.mkdir(parents=True)
        made = _make(making, order, say)
        (making / MARKER).write_text(json.dumps(made, indent=1, sort_keys=True), "utf-8")
        if folder.exists():
            folder.rmdir()
        making.rename(folder)
    return made


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Only one process makes a folder at a time.

    Raises:
        DefinitionError: another one is making it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            fault = Fault(str(lock), "another process holds it", "wait until it is done, or give another --data")
            raise DefinitionError("The demo province is being made by another process", fault) from error
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _make(folder: Path, order: Order, say: Say) -> dict[str, Any]:
    from server.demo.build import build
    from server.demo.bulk import bulk
    from server.demo.fill import finished
    from server.demo.rasters import write_rasters
    from server.demo.truth import write_truth
    from server.demo.uploads import write_uploads

    registry = load_registry(COLLECTIONS)
    say("drawing towns, plans and what is planted in them")
    world = build(registry.divisions, order.seed, real=order.real)
    rows = sum(len(one) for one in world.rows.values())
    stream = chain(finished(world, registry, order.seed), bulk(world, registry, order.seed, order.size - rows))
    counts = fill_store(f"sqlite:///{folder}", registry, stream, say)
    say("writing images and elevation")
    write_rasters(folder / "rasters", world)
    say("writing the truth and the uploads")
    write_uploads(folder / "uploads", world, registry)
    write_truth(folder / "truth", world)
    write_node(folder)
    return {
        "version": VERSION,
        "size": order.size,
        "seed": order.seed,
        "real_boundaries": world.boundaries.real,
        "features": sum(counts.values()),
        "layers": counts,
    }


def fill_store(url: str, registry: Registry, stream: Iterator[Ready], say: Say) -> dict[str, int]:
    """Loads rows into a new store at `url`; returns how many states of features each layer got."""
    from store import open_store
    from store.migrate import migrate

    store = open_store(url, registry.layers)
    counts: dict[str, int] = {}
    try:
        migrate(store.database, lambda _: None)
        for ready in stream:
            _load(store, ready, ready.layer in counts)
            counts[ready.layer] = counts.get(ready.layer, 0) + len(ready.ids)
            say(f"{ready.layer}: {counts[ready.layer]} rows")
    finally:
        store.close()
    return counts


def _load(store: Store, ready: Ready, again: bool) -> None:
    from store.criteria import LoadMode

    mode = LoadMode.UPSERT if again else LoadMode.APPEND
    with store.load(ready.layer, mode, ready.day, AUTHOR) as load:
        for start in range(0, len(ready.ids), ROWS):
            load.append(_batch(ready, slice(start, start + ROWS)))
        load.publish()


def _batch(ready: Ready, part: slice) -> Batch:
    ids = ready.ids[part]
    none = np.zeros(len(ids), dtype=np.int64)
    return Batch(none, ids, none, ready.wkb[part], {name: values[part] for name, values in ready.columns.items()})


def write_node(folder: Path) -> None:
    """node.yaml beside the data, so that every command finds the node with `--data`."""
    document = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    document["store"] = {"url": "sqlite:///."}
    document["data_dir"] = "."
    document["collections"] = {"path": str(COLLECTIONS)}
    (folder / "node.yaml").write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
