"""OGC API Tiles Part 1 and TMS 2.0: vector tiles of every vector collection and of the dataset, pictures of rasters."""

from server.block import Block, LandingLink, route
from server.tiles.definition import components, paths
from server.tiles.maps import get_map_tile, get_map_tileset, get_map_tilesets
from server.tiles.maps import links as map_links
from server.tiles.matrixsets import get_matrix_set, get_matrix_sets
from server.tiles.service import offered
from server.tiles.tile import get_collection_tile, get_dataset_tile
from server.tiles.tilesets import (
    get_collection_tileset,
    get_collection_tilesets,
    get_dataset_tileset,
    get_dataset_tilesets,
    links,
)

__all__ = ["BLOCK", "get_collection_tile", "get_dataset_tile", "links", "map_links"]

_TILES = ("core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection")
_SETS = ("tilematrixset", "tilematrixsetlimits", "tilesetmetadata")
CONFORMANCE = (
    *(
        f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{one}"
        for one in (*_TILES, "datetime", "oas30", "mvt", "png")
    ),
    *(f"http://www.opengis.net/spec/tms/2.0/conf/{one}" for one in _SETS),
    *(f"http://www.opengis.net/spec/tms/2.0/conf/json-{one}" for one in _SETS),
)
_ONE = "/collections/{collectionId}/tiles"
_MAP = "/collections/{collectionId}/map/tiles"
_SET = "/{tileMatrixSetId}"
_TILE = "/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"

BLOCK = Block(
    "tiles",
    conformance=CONFORMANCE,
    routes=(
        route("/tiles", get_dataset_tilesets, operation=".dataset.vector.getTileSetsList"),
        route(f"/tiles{_SET}", get_dataset_tileset, operation=".dataset.vector.getTileSet"),
        route(f"/tiles{_TILE}", get_dataset_tile, operation=".dataset.vector.getTile"),
        route(_ONE, get_collection_tilesets, operation=".collection.vector.getTileSetsList"),
        route(_ONE + _SET, get_collection_tileset, operation=".collection.vector.getTileSet"),
        route(_ONE + _TILE, get_collection_tile, operation=".collection.vector.getTile"),
        route(_MAP, get_map_tilesets, operation=".collection.map.getTileSetsList"),
        route(_MAP + _SET, get_map_tileset, operation=".collection.map.getTileSet"),
        route(_MAP + _TILE, get_map_tile, operation=".collection.map.getTile"),
        route("/tileMatrixSets", get_matrix_sets, operation="getTileMatrixSetsList"),
        route("/tileMatrixSets/{tileMatrixSetId}", get_matrix_set, operation="getTileMatrixSet"),
    ),
    links=(
        LandingLink(
            "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
            "/tiles",
            "application/json",
            "矢量瓦片",
            "Vector tiles",
        ),
        LandingLink(
            "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes",
            "/tileMatrixSets",
            "application/json",
            "瓦片矩阵集",
            "Tile matrix sets",
        ),
    ),
    paths=paths,
    components=components,
    offered=offered,
    tags=(("tiles", "Vector tiles of the collections and of the dataset"),),
)
