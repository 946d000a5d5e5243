"""What a node's store and definitions bring to a check of an upload."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import shapely

from config.layers import CodeList
from store.criteria import Criteria, ValidTime
from store.ingest.datum import read_shifts
from store.ingest.loader import Node
from store.ingest.reference import Boundaries, boundaries
from store.interface import Store

REFERENCE = "base-admin-area"
"""The collection of administrative areas: what an upload is compared with."""
CODE = "division_code"


def node_of(
    store: Store, codelists: Mapping[str, CodeList], datums: Mapping[str, Any], own: frozenset[str], timezone: ZoneInfo
) -> Node:
    """The node's part of a load.

    Args:
        store: is asked for the administrative areas that it holds.
        codelists: by id, `divisions` among them.
        datums: the `datums:` block of the settings.
        own: every division code inside the node's division.
        timezone: the node's.

    Raises:
        DefinitionError: the datum parameters are wrong.
    """
    return Node(codelists, read_shifts(datums), reference(store, own), timezone)


def reference(store: Store, own: frozenset[str]) -> Boundaries | None:
    """The administrative areas in the store, as known now and whenever valid; None where it holds none."""
    layer = store.layers().get(REFERENCE)
    if layer is None or layer.attribute(CODE) is None:
        return None
    codes: list[str] = []
    shapes: list[Any] = []
    for batch in store.batches(REFERENCE, Criteria(valid=ValidTime(None, None), properties=(CODE,))):
        codes += [str(code) for code in batch.columns[CODE]]
        shapes += list(shapely.from_wkb(batch.wkb))
    return boundaries(codes, shapes, own)
