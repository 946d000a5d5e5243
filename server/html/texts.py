"""Words for what definitions hold as codes: themes, kinds, geometry types, sharing classes, units, CRS names."""

import re
from collections.abc import Mapping

from config.layers import Attribute, AttributeType, GeometryType, Kind, Language, Layer, Sharing, Text, Theme

THEMES: Mapping[Theme, Text] = {
    Theme.PLANNING: Text("规划数据", "Plans"),
    Theme.APPROVAL: Text("建设项目审批数据", "Project approvals"),
    Theme.CURRENT: Text("现状数据", "Current status"),
    Theme.WORKING: Text("业务数据", "Working data"),
}
SHARING: Mapping[Sharing, Text] = {
    Sharing.UNCONDITIONAL: Text("无条件共享", "Shared without condition"),
    Sharing.CONDITIONAL: Text("有条件共享", "Shared on condition"),
    Sharing.WITHHELD: Text("不予共享", "Not shared"),
}
KINDS: Mapping[Kind, Text] = {
    Kind.VECTOR: Text("矢量", "vector"),
    Kind.TABLE: Text("表格", "table"),
    Kind.RASTER: Text("栅格", "raster"),
    Kind.EXTERNAL: Text("外部资源", "held elsewhere"),
}
GEOMETRIES: Mapping[GeometryType, tuple[Text, str]] = {
    GeometryType.POINT: (Text("点", "points"), "point"),
    GeometryType.MULTI_POINT: (Text("点", "points"), "point"),
    GeometryType.LINE: (Text("线", "lines"), "line"),
    GeometryType.MULTI_LINE: (Text("线", "lines"), "line"),
    GeometryType.POLYGON: (Text("面", "areas"), "area"),
    GeometryType.MULTI_POLYGON: (Text("面", "areas"), "area"),
    GeometryType.GEOMETRY: (Text("混合", "mixed"), "area"),
}
TYPES: Mapping[AttributeType, Text] = {
    AttributeType.STRING: Text("文本", "text"),
    AttributeType.INTEGER: Text("整数", "integer"),
    AttributeType.NUMBER: Text("数值", "number"),
    AttributeType.BOOLEAN: Text("是/否", "yes/no"),
    AttributeType.DATE: Text("日期", "date"),
    AttributeType.DATETIME: Text("日期时间", "date and time"),
}
VALIDITY: Mapping[str, Text] = {
    "valid_from": Text("生效日期", "In force from"),
    "valid_to": Text("失效日期", "In force until"),
}
_UNITS = {
    "1": Text("", ""),
    "m": Text("米", "m"),
    "mm": Text("毫米", "mm"),
    "km": Text("千米", "km"),
    "m2": Text("平方米", "m²"),
    "km2": Text("平方千米", "km²"),
    "har": Text("公顷", "ha"),
    "m3": Text("立方米", "m³"),
    "m3/d": Text("立方米/日", "m³/d"),
    "km/h": Text("千米/时", "km/h"),
    "t": Text("吨", "t"),
    "t/d": Text("吨/日", "t/d"),
    "a": Text("年", "years"),
    "mo": Text("月", "months"),
    "d": Text("天", "days"),
    "MW": Text("兆瓦", "MW"),
    "MV.A": Text("兆伏安", "MVA"),
    "kV": Text("千伏", "kV"),
    "MPa": Text("兆帕", "MPa"),
    "Cel": Text("°C", "°C"),
    "deg": Text("°", "°"),
    "[ppth]": Text("‰", "‰"),
    "{person}": Text("人", "persons"),
    "{seat}": Text("座", "seats"),
    "{bed}": Text("张", "beds"),
    "{grave}": Text("穴", "graves"),
    "{place}": Text("个", "places"),
    "{line}": Text("条", "lines"),
    "{CNY}": Text("元", "CNY"),
}
_MANY = ("10*4.", Text("万", "10⁴ "))
_EPSG = re.compile(r"/EPSG/[^/]*/(\d+)$")


def unit(code: str | None, language: Language) -> str:
    """A UCUM unit as people write it; one that has no words stays as it is."""
    if not code:
        return ""
    mark, words = _MANY
    if code.startswith(mark):
        return words[language] + unit(code.removeprefix(mark), language)
    return _UNITS[code][language] if code in _UNITS else code.strip("{}")


def geometry(layer: Layer, language: Language) -> tuple[str, str]:
    """What a layer's rows look like, in words, and the name of the icon."""
    if layer.geometry is None:
        return KINDS[layer.kind][language], "raster" if layer.kind is Kind.RASTER else "table"
    text, icon = GEOMETRIES[layer.geometry]
    return text[language], icon


def attribute_type(attribute: Attribute, language: Language) -> str:
    """The type of an attribute in words, with its length."""
    text = TYPES[attribute.type][language]
    return f"{text}({attribute.length})" if attribute.length else text


_CRS: Mapping[int, Text] = {
    84: Text("WGS 84（经度，纬度）", "WGS 84 (longitude, latitude)"),
    4326: Text("WGS 84（纬度，经度）", "WGS 84 (latitude, longitude)"),
    4490: Text("CGCS2000（纬度，经度）", "CGCS2000 (latitude, longitude)"),
    3857: Text("Web 墨卡托", "Web Mercator"),
    **{
        code: Text(
            f"CGCS2000 3°带高斯-克吕格，{code - 4488} 带（X 北，Y 东含带号）",
            f"CGCS2000 3-degree Gauss-Kruger zone {code - 4488} (north, east with zone prefix)",
        )
        for code in range(4513, 4534)
    },
    **{
        code: Text(
            f"CGCS2000 3°带高斯-克吕格，中央经线 {75 + 3 * (code - 4534)}°E（X 北，Y 东）",
            f"CGCS2000 3-degree Gauss-Kruger, central meridian {75 + 3 * (code - 4534)}E (north, east)",
        )
        for code in range(4534, 4555)
    },
}


def crs_name(uri: str, language: Language) -> str:
    """A CRS in words: those of China's planning data, and the common ones; empty for others."""
    match = _EPSG.search(uri)
    found = _CRS.get(84 if uri.endswith("CRS84") else int(match[1]) if match else 0)
    return found[language] if found else ""


def number(value: float, language: Language, decimals: int = 0) -> str:  # noqa: ARG001  both group by thousands
    """A number with its thousands set apart, and no more digits than it has or than the decimals asked for."""
    if decimals:
        return f"{value:,.{decimals}f}"
    if isinstance(value, int):
        return f"{value:,}"
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text or "0"
