"""Small uploads of every kind, and one call that loads them."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyogrio import raw

from config.layers import Layer
from store.criteria import LoadMode
from store.ingest.frame import Claim
from store.ingest.loader import Node, Options, load_file
from store.ingest.report import Outcome
from tests.store.ingest import fake

DRIVERS = {".gdb": "OpenFileGDB", ".kml": "LIBKML"}

LON, LAT = 116.84, 38.31
"""In 新华区, 沧州."""


def square(n: int, size: float = 0.001) -> Any:
    """The nth of a row of squares, counter-clockwise, about 87 x 111 m, on the 9-decimal grid."""
    x, y = round(LON + n * size, 9), LAT
    return shapely.Polygon([(x, y), (round(x + size, 9), y), (round(x + size, 9), y + size), (x, y + size)])


def write(path: Path, shapes: Any, columns: dict[str, list[Any]], crs: str | None = "EPSG:4490", **options: Any) -> str:
    """A file of any GDAL format; values are strings, numbers or None."""
    wkb = fake.objects([None if one is None else shapely.to_wkb(one) for one in shapes])
    data = [_column(values) for values in columns.values()]
    kind = options.pop("geometry_type", "Polygon")
    if path.suffix in DRIVERS:
        options["driver"] = DRIVERS[path.suffix]
    raw.write(str(path), wkb, data, list(columns), crs=crs, geometry_type=kind, **options)
    return str(path)


def _column(values: list[Any]) -> Any:
    if all(isinstance(value, int | float) for value in values):
        return np.array(values)
    return fake.objects(values)


def parcels(count: int) -> dict[str, list[Any]]:
    """Attributes that the layer accepts."""
    return {
        "BSM": [f"1309020000{n:04d}" for n in range(count)],
        "XZQDM": ["130902"] * count,
        "YDYHFLDM": ["07"] * count,
        "MC": [f"地块{n}" for n in range(count)],
    }


def load(
    file: str | Path, store: Any = None, node: Node | None = None, layer: Layer | None = None, **options: Any
) -> Outcome:
    """Load with defaults; `crs`, `datum`, `swap` go to the claim."""
    claim = Claim(declared=options.pop("crs", None), datum=options.pop("datum", None), swap=options.pop("swap", False))
    chosen = Options(mode=LoadMode.APPEND, valid_from=date(2026, 1, 1), claim=claim)
    return load_file(
        store if store is not None else fake.FakeStore(),
        layer or fake.layer(),
        str(file),
        node or Node(codelists=fake.CODELISTS),
        replace(chosen, **options),
    )


def codes(outcome: Outcome) -> set[str]:
    """The codes of errors and warnings."""
    return {code for code in outcome.log.counts if outcome.log.severity(code).value != "info"}
