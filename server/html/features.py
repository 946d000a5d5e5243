"""The page of features as a table, and the page of one feature."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from config.layers import Attribute, AttributeType, GeometryType, Layer, Role
from server.html import filterbox, texts
from server.html.catalogue import heading
from server.html.view import View
from store.criteria import CRS84, END_OF_TIME

if TYPE_CHECKING:
    from store.interface import Item

type Document = Mapping[str, Any]
type Extra = dict[str, Any]

_LIMITS = (10, 50, 100, 500)
_FILTERS = 8
_BOX = 4
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_OPTIONS = 400
LINES = (GeometryType.LINE, GeometryType.MULTI_LINE)
POINTS = (GeometryType.POINT, GeometryType.MULTI_POINT)
_NUMBERS = (AttributeType.INTEGER, AttributeType.NUMBER)
_FORMATS = {
    "application/geo+json": "GeoJSON",
    "application/vnd.ogc.fg+json": "JSON-FG",
    "application/geopackage+sqlite3": "GeoPackage",
    "application/flatgeobuf": "FlatGeobuf",
    "application/vnd.apache.parquet": "GeoParquet",
    "text/csv": "CSV",
}


def items(document: Document, view: View) -> Extra:
    """Columns with titles, code values with theirs, paging, and a form for property filters."""
    layer = view.layer
    extra = heading(layer, view)
    given = dict(view.query)
    matched = document.get("numberMatched")
    extra["matched"] = None if matched is None else texts.number(matched, view.language)
    extra["map"] = given.get("crs", CRS84).endswith("CRS84") and given.get("skipGeometry") != "true"
    extra["window"] = _window(given)
    extra["formats"] = _FORMATS
    extra["limits"] = _limits(view, given)
    if "cursor" in given or given.get("offset", "0") not in ("", "0"):
        extra["first"] = view.address(cursor=None, offset=None)
    features: Sequence[Document] = document.get("features", ())
    if layer is None:
        return extra
    extra["geometries"] = [_geometry(feature, layer, view) for feature in features] if extra["map"] else []
    columns = _columns(features, layer, view)
    extra["columns"] = columns
    extra["rows"] = [_row(feature, columns, layer, view) for feature in features]
    identity = layer.id_attribute
    if identity is not None:
        extra["key"] = {"name": identity.name, "sort": _sort(identity.name, given, view)}
    extra["box"] = filterbox.box(layer, features, given, view)
    extra["day"] = _day(given, view)
    extra["filters"] = _filters(layer, given, view)
    extra["filtered"] = sum(1 for one in extra["filters"] if one["value"])
    names = {"filter", "datetime", "cursor", "offset", "f", *(one["name"] for one in extra["filters"])}
    extra["asked"] = extra["filtered"] or given.get("filter") or given.get("datetime")
    extra["kept"] = [*((name, value) for name, value in given.items() if name not in names), ("f", "html")]
    return extra


def _sort(name: str, given: Mapping[str, str], view: View) -> Extra:
    """How the page is sorted by a property now, and the address of the other order: up first, then down, then none."""
    now = {name: "ascending", f"+{name}": "ascending", f" {name}": "ascending", f"-{name}": "descending"}.get(
        given.get("sortby", "")
    )
    following, zh, en = {
        None: (name, "按此升序排列", "sort ascending"),
        "ascending": (f"-{name}", "按此降序排列", "sort descending"),
        "descending": (None, "恢复原来的顺序", "original order"),
    }[now]
    href = view.address(sortby=following, cursor=None, offset=None)
    return {"now": now, "href": href, "title": zh if view.language == "zh" else en}


def _day(given: Mapping[str, str], view: View) -> Extra:
    """The field of the day whose state is shown; an interval or an instant stays a text."""
    value = given.get("datetime", "")
    plain = not value or _ISO_DAY.fullmatch(value)
    title = "有效日期" if view.language == "zh" else "In force on"
    return {"title": title, "value": value, "input": "date" if plain else "text"}


def item(document: Document, view: View) -> Extra:
    """The feature's attributes in words, its validity and its versions."""
    layer = view.layer
    extra = heading(layer, view)
    given = dict(view.query)
    extra["map"] = given.get("crs", CRS84).endswith("CRS84")
    extra["versions_href"] = f"{view.base_url}{view.path.rstrip('/')}/versions?f=html{view.more}"
    extra["versions"] = [_version(one, document, view) for one in reversed(view.extra.get("versions", ()))]
    properties: Mapping[str, Any] = document.get("properties") or {}
    if properties.get("valid_from"):
        extra["validity"] = {"start": properties["valid_from"], "end": properties.get("valid_to")}
    if layer is None:
        return extra
    extra["label"] = _label(document, layer)
    extra["geometries"] = [_geometry(document, layer, view)]
    other = "zh" if view.language == "en" else "en"
    cells = []
    for name, value in properties.items():
        attribute = layer.attribute(name)
        made = cell(value, attribute, view)
        made["title"] = attribute.title[view.language] if attribute else _validity(name, view)
        made["name"] = name
        made["other"] = attribute.title[other] if attribute else ""
        made["unit"] = _unit(attribute, view) if attribute else ""
        cells.append(made)
    extra["cells"] = [one for one in cells if one["kind"] != "none"]
    extra["empty"] = [one["title"] for one in cells if one["kind"] == "none" and one["name"] != "valid_to"]
    return extra


