"""Tilesets and what they say of themselves: OGC API Tiles Part 1, tile set metadata of TMS 2.0 (17-083r4), TileJSON.

A tileset is one collection, or the dataset, in one tile matrix set. The parameters that choose features (datetime,
collections, filter) go on into the addresses of its tiles.
"""

from collections.abc import Sequence
from typing import Any

from config.errors import Fault, NotFoundError
from config.layers import AttributeType, GeometryType, Layer
from server.documents import Kind, document
from server.http.answer import Answer
from server.http.call import Call
from server.http.links import Link, link, own
from server.http.negotiate import JSON, PAGES, Format
from server.http.query import build
from server.tiles.asked import ONE, SEVERAL, TIME, chosen, criteria_of, grid_of, layer_of, layers_of, valid_of
from server.tiles.service import Tiles, tiles_of
from server.tiles.tile import INSPECTED, MVT
from store.changes import union
from store.criteria import CRS84, Box
from tiles.content import attributes
from tiles.grid import Grid, zoom_of

REL = "http://www.opengis.net/def/rel/ogc/1.0/"
TILEJSON = Format("tilejson", "application/vnd.mapbox.tilejson+json", ("application/json",))
TILESETS = (*PAGES, TILEJSON)
TILEJSON_SET = "WebMercatorQuad"
"""The only set that TileJSON knows."""
DEEPEST = 17
"""The last zoom that TileJSON names: clients enlarge its tiles, whose units are 7 cm, for those beyond."""

_DIMENSIONS = {
    GeometryType.POINT: 0,
    GeometryType.MULTI_POINT: 0,
    GeometryType.LINE: 1,
    GeometryType.MULTI_LINE: 1,
    GeometryType.POLYGON: 2,
    GeometryType.MULTI_POLYGON: 2,
}
_TYPES = {
    AttributeType.INTEGER: {"type": "integer"},
    AttributeType.NUMBER: {"type": "number"},
    AttributeType.BOOLEAN: {"type": "boolean"},
    AttributeType.DATE: {"type": "string", "format": "date"},
    AttributeType.DATETIME: {"type": "string", "format": "date-time"},
}
_TEXT = {"type": "string"}
_FIELDS = {AttributeType.INTEGER: "Number", AttributeType.NUMBER: "Number", AttributeType.BOOLEAN: "Boolean"}
_WORDS = {
    "dataset": ("全部矢量图层", "All vector collections"),
    "tiles": ("矢量瓦片", "Vector tiles"),
    "pictures": ("栅格瓦片 (PNG)", "Map tiles (PNG)"),
    "inspect": ("瓦片内容 (JSON)", "What a tile holds, as JSON"),
    "scheme": ("瓦片矩阵集", "Tile matrix set"),
    "collection": ("图层", "Collection"),
    "tilejson": ("TileJSON", "TileJSON"),
}


PNG = Format("png", "image/png")
_FORMS = {
    "vector": ((MVT, "item", "tiles"), (INSPECTED, "describedby", "inspect")),
    "map": ((PNG, "item", "pictures"),),
}
"""The formats of tiles by the type of the data, each with its link's relation and title."""


class Source:
    """What tiles are made of: one vector collection, several of the dataset, or one raster of which `box` is known."""

    def __init__(
        self, call: Call, layers: Sequence[Layer], single: Layer | None, data: str = "vector", box: Box | None = None
    ) -> None:
        self.call = call
        self.layers = layers
        self.single = single
        self.data = data
        self.box = box
        part = "/map/tiles" if data == "map" else "/tiles"
        self.place = f"/collections/{single.id}{part}" if single else part
        names = TIME if data == "map" else ONE if single else SEVERAL
        self.given = [pair for pair in call.pairs if pair[0] in names]

    @property
    def title(self) -> str:
        if self.single:
            return self.single.title[self.call.language]
        return _word(self.call, "dataset")

    def extent(self, tiles: Tiles) -> Box | None:
        """The box around all that can be in the tiles."""
        found = self.box
        for layer in self.layers:
            found = union(found, tiles.extent(layer))
        return found

    def query(self, **more: str) -> str:
        return build([*self.given, *more.items()])


async def get_collection_tilesets(call: Call) -> Answer:
    """The tilesets of a collection (/req/geodata-tilesets/operation, /req/tilesets-list/tileset-links)."""
    layer = layer_of(call)
    return await listed(call, Source(call, [layer], layer))


async def get_dataset_tilesets(call: Call) -> Answer:
    """The tilesets of the dataset (/req/dataset-tilesets/operation)."""
    return await listed(call, Source(call, chosen(call, call.asked("collections")), None))


async def get_collection_tileset(call: Call) -> Answer:
    """One tileset of a collection (/req/tileset/description)."""
    layer = layer_of(call)
    await criteria_of(call, layer, call.params((*ONE, "f", "lang")))
    return await one(call, Source(call, [layer], layer))


