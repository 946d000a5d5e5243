"""The data of the abstract tests of CQL2 (OGC 21-065r2, Annex A): three layers, 274 filters, 77 combinations.

The data (Natural Earth 1:110m) lie beside a checkout of the developers, not in it: see the fixture `shared_data`.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from config.layers import Attribute, AttributeType, GeometryType, Layer
from store.criteria import LoadMode
from store.interface import Batch, Store
from tests.store.layers import attribute, layer

FOLDER = "cql2"
BEGIN = date(2000, 1, 1)

# Natural Earth has three names that ACCENTI makes begin with "Ch" (Chicago, Chengdu, Chișinău) and one with "Chis".
ERRATA = {
    "ACCENTI(name) LIKE accenti('Ch%')": 3,
    "ACCENTI(CASEI(name)) LIKE accenti(casei('Chiș%'))": 1,
    "ACCENTI(CASEI(name)) LIKE accenti(casei('cHis%'))": 1,
}
"""Filters whose count in the standard is not that of its data, and what it is."""

_GEOMETRY = {
    "ne_110m_admin_0_countries": GeometryType.MULTI_POLYGON,
    "ne_110m_populated_places_simple": GeometryType.POINT,
    "ne_110m_rivers_lake_centerlines": GeometryType.LINE,
}
_TYPES = {
    "date": AttributeType.DATE,
    "start": AttributeType.DATETIME,
    "end": AttributeType.DATETIME,
    "boolean": AttributeType.BOOLEAN,
    "pop_max": AttributeType.INTEGER,
    "pop_min": AttributeType.INTEGER,
    "pop_other": AttributeType.INTEGER,
    "POP_EST": AttributeType.NUMBER,
}


@dataclass(frozen=True)
class Case:
    """One filter on one collection, and how many features it picks."""

    collection: str
    filter: str
    expected: int


def layers(folder: Path) -> list[Layer]:
    """The three collections as layers. `folder` is that of `shared_data`."""
    return [
        layer(id, geometry, attributes=tuple(_attributes(folder, id))) for id, geometry in sorted(_GEOMETRY.items())
    ]


def _attributes(folder: Path, id: str) -> Iterable[Attribute]:
    fields = pyogrio.read_info(folder / FOLDER / "ne110m4cql2.gpkg", layer=id)["fields"]
    for number, name in enumerate(fields):
        kind = _TYPES.get(name, AttributeType.STRING)
        yield attribute(name, kind, f"A{number}", indexed=name in ("name", "NAME", "pop_other"))


def load(store: Store, folder: Path) -> None:
    """Load the data into a store that has the tables of `layers`."""
    for one in layers(folder):
        with store.load(one.id, LoadMode.APPEND, BEGIN, "tests") as staged:
            staged.append(_batch(one, folder))
            staged.publish()


def _batch(one: Layer, folder: Path) -> Batch:
    meta, _, wkb, values = pyogrio.raw.read(folder / FOLDER / "ne110m4cql2.gpkg", layer=one.id, datetime_as_string=True)
    shapes = shapely.force_2d(shapely.from_wkb(wkb))
    count = len(shapes)
    columns = {name: _column(one, name, found) for name, found in zip(meta["fields"], values, strict=True)}
    keys = np.arange(1, count + 1)
    ids = np.array([f"{key}" for key in keys], dtype=object)
    return Batch(keys, ids, keys, np.array(shapely.to_wkb(shapes), dtype=object), columns)


def _column(one: Layer, name: str, values: Any) -> Any:
    found = one.attribute(name)
    assert found is not None
    match found.type:
        case AttributeType.NUMBER:
            return values.astype(float)
        case AttributeType.INTEGER:
            return np.array([int(value) for value in values], dtype=object)
        case AttributeType.BOOLEAN:
            return np.array([None if np.isnan(value) else bool(value) for value in values.astype(float)], dtype=object)
        case AttributeType.DATE | AttributeType.DATETIME:
            return np.array([_time(found.type, value) for value in values], dtype=object)
        case _:
            return np.array([None if value is None else str(value) for value in values], dtype=object)


def _time(kind: AttributeType, value: Any) -> Any:
    from datetime import datetime

    if value is None or value == "" or value != value or str(value) == "NaT":
        return None
    if kind is AttributeType.DATE:
        return date.fromisoformat(str(value)[:10])
    made = datetime.fromisoformat(str(value))
    return made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)


def cases(folder: Path) -> list[Case]:
    """The 274 filters, the three errata with the counts that the data have."""
    found = _document(folder)["cases"]
    return [
        Case(one["collection"], in_our_words(one["filter"]), ERRATA.get(one["filter"], one["expected"]))
        for one in found
    ]


def in_our_words(filter: str) -> str:
    """The dataset calls its geometry `geom`, this node every one `geometry`."""
    return re.sub(r"\bgeom\b", "geometry", filter)


def combinations(folder: Path) -> list[Case]:
    """The 77 combinations of four predicates each, on the populated places."""
    document = _document(folder)
    template = document["combination_template"]
    return [
        Case(
            "ne_110m_populated_places_simple",
            template.format(**{f"p{number}": predicate for number, predicate in enumerate(one["p"], 1)}),
            one["expected"],
        )
        for one in document["combinations"]
    ]


def _document(folder: Path) -> Any:
    return json.loads((folder / FOLDER / "cql2_ats_cases.json").read_text())
