"""CQL2 filters beside bare SQL: CPU of server plus database per request, in one run.

    python -m tests.benchmarks.filters [--rows 200000] [--runs 3]

The data are those of `tests.benchmarks.features`. Prints every figure, each ratio with its goal, and exits 1 when a
goal is missed. Bare SQL reads the finished texts from the same tables, through the driver alone. Goals: a filter that
an index serves costs at most 1.3 times the bare SQL plus an answer without features; S_INTERSECTS with a polygon of
60 vertices and 5,600 hits at most 1.2 times PostGIS's own, and on the embedded store at most what it costs PostGIS.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import psycopg
import shapely
import sqlalchemy as sa

from store.filters.tree import Shape
from tests import postgis
from tests.benchmarks import node, parcels
from tests.benchmarks.features import Table, postmaster
from tests.benchmarks.meter import Cost, best, cpu_seconds, measure
from tests.benchmarks.peers import Server

HITS = 5_600
VERTICES = 60
TABLE = "layer_bench_parcel"
WITH_INDEX = 1.3
PLACE = 1.2

# name: the filter, its SQL with the driver's parameters, requests
INDEXED: dict[str, tuple[str, str, tuple[Any, ...], int]] = {
    "id": ("identifier = 'P00001234'", "id = %s", ("P00001234",), 300),
    "code": ("land_use_code = 'R2'", "land_use_code = %s", ("R2",), 300),
    "days": (
        "approval_date BETWEEN DATE('2015-01-01') AND DATE('2015-01-03')",
        "approval_date BETWEEN %s::date AND %s::date",
        ("2015-01-01", "2015-01-03"),
        200,
    ),
    "two": (
        "land_use_code = 'R2' AND area > 39000",
        "land_use_code = %s AND area > %s::float8",
        ("R2", 39_000.0),
        200,
    ),
    "list": (
        "division_code IN ('130905', '130907') AND area > 39900",
        "division_code = ANY(%s) AND area > %s::float8",
        (["130905", "130907"], 39_900.0),
        100,
    ),
}
NOTHING = "identifier = 'nothing'"


def polygon(data: parcels.Parcels) -> Any:
    """A circle of 60 vertices that meets about 5,600 parcels."""
    centres = shapely.get_coordinates(shapely.centroid(data.polygons))
    centre = centres[len(centres) // 2]
    radius = np.sort(np.hypot(*(centres - centre).T))[min(HITS, len(centres) - 1)]
    angles = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    return shapely.Polygon(np.round(centre + np.column_stack([np.cos(angles), np.sin(angles)]) * radius, 6))


def path(filter: str, limit: int) -> str:
    return f"/collections/{node.COLLECTION}/items?limit={limit}&filter={quote(filter)}"


@contextmanager
def bare(url: str, pid: int) -> Iterator[Callable[[str, tuple[Any, ...], int], Cost]]:
    """Runs a statement so many times over one connection; the cost of client and database."""
    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True, prepare_threshold=0) as connection:
        connection.execute("SET jit = off")

        def once(statement: str, bound: tuple[Any, ...], count: int) -> Cost:
            connection.execute(statement, bound).fetchall()  # type: ignore[arg-type]
            before, size = (time.process_time(), cpu_seconds(pid)), 0
            for _ in range(count):
                rows = connection.execute(statement, bound).fetchall()  # type: ignore[arg-type]
                size = sum(len(row[1]) for row in rows)
            client, server = time.process_time() - before[0], cpu_seconds(pid) - before[1]
            return Cost(client * 1000 / count, server * 1000 / count, size)

        yield once


def bare_sql(table: Table, url: str, pid: int, shape: Any, runs: int) -> None:
    select = f"SELECT fid, json FROM {TABLE} WHERE"
    with bare(url, pid) as once:
        for name, (_, condition, bound, count) in INDEXED.items():
            statement = f"{select} {condition} ORDER BY fid LIMIT 10"
            table.put(name, "bare SQL", best(runs, lambda: once(statement, bound, count)))  # noqa: B023
        place = (Shape(shape).placed,)
        statement = f"{select} ST_Intersects(geom, %s::geometry) ORDER BY fid"
        table.put("place", "bare SQL", best(runs, lambda: once(statement, place, 10)))


def served(table: Table, who: str, server: Server, database: int | None, shape: Any, runs: int) -> None:
    def cost(paths: list[str], count: int) -> Cost:
        return best(runs, lambda: measure(server.port, paths, server.pid, database, count))

    table.put("nothing", who, cost([path(NOTHING, 10)], 300))
    for name, (filter, _, _, count) in INDEXED.items():
        table.put(name, who, cost([path(filter, 10)], count))
    place = f"S_INTERSECTS(geometry, {shape.wkt})"
    table.put("place10", who, cost([path(place, 10)], 50))
    table.put("place", who, cost([path(place, 10_000)], 10))


def compare(table: Table) -> None:
    costs = table.costs
    for name in INDEXED:
        allowed = WITH_INDEX * costs[name, "bare SQL"].total + costs["nothing", "duogui PostGIS"].total
        ratio = costs[name, "duogui PostGIS"].total / allowed
        table.check(f"{name}: PostGIS / (1.3 x bare SQL + an answer of nothing)", ratio, 1.0)
        embedded = costs[name, "duogui embedded"].total / costs[name, "duogui PostGIS"].total
        table.check(f"{name}: embedded / PostGIS", embedded, 1.0)
    ours, theirs = costs["place", "duogui PostGIS"].total, costs["place", "bare SQL"].total
    table.check(f"S_INTERSECTS, {HITS} hits: PostGIS / bare SQL", ours / theirs, PLACE)
    embedded = costs["place", "duogui embedded"].total
    table.check(f"S_INTERSECTS, {HITS} hits: embedded / PostGIS", embedded / ours, 1.0)
    first = costs["place10", "duogui embedded"].total / costs["place10", "duogui PostGIS"].total
    table.check("S_INTERSECTS, the first 10: embedded / PostGIS", first, 1.0)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3, help="the best of so many counts")
    options = parser.parse_args(arguments)
    table, data = Table(), parcels.make(options.rows)
    shape = polygon(data)
    settings = {"max_parallel_workers_per_gather": "0", "shared_buffers": "512MB", "autovacuum": "off"}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="duogui-bench-")))
        cluster = stack.enter_context(postgis.cluster(settings))
        url = stack.enter_context(postgis.database(cluster))
        pid = postmaster(cluster)
        for who, server, database in node.on_both_stores(folder, url, pid, data):
            served(table, who, server, database, shape, options.runs)
        bare_sql(table, url, pid, shape, options.runs)
    compare(table)
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
