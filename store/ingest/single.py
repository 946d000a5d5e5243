"""One feature that a program sends: checked by what checks files, but nothing is guessed and nothing is repaired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from config.layers import CodeList, GeometryType, Layer
from store.crs import Crs
from store.ingest.attributes import Attributes
from store.ingest.frame import frame_of
from store.ingest.geometry import conform
from store.ingest.mapping import Plan
from store.ingest.problems import Problem
from store.ingest.source import Chunk

_ROW = np.ones(1, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the node's definitions and its store say. `area` is the node's, prepared; None where it is not known."""

    codelists: Mapping[str, CodeList]
    zone: ZoneInfo
    area: Any = None


def check_values(
    layer: Layer, given: Mapping[str, Any], rules: Rules, day: date, *, whole: bool
) -> tuple[dict[str, Any], list[Problem]]:
    """Attribute values as the store takes them, and what is wrong with them.

    Args:
        layer: has all the names in `given`.
        given: values of JSON by name; None is no value.
        rules: the node's.
        day: when they begin to hold.
        whole: `given` is all that the feature will have; else only what changes, and nothing else is asked for.
    """
    asked = layer if whole else replace(layer, attributes=tuple(one for one in layer.attributes if one.name in given))
    names = tuple(one.name for one in asked.attributes)
    problems: list[Problem] = []
    checks = Attributes(asked, _plan(names), rules.codelists, rules.zone, typed=True, day=day)
    columns = checks.check(
        Chunk(_ROW, None, {name: [given.get(name)] for name in names}), lambda _, problem: problems.append(problem)
    )
    return {name: values[0] for name, values in columns.items()}, problems


def check_shape(
    shape: shapely.Geometry | None, crs: Crs, kind: GeometryType, rules: Rules
) -> tuple[bytes | None, Sequence[Problem]]:
    """WKB (x, y in EPSG:4490, rounded once) of a geometry in `crs`, axes as its authority has them; and what is wrong.

    What a file's load would repair is a fault here: whoever sends it can mend it.
    """
    if shape is None or shape.is_empty:
        return None, [Problem("geometry-missing")]
    raw = np.empty(1, dtype=object)
    raw[0] = shape
    made = conform(raw, frame_of(crs), kind, {})
    done, problems = made.geometries[0], made.problems.get(0, [])
    if done is None or problems:
        return None, problems
    if rules.area is not None and not shapely.intersects(rules.area, done):
        return None, [Problem("outside-area")]
    return bytes(shapely.to_wkb(done, output_dimension=2, byte_order=1, include_srid=False)), []


@lru_cache(maxsize=1024)
def _plan(names: tuple[str, ...]) -> Plan:
    """Every attribute comes from the member of its name."""
    return Plan({name: name for name in names}, {}, {}, {}, None, {}, (), ())
