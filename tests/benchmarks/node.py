"""Nodes for the benchmarks: one layer of parcels, or every layer of the repository, served by `duogui serve`."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import shapely
import yaml

from config import registry
from store import open_store
from store.criteria import LoadMode
from store.interface import Batch
from store.migrate import migrate
from tests.benchmarks.parcels import Parcels
from tests.benchmarks.peers import ROOT, Server, free_port, running

COLLECTION = "bench-parcel"
BATCH = 10_000

TEXT = {"zh": "基准地块", "en": "Benchmark parcels"}
TYPES = {"area": "number", "floor_area_ratio": "number", "approval_date": "date"}
INDEXED = ("division_code", "land_use_code", "approval_date")


def definition(columns: list[str]) -> dict[str, object]:
    """A layer of ten columns like the peers' table."""
    attributes = [
        {
            "name": name,
            "code": name.upper().replace("_", "")[:10],
            "title": {"zh": name, "en": name},
            "type": TYPES.get(name, "string"),
            **({"role": "id", "required": True} if name == "identifier" else {}),
            **({"indexed": True} if name in INDEXED else {}),
        }
        for name in columns
    ]
    return {
        "id": COLLECTION,
        "title": TEXT,
        "description": TEXT,
        "order": 1,
        "group": "projects",
        "kind": "vector",
        "geometry": "Polygon",
        "levels": ["province"],
        "provider": "planning",
        "sharing": "unconditional",
        "public": True,
        "keywords": [TEXT],
        "attributes": attributes,
        "metadata": {
            "code": "103001/000999",
            "classification": "103001",
            "industries": ["planning"],
            "openness": "open",
            "sharing_mode": "platform-interface",
            "update_cycle": "irregular",
            "published": "2026-01-01",
        },
        "style": {"fill": {"color": "#888888"}},
    }


def _collections(folder: Path, columns: list[str]) -> Path:
    """The repository's code lists and schemas, with the benchmark's layer alone."""
    target = folder / "collections"
    layers = {"planning", "approval", "current", "working"}
    shutil.copytree(ROOT / "collections", target, ignore=lambda _, names: layers & set(names))
    shared = (target / "attributes.yaml").read_text("utf8").splitlines(keepends=True)
    alone = [line for line in shared if not line.lstrip().startswith("reference:")]  # what they name is not there
    (target / "attributes.yaml").write_text("".join(alone), encoding="utf8")
    (target / "working").mkdir()
    text = json.dumps(definition(columns), ensure_ascii=False, indent=1)  # JSON is YAML, and repeats no part by alias
    (target / "working" / f"{COLLECTION}.yaml").write_text(text, encoding="utf8")
    return target


def _configuration(folder: Path, store: str, collections: Path) -> Path:
    path = folder / "node.yaml"
    node = {
        "node": {"id": "bench", "division": "130000", "level": "province", "title": {"zh": "基准", "en": "Benchmark"}},
        "server": {"request_log": False},
        "store": {"url": store},
        "collections": {"path": str(collections)},
        "access": {"open": ["unconditional", "conditional", "withheld"]},
        "data_dir": str(folder / "data"),
    }
    path.write_text(yaml.safe_dump(node, allow_unicode=True), encoding="utf8")
    return path


def make(folder: Path, store: str, data: Parcels) -> Path:
    """A node with the parcels loaded; gives its configuration file. `store` as a full SQLAlchemy URL or sqlite:///DIR."""
    folder.mkdir(parents=True)
    collections = _collections(folder, list(data.columns))
    layers = registry.load(collections).layers
    opened = open_store(store, layers)
    migrate(opened.database)
    with opened.load(COLLECTION, LoadMode.APPEND, date(2020, 1, 1), "benchmark") as load:
        for start in range(0, len(data), BATCH):
            part = slice(start, start + BATCH)
            polygons = data.polygons[part]
            load.append(
                Batch(
                    fid=np.zeros(len(polygons), dtype=np.int64),
                    id=data.columns["identifier"][part],
                    version=np.zeros(len(polygons), dtype=np.int64),
                    wkb=np.asarray(shapely.to_wkb(polygons), dtype=object),
                    columns={name: values[part] for name, values in data.columns.items()},
                )
            )
        load.publish()
    opened.close()
    return _configuration(folder, store, collections)


def all_layers(folder: Path) -> Path:
    """An empty embedded node with every layer of the repository."""
    folder.mkdir(parents=True)
    store = f"sqlite:///{folder}/embedded"
    opened = open_store(store, registry.load(ROOT / "collections").layers)
    migrate(opened.database)
    opened.close()
    return _configuration(folder, store, ROOT / "collections")


@contextmanager
def serve(configuration: Path, folder: Path) -> Iterator[Server]:
    """`duogui serve` on a free port, from start to the first answer of /collections."""
    port = free_port()
    command = [
        sys.executable,
        "-P",
        "-m",
        "server.cli.main",
        "serve",
        "--config",
        str(configuration),
        "--port",
        str(port),
    ]
    with running(command, port, "/collections", dict(os.environ), folder / "server.log") as server:
        yield server


def on_both_stores(
    folder: Path, postgis: str, postmaster: int, data: Parcels
) -> Iterator[tuple[str, Server, int | None]]:
    """The same parcels served from PostGIS and then from the embedded store: name, server, and the process whose CPU
    is the database's (None: the server's own)."""
    embedded = f"sqlite:///{folder}/embedded"
    for who, store, database in (("duogui PostGIS", postgis, postmaster), ("duogui embedded", embedded, None)):
        home = folder / who.replace(" ", "-")
        with serve(make(home, store, data), home) as server:
            yield who, server, database
