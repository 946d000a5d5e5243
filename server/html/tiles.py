"""Pages of tilesets and tile matrix sets: how many tiles each level has, and what to paste into a client."""

from collections.abc import Mapping
from typing import Any

from server.html import texts
from server.html.catalogue import heading
from server.html.view import View

type Document = Mapping[str, Any]
type Extra = dict[str, Any]

_WORDS = {
    "tilesets": ("矢量瓦片", "Vector tiles"),
    "dataset": ("全部矢量图层", "All vector collections"),
    "lead": (
        "同一数据按不同的瓦片矩阵集切分。地图软件选用其坐标系所支持的一种。",
        "The same data, cut by several tile matrix sets. Choose the one whose system your map is in.",
    ),
    "sets": ("瓦片矩阵集", "Tile matrix sets"),
    "set": ("瓦片矩阵集", "Tile matrix set"),
    "crs": ("坐标参考系", "Coordinate reference system"),
    "levels": ("级别", "Levels"),
    "level": ("级别", "Level"),
    "rows": ("行", "Rows"),
    "columns": ("列", "Columns"),
    "tiles": ("瓦片数", "Tiles"),
    "scale": ("比例尺分母", "Scale denominator"),
    "cell": ("像元大小", "Cell size"),
    "use": ("在地图软件中使用", "Use it in a map"),
    "template": ("地址模板", "Address template"),
    "limits": ("数据所及的瓦片", "Tiles that the data reach"),
    "layers": ("瓦片中的图层", "Layers in a tile"),
    "properties": ("属性", "Properties"),
    "collections": ("图层", "Collections"),
    "links": ("链接", "Links"),
}


def tilesets(document: Document, view: View) -> Extra:
    """The list of the tilesets of a collection or of the dataset."""
    rows = [
        {
            "id": one["tileMatrixSetId"],
            "href": next(link["href"] for link in one["links"] if link["type"] == "text/html") + view.more,
            "crs": one["crs"],
            "crs_name": texts.crs_name(one["crs"], view.language),
            "levels": _levels(one),
            "template": _template(one),
        }
        for one in document.get("tilesets", ())
    ]
    return _common(view) | {"rows": rows}


def tileset(document: Document, view: View) -> Extra:
    """One tileset: templates for clients, and its limits."""
    limits = [
        {
            "level": one["tileMatrix"],
            "rows": _span(one["minTileRow"], one["maxTileRow"]),
            "columns": _span(one["minTileCol"], one["maxTileCol"]),
            "tiles": texts.number(_tiles(one), view.language),
        }
        for one in document.get("tileMatrixSetLimits", ())
    ]
    template = _template(document)
    xyz = template.replace("{tileMatrix}", "{z}").replace("{tileRow}", "{y}").replace("{tileCol}", "{x}")
    layers = [
        {
            "id": one["id"],
            "title": one["title"],
            "properties": list(one["propertiesSchema"]["properties"]),
            "href": view.page(f"/collections/{one['id']}"),
        }
        for one in document.get("layers", ())
    ]
    extra = {"limits": limits, "template": template, "xyz": xyz, "layers": layers}
    extra["crs_name"] = texts.crs_name(document["crs"], view.language)
    tilejson = [one["href"] for one in document.get("links", ()) if "tilejson" in one.get("type", "")]
    return _common(view) | extra | {"tilejson": tilejson[0] if tilejson else ""}


def matrix_sets(document: Document, view: View) -> Extra:
    """The list of the tile matrix sets."""
    rows = [
        {
            **one,
            "href": view.page(f"/tileMatrixSets/{one['id']}"),
            "crs_name": texts.crs_name(one["crs"], view.language),
        }
        for one in document.get("tileMatrixSets", ())
    ]
    return _common(view) | {"rows": rows}


def matrix_set(document: Document, view: View) -> Extra:
    """One tile matrix set and its levels."""
    return _common(view) | {"crs_name": texts.crs_name(document["crs"], view.language)}


def _common(view: View) -> Extra:
    english = view.language == "en"
    extra = heading(view.layer, view) if view.layer else {"section": "collections"}
    return extra | {"words": {name: pair[english] for name, pair in _WORDS.items()}}


def _levels(tileset: Document) -> str:
    limits = tileset["tileMatrixSetLimits"]
    return _span(limits[0]["tileMatrix"], limits[-1]["tileMatrix"]) if limits else ""


def _span(first: object, last: object) -> str:
    return str(first) if first == last else f"{first} – {last}"


def _tiles(limit: Document) -> int:
    rows = limit["maxTileRow"] - limit["minTileRow"] + 1
    return int(rows * (limit["maxTileCol"] - limit["minTileCol"] + 1))


def _template(document: Document) -> str:
    return next((str(one["href"]) for one in document["links"] if one["rel"] == "item"), "")
