"""OGC API Features beside tipg, pygeoapi and bare SQL: CPU of server plus database per request, in one run.

    python -m tests.benchmarks.features [--rows 200000] [--runs 3] [--json FILE]

Prints every figure, each ratio with its goal, and exits 1 when a goal is missed. What the peers cost elsewhere is in
the documentation; only ratios inside one run are compared.
"""

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg
import sqlalchemy as sa

from tests import postgis
from tests.benchmarks import node, parcels, peers
from tests.benchmarks.meter import Cost, best, cpu_seconds, get, measure, resident_mib
from tests.benchmarks.peers import Server

OPERATIONS = {"items10": 300, "items1000": 30, "bbox10": 200, "item": 300}
GOALS = {
    ("items10", "tipg"): 1 / 20,
    ("items10", "pygeoapi"): 1 / 25,
    ("items1000", "tipg"): 1 / 6,
    ("items1000", "pygeoapi"): 1 / 10,
    ("bbox10", "tipg"): 1 / 6,
    ("bbox10", "pygeoapi"): 1 / 45,
    ("item", "tipg"): 1 / 3,
}
SLOWEST_COLLECTIONS_MS = 0.5
MOST_MEMORY_MIB = 250
FIRST_ANSWER_RATIO = 2.0


@dataclass
class Table:
    """All figures of one run."""

    costs: dict[tuple[str, str], Cost] = field(default_factory=dict)
    checks: list[tuple[str, float, float]] = field(default_factory=list)

    def put(self, operation: str, who: str, cost: Cost) -> None:
        self.costs[operation, who] = cost
        print(f"{operation:12} {who:16} {cost!s:>16} ms  {cost.bytes:>9} bytes", flush=True)

    def check(self, what: str, value: float, goal: float) -> None:
        self.checks.append((what, value, goal))
        print(f"{'met ' if value <= goal else 'MISS'} {what}: {value:.3f} (goal at most {goal:.3f})", flush=True)

    @property
    def missed(self) -> bool:
        return any(value > goal for _, value, goal in self.checks)


def paths(
    prefix: str, boxes: list[tuple[float, float, float, float]], ids: list[str], f: str = ""
) -> dict[str, list[str]]:
    return {
        "items10": [f"{prefix}/items?limit=10{f}"],
        "items1000": [f"{prefix}/items?limit=1000{f}"],
        "bbox10": [f"{prefix}/items?limit=10&bbox={','.join(map(str, box))}{f}" for box in boxes],
        "item": [f"{prefix}/items/{one}{'?' + f.lstrip('&') if f else ''}" for one in ids],
    }


def run_all(
    table: Table, who: str, server: Server, database: int | None, asked: dict[str, list[str]], runs: int
) -> None:
    for operation, count in OPERATIONS.items():
        one = partial(measure, server.port, asked[operation], server.pid, database, count)
        table.put(operation, who, best(runs, one))


def postmaster(url: str) -> int:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        folder = Path(connection.execute(sa.text("SHOW data_directory")).scalar_one())
    engine.dispose()
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


def bare_sql(table: Table, url: str, pid: int, boxes: list[tuple[float, float, float, float]], runs: int) -> None:
    """The least that PostgreSQL must do: finished text by key or by box, read by the driver."""
    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    text = "ST_AsGeoJSON(geom, 9) || row_to_json((gid, identifier, name, land_use_code, area))::text"
    statements: dict[str, tuple[str, Callable[[int], tuple[object, ...]]]] = {
        "items10": (f"SELECT {text} FROM peer.parcels ORDER BY gid LIMIT 10", lambda _: ()),
        "items1000": (f"SELECT {text} FROM peer.parcels ORDER BY gid LIMIT 1000", lambda _: ()),
        "bbox10": (
            f"SELECT {text} FROM peer.parcels WHERE geom && ST_MakeEnvelope(%s,%s,%s,%s,4326) LIMIT 10",
            lambda n: boxes[n % len(boxes)],
        ),
        "item": (f"SELECT {text} FROM peer.parcels WHERE gid = %s", lambda n: (n + 1,)),
    }
    with psycopg.connect(address, autocommit=True, prepare_threshold=0) as connection:
        for operation, (statement, bound) in statements.items():

            def once(statement: str = statement, bound: Callable[[int], tuple[object, ...]] = bound) -> Cost:
                count = OPERATIONS[operation]  # noqa: B023
                before = time.process_time(), cpu_seconds(pid)
                for number in range(count):
                    connection.execute(statement, bound(number)).fetchall()  # type: ignore[arg-type]
                client, server = time.process_time() - before[0], cpu_seconds(pid) - before[1]
                return Cost(client * 1000 / count, server * 1000 / count, 0)

            table.put(operation, "bare SQL", best(runs, once))


