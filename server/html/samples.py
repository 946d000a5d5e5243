"""The requests that the first page offers to copy, made from layers that the node really has."""

from typing import Any
from urllib.parse import quote

from config.layers import Attribute, Kind, Layer
from server.html.view import View

_FAVOURITES = ("plan-land-use", "plan-permanent-basic-farmland", "plan-ecological-redline", "base-admin-area")
_CODES = ("A33", "R2")  # schools and housing of GB 50137
_PAIR = ("plan-urban-development-boundary", "plan-permanent-basic-farmland")


def sample(view: View) -> Layer:
    """The vector layer that examples use: a well-known one, else the largest."""
    vector = [layer for layer in view.layers.values() if layer.kind is Kind.VECTOR] or list(view.layers.values())
    known = {layer.id: layer for layer in vector}
    for id in _FAVOURITES:
        if id in known and (not view.counts or view.counts.get(id)):
            return known[id]
    return max(vector, key=lambda layer: view.counts.get(layer.id, 0))


def requests(view: View) -> list[dict[str, Any]]:
    """Five requests: title, a line for the terminal, and the address that shows the answer (None for a POST)."""
    zh = view.language == "zh"
    layer = sample(view)
    title = layer.title[view.language]
    items = f"/collections/{quote(layer.id)}/items"
    found = [
        _get(view, "查看全部数据目录" if zh else "List every collection", "/collections"),
        _get(
            view,
            f"读取“{title}”的前 10 个要素（GeoJSON）" if zh else f"Read ten features of “{title}” as GeoJSON",
            f"{items}?limit=10",
        ),
        _get(
            view,
            "取 2016 年底的状态，坐标为 CGCS2000（纬度在前）"
            if zh
            else "Read the state at the end of 2016, in CGCS2000 (latitude first)",
            f"{items}?datetime=2016-12-31&crs=http://www.opengis.net/def/crs/EPSG/0/4490",
        ),
    ]
    chosen = _code(layer, view)
    if chosen:
        attribute, code, meaning = chosen
        name = attribute.title[view.language]
        words = f"只要“{name}”为“{meaning}”的" if zh else f"Only those whose “{name}” is “{meaning}”"
        found.append(_get(view, words, f"{items}?{attribute.name}={quote(code)}"))
    else:
        words = "看看可以按哪些字段筛选" if zh else "See what can be filtered by"
        found.append(_get(view, words, f"/collections/{quote(layer.id)}/queryables"))
    found.append(
        _conflict(view)
        if all(id in view.layers for id in _PAIR)
        else _get(view, "查看可运行的分析" if zh else "List the processes", "/processes")
    )
    return found


def _get(view: View, title: str, path: str) -> dict[str, Any]:
    address = f"{view.base_url}{path}"
    mark = "&" if "?" in path else "?"
    return {"title": title, "command": f"curl '{address}'", "href": f"{address}{mark}f=html{view.more}"}


def _conflict(view: View) -> dict[str, Any]:
    first, second = (view.layers[id].title[view.language] for id in _PAIR)
    zh = view.language == "zh"
    body = f'{{"inputs": {{"left": "{_PAIR[0]}", "right": "{_PAIR[1]}"}}}}'
    return {
        "title": f"“{first}”与“{second}”有没有冲突？" if zh else f"Do “{first}” and “{second}” conflict?",
        "command": f"curl -X POST '{view.base_url}/processes/conflict-detection/execution' \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d '{body}'",
        "href": view.page("/processes/conflict-detection"),
    }


def _code(layer: Layer, view: View) -> tuple[Attribute, str, str] | None:
    """An attribute, a code to filter it by and what the code means: where the layer's style tells codes apart."""
    by = layer.style.get("by")
    attribute = layer.attribute(by) if isinstance(by, str) else None
    codelist = view.codelist(attribute.codelist) if attribute else None
    if attribute is None or codelist is None or not codelist.codes:
        return None
    code = next((one for one in _CODES if one in codelist.codes), next(iter(codelist.codes)))
    return attribute, code, codelist.codes[code].title[view.language]
