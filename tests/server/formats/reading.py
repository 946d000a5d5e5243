"""Files as GDAL, pyarrow and the csv module read them, and GeoJSON answers in the same shape, to compare with."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import geopandas
import orjson
import pyarrow.parquet as pq
import shapely
from pyogrio import raw
from pyogrio.raw import read_arrow
from pyproj import CRS

from store.crs import resolve
from tests.server.client import Client

DAY = "2024-06-01"
"""The day on which the sample was made."""


@dataclass(frozen=True)
class Found:
    """Rows by their order: id, geometry (x, y) and properties; and the system that the file names."""

    ids: list[str]
    shapes: list[Any]
    properties: list[dict[str, Any]]
    crs: CRS | None


def geojson(client: Client, query: str, layer: str = "parcels", **options: Any) -> Found:
    """The same query as GeoJSON, all pages, with coordinates as x, y."""
    answer = client.get(f"/collections/{layer}/items?f=json&{query}", **options)
    assert answer.status_code == 200, answer.text
    features = answer.json()["features"]
    swap = resolve(answer.headers["content-crs"].strip("<>")).swap
    shapes = [
        None if one["geometry"] is None else shapely.from_geojson(orjson.dumps(one["geometry"])) for one in features
    ]
    if swap:
        shapes = [None if one is None else shapely.transform(one, lambda xy: xy[:, ::-1]) for one in shapes]
    return Found([one["id"] for one in features], shapes, [one["properties"] for one in features], None)


def table(content: bytes, suffix: str, folder: Path) -> Found:
    """A file's rows; dates and instants in the words of GeoJSON."""
    path = folder / f"read{suffix}"
    path.write_bytes(content)
    if suffix == ".csv":
        return _csv(content.decode("utf-8-sig"))
    if suffix == ".parquet":
        rows = pq.read_table(path).to_pylist()
        geometry = "geometry"
        crs = geopandas.read_parquet(path).crs if b"geo" in (pq.read_metadata(path).metadata or {}) else None
    elif suffix == ".fgb":
        return _flatgeobuf(path)
    else:
        meta, read = read_arrow(path)
        rows, geometry = read.to_pylist(), meta["geometry_name"] or "wkb_geometry"
        crs = CRS(meta["crs"]) if meta["crs"] else None
    shapes = [None if row.get(geometry) is None else shapely.from_wkb(row[geometry]) for row in rows]
    left_out = {geometry, "bbox", "fid", "OGC_FID"}
    properties = [{name: said(value) for name, value in row.items() if name not in left_out} for row in rows]
    return Found([_id(one) for one in properties], shapes, properties, crs)


def _flatgeobuf(path: Path) -> Found:
    """FlatGeobuf has no days, only instants; and numpy no whole numbers or truth values beside NULL."""
    meta, _, wkb, columns = raw.read(path)
    kinds = dict(zip(meta["fields"], meta["ogr_types"], strict=True))
    subtypes = dict(zip(meta["fields"], meta["ogr_subtypes"], strict=True))
    properties: list[dict[str, Any]] = [{} for _ in range(len(columns[0]))]
    for name, values in zip(meta["fields"], columns, strict=True):
        for row, value in zip(properties, values.tolist(), strict=True):
            none = value is None or value != value
            row[name] = None if none else _typed(value, kinds[name], subtypes[name])
    shapes = (
        [None] * len(properties) if wkb is None else [None if one is None else shapely.from_wkb(one) for one in wkb]
    )
    return Found([_id(one) for one in properties], shapes, properties, CRS(meta["crs"]) if meta["crs"] else None)


def _typed(value: Any, kind: str, subtype: str) -> Any:
    if subtype == "OFSTBoolean":
        return bool(value)
    if kind in ("OFTInteger", "OFTInteger64"):
        return int(value)
    if kind == "OFTDateTime" and isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return said(value)


def _csv(text: str) -> Found:
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    shapes = [shapely.from_wkt(row.pop("WKT")) if row.get("WKT") else None for row in rows]
    for row in rows:
        row.pop("WKT", None)
    return Found([_id(row) for row in rows], shapes, rows, None)


def _id(row: Mapping[str, Any]) -> str:
    return str(row.get("identifier") or row.get("id"))


def said(value: Any) -> Any:
    """A value as GeoJSON says it."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return f"{aware.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else value


def in_cells(properties: Mapping[str, Any]) -> dict[str, str]:
    """Values as cells of a CSV file."""
    words = {True: "true", False: "false", None: ""}
    return {
        name: words[value] if value is None or isinstance(value, bool) else _cell(value)
        for name, value in properties.items()
    }


def _cell(value: Any) -> str:
    text = str(value)
    return f"{text[:-1]}+00:00" if text.endswith("Z") and text[10:11] == "T" else text
