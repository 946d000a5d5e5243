"""Layers, attributes and code lists as definitions give them, made in one line: what is not said is plain."""

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType
from typing import Any

from config.layers import (
    Attribute,
    AttributeType,
    Code,
    CodeList,
    CoreMetadata,
    GeometryType,
    Kind,
    Layer,
    Level,
    Sharing,
    Text,
    Theme,
)

METADATA = CoreMetadata(
    resource_code="307000000000/000001",
    classification=("1",),
    sharing_condition=None,
    sharing_mode="api",
    open_to_public=True,
    open_condition=None,
    update_cycle="yearly",
    published=date(2016, 1, 1),
)


def attribute(
    name: str, code: str, kind: AttributeType = AttributeType.STRING, title: Text | None = None, **more: Any
) -> Attribute:
    """An attribute; its title is its name unless given."""
    return Attribute(name, code, title or Text(name, name), kind, **more)


def layer(id: str, geometry: GeometryType | None, attributes: Iterable[Attribute], **more: Any) -> Layer:
    """A layer that is open to all; without geometry a table. `more` are further fields of `Layer`."""
    plain: dict[str, Any] = {
        "title": Text(id, id),
        "theme": Theme.PLANNING,
        "kind": Kind.TABLE if geometry is None else Kind.VECTOR,
        "levels": (Level.CITY,),
        "provider": "natural-resources",
        "sharing": Sharing.UNCONDITIONAL,
        "metadata": METADATA,
        "public": True,
        "digest": "0" * 64,
    }
    made = plain | more
    made.setdefault("description", made["title"])
    return Layer(id=id, geometry=geometry, attributes=tuple(attributes), **made)


def codelist(id: str, codes: Iterable[tuple[str, str, str]], title: Text | None = None, **more: Any) -> CodeList:
    """A list of code, Chinese and English title."""
    entries = MappingProxyType({code: Code(code, Text(zh, en)) for code, zh, en in codes})
    return CodeList(id, title or Text(id, id), "a made-up list", entries, **more)
