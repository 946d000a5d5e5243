"""Vector tiles beside bare ST_AsMVT and a bare ASGI answer: CPU of server plus database per tile, in one run.

    python -m tests.benchmarks.tiles [--rows 200000] [--runs 3] [--json FILE]

Cold tiles are asked of a node that keeps none. Prints every figure, each ratio with its goal, and exits 1 when a goal
is missed. Ours carry what the layer's default carries at that zoom; the bare query all attributes, from degrees.
"""

import argparse
import http.client
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import psycopg
import shapely
import sqlalchemy as sa
import yaml

from config import matrixsets
from tests import postgis
from tests.benchmarks import node, parcels, peers
from tests.benchmarks.features import Table, postmaster
from tests.benchmarks.meter import Cost, best, cpu_seconds, get, measure
from tests.benchmarks.peers import Server, free_port, running
from tiles.grid import Tile, grids

GRID = grids(matrixsets.load())["WebMercatorQuad"]
COLD_GOALS = {"z14": 1.0, "z12": 0.9}
EMBEDDED_GOAL = 1.1
WARM_GOAL = 2.0
COLUMNS = "gid, identifier, division_code, name, land_use_code, area, floor_area_ratio, approval_number"
COLUMNS += ", approval_date, remark"
BARE = f"""SELECT ST_AsMVT(t, 'parcels', 4096, 'geom', 'gid') FROM (
    SELECT ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope(%s, %s, %s), 4096, 64, true) AS geom, {COLUMNS}
    FROM peer.parcels
    WHERE geom && ST_Transform(ST_TileEnvelope(%s, %s, %s, margin => 0.015625), 4326)) t"""


@dataclass(frozen=True)
class Group:
    """Tiles of about the same number of polygons."""

    name: str
    tiles: Sequence[Tile]
    polygons: int

    @property
    def paths(self) -> list[str]:
        lead = f"/collections/{node.COLLECTION}/tiles/WebMercatorQuad"
        return [f"{lead}/{one.matrix.id}/{one.row}/{one.col}?f=mvt" for one in self.tiles]


def groups(data: parcels.Parcels) -> dict[str, Group]:
    """Tiles at z14 and z12 around random parcels, and those of any zoom with nearly 1,000 and 5,000 polygons."""
    tree = shapely.STRtree(data.polygons)
    random = np.random.default_rng(5)
    found: dict[int, list[tuple[int, Tile]]] = {zoom: [] for zoom in (7, 8, 9, 10, 11, 12, 14)}
    for zoom, members in found.items():
        seen = set()
        for number in random.integers(0, len(data), 60):
            x, y = data.polygons[number].centroid.coords[0]
            tile = at(x, y, zoom)
            if (tile.row, tile.col) not in seen:
                seen.add((tile.row, tile.col))
                box = tile.place(64)
                if box is not None:
                    count = len(tree.query(shapely.box(box.west, box.south, box.east, box.north)))
                    members.append((count, tile))
    made = {}
    for zoom, wanted in ((14, 200), (12, 1100)):
        near = sorted(found[zoom], key=lambda one: abs(one[0] - wanted))[:12]
        made[f"z{zoom}"] = _group(f"z{zoom}", near)
    every = [one for members in found.values() for one in members]
    for wanted in (1000, 5000):
        near = sorted(every, key=lambda one: abs(one[0] - wanted))[:4]
        made[str(wanted)] = _group(f"{wanted} polygons", near)
    return made


def _group(name: str, members: list[tuple[int, Tile]]) -> Group:
    return Group(name, [tile for _, tile in members], round(sum(count for count, _ in members) / len(members)))


def at(x: float, y: float, zoom: int) -> Tile:
    """The tile of a zoom that holds a place in degrees."""
    side = 2**zoom
    col = int((x + 180) / 360 * side)
    row = int((1 - np.arcsinh(np.tan(np.radians(y))) / np.pi) / 2 * side)
    return Tile(GRID, GRID.set.matrices[str(zoom)], row, col)


def bare(url: str, pid: int, group: Group, count: int) -> Cost:
    """The database alone, from degrees with all attributes."""
    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    size = 0
    with psycopg.connect(address, autocommit=True, prepare_threshold=0) as connection:
        for tile in group.tiles:
            _bare_one(connection, tile)
        before = cpu_seconds(pid)
        for number in range(count):
            size = len(_bare_one(connection, group.tiles[number % len(group.tiles)]))
        return Cost(0.0, (cpu_seconds(pid) - before) * 1000 / count, size)


def _bare_one(connection: psycopg.Connection, tile: Tile) -> bytes:
    values = (int(tile.matrix.id), tile.col, tile.row) * 2
    row = connection.execute(BARE, values, binary=True).fetchone()  # type: ignore[arg-type]
    return bytes(row[0]) if row else b""


def without_cache(configuration: Path, columns: dict[str, int]) -> Path:
    """The same node, keeping no tile, whose tiles carry `columns` (empty: the default)."""
    document = yaml.safe_load(configuration.read_text("utf-8"))
    document["tiles"] = {"memory": 0, "disk": 0}
    layer = Path(document["collections"]["path"]) / "working" / f"{node.COLLECTION}.yaml"
    definition = json.loads(layer.read_text("utf-8"))
    definition.pop("tiles", None)
    layer.write_text(json.dumps(definition | ({"tiles": {"attributes": columns}} if columns else {})), "utf-8")
    path = configuration.with_name("cold.yaml")
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    return path


