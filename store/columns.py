"""Column types that mean the same on both stores: geometry, days, instants and text by code point."""

import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from config.layers import AttributeType, GeometryType

SRID = 4490

GEOPACKAGE_HEADER = b"GP\x00\x01" + struct.pack("<i", SRID)
"""GeoPackage 1.3, 2.1.3: magic, version 0, little endian and no envelope, SRS id; WKB follows."""


class Geometry(UserDefinedType[bytes]):
    """WKB of x, y in EPSG:4490 (2D, no SRID) on both sides; None is no geometry.

    PostGIS stores `geometry(<type>, 4490)`; SQLite a GeoPackage geometry blob, so that GDAL and QGIS read the file.
    """

    cache_ok = True

    def __init__(self, kind: str = "Geometry", srid: int = SRID) -> None:
        self.kind = kind
        self.srid = srid

    def get_col_spec(self, **_: Any) -> str:
        return self.kind.upper()

    def bind_processor(self, dialect: Dialect) -> Callable[[bytes | None], bytes | None] | None:
        if dialect.name != "sqlite":
            return None
        return lambda wkb: None if wkb is None else GEOPACKAGE_HEADER + wkb

    def column_expression(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bytes]:
        return sa.func.substr(column, len(GEOPACKAGE_HEADER) + 1, type_=sa.LargeBinary())


class PostgisGeometry(Geometry):
    """The same in PostGIS, where SQL does the conversion from and to WKB."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return f"geometry({self.kind},{self.srid})"

    def bind_expression(self, bindvalue: sa.BindParameter[bytes]) -> sa.ColumnElement[bytes]:
        return sa.func.ST_GeomFromWKB(sa.type_coerce(bindvalue, sa.LargeBinary()), self.srid, type_=self)

    def column_expression(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bytes]:
        return sa.func.ST_AsBinary(column, type_=sa.LargeBinary())


class PlacedGeometry(UserDefinedType[str]):
    """A place to ask for: hexadecimal EWKB as PostGIS reads it from a parameter, once for the whole statement."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "geometry"


def placed_box(west: float, south: float, east: float, north: float) -> str:
    """A box in degrees as `PlacedGeometry`: a polygon of one ring of five positions."""
    return _BOX.pack(
        1, _POLYGON_WITH_SRID, SRID, 1, 5, west, south, west, north, east, north, east, south, west, south
    ).hex()


def placed(shape: Any) -> str:
    """A geometry of shapely, x, y in EPSG:4490, as `PlacedGeometry`."""
    return str(shapely.to_wkb(shapely.set_srid(shape, SRID), hex=True, byte_order=1, include_srid=True))


_BOX = struct.Struct("<BIIII10d")
_POLYGON_WITH_SRID = 0x20000003


class _TextOfInstant(UserDefinedType[str]):
    """Text under the name that GeoPackage gives it."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "DATETIME"


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime: timestamptz in PostgreSQL; in SQLite text whose order is the order of time."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_TextOfInstant() if dialect.name == "sqlite" else sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value!r}")
        utc = value.astimezone(UTC)
        return f"{utc:%Y-%m-%dT%H:%M:%S.%f}Z" if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


def whole() -> TypeEngine[int]:
    """64 bits: spelt INTEGER in SQLite, where a key so spelt is the row's own, and GeoPackage knows no BIGINT."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(dialect: str) -> TypeEngine[str]:
    """Text that sorts and compares by code point."""
    return sa.Text(collation="C") if dialect == "postgresql" else sa.Text()


def geometry(dialect: str, kind: GeometryType) -> Geometry:
    """The geometry column of a layer; Z and M are dropped before they come here."""
    return (PostgisGeometry if dialect == "postgresql" else Geometry)(kind.value)


def attribute(dialect: str, kind: AttributeType) -> TypeEngine[Any]:
    """The column of an attribute. Python values: str, int, float, bool, date, aware datetime."""
    match kind:
        case AttributeType.STRING:
            return text(dialect)
        case AttributeType.INTEGER:
            return whole()
        case AttributeType.NUMBER:
            return sa.Double()
        case AttributeType.BOOLEAN:
            return sa.Boolean(create_constraint=False)
        case AttributeType.DATE:
            return sa.Date()
        case AttributeType.DATETIME:
            return Instant()
