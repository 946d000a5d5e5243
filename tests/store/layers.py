"""Four small layers that the store's tests use: polygons, lines, points and a table."""

from datetime import date

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
    Text,
    Theme,
)

METADATA = CoreMetadata(
    resource_code="306/0001",
    classification=("01",),
    sharing_condition=None,
    sharing_mode="api",
    open_to_public=True,
    open_condition=None,
    update_cycle="annual",
    published=date(2024, 1, 1),
)


def attribute(name: str, kind: AttributeType, code: str, **more) -> Attribute:
    return Attribute(name, code, Text(name, name), kind, **more)


ATTRIBUTES = (
    attribute("identifier", AttributeType.STRING, "BSM", role=Role.ID, required=True, indexed=True),
    attribute("division_code", AttributeType.STRING, "XZQDM", indexed=True),
    attribute("name", AttributeType.STRING, "MC", searchable=True),
    attribute("area", AttributeType.NUMBER, "MJ", indexed=True),
    attribute("floors", AttributeType.INTEGER, "CS"),
    attribute("protected", AttributeType.BOOLEAN, "SFBH"),
    attribute("approval_date", AttributeType.DATE, "PZRQ", indexed=True),
    attribute("surveyed_at", AttributeType.DATETIME, "DCSJ"),
)


def layer(id: str, geometry: GeometryType | None, **more) -> Layer:
    settings = {
        "title": Text(id, id),
        "description": Text(id, id),
        "theme": Theme.PLANNING,
        "kind": Kind.TABLE if geometry is None else Kind.VECTOR,
        "levels": (Level.CITY,),
        "attributes": ATTRIBUTES,
        "provider": "natural-resources",
        "sharing": Sharing.UNCONDITIONAL,
        "metadata": METADATA,
        "public": True,
        "digest": "0" * 64,
    }
    return Layer(id=id, geometry=geometry, **(settings | more))


PARCELS = layer("parcels", GeometryType.POLYGON)
ROADS = layer("roads", GeometryType.MULTI_LINE)
STATIONS = layer("stations", GeometryType.POINT, sharing=Sharing.CONDITIONAL)
PERMITS = layer("permits", None)
LAYERS = (PARCELS, ROADS, STATIONS, PERMITS)
