"""The pages of a feature's versions and of what changed in a collection: what changed, in words, side by side."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from config.layers import Layer
from server.html import texts
from server.html.catalogue import heading
from server.html.features import cell
from server.html.view import View

type Document = Mapping[str, Any]
type Extra = dict[str, Any]

_KINDS = {
    "added": ("新增", "Added", "#1b7837"),
    "removed": ("删除", "Removed", "#b2182b"),
    "geometry": ("图形变化", "Geometry changed", "#2166ac"),
    "attributes": ("属性变化", "Attributes changed", "#8c510a"),
    "geometry-and-attributes": ("图形和属性变化", "Geometry and attributes changed", "#762a83"),
    "validity": ("有效期变化", "Validity changed", "#666666"),
}
_OTHER = ("变化", "Changed", "#666666")
_WORDS = {
    "versions": ("版本沿革", "Version history"),
    "version": ("版本", "Version"),
    "in-force": ("有效期", "In force"),
    "known": ("本节点知悉", "Known to this node"),
    "author": ("记录者", "Recorded by"),
    "change": ("变化", "What changed"),
    "features": ("要素", "Features"),
    "collections": ("图层", "Collections"),
    "changes": ("变化对比", "Changes"),
    "from": ("起始日期", "Earlier day"),
    "to": ("截止日期", "Later day"),
    "compare": ("对比", "Compare"),
    "all": ("全部变化", "All changes"),
    "kind": ("变化类型", "Kind of change"),
    "feature": ("要素", "Feature"),
    "before": ("变化前", "Before"),
    "after": ("变化后", "After"),
    "next": ("下一页", "Next page"),
    "nothing": ("两个日期之间没有变化。", "Nothing changed between the two days."),
    "geometry": ("图形", "Geometry"),
    "area": ("面积", "Area"),
    "superseded": ("已被更正", "Superseded"),
    "of-former": ("与版本 {} 相比", "Compared with version {}"),
    "explained": (
        "有效期是该状态在现实中成立的日期;知悉时间是本节点记录它的时间。被更正的版本保留在此,不再生效。",
        "In force are the days on which a state holds; known is when this node had it on record. "
        "States that were corrected stay here and hold no more.",
    ),
    "until": ("至", "until"),
    "open": ("今", "further notice"),
    "links": ("其他格式", "Other formats"),
}


def versions(document: Document, view: View) -> Extra:
    """The states of a feature, the newest first, with what changed in words."""
    extra = heading(view.layer, view) | {"words": words(view)}
    layer = view.layer
    rows = []
    for one in reversed(document.get("versions", ())):
        change = one["change"]
        rows.append(
            {
                "version": one["version"],
                "href": f"{one['href']}&f=html{view.more}",
                "valid_from": one["validFrom"],
                "valid_to": one["validTo"],
                "known_from": view.moment(one["knownFrom"]),
                "known_to": view.moment(one["knownTo"]) if one["knownTo"] else "",
                "author": one["author"],
                "follows": _word("of-former", view).format(one["follows"]) if one["follows"] else "",
                "kind": _kind(change["kind"], view),
                "cells": _cells(change.get("changed", ()), change, layer, view),
                "area": _area(change, view),
            }
        )
    return extra | {"rows": rows, "id": document.get("id")}


def changes(document: Document, view: View) -> Extra:
    """Counts by kind, the features that changed with both values, and a map of them."""
    extra = heading(view.layer, view) | {"words": words(view)}
    given = dict(view.query)
    start, _, end = given.get("datetime", "").partition("/")
    counts: Mapping[str, int] = document.get("counts", {})
    layer = view.layer
    rows = [_row(one, layer, view) for one in document.get("features", ())]
    return extra | {
        "rows": rows,
        "start": start,
        "end": end,
        "counts": [
            _kind(kind, view) | {"number": texts.number(number, view.language), "href": _only(kind, view)}
            for kind, number in counts.items()
            if number
        ],
        "total": texts.number(document["numberMatched"], view.language) if "numberMatched" in document else "",
        "every": view.address(**{"change-kind": None, "cursor": None}),
        "compared": "compared" in document,
        "kept": [pair for pair in view.query if pair[0] not in ("datetime", "f", "cursor")],
        "geometries": [_drawn(one) for one in document.get("features", ()) if one["geometry"]],
        "next": next((one["href"] for one in document.get("links", ()) if one["rel"] == "next"), ""),
    }


def words(view: View) -> dict[str, str]:
    """The words of these pages in the page's language."""
    return {name: _word(name, view) for name in _WORDS}


def _word(name: str, view: View) -> str:
    return _WORDS[name][view.language == "en"]


def _only(kind: str, view: View) -> str:
    return view.address(**{"change-kind": kind, "cursor": None})


def _kind(kind: str, view: View) -> Extra:
    zh, en, color = _KINDS.get(kind, _OTHER)
    return {"kind": kind, "title": en if view.language == "en" else zh, "color": color}


def _cells(names: Sequence[str], change: Mapping[str, Any], layer: Layer | None, view: View) -> list[Extra]:
    """Attribute by attribute: its title, and both values in words."""
    made = []
    for name in names:
        attribute = layer.attribute(name) if layer else None
        before, after = (cell((change.get(side) or {}).get(name), attribute, view) for side in ("before", "after"))
        title = attribute.title[view.language] if attribute else name
        unit = texts.unit(attribute.unit, view.language) if attribute else ""
        made.append({"title": title, "before": before, "after": after, "unit": unit})
    return made


def _area(change: Mapping[str, Any], view: View) -> Extra | None:
    area = change.get("area")
    if area is None:
        return None
    told = {name: "" if area[name] is None else texts.number(area[name], view.language) for name in ("before", "after")}
    return told | {"difference": f"{area['difference']:+,.2f}", "unit": texts.unit("m2", view.language)}


def _row(one: Document, layer: Layer | None, view: View) -> Extra:
    properties = one["properties"]
    state = properties.get("after") or properties.get("before") or {}
    id = str(one["id"])
    place = view.page(f"/collections/{layer.id if layer else ''}/items/{quote(id, safe='')}/versions")
    return {
        "id": id,
        "href": place,
        "kind": _kind(properties["change"], view),
        "cells": _cells(properties["changed"], properties, layer, view),
        "area": _area(properties, view),
        "valid_from": state.get("valid_from"),
    }


def _drawn(one: Document) -> Extra:
    """What the map draws: the geometry in the colour of its kind of change."""
    color = _KINDS.get(one["properties"]["change"], _OTHER)[2]
    paint = {part: {"color": color} for part in ("fill", "line", "circle")}
    return {
        "type": "Feature",
        "id": one["id"],
        "properties": {"label": str(one["id"]), **paint},
        "geometry": one["geometry"],
    }
