"""Four small layers that the store's tests use: polygons, lines, points and a table."""

from config.layers import Attribute, AttributeType, GeometryType, Layer, Role, Sharing
from tests import definitions


def attribute(name: str, kind: AttributeType, code: str, **more) -> Attribute:
    return definitions.attribute(name, code, kind, **more)


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
    return definitions.layer(id, geometry, more.pop("attributes", ATTRIBUTES), **more)


PARCELS = layer("parcels", GeometryType.POLYGON)
ROADS = layer("roads", GeometryType.MULTI_LINE)
STATIONS = layer("stations", GeometryType.POINT, sharing=Sharing.CONDITIONAL)
PERMITS = layer("permits", None)
LAYERS = (PARCELS, ROADS, STATIONS, PERMITS)
