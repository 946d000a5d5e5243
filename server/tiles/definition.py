"""The tiles' share of the API definition (/req/oas30/completeness, /req/oas30/operation-id)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from server import rasters
from server.http.negotiate import Format
from server.tiles.asked import layers_of
from server.tiles.service import grids_of
from server.tiles.tile import INSPECTED, MVT
from server.tiles.tilesets import PNG, TILEJSON

if TYPE_CHECKING:
    from server.node import Node

type Json = dict[str, Any]

_ERRORS = {
    "400": "Invalid",
    "401": "Unauthorized",
    "404": "NotFound",
    "406": "NotAcceptable",
    "500": "Failure",
    "503": "Unavailable",
}
_DOCUMENT = ("application/json", "text/html")
_FILTERS = ("filter", "filter-lang", "filter-crs")


def paths(node: "Node") -> Json:
    """Paths of the tilesets and tiles; operation ids end as table 11 of the standard has them."""
    of_set, of_tile = ("tileMatrixSetId",), ("tileMatrixSetId", "tileMatrix", "tileRow", "tileCol")
    made = {
        "/tileMatrixSets": _get("getTileMatrixSetsList", "The tile matrix sets", ("f", "lang"), _DOCUMENT),
        "/tileMatrixSets/{tileMatrixSetId}": _get(
            "getTileMatrixSet", "One tile matrix set", (*of_set, "f", "lang"), _DOCUMENT
        ),
    }
    made |= _pictures(node)
    if not layers_of(node):
        return made
    for lead, kind, who, choice in (
        ("/tiles", ".dataset", "the dataset", ("collections",)),
        ("/collections/{collectionId}/tiles", ".collection", "a collection", _FILTERS),
    ):
        path = () if kind == ".dataset" else ("tiledCollectionId",)
        time = ("datetime", "tileSubset")
        listed = ("collections",) if kind == ".dataset" else ()
        made |= {
            lead: _get(
                f"{kind}.vector.getTileSetsList", f"The tilesets of {who}", (*path, *listed, "f", "lang"), _DOCUMENT
            ),
            f"{lead}/{{tileMatrixSetId}}": _get(
                f"{kind}.vector.getTileSet",
                f"One tileset of {who}",
                (*path, *of_set, *time, *choice, "tilesetFormat", "lang"),
                (*_DOCUMENT, TILEJSON.media),
            ),
            f"{lead}/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": _get(
                f"{kind}.vector.getTile",
                f"One tile of {who}",
                (*path, *of_tile, *time, *choice, "tileFormat", "lang"),
                (MVT.media, INSPECTED.media),
                empty=True,
            ),
        }
    return made


def _pictures(node: "Node") -> Json:
    """The paths of raster collections; none without them."""
    if not any(rasters.filed(layer) for layer in node.layers.values()):
        return {}
    lead, path, time = "/collections/{collectionId}/map/tiles", ("rasterCollectionId",), ("datetime", "tileSubset")
    of_tile = ("tileMatrixSetId", "tileMatrix", "tileRow", "tileCol")
    kind = ".collection.map"
    return {
        lead: _get(f"{kind}.getTileSetsList", "The map tilesets of a raster", (*path, "f", "lang"), _DOCUMENT),
        f"{lead}/{{tileMatrixSetId}}": _get(
            f"{kind}.getTileSet", "One map tileset of a raster", (*path, of_tile[0], *time, "f", "lang"), _DOCUMENT
        ),
        f"{lead}/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": _get(
            f"{kind}.getTile",
            "One map tile of a raster",
            (*path, *of_tile, *time, "mapFormat", "lang"),
            (PNG.media,),
            empty=True,
        ),
    }


def _get(id: str, summary: str, names: Iterable[str], media: Iterable[str], *, empty: bool = False) -> Json:
    content = {one: {"schema": _shape(one)} for one in media}
    responses: Json = {"200": {"description": summary, "content": content}}
    if empty:
        responses["204"] = {"description": "Nothing lies in this tile"}
    responses |= {code: {"$ref": f"#/components/responses/{name}"} for code, name in _ERRORS.items()}
    made = {
        "operationId": id,
        "summary": summary,
        "tags": ["tiles"],
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names],
        "responses": responses,
    }
    return {"get": made}


def _shape(media: str) -> Json:
    if media in (MVT.media, PNG.media):
        return {"type": "string", "format": "binary"}
    return {"type": "string"} if media == "text/html" else {"type": "object"}


def components(node: "Node") -> Json:
    """The parameters that only tiles have."""
    layers = [layer.id for layer in layers_of(node)]
    whole = {"type": "integer", "minimum": 0}
    text = {"type": "string"}
    made = [
        _path("tileMatrixSetId", "Id of a tile matrix set", {**text, "enum": list(grids_of(node))}),
        _path("tileMatrix", "Id of a tile matrix of the set: its level", text),
        _path("tileRow", "Row, counted from the top", whole),
        _path("tileCol", "Column, counted from the left", whole),
    ]
    parameters = {one["name"]: one for one in made}
    if layers:
        parameters["tiledCollectionId"] = _path(
            "collectionId", "Id of a collection that has vector tiles", {**text, "enum": layers}
        )
    pictured = [layer.id for layer in node.layers.values() if rasters.filed(layer)]
    if pictured:
        parameters["rasterCollectionId"] = _path(
            "collectionId", "Id of a raster collection", {**text, "enum": pictured}
        )
    parameters["mapFormat"] = _query("f", "Format; wins over Accept", _formats((PNG,)))
    parameters["collections"] = _query(
        "collections",
        "Collections of the tile, in this order; without it all that the caller may read",
        {"type": "array", "items": text},
    )
    what = 'The day or interval that the tile shows, as an axis: datetime("2016-01-01")'
    parameters["tileSubset"] = _query("subset", what, text)
    parameters["tileFormat"] = _query("f", "Format; wins over Accept", _formats((MVT, INSPECTED)))
    parameters["tilesetFormat"] = _query(
        "f", "Format; wins over Accept", {"type": "string", "enum": ["json", "html", TILEJSON.key]}
    )
    return {"parameters": parameters}


def _formats(formats: Iterable[Format]) -> Json:
    return {"type": "string", "enum": [one.key for one in formats]}


def _path(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _query(name: str, description: str, schema: Json) -> Json:
    made = {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
    return made | {"style": "form", "explode": False}
