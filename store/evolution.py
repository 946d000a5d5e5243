"""What a changed layer file asks of the tables that a store already has: pure.

The stored definition of a layer is JSON: its geometry type, its attributes (name and type, in order), those that were
dropped from the file and stay hidden in the tables, and how far a rewriting of the stored texts has come.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson

from config.errors import Fault, SchemaMismatchError
from config.layers import Layer
from store import search

Attributes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """`rewritten` is None when no rewriting is under way, else the last key done in each table.

    `searched` names the attributes whose words are indexed, after the version of the words; `indexed` is to them what
    `rewritten` is to the texts.
    """

    geometry: str | None
    attributes: Attributes
    hidden: Attributes = ()
    rewritten: Mapping[str, int] | None = None
    searched: tuple[str, ...] = ()
    indexed: Mapping[str, int] | None = None

    @classmethod
    def of(cls, layer: Layer) -> "Definition":
        """What the layer file says."""
        attributes = tuple((one.name, one.type.value) for one in layer.attributes)
        geometry = None if layer.geometry is None else layer.geometry.value
        return cls(geometry, attributes, searched=_searched(layer))

    @classmethod
    def parse(cls, text: str) -> "Definition":
        """The stored text.

        Raises:
            SchemaMismatchError: it is not one that this program wrote.
        """
        try:
            found = orjson.loads(text)
            return cls(
                found["geometry"],
                tuple((name, kind) for name, kind in found["attributes"]),
                tuple((name, kind) for name, kind in found["hidden"]),
                found["rewritten"],
                tuple(found.get("searched", ())),
                found.get("indexed"),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise SchemaMismatchError(
                f"The store's definition of a layer cannot be read ({text!r:.60}): the store is damaged, "
                "restore a backup"
            ) from error

    def text(self) -> str:
        """The text to store."""
        made = {
            "geometry": self.geometry,
            "attributes": self.attributes,
            "hidden": self.hidden,
            "rewritten": None if self.rewritten is None else dict(self.rewritten),
            "searched": self.searched,
            "indexed": None if self.indexed is None else dict(self.indexed),
        }
        return orjson.dumps(made).decode()


@dataclass(frozen=True, slots=True)
class Difference:
    """How the store comes from `before` to `after`.

    added: attributes that need a column. shown: hidden ones that the file names again. hidden: attributes that the
    file no longer names. refused: changes that need the data loaded anew.
    """

    before: Definition
    after: Definition
    added: Attributes
    shown: Attributes
    hidden: Attributes
    refused: tuple[Fault, ...]

    @property
    def rewrites(self) -> bool:
        """Whether the stored texts change."""
        return self.before.rewritten is not None or self.before.attributes != self.after.attributes

    @property
    def indexes(self) -> tuple[str, ...] | None:
        """What the index of words must be made of; None where it is made of it already."""
        wanted = self.after.searched
        return wanted if self.before.indexed is not None or self.before.searched != wanted else None


def compare(stored: Definition, layer: Layer) -> Difference:
    """What the layer file asks of a store with the definition `stored`."""
    wanted = Definition.of(layer)
    known = dict(stored.attributes) | dict(stored.hidden)
    names = dict(wanted.attributes)
    added = tuple(one for one in wanted.attributes if one[0] not in known)
    shown = tuple(one for one in stored.hidden if one[0] in names)
    hidden = tuple(one for one in stored.attributes if one[0] not in names)
    return Difference(
        before=stored,
        after=replace(wanted, hidden=tuple(one for one in stored.hidden if one[0] not in names) + hidden),
        added=added,
        shown=shown,
        hidden=hidden,
        refused=tuple(_refusals(layer, stored, wanted, known)),
    )


def _searched(layer: Layer) -> tuple[str, ...]:
    names = [one.name for one in layer.attributes if one.searchable]
    return (str(search.VERSION), *names) if names else ()


def _refusals(layer: Layer, stored: Definition, wanted: Definition, known: Mapping[str, str]) -> list[Fault]:
    remedy = "export the layer, remove it from the store with a new id, and load it anew"
    faults = [
        Fault(
            f"{layer.id}.{name}", f"its type was {known[name]} and is now {kind}", f"give it another name, or {remedy}"
        )
        for name, kind in wanted.attributes
        if name in known and known[name] != kind
    ]
    if stored.geometry != wanted.geometry:
        faults.append(
            Fault(
                layer.id, f"its geometry was {stored.geometry or 'none'} and is now {wanted.geometry or 'none'}", remedy
            )
        )
    return faults