@contextmanager
def answering(body: bytes, coding: str, folder: Path) -> Iterator[Server]:
    """The bare ASGI application."""
    path, port = folder / f"body-{coding}", free_port()
    path.write_bytes(body)
    command = [sys.executable, str(Path(__file__).with_name("bare.py")), str(port), str(path), coding]
    with running(command, port, "/", dict(os.environ), folder / "bare.log") as server:
        yield server


def cold(table: Table, options: argparse.Namespace, chosen: dict[str, Group], url: str, pid: int, home: Path) -> None:
    """PostGIS against the bare query, then the embedded store against the same."""
    theirs = {}
    for name, group in chosen.items():
        count = 40 if name == "z14" else 12
        theirs[name] = best(options.runs, partial(bare, url, pid, group, count))
        table.put(name, f"bare ({group.polygons})", theirs[name])
    every = dict.fromkeys(COLUMNS.split(", ")[1:], 0)
    for store, columns in product(("PostGIS", "embedded"), ({}, every)):
        configuration = without_cache(home / store / "node.yaml", columns)
        who = f"{store}, all attributes" if columns else store
        with node.serve(configuration, home / store) as server:
            for name, group in chosen.items():
                count = 40 if name == "z14" else 12
                database = pid if store == "PostGIS" else None
                one = partial(measure, server.port, group.paths, server.pid, database, count)
                table.put(name, who, best(options.runs, one))
                if not columns:
                    table.put(f"{name} gzip", who, best(options.runs, partial(one, {"accept-encoding": "gzip"})))
    for name, goal in COLD_GOALS.items():
        table.check(f"{name}: PostGIS / bare", table.costs[name, "PostGIS"].total / theirs[name].total, goal)
    for name in ("1000", "5000"):
        ratio = table.costs[name, "embedded"].total / theirs[name].total
        table.check(f"{name} polygons: embedded / bare", ratio, EMBEDDED_GOAL)


def warm(table: Table, options: argparse.Namespace, group: Group, home: Path) -> None:
    """A kept tile against a bare answer of the same bytes, and 304 against a bare 304."""
    path = group.paths[0]
    with node.serve(home / "PostGIS" / "node.yaml", home / "PostGIS") as server:
        for coding in ("gzip", "br"):
            asked = {"accept-encoding": coding}
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            connection.request("GET", path, headers=asked)
            answer = connection.getresponse()
            body, tag = answer.read(), str(answer.headers["etag"])
            connection.close()
            ours = best(options.runs, partial(measure, server.port, [path], server.pid, None, 2000, asked))
            held = best(options.runs, partial(_unchanged, server, path, asked | {"if-none-match": tag}))
            with answering(body, coding, home) as plain:
                floor = best(options.runs, partial(measure, plain.port, ["/"], plain.pid, None, 2000, asked))
                nothing = best(options.runs, partial(_unchanged, plain, "/304", asked))
            table.put(f"warm {coding}", "ours", ours)
            table.put(f"warm {coding}", "bare ASGI", floor)
            table.put(f"304 {coding}", "ours", held)
            table.put(f"304 {coding}", "bare ASGI", nothing)
            table.check(f"warm {coding}: ours / bare ASGI", ours.server / floor.server, WARM_GOAL)
            table.check(f"304 {coding}: ours / bare ASGI", held.server / nothing.server, WARM_GOAL)


def _unchanged(server: Server, path: str, headers: dict[str, str], count: int = 2000) -> Cost:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    for _ in range(200):
        status, _ = get(connection, path, headers)
        if status != 304:
            raise RuntimeError(f"{path}: {status} instead of 304")
    before = cpu_seconds(server.pid)
    for _ in range(count):
        get(connection, path, headers)
    cost = Cost((cpu_seconds(server.pid) - before) * 1000 / count, 0.0, 0)
    connection.close()
    return cost


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3, help="the best of so many counts")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args(arguments)
    table, data = Table(), parcels.make(options.rows)
    settings = {"max_parallel_workers_per_gather": "0", "shared_buffers": "512MB", "autovacuum": "off"}
    began = time.monotonic()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="duogui-tiles-")))
        cluster = stack.enter_context(postgis.cluster(settings))
        theirs, ours = (stack.enter_context(postgis.database(cluster)) for _ in range(2))
        pid = postmaster(cluster)
        for store, url in (("PostGIS", ours), ("embedded", f"sqlite:///{home}/embedded-store")):
            node.make(home / store, url, data)
        peers.fill(theirs, data)
        print(f"loaded in {time.monotonic() - began:.0f} s", flush=True)
        chosen = groups(data)
        cold(table, options, chosen, theirs, pid, home)
        warm(table, options, chosen["z12"], home)
    if options.json:
        rows = [
            {"tile": tile, "who": who, "server": cost.server, "database": cost.database, "bytes": cost.bytes}
            for (tile, who), cost in table.costs.items()
        ]
        options.json.write_text(json.dumps({"rows": rows, "checks": table.checks}, indent=1))
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
