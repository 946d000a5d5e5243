"""The hierarchy of the collections (Common Part 4, hierarchical-collections): 国家, 省, 市, 县, theme, layer.

A node publishes one government's layers, so that its tree is the chain of divisions down to its own and below that the
themes; the collections of other governments that it takes in later hang at their own divisions. The branches hold no
data themselves: they have no items, and stand behind all layers in the plain list, so that clients that know nothing of
hierarchies find the layers first and pass over the few that are none.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.divisions import Division
from config.layers import Layer, Text, Theme
from server.html.texts import THEMES

if TYPE_CHECKING:
    from server.node import Node

_OF_DIVISION = Text("{}的全部图层", "All collections of {}")
_OF_THEME = Text("{}：{}的图层", "{}: collections of {}")


@dataclass(frozen=True, slots=True)
class Branch:
    """A collection of collections. `level` and `division` are set for a division, `theme` for a theme."""

    id: str
    title: Text
    description: Text
    parent: str | None
    level: str | None = None
    division: str | None = None
    theme: Theme | None = None


def parent_of(layer: Layer) -> str:
    """The branch that a layer hangs on."""
    return f"theme-{layer.theme.value}"


def branches(node: "Node") -> Mapping[str, Branch]:
    """The branches by id, from the top down. A division without a definition is left out."""
    made: dict[str, Branch] = {}
    parent = None
    place = node.settings.node.title
    for division in _chain(node):
        id = f"division-{division.code}"
        about = Text(_OF_DIVISION.zh.format(division.title.zh), _OF_DIVISION.en.format(division.title.en))
        made[id] = Branch(id, division.title, about, parent, division.level.value, division.code)
        parent, place = id, division.title
    present = {layer.theme for layer in node.layers.values()}
    for theme in Theme:
        if theme in present:
            id, title = f"theme-{theme.value}", THEMES[theme]
            about = Text(_OF_THEME.zh.format(place["zh"], title.zh), _OF_THEME.en.format(title.en, place["en"]))
            made[id] = Branch(id, title, about, parent, theme=theme)
    return made


def _chain(node: "Node") -> list[Division]:
    """The node's division and those above it, the highest first."""
    known = node.registry.divisions
    chain: list[Division] = []
    at = known.by_code.get(node.settings.node.division)
    while at is not None and at not in chain:
        chain.append(at)
        at = known.by_code.get(at.parent or "")
    return chain[::-1]


def below(parents: Mapping[str, str | None], top: str | None) -> Iterator[str]:
    """What hangs below a collection (None: everything), its children first, then theirs (/req/.../parent-parameter).

    Args:
        parents: of every collection, by id, in the order of the list.
        top: the collection.
    """
    children: defaultdict[str | None, list[str]] = defaultdict(list)
    for id, parent in parents.items():
        children[parent].append(id)
    waiting = [top]
    for at in waiting:
        yield from children[at]
        waiting += children[at]
