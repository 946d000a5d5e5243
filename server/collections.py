"""The collections and what each is: Common Part 2, Features Part 1 (fc-md) and Part 2 (fc-md-crs).

A layer whose sharing class the caller may not read is described, and says so; its data are not linked.
"""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from config.layers import Kind, Language, Layer, Text
from server import coverages, rasters
from server.block import Block, LandingLink, route
from server.documents import Kind as Document
from server.documents import document
from server.html.metadata import FIELDS, core_metadata
from server.http.answer import Answer
from server.http.call import Call
from server.http.links import Link, link, own
from server.http.negotiate import GEOJSON, PAGES, SCHEMA, Format
from server.node import Snapshot
from store.criteria import CRS84, END_OF_TIME, Box
from store.crs import STORAGE_CRS, layer_crs
from store.interface import LayerState

CONFORMANCE = tuple(
    f"{scheme}://www.opengis.net/spec/ogcapi-common-2/1.0/conf/{one}"
    for scheme in ("http", "https")
    for one in ("collections", "json", "html")
)
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
_GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
_UNOPENED = {"layerDataType": "Coverage"}
"""By this word alone GDAL up to 3.6 knows that it is not to open a collection as a layer of features."""
_TEXTS = {
    "items": ("要素", "Features"),
    "queryables": ("可查询的属性", "Queryable properties"),
    "sortables": ("可排序的属性", "Sortable properties"),
    "schema": ("要素的结构", "Schema of the features"),
    "collections": ("全部图层", "All collections"),
    "stored": ("存于本节点,以要素接口读取", "Kept by this node, read as items"),
    "locked": (
        "其共享类型在本节点须凭令牌读取,此处仅公布其描述。",
        "Its sharing class needs a token on this node; only its description is public.",
    ),
}


async def get_collections(call: Call) -> Answer:
    """Every collection (/req/core/fc-md-success, /req/collections/rc-md-success)."""
    snapshot = await call.node.snapshot()

    def build(form: Format) -> dict[str, Any]:
        return {
            "links": own(call, "/collections", PAGES, form),
            **_notice(call),
            "collections": [describe(call, layer, snapshot) for layer in call.node.layers.values()],
        }

    return await document(call, Document("collections", PAGES), snapshot.token, build)


async def get_collection(call: Call) -> Answer:
    """One collection (/req/core/sfc-md-success)."""
    layer = call.node.layer(call.path_params["collectionId"])
    snapshot = await call.node.snapshot()

    def build(form: Format) -> dict[str, Any]:
        made = describe(call, layer, snapshot)
        made["links"] = own(call, f"/collections/{layer.id}", PAGES, form) + made["links"][2:]
        if layer.kind is Kind.RASTER and call.scope.allows(layer.sharing):
            made |= rasters.describe(layer, call.node.settings.data_dir, call.language)
        if layer.kind is not Kind.VECTOR:
            made["source"] = _source(layer, call.language)
        told = core_metadata(layer, call.node.registry, call.node.layers, call.language)
        made["coreMetadata"] = {
            name: {"title": FIELDS[name][call.language], "value": value} for name, value in told.items()
        }
        return made | _notice(call)

    return await document(call, Document("collection", PAGES, layer), snapshot.token, build)


def _notice(call: Call) -> dict[str, Any]:
    """What the node says of all its data, such as that they are synthetic."""
    said = call.node.notices.get(call.language)
    return {"notice": said} if said else {}


def _source(layer: Layer, language: Language) -> dict[str, Any]:
    """Where the data are and who holds them, as the definition says; a file's place in the data folder stays inside."""

    def plain(value: object) -> object:
        if isinstance(value, Text):
            return value[language]
        if isinstance(value, Mapping):
            return value[language] if {*value} == {"zh", "en"} else {key: plain(one) for key, one in value.items()}
        return [plain(one) for one in value] if isinstance(value, list | tuple) else value

    said = {key: plain(value) for key, value in layer.source.items() if key not in ("path", "bands")}
    if layer.stored:
        said = {"type": "table", "access": _TEXTS["stored"][language == "en"]} | said
    return said


