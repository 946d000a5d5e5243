"""What the collections can be filtered and sorted by: the members of their descriptions, as a layer of properties.

So the same schemas, the same check of filters and the same words for what is wrong serve collections and features.
Arrays (keywords, levels) are texts here, their members joined by commas: `keywords LIKE '%农田%'`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import shapely

from config.layers import Attribute, AttributeType, CodeList, GeometryType, Kind, Layer, Role, Sharing, Text, Theme
from config.layers import CoreMetadata as Metadata
from server.html.texts import KINDS, SHARING, THEMES
from server.http.call import Call
from server.profiles import INLINE
from server.schemas.logical import Context, Json, schema
from store.criteria import END_OF_TIME

_TEXT, _WHOLE = AttributeType.STRING, AttributeType.INTEGER
_JOINED = Text("多个值以逗号连接，用 LIKE 查找", "Several values, joined by commas: find one with LIKE")


def _field(name: str, zh: str, en: str, kind: AttributeType = _TEXT, **more: Any) -> Attribute:
    return Attribute(name, name, Text(zh, en), kind, **more)


FIELDS = (
    _field("id", "标识", "Id", role=Role.ID),
    _field("title", "名称", "Title", role=Role.TITLE),
    _field("description", "摘要", "Description"),
    _field("keywords", "关键词", "Keywords", description=_JOINED),
    _field("parent", "上级", "Parent"),
    _field("theme", "专题", "Theme"),
    _field("group", "图层分组", "Branch of the layer tree", codelist="layer-groups"),
    _field("levels", "层级", "Levels of government", description=_JOINED),
    _field("division", "行政区划代码", "Code of the division", codelist="divisions"),
    _field("kind", "种类", "Kind"),
    _field("itemType", "条目类型", "Type of the items"),
    _field("geometryType", "几何类型", "Geometry type"),
    _field("provider", "提供方", "Provider", codelist="departments"),
    _field("sharing", "共享类型", "Sharing class"),
    _field("updateCycle", "更新周期", "Update cycle", codelist="update-cycles"),
    _field("resourceCode", "信息资源代码", "Resource code"),
    _field("itemCount", "要素数", "Features", _WHOLE),
    _field("updated", "更新时间", "Updated", AttributeType.DATETIME),
)
UNSORTED = ("description", "keywords", "levels")
_WORDS: Mapping[str, Mapping[Any, Text]] = {"theme": THEMES, "sharing": SHARING, "kind": KINDS}
LAYER = Layer(
    id="collections",
    title=Text("全部图层", "Collections"),
    description=Text("本节点的图层及其上级", "The collections of this node and what they hang on"),
    theme=Theme.WORKING,
    kind=Kind.VECTOR,
    levels=(),
    geometry=GeometryType.POLYGON,
    attributes=FIELDS,
    provider="",
    sharing=Sharing.UNCONDITIONAL,
    metadata=Metadata("", (), None, "", True, None, "", date(2017, 1, 1)),
    public=True,
)
SORTABLES = replace(LAYER, geometry=None, attributes=tuple(one for one in FIELDS if one.name not in UNSORTED))


def document(call: Call, name: str) -> Json:
    """The schema of the queryables or the sortables."""
    known = call.node.registry.codelists
    layer = LAYER if name == "queryables" else SORTABLES
    attributes = tuple(one if one.codelist in known else replace(one, codelist=None) for one in layer.attributes)
    lists: dict[str, CodeList] = {one.codelist: known[one.codelist] for one in attributes if one.codelist}
    context = Context(call.language, call.base, frozenset(), lists, INLINE)
    made = schema(replace(layer, attributes=attributes), name, context)
    made["$id"] = f"{call.base}/collections{name.title()}"
    for field, words in _WORDS.items():
        titled = [{"const": str(one), "title": text[call.language]} for one, text in words.items()]
        if field == "kind":
            titled.append({"const": "collection", "title": LAYER.title[call.language]})
        made["properties"][field]["oneOf"] = titled
    return made


def values(description: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """What a filter compares: the members of a description by name, its extent as `geometry`, `valid_from`, `valid_to`.

    A box that crosses the antimeridian is two polygons.
    """
    made: dict[str, Any] = {one.name: description.get(one.name) for one in FIELDS}
    for name in ("keywords", "levels"):
        made[name] = ",".join(map(str, description.get(name, ()))) or None
    for name in ("theme", "kind", "sharing", "geometryType"):
        made[name] = None if made[name] is None else str(made[name])
    if made["updated"] is not None:
        made["updated"] = datetime.fromisoformat(made["updated"])
    extent = description.get("extent", {})
    made["geometry"] = polygon(extent["spatial"]["bbox"][0]) if "spatial" in extent else None
    made["valid_from"], made["valid_to"] = days(description, zone)
    return made


def days(description: Mapping[str, Any], zone: ZoneInfo) -> tuple[date | None, date | None]:
    """The temporal extent as half-open days; END_OF_TIME where it has no end, None where there is none at all."""
    temporal = description.get("extent", {}).get("temporal")
    if temporal is None:
        return None, None
    start, end = temporal["interval"][0]
    ends = END_OF_TIME if end is None else _day(end, zone)
    return (date.min if start is None else _day(start, zone)), ends


def _day(text: str, zone: ZoneInfo) -> date:
    return datetime.fromisoformat(text).astimezone(zone).date()


def polygon(box: list[float]) -> Any:
    half = len(box) // 2
    (west, south), (east, north) = box[:2], box[half : half + 2]
    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.union_all([shapely.box(west, south, 180.0, north), shapely.box(-180.0, south, east, north)])
