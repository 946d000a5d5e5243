"""File formats beside pyogrio writing the same rows from memory: CPU and memory, in one run, on both stores.

    python -m tests.benchmarks.formats [--rows 100000] [--runs 3]

A file of all rows is asked of a running server: the cost is the CPU of the server, of the child that writes, and of the
database. pyogrio has the rows in memory as a geopandas frame and writes them with its defaults, and from Arrow. Its
wheels carry no Parquet: there geopandas' own writer stands in, with the same compression and covering; the same rows
read by pyogrio from a GeoPackage and written as FlatGeobuf are the cost of `ogr2ogr`. Goals: FlatGeobuf and GeoParquet
at most twice what pyogrio needs; the server under 200 MiB (resident), which reads the file in pieces.
"""

import argparse
import http.client
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import geopandas
import pyogrio

from tests import postgis
from tests.benchmarks import node, parcels
from tests.benchmarks.features import postmaster
from tests.benchmarks.meter import PROC, cpu_seconds, tree
from tests.benchmarks.peers import Server

DRIVERS = {"fgb": "FlatGeobuf", "gpkg": "GPKG", "geojson": "GeoJSON"}
FORMS = ("fgb", "parquet", "gpkg", "csv")
GOAL = 2.0
MOST_MIB = 200.0


def written(frame: Any, form: str, path: Path, *, arrow: bool) -> None:
    """The rows from memory into a file; CSV as pyogrio writes a frame whose geometry is text."""
    path.unlink(missing_ok=True)
    if form == "parquet":
        frame.to_parquet(path, compression="zstd", write_covering_bbox=True)
    elif form == "csv":
        plain = frame.drop(columns="geometry").assign(WKT=frame.geometry.to_wkt(rounding_precision=9))
        pyogrio.write_dataframe(plain, path, driver="CSV", use_arrow=arrow)
    else:
        pyogrio.write_dataframe(frame, path, driver=DRIVERS[form], use_arrow=arrow)


def least(runs: int, work: Callable[[], object]) -> float:
    """Seconds of CPU of this process, of the run with the fewest."""
    found = []
    for _ in range(runs):
        before = time.process_time()
        work()
        found.append(time.process_time() - before)
    return min(found)


def memory(pid: int, name: str) -> float:
    """A line of a process' status in MiB; `VmHWM` is the peak of what was resident."""
    lines = (PROC / str(pid) / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def fetch(server: Server, path: str) -> int:
    """Bytes of an answer, read in pieces.

    Raises:
        RuntimeError: an answer that is not 200.
    """
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    connection.request("GET", path)
    answer = connection.getresponse()
    size = 0
    while piece := answer.read(1 << 20):
        size += len(piece)
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return size


def children(server: Server) -> list[int]:
    return sorted(tree(server.pid) - {server.pid})


def serve_all(who: str, server: Server, database: int | None, runs: int) -> dict[str, float]:
    """CPU of each format, and the peaks of memory; prints a line for each."""
    prefix = f"/collections/{node.COLLECTION}"
    fetch(server, f"{prefix}/items?f=csv&limit=1")
    costs = {}
    asked = {form: f"{prefix}/items?f={form}&crs=http://www.opengis.net/def/crs/EPSG/0/4490" for form in FORMS}
    asked["geojson"] = f"{prefix}/downloads/{node.COLLECTION}.geojson"
    for form, path in asked.items():
        found = []
        for _ in range(1 if form == "geojson" else runs):  # a download is made once
            before = cpu_seconds(server.pid), cpu_seconds(database) if database else 0.0
            size = fetch(server, path)
            ours = cpu_seconds(server.pid) - before[0]
            found.append((ours, cpu_seconds(database) - before[1] if database else 0.0, size))
        ours, theirs, size = min(found)
        costs[form] = ours
        peak = max((memory(pid, "VmHWM") for pid in children(server)), default=0.0)
        print(
            f"{who:16} {form:8} {ours:6.2f} s + {theirs:5.2f} s of the database  {size:>10} bytes  "
            f"server {memory(server.pid, 'VmHWM'):4.0f} MiB, child {peak:4.0f} MiB",
            flush=True,
        )
    return costs


def check(what: str, value: float, goal: float) -> bool:
    print(f"{'met ' if value <= goal else 'MISS'} {what}: {value:.2f} (goal at most {goal:.2f})", flush=True)
    return value <= goal


def measure(options: argparse.Namespace, folder: Path, url: str, pid: int) -> bool:
    data = parcels.make(options.rows)
    frame = geopandas.GeoDataFrame(data.columns, geometry=data.polygons, crs=4490)
    floor: dict[str, tuple[float, float]] = {}
    for form in (*FORMS, "geojson"):
        path = folder / f"floor.{form}"
        plain, arrow = (least(options.runs, lambda: written(frame, form, path, arrow=way)) for way in (False, True))  # noqa: B023
        floor[form] = plain, arrow
        print(
            f"{'in memory':16} {form:8} {plain:6.2f} s, from Arrow {arrow:.2f} s, {path.stat().st_size} bytes",
            flush=True,
        )
    command = ["ogr2ogr", "-f", "FlatGeobuf", str(folder / "again.fgb"), str(folder / "floor.gpkg")]
    print(f"ogr2ogr GeoPackage to FlatGeobuf: {_child_cpu(command):.2f} s")
    good = True
    for who, store, database in (
        ("embedded", f"sqlite:///{folder}/embedded", None),
        ("PostGIS", url, pid),
    ):
        home = folder / f"node-{who}"
        configuration = node.make(home, store, data)
        with node.serve(configuration, home) as server:
            costs = serve_all(who, server, database, options.runs)
            for form, cost in costs.items():
                plain, arrow = floor[form]
                names = "geopandas" if form == "parquet" else "pyogrio"
                print(f"     {who} {form}: {cost / plain:.2f} of {names}, {cost / arrow:.2f} of it from Arrow")
            good &= check(f"{who}: FlatGeobuf / pyogrio", costs["fgb"] / floor["fgb"][0], GOAL)
            good &= check(f"{who}: GeoParquet / pyogrio writing these rows", costs["parquet"] / floor["fgb"][0], GOAL)
            good &= check(f"{who}: MiB of the server", memory(server.pid, "VmHWM"), MOST_MIB)
    return good


def _child_cpu(command: list[str]) -> float:
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3, help="the run with the least CPU counts")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="duogui-bench-")))
        cluster = stack.enter_context(postgis.cluster({"autovacuum": "off"}))
        url = stack.enter_context(postgis.database(cluster))
        return 0 if measure(options, folder, url, postmaster(cluster)) else 1


if __name__ == "__main__":
    sys.exit(main())
