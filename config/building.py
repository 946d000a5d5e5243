"""From checked plain data to `Layer`."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from config.layers import (
    Attribute,
    AttributeType,
    CoreMetadata,
    GeometryType,
    Kind,
    Layer,
    Level,
    Role,
    Sharing,
    Small,
    Text,
    Theme,
    Tiling,
)


def build_layer(plain: Mapping[str, Any]) -> Layer:
    """The typed layer of what `config.definitions.resolve` gave."""
    metadata = plain["metadata"]
    return Layer(
        id=plain["id"],
        title=Text(**plain["title"]),
        description=Text(**plain["description"]),
        theme=Theme(plain["theme"]),
        kind=Kind(plain["kind"]),
        levels=tuple(Level(one) for one in plain["levels"]),
        geometry=GeometryType(plain["geometry"]) if plain["geometry"] else None,
        attributes=tuple(_build_attribute(one) for one in plain["attributes"]),
        provider=plain["provider"],
        sharing=Sharing(plain["sharing"]),
        metadata=_build_metadata(metadata),
        public=plain["public"],
        keywords=tuple(Text(**one) for one in plain["keywords"]),
        source=plain["source"],
        style=plain["style"],
        tiles=_build_tiling(plain["tiles"]),
        digest=plain["digest"],
        order=plain["order"],
        group=plain["group"],
        partners=tuple(plain["partners"]),
    )


def _build_attribute(plain: Mapping[str, Any]) -> Attribute:
    description, role = plain.get("description"), plain.get("role")
    return Attribute(
        name=plain["name"],
        code=plain["code"],
        title=Text(**plain["title"]),
        type=AttributeType(plain["type"]),
        description=Text(**description) if description else None,
        required=plain.get("required", False),
        length=plain.get("length"),
        minimum=plain.get("minimum"),
        maximum=plain.get("maximum"),
        unit=plain.get("unit"),
        codelist=plain.get("codelist"),
        reference=plain.get("reference"),
        role=Role(role) if role else None,
        indexed=plain.get("indexed", False),
        searchable=plain.get("searchable", False),
        uri_template=plain.get("uri_template"),
        definition=plain.get("definition"),
        null_values=tuple(plain.get("null_values", ())),
    )


def _build_tiling(plain: Mapping[str, Any]) -> Tiling:
    rest = {key: value for key, value in plain.items() if key != "small"}
    return Tiling(small=Small(plain.get("small", Small.DROP)), **rest)


def _build_metadata(plain: Mapping[str, Any]) -> CoreMetadata:
    sharing, opening = plain.get("sharing_condition"), plain.get("open_condition")
    return CoreMetadata(
        resource_code=plain["code"],
        classification=tuple(plain["path"]),
        sharing_condition=Text(**sharing) if sharing else None,
        sharing_mode=plain["sharing_mode"],
        open_to_public=plain["open"],
        open_condition=Text(**opening) if opening else None,
        update_cycle=plain["update_cycle"],
        published=date.fromisoformat(plain["published"]),
        related=tuple(plain.get("related", ())),
        industries=tuple(plain["industries"]),
        openness=plain["openness"],
    )
