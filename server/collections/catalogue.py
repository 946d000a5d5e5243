"""All collections as they are described to a caller, with what searching them needs; made once for each state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.layers import Layer
from server.collections.describe import describe, describe_branch
from server.collections.text import Words
from server.collections.tree import Branch, below, branches, parent_of
from server.http.call import Call
from server.node import Snapshot
from store.criteria import CRS84

MOST_KEPT = 16
"""Catalogues that a node keeps: by language, scope and address."""

type Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The descriptions by id, layers first, branches behind them; the texts that are searched, and the parents."""

    documents: Mapping[str, Document]
    words: Mapping[str, Words]
    parents: Mapping[str, str | None]


def catalogue(call: Call, snapshot: Snapshot) -> Catalogue:
    """The catalogue for this caller, kept with the node until a layer's state changes."""
    kept = call.node.listings
    key = (call.language, call.scope.key, call.base)
    found = kept.get(key)
    if found is None or found[0] != snapshot.token:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        found = kept[key] = (snapshot.token, _made(call, snapshot))
    made = found[1]
    assert isinstance(made, Catalogue)  # noqa: S101  the node keeps what this module gave it
    return made


def _made(call: Call, snapshot: Snapshot) -> Catalogue:
    layers = call.node.layers
    upper = {id: one for id, one in branches(call.node).items() if id not in layers}
    documents = {id: describe(call, layer, snapshot) for id, layer in layers.items()}
    parents: dict[str, str | None] = {id: parent_of(layer) for id, layer in layers.items()}
    parents |= {id: branch.parent for id, branch in upper.items()}
    leaves = {id: one["extent"] for id, one in documents.items() if "extent" in one}
    for id, branch in upper.items():
        within = [leaves[one] for one in below(parents, id) if one in leaves]
        documents[id] = describe_branch(call, branch, around(within))
    words = {id: _words_of(call, layer) for id, layer in layers.items()}
    words |= {id: _words_of_branch(branch) for id, branch in upper.items()}
    return Catalogue(documents, words, parents)


def around(extents: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The extent of several; a box that crosses the antimeridian makes the whole a band around the earth."""
    made: dict[str, Any] = {}
    boxes = [one["spatial"]["bbox"][0] for one in extents if "spatial" in one]
    if boxes:
        crossing = any(box[0] > box[len(box) // 2] for box in boxes)
        west = -180.0 if crossing else min(box[0] for box in boxes)
        east = 180.0 if crossing else max(box[len(box) // 2] for box in boxes)
        south, north = min(box[1] for box in boxes), max(box[len(box) // 2 + 1] for box in boxes)
        made["spatial"] = {"bbox": [[west, south, east, north]], "crs": CRS84}
    times = [one["temporal"] for one in extents if "temporal" in one]
    if times:
        starts, ends = zip(*(one["interval"][0] for one in times), strict=True)
        interval = [None if None in starts else min(starts), None if None in ends else max(ends)]
        made["temporal"] = {"interval": [interval], "trs": times[0].get("trs")}
    return made or None


def _words_of(call: Call, layer: Layer) -> Words:
    """What is searched of a layer, in both languages: a planner's word finds it whatever the page's language is."""
    department = call.node.registry.departments.get(layer.provider)
    titles = [layer.title, layer.description, *layer.keywords, *([department.title] if department else [])]
    return Words.of([layer.id, layer.metadata.resource_code, *titles])


def _words_of_branch(branch: Branch) -> Words:
    return Words.of([branch.id, branch.title, branch.description])
