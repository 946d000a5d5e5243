"""The first page, the list of collections and the page of one collection."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from config.layers import Attribute, Kind, Layer, Level, Text, Theme
from server.html import texts
from server.html.metadata import FIELDS, core_metadata
from server.html.samples import requests, sample
from server.html.view import View

type Document = Mapping[str, Any]
type Extra = dict[str, Any]

_EXAMPLES = 4
_CODES_SHOWN = 200
_CONDITIONS = ("q", "query", "bbox", "datetime", "filter", "parent", "descendants", "sd", "resolution")
"""What of a search a page of collections shows."""
_SEARCH: Mapping[str, Mapping[str, str]] = {
    "zh": {"search": "搜索", "level": "层级", "branches": "上级", "asked": "条件", "all": "显示全部"},
    "en": {
        "search": "Search",
        "level": "Level",
        "branches": "Belongs to",
        "asked": "Conditions",
        "all": "Show all",
    },
}
_LEVELS: Mapping[Level, Text] = {
    Level.NATION: Text("国家", "Nation"),
    Level.PROVINCE: Text("省", "Province"),
    Level.CITY: Text("市", "City"),
    Level.COUNTY: Text("县", "County"),
}
_OUTLINES = ("base-admin-boundary", "base-admin-area")
"""What lies behind the small maps, the first that the node has: each line once, or whole areas."""


def landing(_document: Document, view: View) -> Extra:
    """Themes with counts, and what a newcomer may try."""
    if not view.layers:
        return {}
    layers = list(view.layers.values())
    themes = [(theme, [layer for layer in layers if layer.theme is theme]) for theme in Theme]
    return {
        "themes": [_theme(theme, members, view) for theme, members in themes if members],
        "totals": {"collections": len(layers), "features": _total(layers, view)},
        "requests": requests(view),
        "sample": sample(view).id,
    }


def _theme(theme: Theme, members: list[Layer], view: View) -> Extra:
    shown = sorted(members, key=lambda layer: (-view.counts.get(layer.id, 0), layer.order))[:_EXAMPLES]
    return {
        "id": theme.value,
        "title": texts.THEMES[theme][view.language],
        "collections": len(members),
        "features": _total(members, view),
        "examples": [{"title": one.title[view.language], "href": view.page(f"/collections/{one.id}")} for one in shown],
    }


def _total(layers: Iterable[Layer], view: View) -> str | None:
    if not view.counts:
        return None
    return texts.number(sum(view.counts.get(layer.id, 0) for layer in layers), view.language)


def collections(document: Document, view: View) -> Extra:
    """The collections of the document by theme and branch of the layer tree."""
    known = [view.layers[one["id"]] for one in document.get("collections", ()) if one["id"] in view.layers]
    groups = []
    for theme in Theme:
        rows = [_row(layer, view) for layer in known if layer.theme is theme]
        if rows:
            groups.append({"id": theme.value, "title": texts.THEMES[theme][view.language], "rows": rows})
    upper = [one for one in document.get("collections", ()) if one["id"] not in view.layers]
    return {
        "section": "collections",
        "groups": groups,
        "words": _SEARCH[view.language],
        "asked": {name: text for name, text in view.query if name in _CONDITIONS and text},
        "everything": view.page("/collections"),
        "facets": _facets(view),
        "branches": [{"title": one["title"], "href": view.page(f"/collections/{quote(one['id'])}")} for one in upper],
    }


def _facets(view: View) -> list[Extra]:
    """How many layers there are of each level of government, and the search that shows them."""
    layers = list(view.layers.values())
    found = [(level, sum(level in one.levels for one in layers)) for level in Level]
    links = [
        _facet(view, _LEVELS[level], {"filter": f"levels LIKE '%{level.value}%' AND kind <> 'collection'"}, count)
        for level, count in found
        if count
    ]
    return [{"title": _SEARCH[view.language]["level"], "links": links}]


def _facet(view: View, title: Text, search: Mapping[str, str], count: int) -> Extra:
    asked = dict(view.query)
    return {
        "title": title[view.language],
        "href": f"{view.address('/collections', **search, f='html')}{view.more}",
        "count": count,
        "current": all(asked.get(name) == value for name, value in search.items()),
    }


def _row(layer: Layer, view: View) -> Extra:
    geometry, icon = texts.geometry(layer, view.language)
    count = view.counts.get(layer.id)
    return {
        "id": layer.id,
        "href": view.page(f"/collections/{quote(layer.id)}"),
        "title": layer.title[view.language],
        "other": layer.title["zh" if view.language == "en" else "en"],
        "geometry": geometry,
        "icon": icon,
        "count": None if count is None else texts.number(count, view.language),
        "sharing": layer.sharing.value,
        "sharing_title": texts.SHARING[layer.sharing][view.language],
        "provider": view.department(layer.provider),
    }


def heading(layer: Layer | None, view: View) -> Extra:
    """What the head of every page about one collection shows."""
    extra: Extra = {"section": "collections"}
    if layer is not None:
        extra["title"] = layer.title[view.language]
        extra["theme"] = {"id": layer.theme.value, "title": texts.THEMES[layer.theme][view.language]}
        extra["sharing"] = {"id": layer.sharing.value, "title": texts.SHARING[layer.sharing][view.language]}
        extra["dataset_path"] = f"{view.base_url}/collections/{quote(layer.id)}"
        extra["items_path"] = f"{view.base_url}/collections/{quote(layer.id)}/items"
        extra["geometry"] = texts.geometry(layer, view.language)[0]
    return extra | outline(view)


def outline(view: View) -> Extra:
    """The address of the borders that lie behind the small maps; nothing where the node has no such collection."""
    id = next((id for id in _OUTLINES if id in view.layers), None)
    return {"outline": f"{view.base_url}/collections/{id}/items"} if id else {}


def collection(document: Document, view: View) -> Extra:
    """Attributes, core metadata, CRS names."""
    layer = view.layer
    extra = heading(layer, view)
    extra["crs_names"] = {uri: texts.crs_name(uri, view.language) for uri in document.get("crs", ())}
    if layer is None:
        return extra
    extra["attributes"] = [_attribute(one, view) for one in layer.attributes]
    extra["interval"] = _interval(document, view)
    extra["downloads"] = [
        {"href": link["href"], "title": link["title"].rpartition(": ")[2]}
        for link in document.get("links", ())
        if link["rel"] == "enclosure"
    ]
    extra["bands"] = document.get("bands", ())
    told = core_metadata(layer, view.registry, view.layers, view.language)
    extra["metadata"] = [{"title": FIELDS[name][view.language], "text": text} for name, text in told.items() if text]
    if layer.kind is Kind.EXTERNAL:
        extra["source_note"] = _source(layer, view)
    return extra


def _interval(document: Document, view: View) -> list[str]:
    """First and last day of the collection on the node's clock; `…` where it is open."""
    temporal = document.get("extent", {}).get("temporal", {}).get("interval", ())
    return [view.moment(one).partition(" ")[0] if one else "…" for one in temporal[0]] if temporal else []


def _attribute(one: Attribute, view: View) -> Extra:
    language = view.language
    codelist = view.codelist(one.codelist)
    codes = list(codelist.codes.values()) if codelist and len(codelist.codes) <= _CODES_SHOWN else []
    return {
        "name": one.name,
        "code": one.code,
        "title": one.title[language],
        "description": one.description[language] if one.description else "",
        "type": texts.attribute_type(one, language),
        "unit": texts.unit(one.unit, language),
        "required": one.required,
        "codelist": codelist.title[language] if codelist else one.codelist or "",
        "codes": [{"code": code.code, "title": code.title[language]} for code in codes],
    }


def _source(layer: Layer, view: View) -> str:
    """Where the data of a collection are that the node only describes."""
    words = [layer.source.get(name) for name in ("access", "holder")]
    said = [str(one.get(view.language, "")) for one in words if isinstance(one, Mapping)]
    said += [one[view.language] for one in words if isinstance(one, Text)]
    default = "本节点只描述该资源，数据由提供方保存。"
    english = "Described here; its data are kept by the provider."
    return " · ".join(said) or (default if view.language == "zh" else english)
