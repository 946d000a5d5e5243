"""The resources `/collections`, one collection, and the schemas of what collections are filtered and sorted by.

Without parameters the list is a finished document; a search is answered from the descriptions kept with the node.
"""

from typing import Any

import orjson

from config.errors import Fault, NotFoundError
from config.layers import Kind, Layer
from server import rasters
from server.block import Block, LandingLink, route
from server.collections import definition, fields, search
from server.collections.catalogue import Catalogue, catalogue
from server.collections.describe import notice, source
from server.documents import COMMON, document, page
from server.documents import Kind as Document
from server.downloads import enclosures
from server.html.metadata import FIELDS, core_metadata
from server.http.answer import Answer
from server.http.call import Call
from server.http.conditional import weak
from server.http.links import Link, header, link, own
from server.http.negotiate import HTML, PAGES, SCHEMA, SCHEMAS, Format
from server.http.query import build as query_text
from server.http.query import given_once
from server.profiles import FEATURES, REGISTER
from server.schemas import PROFILES

CONFORMANCE = (
    *(
        f"{scheme}://www.opengis.net/spec/ogcapi-common-2/1.0/conf/{one}"
        for scheme in ("http", "https")
        for one in ("collections", "json", "html")
    ),
    *(
        f"{scheme}://www.opengis.net/spec/ogcapi-common-4/1.0/conf/{one}-collections"
        for scheme in ("https", "http")
        for one in ("searchable", "sortable", "filterable", "hierarchical")
    ),
)
_REL = "www.opengis.net/def/rel/ogc/1.0/"
_SCHEMAS = ("schema", "queryables", "sortables")
_RELS = frozenset({"self", "alternate", "next", "prev"})
_TITLES = {
    "queryables": ("可用于筛选图层的属性", "What collections can be filtered by"),
    "sortables": ("可用于排序图层的属性", "What collections can be sorted by"),
}
_ALL_PARAMETERS = (*COMMON, *search.SEARCH, *search.PAGING)


async def get_collections(call: Call) -> Answer:
    """The collections (/req/core/fc-md-success, /req/collections/rc-md-success), all or those that are asked for."""
    given = {name: text for name, text in call.params(_ALL_PARAMETERS).items() if name not in COMMON}
    snapshot = await call.node.snapshot()
    if given:
        return await call.run(_found, call, catalogue(call, snapshot), given, snapshot.token)

    def build(form: Format) -> dict[str, Any]:
        return _listed(call, catalogue(call, snapshot), {}, form)

    return await document(call, Document("collections", PAGES), snapshot.token, build)


def _found(call: Call, known: Catalogue, given: dict[str, str], token: str) -> Answer:
    """The answer to a search; its validator is its meaning, not its bytes. Runs in a thread."""
    given_once(call.pairs, lambda name: name in search.SEARCH)
    form = call.format(PAGES)
    if form is HTML:
        given = {name: text for name, text in given.items() if text}  # a form sends the fields that were left empty
    made = _listed(call, known, given, form)
    tag = weak([token, call.node.token, call.scope.key, call.base, call.language, form.key, sorted(given.items())])
    body = page("collections", made, call) if form is HTML else orjson.dumps(made)
    vary = "Accept, Accept-Language, Authorization"
    headers = [header(made["links"], _RELS)]
    return Answer(body, form.media, 200, headers, tag, "no-cache", vary, call.language)


def _listed(call: Call, known: Catalogue, given: dict[str, str], form: Format) -> dict[str, Any]:
    found = search.search(call, known, given)
    query = [pair for pair in call.pairs if pair[0] in given and pair[0] != "offset"]
    here = [pair for pair in call.pairs if pair[0] in given]
    links = own(call, "/collections", PAGES, form, query_text(here))
    for rel, begin in (("next", found.following), ("prev", _before(given, found))):
        if begin is not None:
            more = query_text([*query, ("offset", str(begin)), ("f", form.key)])
            links.append(link(f"{call.base}/collections?{more}", rel, links[0]["type"]))
    return {
        "links": links + _schema_links(call),
        **notice(call),
        "numberMatched": found.matched,
        "numberReturned": len(found.ids),
        "collections": [known.documents[id] for id in found.ids],
    }