async def get_dataset_tileset(call: Call) -> Answer:
    """One tileset of the dataset (/req/collections-selection/collections-response)."""
    given = call.params((*SEVERAL, "f", "lang"))
    valid_of(call, given)
    return await one(call, Source(call, chosen(call, given.get("collections")), None))


async def listed(call: Call, source: Source) -> Answer:
    tiles = tiles_of(call.node)
    await tiles.fresh()

    def build(form: Format) -> dict[str, Any]:
        grids = [grid for grid in tiles.grids.values() if _offered(source, grid, tiles)]
        return {
            "title": source.title,
            "links": own(call, source.place, PAGES, form, source.query()),
            "tilesets": [_entry(source, grid, tiles) for grid in grids],
        }

    names = () if source.single else ("collections",)
    kind = Kind("tilesets", PAGES, source.single, names, (source.place, source.query()))
    return await document(call, kind, (tiles.board.version, source.box), build)


async def one(call: Call, source: Source) -> Answer:
    tiles = tiles_of(call.node)
    await tiles.fresh()
    grid = grid_of(call, tiles.grids)
    if not _offered(source, grid, tiles):
        what = Fault("tileMatrixSetId", f"'{grid.id}' does not reach the data", f"see {source.place}")
        raise NotFoundError("There is no such tileset", what)
    offered = TILESETS if grid.id == TILEJSON_SET and source.data == "vector" else PAGES

    def build(form: Format) -> dict[str, Any]:
        return _tilejson(source, grid, tiles) if form is TILEJSON else _tileset(source, grid, tiles, form, offered)

    variant = (source.data, grid.id, source.query())
    kind = Kind("tileset", offered, source.single, (*ONE, *SEVERAL), variant)
    return await document(call, kind, (tiles.board.version, source.box), build)


def _offered(source: Source, grid: Grid, tiles: Tiles) -> bool:
    """Whether a set reaches the data; any does where there are none yet."""
    extent = source.extent(tiles)
    return extent is None or bool(grid.limits(extent))


def _entry(source: Source, grid: Grid, tiles: Tiles) -> dict[str, Any]:
    """A tileset as the list has it."""
    call = source.call
    made: dict[str, Any] = {
        "title": f"{source.title} ({grid.id})",
        "tileMatrixSetId": grid.id,
        "dataType": source.data,
        "crs": grid.set.crs,
        "tileMatrixSetLimits": _limits(grid, source.extent(tiles)),
        "links": [
            *own(call, f"{source.place}/{grid.id}", PAGES, JSON, source.query()),
            *_links(source, grid),
        ],
    }
    if grid.set.uri:
        made["tileMatrixSetURI"] = grid.set.uri
    return made


def _limits(grid: Grid, extent: Box | None) -> list[dict[str, Any]]:
    """/req/tilematrixsetlimits/model: what the extent can have in each matrix; all of the set without one."""
    if extent is None:
        return [_limit(one.id, 0, one.height - 1, 0, one.width - 1) for one in grid.set.matrices.values()]
    found = grid.limits(extent).values()
    return [_limit(one.matrix, one.min_row, one.max_row, one.min_col, one.max_col) for one in found]


def _limit(matrix: str, *numbers: int) -> dict[str, Any]:
    names = ("minTileRow", "maxTileRow", "minTileCol", "maxTileCol")
    return {"tileMatrix": matrix, **dict(zip(names, numbers, strict=True))}


def _links(source: Source, grid: Grid) -> list[Link]:
    """The tiles by template, the tiling scheme, and what the tiles are of."""
    call = source.call
    lead = f"{call.base}{source.place}/{grid.id}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    links: list[Link] = [
        {**link(f"{lead}?{source.query(f=form.key)}", rel, form.media, _word(call, word)), "templated": True}
        for form, rel, word in _FORMS[source.data]
    ]
    scheme = f"{call.base}/tileMatrixSets/{grid.id}"
    links.append(link(scheme, f"{REL}tiling-scheme", "application/json", _word(call, "scheme")))
    if grid.id == TILEJSON_SET and source.data == "vector":
        tilejson = f"{call.base}{source.place}/{grid.id}?{source.query(f=TILEJSON.key)}"
        links.append(link(tilejson, "describedby", TILEJSON.media, _word(call, "tilejson")))
    if source.single:
        place = f"{call.base}/collections/{source.single.id}"
        links.append(link(place, f"{REL}geodata", "application/json", _word(call, "collection")))
    return links