def _validity(name: str, view: View) -> str:
    return texts.VALIDITY[name][view.language] if name in texts.VALIDITY else name


def _version(one: "Item", document: Document, view: View) -> Extra:
    """A row of the table of versions; its link shows the state of the day on which it began."""
    day = one.valid_from.isoformat()
    address = (
        f"/collections/{quote(view.layer.id if view.layer else '')}/items/{quote(str(document.get('id')), safe='')}"
    )
    superseded = one.known_to is not None
    return {
        "version": one.version,
        "valid_from": day,
        "valid_to": None if one.valid_to == END_OF_TIME else one.valid_to.isoformat(),
        "known_from": view.moment(one.known_from),
        "known_to": view.moment(one.known_to) if one.known_to else "",
        "author": one.author,
        "href": None if superseded else f"{view.base_url}{address}?f=html&datetime={day}{view.more}",
    }


def _window(given: Mapping[str, str]) -> str:
    """The box that was asked for (west,south,east,north in CRS84), which the map then shows; empty for others."""
    numbers = given.get("bbox", "").split(",")
    if len(numbers) != _BOX or not given.get("bbox-crs", CRS84).endswith("CRS84"):
        return ""
    try:
        return ",".join(f"{float(one):.6f}" for one in numbers)
    except ValueError:  # refused, and said so on the page
        return ""


def _limits(view: View, given: Mapping[str, str]) -> list[Extra]:
    now = given.get("limit", "10")
    return [
        {"limit": one, "current": str(one) == now, "href": view.address(limit=str(one), cursor=None, offset=None)}
        for one in _LIMITS
    ]


def _geometry(feature: Document, layer: Layer, view: View) -> Extra:
    """The feature with no more than the map needs: its label, and how the layer's style draws it."""
    return {
        "type": "Feature",
        "id": feature.get("id"),
        "properties": {"label": _label(feature, layer), **_paint(feature, layer, view)},
        "geometry": feature.get("geometry"),
    }


def _paint(feature: Document, layer: Layer, view: View) -> Extra:
    """Colours of one feature: of its code where the style says by which attribute, else of the layer."""
    paint: Extra = {}
    for part in ("fill", "line", "circle"):
        given = layer.style.get(part)
        if isinstance(given, Mapping):
            paint[part] = dict(given)
    by = layer.style.get("by")
    attribute = layer.attribute(by) if isinstance(by, str) else None
    if attribute is not None:
        color = _color((feature.get("properties") or {}).get(attribute.name), attribute, view)
        main = "line" if layer.geometry in LINES else "circle" if layer.geometry in POINTS else "fill"
        if color:
            paint[main] = paint.get(main, {}) | {"color": color}
    return paint


def _color(value: Any, attribute: Attribute, view: View) -> str:
    """The map colour of a code, empty where its list gives none."""
    codelist = view.codelist(attribute.codelist) if value is not None else None
    found = codelist.find(str(value)) if codelist else None
    return str(found.properties.get("color", "")) if found else ""


def _label(feature: Document, layer: Layer) -> str:
    """What a person calls the feature: the attribute with the role title, else its id."""
    titled = next((one.name for one in layer.attributes if one.role is Role.TITLE), None)
    value = (feature.get("properties") or {}).get(titled) if titled else None
    return str(value or feature.get("id"))


def _columns(features: Sequence[Document], layer: Layer, view: View) -> list[Extra]:
    """The attributes that the features carry: the title, then the layer's order; last those that tell nothing more.

    Those are attributes without any value, and names that the code beside them says already. The id has its column.
    """
    present = features[0].get("properties", {}).keys() if features else ()
    identity = layer.id_attribute
    given = dict(view.query)
    other = "zh" if view.language == "en" else "en"
    columns: list[Extra] = [
        {
            "name": one.name,
            "attribute": one,
            "title": one.title[view.language],
            "other": one.title[other],
            "unit": _unit(one, view),
            "number": one.type in _NUMBERS,
            "sort": _sort(one.name, given, view),
            "decimals": _decimals([_value(feature, one.name) for feature in features]),
        }
        for one in layer.attributes
        if one.name in present and one is not identity
    ]
    codes = [one for one in layer.attributes if one.codelist and one.name in present]
    columns.sort(
        key=lambda one: (_tells_nothing(one["name"], features, codes, view), one["attribute"].role is not Role.TITLE)
    )
    columns += [
        {
            "name": name,
            "attribute": None,
            "title": words[view.language],
            "other": words[other],
            "sort": _sort(name, given, view),
        }
        for name, words in texts.VALIDITY.items()
        if name in present
    ]
    return columns