def describe(call: Call, layer: Layer, snapshot: Snapshot) -> dict[str, Any]:
    """The collection object of a layer, in the call's language and for its scope."""
    language = call.language
    state = snapshot.states.get(layer.id)
    readable = call.scope.allows(layer.sharing)
    made: dict[str, Any] = {
        "id": layer.id,
        "title": layer.title[language],
        "description": layer.description[language],
        "keywords": [layer.theme.value, *(word[language] for word in layer.keywords)],
        "theme": layer.theme,
        "kind": layer.kind,
        "provider": layer.provider,
        "sharing": layer.sharing,
        "updateCycle": layer.metadata.update_cycle,
        "resourceCode": layer.metadata.resource_code,
    }
    if state is not None and readable:
        made |= {"itemType": "feature"} | _data(call, layer, state)
    elif state is not None:
        made["access"] = _TEXTS["locked"][language == "en"]
    else:
        made |= {"itemType": _item_type(layer), **_UNOPENED}
        extent = rasters.extent(layer, call.node.settings.data_dir, call.node.zone) if readable else None
        if extent:
            made["extent"] = extent
    made["links"] = _links(call, layer, readable=readable)
    return made


def _item_type(layer: Layer) -> str:
    """What a collection without features consists of: clients of Features pass over whatever is no `feature`."""
    if layer.kind is Kind.RASTER:
        return "coverage"
    return "record" if layer.source.get("type") == "records" else str(layer.kind)


def _data(call: Call, layer: Layer, state: LayerState) -> dict[str, Any]:
    """What a collection of features says of its data."""
    zone = call.node.zone

    def instant(day: date | None) -> str | None:
        if day is None or day == END_OF_TIME:
            return None
        return datetime.combine(day, time(), zone).isoformat()

    made: dict[str, Any] = {"itemCount": state.count}
    extent: dict[str, Any] = {}
    box = state.extent
    if box is not None:
        extent["spatial"] = {"bbox": [_around(box)], "crs": CRS84}
    if state.valid_from is not None:
        extent["temporal"] = {"interval": [[instant(state.valid_from), instant(state.valid_to)]], "trs": _GREGORIAN}
    if extent:
        made["extent"] = extent
    if layer.geometry is not None:
        made |= {"geometryType": layer.geometry, "crs": list(layer_crs(box)), "storageCrs": STORAGE_CRS}
    else:
        made["crs"] = [CRS84]
    if state.updated is not None:
        made["updated"] = f"{state.updated.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return made


def _around(box: Box) -> list[float]:
    """West, south, east, north in microdegrees, a little beyond the data: a client that rounds them loses nothing at
    the edge, in whatever system it asks."""
    low = [math.floor(one * 1e6 - 0.5) / 1e6 for one in (box.west, box.south)]
    high = [math.ceil(one * 1e6 + 0.5) / 1e6 for one in (box.east, box.north)]
    return [max(low[0], -180.0), max(low[1], -90.0), min(high[0], 180.0), min(high[1], 90.0)]


def _links(call: Call, layer: Layer, *, readable: bool) -> list[Link]:
    """self and alternate first, then what the collection leads to."""
    english = call.language == "en"
    place = f"{call.base}/collections/{layer.id}"
    links = [
        link(f"{place}?f=json", "self", "application/json", layer.title[call.language], call.language),
        link(f"{place}?f=html", "alternate", "text/html", layer.title[call.language], call.language),
        link(f"{call.base}/collections", "collection", "application/json", _TEXTS["collections"][english]),
    ]
    if layer.kind is Kind.RASTER and readable and rasters.stamp(layer, call.node.settings.data_dir):
        return links + coverages.links(call, layer)
    if layer.kind not in (Kind.VECTOR, Kind.TABLE) or not readable:
        return links
    for media, form in ((GEOJSON.media, "json"), ("text/html", "html")):
        links.append(
            link(f"{place}/items?f={form}", "items", media, f"{layer.title[call.language]}: {_TEXTS['items'][english]}")
        )
    for name in ("queryables", "sortables", "schema"):
        title = _TEXTS[name][english]
        links.append(link(f"{place}/{name}?f=json", _REL + name, SCHEMA.media, title))
    return links


BLOCK = Block(
    "collections",
    conformance=CONFORMANCE,
    routes=(
        route("/collections", get_collections, operation="getCollections"),
        route("/collections/{collectionId}", get_collection, operation="describeCollection"),
    ),
    links=(LandingLink("data", "/collections", "application/json", "图层", "Collections"),),
)
