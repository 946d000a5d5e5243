"""Speed of the overlay kernel beside `geopandas.overlay`, in one run: `python -m tests.benchmarks.overlay`.

Two coverages that share borders with noise: land-use parcels and larger zones. Both sides compute every piece with its
geometry; the kernel also measures geodesic areas and sorts out slivers (with thresholds at 0, so that nothing is
dropped). The answers must be equal: pairs, and total plane area to 1e-9.
"""

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from processes.area import Geodesic
from processes.overlay.forbid_overlap import Overlaps, Thresholds, forbid_overlap
from processes.overlay.polygons import Polygons, prepare

WEST, SOUTH, WIDTH = 116.5, 38.0, 0.8


def coverage(columns: int, rows: int, points: int, noise: float, seed: int) -> np.ndarray:
    """`columns` x `rows` cells that share their borders to the last digit; each border has `points` inner points that
    leave the straight line by `noise` of a cell."""
    rng = np.random.default_rng(seed)
    size = WIDTH / columns, WIDTH / rows
    x = WEST + np.linspace(0, WIDTH, columns + 1)[None, :] + rng.normal(0, noise * size[0], (rows + 1, columns + 1))
    y = SOUTH + np.linspace(0, WIDTH, rows + 1)[:, None] + rng.normal(0, noise * size[1], (rows + 1, columns + 1))
    corners = np.stack([x, y], axis=-1)
    share = np.linspace(0, 1, points + 2)[:-1, None]

    def border(start: np.ndarray, end: np.ndarray) -> np.ndarray:
        line = start[..., None, :] + (end - start)[..., None, :] * share
        line[..., 1:, :] += rng.normal(0, noise, line[..., 1:, :].shape) * size
        return line

    across = border(corners[:, :-1], corners[:, 1:])
    up = border(corners[:-1, :], corners[1:, :])
    ends_across, ends_up = corners[:, 1:, None], corners[1:, :, None]
    whole_across = np.concatenate([across, ends_across], axis=2)
    whole_up = np.concatenate([up, ends_up], axis=2)
    rings = np.concatenate(
        [whole_across[:-1], whole_up[:, 1:], whole_across[1:, :, ::-1], whole_up[:, :-1, ::-1]], axis=2
    )
    flat = rings.reshape(columns * rows, -1, 2)
    return np.asarray(shapely.make_valid(shapely.polygons(flat)))


def kernel(left: Polygons, right: Polygons) -> Overlaps:
    return forbid_overlap(left, right, Thresholds(0, 0, 0), Geodesic())


def timed(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Median of the CPU seconds, and the last answer."""
    seconds = []
    for _ in range(runs):
        gc.collect()
        start = time.process_time()
        answer = work()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds), answer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--left", type=int, default=20_000)
    parser.add_argument("--right", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()

    import geopandas

    sides = []
    for count, points, seed in ((args.left, 7, 1), (args.right, 12, 2)):
        columns = round(count**0.5)
        sides.append(coverage(columns, -(-count // columns), points, 0.06, seed))
    layers = [prepare([f"{n:07d}" for n in range(len(one))], np.ones(len(one)), one)[0] for one in sides]
    frames = [
        geopandas.GeoDataFrame({f"id{n}": one.ids}, geometry=one.geometry, crs=4490) for n, one in enumerate(layers)
    ]
    floor, _ = timed(lambda: shapely.STRtree(layers[1].geometry).query(layers[0].geometry), args.runs)
    ours, found = timed(lambda: kernel(*layers), args.runs)
    theirs, overlay = timed(lambda: geopandas.overlay(*frames, how="intersection", keep_geom_type=True), args.runs)

    polygons = overlay[overlay.area > 0]
    equal = len(found) == len(polygons) and np.isclose(
        shapely.area(found.geometry).sum(), polygons.area.sum(), rtol=1e-9, atol=0
    )
    print(f"{len(layers[0])} x {len(layers[1])} polygons, {found.candidates} candidates, {len(found)} pieces")
    print(f"CPU seconds: tree query {floor:.2f}, kernel {ours:.2f}, geopandas.overlay {theirs:.2f}")
    print(f"kernel / geopandas = {ours / theirs:.2f}; equal answers: {equal} ({len(polygons)} pieces)")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
