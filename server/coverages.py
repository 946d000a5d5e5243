"""OGC API Coverages (draft) for raster collections, through pygeoapi's handler: bbox, subset, bands, two formats.

Every parameter is checked before pygeoapi sees it, since it answers some faults with 500. An answer without a cell is
204. Axes of `bbox` are those of `bbox-crs` (default CRS84); those of `subset` are the file's own.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.errors import NotFoundError, ParameterError
from config.layers import Layer
from server import params, rasters
from server.access import require
from server.block import Block, route
from server.features.envelope import notice
from server.http.answer import Answer, Header
from server.http.call import Call
from server.http.conditional import weak
from server.http.links import Link, link
from server.http.negotiate import Format
from server.http.query import given_once
from store.crs import KNOWN

if TYPE_CHECKING:
    from server.node import Node

GEOTIFF = Format("GTiff", "image/tiff", ("image/tiff;application=geotiff", "image/geotiff"))
COVERAGEJSON = Format("json", "application/prs.coverage+json", ("application/json",))
FORMATS = (COVERAGEJSON, GEOTIFF)
PARAMETERS = ("f", "lang", "bbox", "bbox-crs", "subset", "properties", "datetime")
CHOOSING = ("bbox", "bbox-crs", "subset", "properties", "datetime")
"""What chooses cells: two different values of one of them are refused."""
_REL = "http://www.opengis.net/def/rel/ogc/1.0/coverage"
_ROUTE = "/collections/{collectionId}/coverage"


@dataclass(frozen=True, slots=True)
class _Query:
    path: Path
    dataset: str
    form: Format
    given: dict[str, str]


async def get_coverage(call: Call) -> Answer:
    """The cells that lie in the box or subset (/req/coverage-subset, /req/coverage-bbox, /req/coverage-rangesubset)."""
    layer = call.node.layer(call.path_params["collectionId"])
    if not rasters.filed(layer):
        raise NotFoundError(f"Collection '{layer.id}' is no coverage")
    require(call.scope, layer)
    given = call.params(PARAMETERS)
    given_once(call.pairs, CHOOSING.__contains__)
    form = call.format(FORMATS)
    data_dir = call.node.settings.data_dir
    year = rasters.year_of(layer, data_dir, given.get("datetime"))
    path = rasters.file_of(layer, data_dir, year)
    if not path.is_file():
        raise NotFoundError(f"Collection '{layer.id}' has no file on this node")
    dataset = layer.id if year is None else f"{layer.id}@{year}"
    made = await call.run(_answer, call, layer, _Query(path, dataset, form, given))
    if form is COVERAGEJSON and call.node.notices:
        made.language, made.vary = call.language, f"{made.vary}, Accept-Language"
    return made


def _answer(call: Call, layer: Layer, query: _Query) -> Answer:
    from server.shell import shell_of

    given = query.given
    stamp = query.path.stat()
    parts = [stamp.st_mtime_ns, stamp.st_size, query.form.key, sorted(given.items()), layer.digest, call.node.token]
    tag = weak([*parts, call.language])
    chosen = _bands(query.path, given.get("properties"))
    wanted: dict[str, str] = {"f": query.form.key}
    if chosen:
        wanted["properties"] = ",".join(chosen)
    box = None
    if "bbox" in given:
        system = params.crs(given.get("bbox-crs"), [one.uri for one in KNOWN.values()], "bbox-crs")
        box = params.bbox(given["bbox"], system)
        if box is None:
            return Answer(b"", "", 204, vary="Accept, Authorization")
    elif "bbox-crs" in given:
        raise ParameterError("bbox-crs", "there is no bbox", "give bbox too, or leave bbox-crs out")
    subsets = rasters.subset(given["subset"]) if "subset" in given else {}
    found = rasters.window(query.path, box, subsets)
    if found is None:
        return Answer(b"", "", 204, vary="Accept, Authorization")
    if query.form is COVERAGEJSON:
        rasters.check_size(found.cells * max(1, len(chosen) or rasters.band_count(query.path)))
    if box is not None or subsets:
        x, y = found.axes
        wanted["subset"] = f"{x}({found.left!r}:{found.right!r}),{y}({found.bottom!r}:{found.top!r})"
    body, media = shell_of(call.node).coverage(query.dataset, wanted)
    if query.form is COVERAGEJSON:
        body = body.rstrip().removesuffix(b"}") + notice(call) + b"}"
    headers: list[Header] = []
    if query.form is GEOTIFF:
        headers.append((b"content-disposition", f'attachment; filename="{query.dataset}.tif"'.encode()))
    return Answer(body, media, 200, headers, tag, "no-cache", "Accept, Authorization")


def _bands(path: Path, text: str | None) -> list[str]:
    """The numbers of the bands that `properties` names.

    Raises:
        ParameterError: no such band.
    """
    if text is None:
        return []
    count = rasters.band_count(path)
    names = text.split(",")
    for name in names:
        if not (name.isascii() and name.isdigit() and 1 <= int(name) <= count):
            raise ParameterError("properties", f"no band '{name[:20]}'", f"numbers from 1 to {count}")
    return list(dict.fromkeys(names))


def links(call: Call, layer: Layer) -> list[Link]:
    """What a raster collection leads to."""
    place = f"{call.base}/collections/{layer.id}/coverage"
    titles = {"json": "CoverageJSON", "GTiff": "GeoTIFF"}
    return [link(f"{place}?f={one.key}", _REL, one.media, titles[one.key]) for one in reversed(FORMATS)]


def paths(node: "Node") -> dict[str, Any]:
    """The share of the OpenAPI document; empty without rasters."""
    known = [layer.id for layer in node.layers.values() if rasters.filed(layer)]
    if not known:
        return {}
    text = {"type": "string"}
    parameters: list[dict[str, Any]] = [
        {"name": "collectionId", "in": "path", "required": True, "schema": {"type": "string", "enum": known}},
        {"name": "f", "in": "query", "schema": {"type": "string", "enum": [one.key for one in FORMATS]}},
        {"name": "subset", "in": "query", "schema": text, "description": "Long(116.8:116.9),Lat(38.2:38.3)"},
        {"name": "properties", "in": "query", "schema": text, "description": "numbers of bands: 1,3"},
    ]
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name in ("bbox", "bbox-crs", "datetime", "lang")]
    content = {
        COVERAGEJSON.media: {"schema": {"type": "object"}},
        GEOTIFF.media: {"schema": {"type": "string", "format": "binary"}},
    }
    responses = {
        "200": {"description": "The coverage", "content": content},
        "204": {"description": "Nothing of the coverage lies there"},
    }
    statuses = {
        "400": "Invalid",
        "401": "Unauthorized",
        "404": "NotFound",
        "406": "NotAcceptable",
        "413": "Refusal",
        "500": "Failure",
    }
    responses |= {code: {"$ref": f"#/components/responses/{name}"} for code, name in statuses.items()}
    made = {
        "operationId": "getCoverage",
        "summary": "The cells of a raster collection",
        "tags": ["coverages"],
        "parameters": parameters,
        "responses": responses,
    }
    return {_ROUTE: {"get": made}}


BLOCK = Block(
    "coverages",
    routes=(route(_ROUTE, get_coverage, operation="getCoverage"),),
    paths=paths,
    tags=(("coverages", "Raster collections"),),
)
"""No conformance is declared: OGC API Coverages is a draft, and pygeoapi's support of it a part."""