def _tileset(source: Source, grid: Grid, tiles: Tiles, form: Format, offered: tuple[Format, ...]) -> dict[str, Any]:
    """/req/tilesetmetadata/model, /req/json-tilesetmetadata/model."""
    call, extent = source.call, source.extent(tiles)
    made = _entry(source, grid, tiles)
    pages = tuple(one for one in offered if one is not TILEJSON)
    made["links"] = [
        *own(call, f"{source.place}/{grid.id}", pages, form, source.query()),
        *_links(source, grid),
    ]
    if source.single:
        made["description"] = source.single.description[call.language]
    made["mediaTypes"] = [_FORMS[source.data][0][0].media]
    if not grid.set.uri:
        made["tileMatrixSet"] = grid.set.document  # what no register has is said in place
    made["layers"] = [_layer(call, layer, grid, tiles) for layer in source.layers]
    if extent is not None:
        made["boundingBox"] = _box(extent)
        made["centerPoint"] = {"coordinates": _middle(extent), "crs": CRS84, "tileMatrix": _fitting(grid, extent)}
    return made


def _layer(call: Call, layer: Layer, grid: Grid, tiles: Tiles) -> dict[str, Any]:
    """One layer of a tile: what it is and what its features carry."""
    language = call.language
    shown = [one for one in grid.set.matrices.values() if zoom_of(one) >= layer.tiles.first]
    made: dict[str, Any] = {
        "id": layer.id,
        "title": layer.title[language],
        "dataType": "vector",
        "crs": grid.set.crs,
        "links": [link(f"{call.base}/collections/{layer.id}", f"{REL}geodata", "application/json")],
    }
    if layer.geometry in _DIMENSIONS:
        made["geometryDimension"] = _DIMENSIONS[layer.geometry]
    if shown:
        made |= {"minTileMatrix": shown[0].id, "maxTileMatrix": shown[-1].id}
    extent = tiles.extent(layer)
    if extent is not None:
        made["boundingBox"] = _box(extent)
    named = {one.name: one for one in layer.attributes}
    made["propertiesSchema"] = {
        "type": "object",
        "properties": {
            "id": _TEXT,
            **{
                name: {"title": named[name].title[language]} | _TYPES.get(named[name].type, _TEXT)
                for name in attributes(layer)
            },
        },
    }
    return made


def _box(extent: Box) -> dict[str, Any]:
    return {"lowerLeft": [extent.west, extent.south], "upperRight": [extent.east, extent.north], "crs": CRS84}


def _middle(extent: Box) -> list[float]:
    return [round((extent.west + extent.east) / 2, 6), round((extent.south + extent.north) / 2, 6)]


def _fitting(grid: Grid, extent: Box) -> str:
    """The last matrix in which the extent lies in few tiles."""
    fit = next(iter(grid.set.matrices))
    for one in grid.limits(extent).values():
        if one.max_row - one.min_row > 1 or one.max_col - one.min_col > 1:
            break
        fit = one.matrix
    return fit


def _tilejson(source: Source, grid: Grid, tiles: Tiles) -> dict[str, Any]:
    """TileJSON 3.0.0: what MapLibre and QGIS take as a source."""
    call, extent = source.call, source.extent(tiles)
    template = f"{call.base}{source.place}/{grid.id}/{{z}}/{{y}}/{{x}}?{source.query(f=MVT.key)}"
    made: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": source.title,
        "scheme": "xyz",
        "tiles": [template],
        "minzoom": min((layer.tiles.first for layer in source.layers), default=0),
        "maxzoom": DEEPEST,
        "vector_layers": [_vector_layer(call, layer) for layer in source.layers],
    }
    notice = call.node.notices.get(call.language)
    if notice:
        made["attribution"] = notice
    if extent is not None:
        made["bounds"] = [extent.west, extent.south, extent.east, extent.north]
        made["center"] = [*_middle(extent), int(_fitting(grid, extent))]
    made["links"] = [
        link(f"{call.base}{source.place}/{grid.id}?{source.query(f=TILEJSON.key)}", "self", TILEJSON.media)
    ]
    return made


def _vector_layer(call: Call, layer: Layer) -> dict[str, Any]:
    named = {one.name: one for one in layer.attributes}
    fields = {"id": "String", **{name: _FIELDS.get(named[name].type, "String") for name in attributes(layer)}}
    title = layer.title[call.language]
    return {"id": layer.id, "description": title, "fields": fields, "minzoom": layer.tiles.first, "maxzoom": DEEPEST}


def _word(call: Call, name: str) -> str:
    return _WORDS[name][call.language == "en"]


def links(call: Call, layer: Layer) -> list[Link]:
    """What a vector collection leads to."""
    place = f"{call.base}/collections/{layer.id}/tiles"
    return (
        [link(place, f"{REL}tilesets-vector", "application/json", _word(call, "tiles"))] if _listed(call, layer) else []
    )


def _listed(call: Call, layer: Layer) -> bool:
    return any(one.id == layer.id for one in layers_of(call.node))
