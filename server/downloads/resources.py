"""Downloads: a whole collection, in its present state, as one file with a validator and byte ranges."""

import asyncio
from typing import TYPE_CHECKING, Any

from config.errors import Fault, NotFoundError
from config.layers import Layer
from server import params
from server.block import Block, route
from server.downloads.depot import Wanted, depot_of
from server.features.envelope import cache
from server.features.formats.catalogue import DOWNLOADS, FileFormat
from server.features.formats.pool import unless_gone
from server.features.query import offered, readable_layer
from server.http.answer import IDENTITY, Answer, Header
from server.http.call import Call
from server.http.disposition import disposition
from server.http.files import File
from server.http.links import Link, header, link
from store.criteria import CRS84
from store.crs import STORAGE_CRS

if TYPE_CHECKING:
    from server.node import Node

PARAMETERS = ("crs", "lang")


async def get_download(call: Call) -> Answer:
    """The collection as a file; Range, If-Range and If-None-Match as RFC 9110 has them.

    Raises:
        NotFoundError: no such file. UnauthorizedError: the collection's sharing class needs a token.
    """
    layer = readable_layer(call)
    given = call.params(PARAMETERS)
    file = _format(layer, call.path_params["file"])
    wanted = Wanted(layer, file, await _crs(call, layer, file, given.get("crs")))
    state = await call.run(call.node.store.state, layer.id)
    path = await unless_gone(call, asyncio.ensure_future(depot_of(call.node).file(wanted, state)))
    stat = path.stat()
    headers: list[Header] = [
        header([link(f"{call.base}/collections/{layer.id}", "collection", "application/json")]),
        disposition(f"{layer.id}{file.suffix}", f"{layer.title['zh']}{file.suffix}"),
    ]
    made = Answer(File(path), file.form.media, 200, headers, coding=IDENTITY)
    made.etag = f'"{path.name.split(".")[1]}-{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    made.cache, made.vary = cache(call), "Authorization"
    return made


def _format(layer: Layer, name: str) -> FileFormat:
    for one in DOWNLOADS:
        if name == f"{layer.id}{one.suffix}" and one.holds(layer):
            return one
    known = ", ".join(f"{layer.id}{one.suffix}" for one in DOWNLOADS if one.holds(layer))
    raise NotFoundError("No such download", Fault("file", f"'{name[:80]}'", f"one of: {known}"))


async def _crs(call: Call, layer: Layer, file: FileFormat, text: str | None) -> str:
    """The system asked for; unasked that of the store, and in GeoJSON the one that RFC 7946 demands."""
    if text is not None:
        return params.crs(text, await offered(call, layer)).uri
    return CRS84 if file.kind == "geojson" or layer.geometry is None else STORAGE_CRS


def enclosures(call: Call, layer: Layer) -> list[Link]:
    """The links to the downloads of a collection of features."""
    place = f"{call.base}/collections/{layer.id}/downloads/{layer.id}"
    title = layer.title[call.language]
    return [
        link(place + one.suffix, "enclosure", one.form.media.partition(";")[0], f"{title}: {one.title[call.language]}")
        for one in DOWNLOADS
        if one.holds(layer)
    ]


def _paths(node: "Node") -> dict[str, Any]:
    if not any(layer.stored for layer in node.layers.values()):
        return {}
    from server.openapi import operation

    binary = {"schema": {"type": "string", "format": "binary"}}
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("Link", "ETag")}
    whole = {
        "description": "The file",
        "headers": headers,
        "content": {one.form.media.partition(";")[0]: binary for one in DOWNLOADS},
    }
    names = ("collectionId", "file", *PARAMETERS)
    made = operation("getDownload", "A whole collection as a file", "features", names, whole, "401", "404", "503")
    made["responses"] |= {
        "206": whole | {"description": "The parts of the file that Range asks for"},
        "416": {"$ref": "#/components/responses/Refusal"},
    }
    return {"/collections/{collectionId}/downloads/{file}": {"get": made}}


def _components(_node: "Node") -> dict[str, Any]:
    what = "Collection and ending, as in the collection's enclosure links: plan-land-use.gpkg"
    schema = {"type": "string", "pattern": r"^[a-z0-9-]+\.(gpkg|fgb|parquet|geojson|csv|zip)$"}
    return {
        "parameters": {"file": {"name": "file", "in": "path", "required": True, "description": what, "schema": schema}}
    }


BLOCK = Block(
    "downloads",
    routes=(route("/collections/{collectionId}/downloads/{file}", get_download, operation="getDownload"),),
    paths=_paths,
    components=_components,
)