def thousandth_page(table: Table, who: str, server: Server, database: int | None, runs: int) -> None:
    """The cursor's page after 1,000 pages of 10, beside the first."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    path = f"/collections/{node.COLLECTION}/items?limit=10"
    for _ in range(1000):
        links = json.loads(get(connection, path)[1])["links"]
        path = next(link["href"] for link in links if link["rel"] == "next").partition(f":{server.port}")[2]
    connection.close()
    deep = best(runs, lambda: measure(server.port, [path], server.pid, database, 200))
    table.put("page 1000", who, deep)
    table.check(f"{who}: thousandth page / first page", deep.total / table.costs["items10", who].total, 1.3)


def first_answer(table: Table, configuration: Path, folder: Path) -> None:
    """From process start to the first answer with all layers, beside the import of pygeoapi.api alone."""

    def answer() -> float:
        began = time.monotonic()
        with node.serve(configuration, folder):
            return time.monotonic() - began

    def imports() -> float:
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", "import pygeoapi.api"], check=True)
        return time.monotonic() - began

    imports()
    floor, ours = min(imports() for _ in range(3)), min(answer() for _ in range(3))
    print(f"first answer {ours:.2f} s, import pygeoapi.api {floor:.2f} s")
    table.check("first answer / import pygeoapi.api", ours / floor, FIRST_ANSWER_RATIO)


def measure_ours(
    table: Table, options: argparse.Namespace, data: parcels.Parcels, folder: Path, url: str, pid: int
) -> None:
    boxes = list(parcels.boxes(data, 100))
    ids = [str(one) for one in data.columns["identifier"][:1000:7]]
    asked = paths(f"/collections/{node.COLLECTION}", boxes, ids)
    for who, server, database in node.on_both_stores(folder, url, pid, data):
        run_all(table, who, server, database, asked, options.runs)
        thousandth_page(table, who, server, database, options.runs)
        memory = resident_mib(server.pid)
        print(f"{who}: {memory:.0f} MiB after load")
        table.check(f"{who}: memory MiB", memory, MOST_MEMORY_MIB)


def all_layers(table: Table, folder: Path) -> None:
    """`/collections` and the first answer with every layer of the repository."""
    configuration = node.all_layers(folder / "all")
    with node.serve(configuration, folder / "all") as server:
        cost = best(3, lambda: measure(server.port, ["/collections"], server.pid, None, 300))
        table.put("collections", "duogui", cost)
        table.check("/collections ms", cost.total, SLOWEST_COLLECTIONS_MS)
    first_answer(table, configuration, folder / "all")


def compare(table: Table) -> None:
    for (operation, peer), goal in GOALS.items():
        ours = table.costs[operation, "duogui PostGIS"].total
        table.check(f"{operation}: PostGIS / {peer}", ours / table.costs[operation, peer].total, goal)
    for operation in OPERATIONS:
        embedded, ours = (table.costs[operation, f"duogui {store}"].total for store in ("embedded", "PostGIS"))
        table.check(f"{operation}: embedded / PostGIS", embedded / ours, 1.0)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3, help="the best of so many counts")
    parser.add_argument("--without-peers", action="store_true", help="only our own figures")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args(arguments)
    table, data = Table(), parcels.make(options.rows)
    settings = {"max_parallel_workers_per_gather": "0", "shared_buffers": "512MB", "autovacuum": "off"}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="duogui-bench-")))
        cluster = stack.enter_context(postgis.cluster(settings))
        theirs, ours = (stack.enter_context(postgis.database(cluster)) for _ in range(2))
        pid = postmaster(cluster)
        measure_ours(table, options, data, folder, ours, pid)
        all_layers(table, folder)
        if not options.without_peers:
            peers.fill(theirs, data)
            boxes = list(parcels.boxes(data, 100))
            bare_sql(table, theirs, pid, boxes, options.runs)
            numbers = [str(number) for number in range(1, 1000, 7)]
            with peers.tipg(theirs, folder) as server:
                run_all(table, "tipg", server, pid, paths("/collections/peer.parcels", boxes, numbers), options.runs)
            with peers.pygeoapi(theirs, folder) as server:
                run_all(
                    table,
                    "pygeoapi",
                    server,
                    pid,
                    paths("/collections/parcels", boxes, numbers, "&f=json"),
                    options.runs,
                )
            compare(table)
    if options.json:
        rows = [
            {"operation": o, "who": w, "server": c.server, "database": c.database} for (o, w), c in table.costs.items()
        ]
        options.json.write_text(json.dumps({"rows": rows, "checks": table.checks}, indent=1))
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
