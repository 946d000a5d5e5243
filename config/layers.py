"""What a collection is: the typed form of one YAML file in `collections/`.

Everything else (table, schema, queryables, record, tiles, legend, checks at ingest) follows from it.
`config.registry` reads and checks the files; nothing here touches a disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people, in Chinese and English."""

    zh: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


class Theme(StrEnum):
    PLANNING = "planning"
    APPROVAL = "approval"
    CURRENT = "current"
    WORKING = "working"


class Kind(StrEnum):
    """What the rows are: features, features without geometry, cells, or data held elsewhere and only described."""

    VECTOR = "vector"
    TABLE = "table"
    RASTER = "raster"
    EXTERNAL = "external"


class Level(StrEnum):
    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class Sharing(StrEnum):
    """共享类型: 无条件共享, 有条件共享, 不予共享."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    WITHHELD = "withheld"


class GeometryType(StrEnum):
    """Simple-feature type that a layer accepts; a Multi type accepts its single form and promotes it.

    `GEOMETRY` accepts any type but collections. Layers of kind `table` have none.
    """

    POINT = "Point"
    MULTI_POINT = "MultiPoint"
    LINE = "LineString"
    MULTI_LINE = "MultiLineString"
    POLYGON = "Polygon"
    MULTI_POLYGON = "MultiPolygon"
    GEOMETRY = "Geometry"


class AttributeType(StrEnum):
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


class Role(StrEnum):
    """`x-ogc-role` (Common Part 3): what an attribute means to a client that knows nothing of plans."""

    ID = "id"
    TYPE = "type"
    TITLE = "title"
    INSTANT = "primary-instant"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One property of a feature.

    `name` is the English identifier in every interface; `code` the field code of the exchange standards
    (BSM, XZQDM, ...: at most 10 characters, so that it is the Shapefile column too).
    `unit` is a UCUM code (m2, har, m, km2, 1, ...). `codelist` names a file in `collections/codelists/`.
    `reference` names the collection whose features the value identifies; `uri_template` is the address of what it
    identifies elsewhere, with `{resourceId}` for the value (one of the two). `definition` is the URI of what the
    attribute means; `null_values` are values that stand for none in data of old.
    """

    name: str
    code: str
    title: Text
    type: AttributeType
    description: Text | None = None
    required: bool = False
    length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    codelist: str | None = None
    reference: str | None = None
    role: Role | None = None
    indexed: bool = False
    searchable: bool = False
    uri_template: str | None = None
    definition: str | None = None
    null_values: tuple[str | float, ...] = ()


class Small(StrEnum):
    """What becomes of a line or polygon too small to be seen in a vector tile."""

    DROP = "drop"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Tiling:
    """How a layer goes into vector tiles. Zooms are those of WebMercatorQuad, and of the same scale in other sets.

    `first` is the zoom from which it is in tiles at all; `attributes` the zoom from which each attribute is (None: what
    the map is drawn and labelled by, see `tiles.content`); `buffer` is in units of 4096 to a tile's side; `small` says
    what becomes of a line or polygon whose box has less than `least` pixels (of 256 to a side) in width and height: it
    is dropped, or kept as one pixel.
    """

    first: int = 0
    attributes: Mapping[str, int] | None = None
    buffer: int = 64
    small: Small = Small.DROP
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class CoreMetadata:
    """The 13 core fields of 政务信息资源目录编制指南, those that the layer does not already say.

    名称, 摘要, 信息项 and 格式 follow from the layer; 提供方 from `Layer.provider`; 共享属性 from `sharing`.
    `classification` is the path of codes (类, 项, 目) in the list `catalogue-classes`; `sharing_mode`,
    `update_cycle`, `industries` (行业分类) and `openness` (开放方式) are codes of the lists of those names; `related`
    holds collection ids.
    """

    resource_code: str
    classification: tuple[str, ...]
    sharing_condition: Text | None
    sharing_mode: str
    open_to_public: bool
    open_condition: Text | None
    update_cycle: str
    published: date
    related: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    openness: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One collection. `digest` is the SHA-256 of its meaning: a validator of everything built from it.

    `order` is its place within the theme, `group` its branch of the layer tree (list `layer-groups`), `provider` and
    `partners` are codes of the list `departments`.
    """

    id: str
    title: Text
    description: Text
    theme: Theme
    kind: Kind
    levels: tuple[Level, ...]
    geometry: GeometryType | None
    attributes: tuple[Attribute, ...]
    provider: str
    sharing: Sharing
    metadata: CoreMetadata
    public: bool
    keywords: tuple[Text, ...] = ()
    source: Mapping[str, object] = field(default_factory=dict)
    style: Mapping[str, object] = field(default_factory=dict)
    tiles: Tiling = Tiling()
    digest: str = ""
    order: int = 0
    group: str = ""
    partners: tuple[str, ...] = ()

    def attribute(self, name: str) -> Attribute | None:
        return next((one for one in self.attributes if one.name == name), None)

    @property
    def id_attribute(self) -> Attribute | None:
        return next((one for one in self.attributes if one.role is Role.ID), None)

    @property
    def stored(self) -> bool:
        """Whether the node's store holds its rows."""
        return self.kind in (Kind.VECTOR, Kind.TABLE)


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a code list; `valid_from`/`valid_to` are half-open days, None is unbounded."""

    code: str
    title: Text
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeList:
    """A closed list of codes. `fallback` allows a longer code whose longest prefix is in the list (city extensions).

    `valid_from`/`valid_to` (half-open days) are when its standard is in force: older data keep the codes of their time.
    """

    id: str
    title: Text
    source: str
    codes: Mapping[str, Code]
    fallback: bool = False
    reliability: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    digest: str = ""

    def find(self, code: str) -> Code | None:
        """The entry of `code`, by longest prefix where the list allows extensions."""
        if code in self.codes or not self.fallback:
            return self.codes.get(code)
        longest = min(len(code) - 1, max(map(len, self.codes), default=0))
        return next((self.codes[code[:n]] for n in range(longest, 0, -1) if code[:n] in self.codes), None)