def _before(given: dict[str, str], found: search.Found) -> int | None:
    """/per/searchable-collections/prev: where the page before this one begins."""
    offset, limit = int(given.get("offset", 0)), int(given.get("limit", search.MOST))
    return max(offset - limit, 0) if offset and found.ids else None


def _schema_links(call: Call) -> list[Link]:
    """/req/filterable-collections/filter-parameter, /req/sortable-collections/sortby-param: by https, as they say, and
    by http, as Common Part 3 does."""
    return [
        link(f"{call.base}/collections{name.title()}", f"{scheme}://{_REL}{name}", SCHEMA.media, titles[english])
        for english in (call.language == "en",)
        for name, titles in _TITLES.items()
        for scheme in ("https", "http")
    ]


async def get_collection(call: Call) -> Answer:
    """One collection (/req/core/sfc-md-success).

    Raises:
        NotFoundError: no such collection.
    """
    id = call.path_params["collectionId"]
    snapshot = await call.node.snapshot()
    known = catalogue(call, snapshot)
    if id not in known.documents:
        raise NotFoundError(f"No collection '{id[:80]}'", Fault("collectionId", f"'{id[:80]}'", "see /collections"))
    layer = call.node.layers.get(id)

    def build(form: Format) -> dict[str, Any]:
        described = known.documents[id]
        made = described | {"links": own(call, f"/collections/{id}", PAGES, form) + described["links"][2:]}
        if layer is not None:
            made |= _details(call, layer, made["links"])
        elif form is HTML:
            made["children"] = [known.documents[one] for one, parent in known.parents.items() if parent == id]
        return made | notice(call)

    kind = Document("collection", PAGES, layer, variant=() if layer is not None else (id,))
    return await document(call, kind, snapshot.token, build)


def _details(call: Call, layer: Layer, links: list[Link]) -> dict[str, Any]:
    """What only the description of one collection says, beside the links that every description has."""
    made: dict[str, Any] = {}
    if layer.kind is Kind.RASTER and call.scope.allows(layer.sharing):
        made |= rasters.describe(layer, call.node.settings.data_dir, call.language)
    if layer.kind is not Kind.VECTOR:
        made["source"] = source(layer, call.language)
    if layer.stored and call.scope.allows(layer.sharing):
        made["links"] = links + enclosures(call, layer)
    if layer.stored:
        made["profiles"] = {"items": [f"{REGISTER}{one}" for one in FEATURES]}
        made["profiles"] |= {name: [f"{REGISTER}{one}" for one in PROFILES] for name in _SCHEMAS}
    told = core_metadata(layer, call.node.registry, call.node.layers, call.language)
    made["coreMetadata"] = {
        name: {"title": FIELDS[name][call.language], "value": value} for name, value in told.items()
    }
    return made


async def get_queryables(call: Call) -> Answer:
    """What the collections can be filtered by."""
    return await _fields(call, "queryables")


async def get_sortables(call: Call) -> Answer:
    """What the collections can be sorted by."""
    return await _fields(call, "sortables")


async def _fields(call: Call, name: str) -> Answer:
    def build(form: Format) -> dict[str, Any]:
        made = fields.document(call, name)
        path = f"/collections{name.title()}"
        return made if form is SCHEMA else made | {"links": own(call, path, SCHEMAS, form)}

    return await document(call, Document(name, SCHEMAS), call.node.registry.digest, build)


BLOCK = Block(
    "collections",
    conformance=CONFORMANCE,
    routes=(
        route("/collections", get_collections, operation="getCollections"),
        route("/collectionsQueryables", get_queryables, operation="getCollectionsQueryables"),
        route("/collectionsSortables", get_sortables, operation="getCollectionsSortables"),
        route("/collections/{collectionId}", get_collection, operation="describeCollection"),
    ),
    links=(LandingLink("data", "/collections", "application/json", "图层", "Collections"),),
    paths=definition.paths,
    components=definition.components,
)