def _tells_nothing(name: str, features: Sequence[Document], codes: Sequence[Attribute], view: View) -> bool:
    """Whether a column is empty, or repeats the Chinese title of one of the row's codes in every row."""
    values = [_value(feature, name) for feature in features]
    if not any(values):
        return not any(value is not None for value in values)
    for attribute in codes:
        codelist = view.codelist(attribute.codelist)
        if codelist is None or attribute.name == name:
            continue
        found = (codelist.find(str(_value(feature, attribute.name))) for feature in features)
        if all(value == (code.title["zh"] if code else None) for value, code in zip(values, found, strict=True)):
            return True
    return False


def _decimals(values: Sequence[Any]) -> int:
    """How many decimals the most exact of the numbers has, so that those of a column stand below each other."""
    return max((len(texts.number(one, "en").partition(".")[2]) for one in values if isinstance(one, float)), default=0)


def _unit(one: Attribute, view: View) -> str:
    """The unit in words, empty where the title says it (`Places`, in places)."""
    words = texts.unit(one.unit, view.language)
    return "" if words.lower() == one.title[view.language].lower() else words


def _value(feature: Document, name: str) -> Any:
    return (feature.get("properties") or {}).get(name)


def _row(feature: Document, columns: Sequence[Extra], layer: Layer, view: View) -> Extra:
    properties = feature.get("properties") or {}
    id = str(feature.get("id"))
    kept = {name: value for name, value in view.query if name in ("datetime", "lang")}
    query = "".join(f"&{name}={quote(value)}" for name, value in kept.items())
    return {
        "id": id,
        "label": id,
        "href": f"{view.base_url}/collections/{quote(layer.id)}/items/{quote(id, safe='')}?f=html{query}",
        "cells": [
            cell(properties.get(column["name"]), column["attribute"], view, column.get("decimals", 0))
            | {"number": column.get("number", False)}
            for column in columns
        ],
    }


def cell(value: Any, attribute: Attribute | None, view: View, decimals: int = 0) -> Extra:
    """One value in words: `kind` is none, code, link, number or text. A number has at least so many decimals."""
    if value is None or value == "":
        return {"kind": "none", "text": ""}
    if isinstance(value, bool):
        words = ("是", "否") if view.language == "zh" else ("yes", "no")
        return {"kind": "text", "text": words[not value]}
    if attribute is not None and attribute.codelist:
        codelist = view.codelist(attribute.codelist)
        found = codelist.find(str(value)) if codelist else None
        if found:
            color = _color(value, attribute, view)
            return {"kind": "code", "text": found.title[view.language], "raw": str(value), "color": color}
    if attribute is not None and attribute.reference:
        href = view.page(f"/collections/{quote(attribute.reference)}/items/{quote(str(value), safe='')}")
        return {"kind": "link", "text": str(value), "href": href}
    if isinstance(value, int | float):
        # A year or another whole number without a unit is a name more than a quantity: no thousands set apart.
        plain = isinstance(value, int) and not decimals and (attribute is None or not attribute.unit)
        return {"kind": "number", "text": str(value) if plain else texts.number(value, view.language, decimals)}
    return {"kind": "text", "text": value if isinstance(value, str) else str(value)}


def _filters(layer: Layer, given: Mapping[str, str], view: View) -> list[Extra]:
    """A field per attribute that is worth filtering by: those with an index or a code list first."""
    chosen = sorted(
        (one for one in layer.attributes if one.codelist or one.indexed or one.role in (Role.ID, Role.TITLE)),
        key=lambda one: (not one.codelist, not one.indexed),
    )[:_FILTERS]
    fields = [_filter(one, given, view) for one in chosen]
    if any(one.searchable for one in layer.attributes):
        words = "文字检索" if view.language == "zh" else "Text search"
        fields.insert(0, {"name": "q", "title": words, "value": given.get("q", ""), "input": "search", "options": []})
    box = "范围（西,南,东,北）" if view.language == "zh" else "Box (west,south,east,north)"
    fields.append(
        {"name": "bbox", "title": box, "value": given.get("bbox", ""), "input": "text", "options": [],
         "placeholder": "116.8,38.2,116.9,38.3"}
    )  # fmt: skip
    return fields


def _filter(one: Attribute, given: Mapping[str, str], view: View) -> Extra:
    codelist = view.codelist(one.codelist)
    codes = list(codelist.codes.values()) if codelist and len(codelist.codes) <= _OPTIONS else []
    kinds = {AttributeType.DATE: "date", AttributeType.INTEGER: "number", AttributeType.NUMBER: "number"}
    return {
        "name": one.name,
        "title": one.title[view.language],
        "unit": texts.unit(one.unit, view.language),
        "value": given.get(one.name, ""),
        "input": kinds.get(one.type, "text"),
        "options": [{"code": code.code, "title": code.title[view.language]} for code in codes],
    }
