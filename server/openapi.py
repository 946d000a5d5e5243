"""The API definition: OpenAPI 3.0.3, self-contained, made from the blocks and the layers that are really served.

Items have one path per collection, since each collection has its own properties to filter by; that is also what lets
GDAL send attribute filters. All else is templated. The shapes of `bbox`, `limit` and `datetime` are those that the
executable Features suite insists on (plain array of 4 to 6, integer with bounds, string in place).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from config.layers import Attribute, AttributeType, Language, Layer
from server.http.negotiate import FEATURE, FEATURES, GEOJSON, OPENAPI, Format
from server.node import Node
from server.params import FILTER_LANGUAGES
from server.profiles import FEATURES as PROFILES
from store.values import VALIDITY

type Json = dict[str, Any]

_SCALARS: Mapping[AttributeType, Json] = {
    AttributeType.STRING: {"type": "string"},
    AttributeType.INTEGER: {"type": "integer", "format": "int64", "minimum": -(10**17), "maximum": 10**17},
    AttributeType.NUMBER: {"type": "number", "format": "double"},
    AttributeType.BOOLEAN: {"type": "boolean"},
    AttributeType.DATE: {"type": "string", "format": "date"},
    AttributeType.DATETIME: {"type": "string", "format": "date-time"},
}
_FILTER_LANGUAGE = {"type": "string", "enum": list(FILTER_LANGUAGES), "default": FILTER_LANGUAGES[0]}
_ERRORS = {"400": "Invalid", "406": "NotAcceptable", "500": "Failure", "default": "Refusal"}
_SINGLE = ("itemFormat", "lang", "crs", "datetime", "known-on", "properties", "zoom-level", "profile")
_FILTER = ("filter", "filter-lang", "filter-crs")
_PAGE = (
    "itemsFormat",
    *_SINGLE[1:],
    "limit",
    "offset",
    "cursor",
    "bbox",
    "bbox-crs",
    "sortby",
    "numberMatched",
    "skipGeometry",
    "q",
    *_FILTER,
)


def definition(node: Node, base: str, language: Language) -> Json:
    """The OpenAPI document of a node whose links start with `base`."""
    settings = node.settings.node
    layers = [layer for layer in node.layers.values() if layer.stored]
    paths: Json = _entries()
    for layer in layers:
        paths[f"/collections/{layer.id}/items"] = {
            "get": _items(layer, language),
            "post": _post_items(layer, language),
        }
    paths |= _single(layers)
    components = _components(node, layers)
    tags = [{"name": "entry"}, {"name": "collections"}, {"name": "features"}, {"name": "operations"}]
    for block in node.blocks:
        if block.paths is not None:
            for path, methods in block.paths(node).items():
                paths.setdefault(path, {}).update(methods)
        if block.components is not None:
            for kind, more in block.components(node).items():
                components.setdefault(kind, {}).update(more)
        tags += [{"name": name, "description": text} for name, text in block.tags]
    return {
        "openapi": "3.0.3",
        "info": {
            "title": settings.title[language],
            "description": settings.description[language] if settings.description else settings.title[language],
            "version": "1.0.0",
            "contact": {"name": settings.id},
        },
        "servers": [{"url": base}],
        "tags": tags,
        "paths": paths,
        "components": components,
        "security": [{}, {"token": []}],
    }


def operation(id: str, summary: str, tag: str, names: Iterable[str], success: Json, *more: str) -> Json:
    """One GET operation. `names` are parameters of the components; `more` are statuses beside those of every one."""
    named = {"401": "Unauthorized", "404": "NotFound", "410": "Gone", "503": "Unavailable"}
    errors = _ERRORS | {status: named[status] for status in more}
    return {
        "operationId": id,
        "summary": summary,
        "tags": [tag],
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names],
        "responses": {"200": success} | {s: {"$ref": f"#/components/responses/{n}"} for s, n in sorted(errors.items())},
    }


def success(description: str, form: Format | str, schema: str | None = None, *, page: bool = True) -> Json:
    """A response of status 200 in one JSON form, and as a page."""
    media = form if isinstance(form, str) else form.media
    shape = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    content: Json = {media: {"schema": shape}}
    if page:
        content["text/html"] = {"schema": {"type": "string"}}
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("Link", "ETag")}
    return {"description": description, "headers": headers, "content": content}


def _entries() -> Json:
    common = ("f", "lang")
    json = "application/json"
    landing = success("The node and where its parts are", json, "LandingPage")
    conformance = success("The standards that the node meets", json, "Conformance")
    paths = {
        "/": operation("getLandingPage", "Landing page", "entry", common, landing),
        "/conformance": operation("getConformance", "Conformance classes", "entry", common, conformance),
        "/api": operation("getApi", "This document", "entry", common, success("This document", OPENAPI)),
    }
    for path, id, summary in (
        ("/livez", "getLive", "Whether the process answers"),
        ("/readyz", "getReady", "Whether the store and all other parts are ready"),
    ):
        made = operation(id, summary, "operations", (), success(summary, json, page=False))
        if path == "/readyz":
            made["responses"]["503"] = {"description": "Not ready", "content": {json: {"schema": {"type": "object"}}}}
        paths[path] = made
    text = {"description": "Metrics", "content": {"text/plain": {"schema": {"type": "string"}}}}
    paths["/metrics"] = operation("getMetrics", "Metrics in Prometheus' text form", "operations", (), text)
    return {path: {"get": made} for path, made in paths.items()}


def _items(layer: Layer, language: Language) -> Json:
    found = _files(success("The features that match", GEOJSON, "FeatureCollection"))
    found["headers"] |= {"Content-Crs": {"$ref": "#/components/headers/Content-Crs"}}
    names = [*_PAGE, *(_filter_key(one) for one in layer.attributes), *VALIDITY]
    if not any(one.searchable for one in layer.attributes):
        names.remove("q")
    made = operation(f"get{_camel(layer)}Items", layer.title[language], "features", names, found, "401", "404", "503")
    made["responses"]["413"] = {"$ref": "#/components/responses/Refusal"}
    return made


def _files(found: Json) -> Json:
    """A response that comes in file formats too."""
    for one in FEATURES[len(FEATURE) :]:
        found["content"][one.media.partition(";")[0]] = {"schema": {"type": "string", "format": "binary"}}
    return found


def _post_items(layer: Layer, language: Language) -> Json:
    """A query whose filter stands in the body."""
    found = _files(success("The features that match", GEOJSON, "FeatureCollection"))
    found["headers"] = {name: found["headers"][name] for name in ("Link",)}
    made = operation(f"post{_camel(layer)}Items", layer.title[language], "features", _PAGE, found, "401", "404", "503")
    for status, name in (("413", "Refusal"), ("415", "Refusal")):
        made["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return made | {"requestBody": {"$ref": "#/components/requestBodies/Query"}}


def _camel(layer: Layer) -> str:
    return "".join(part.title() for part in layer.id.split("-"))


def _single(layers: list[Layer]) -> Json:
    if not layers:
        return {}
    found = success("The feature", GEOJSON, "Feature")
    found["headers"] |= {"Content-Crs": {"$ref": "#/components/headers/Content-Crs"}}
    names = ("collectionId", "featureId", *_SINGLE)
    made = operation("getItem", "One feature", "features", names, found, "401", "404", "410", "503")
    return {"/collections/{collectionId}/items/{featureId}": {"get": made}}


def _filter_key(attribute: Attribute) -> str:
    """Attributes of one name and type share their parameter."""
    return f"by.{attribute.name}.{attribute.type}"


def _components(node: Node, layers: list[Layer]) -> Json:
    parameters = _parameters(node, layers)
    for layer in layers:
        for one in layer.attributes:
            parameters[_filter_key(one)] = _query(one.name, f"Features whose {one.name} is this", _SCALARS[one.type])
    return {
        "parameters": parameters,
        "responses": _responses(),
        "requestBodies": {"Query": _query_body()},
        "schemas": _schemas(),
        "headers": {
            "Link": {"description": "Links of the document (RFC 8288)", "schema": {"type": "string"}},
            "ETag": {"description": "Validator for If-None-Match", "schema": {"type": "string"}},
            "Content-Crs": {"description": "The coordinates' system, in angle brackets", "schema": {"type": "string"}},
        },
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }


def _query(name: str, description: str, schema: Json, **more: Any) -> Json:
    made = {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
    return made | {"style": "form", "explode": False} | more


def _path(name: str, description: str, values: list[str] | None = None) -> Json:
    schema: Json = {"type": "string", "enum": values} if values else {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _parameters(node: Node, layers: list[Layer]) -> Json:
    limits = node.settings.server.limits
    uri = {"type": "string", "format": "uri"}
    text = {"type": "string"}
    names = {"type": "array", "items": text, "minItems": 1}
    number = {"type": "number"}
    bounds = {"minimum": 1, "maximum": max(limits.page, limits.file), "default": limits.default_page}
    paging = (
        f"Features of a page: at most {limits.page} in GeoJSON, JSON-FG and HTML, {limits.file} in file formats, which "
        "without limit hold all that match; more than the maximum is clipped"
    )
    made = [
        _query("f", "Format; wins over Accept", {"type": "string", "enum": ["json", "html"]}),
        _query(
            "lang", "Language of titles and pages; wins over Accept-Language", {"type": "string", "enum": ["zh", "en"]}
        ),
        _query("limit", paging, {"type": "integer"} | bounds),
        _query("offset", "Features to skip", {"type": "integer", "minimum": 0, "maximum": limits.offset, "default": 0}),
        _query("cursor", "Where the page begins: the token of a next link", text),
        _query(
            "bbox",
            "Minima, then maxima, in the axis order of bbox-crs (default: longitude, latitude)",
            {"type": "array", "minItems": 4, "maxItems": 6, "items": number},
        ),
        _query("bbox-crs", "System of bbox: one that the collection lists", uri),
        _query("crs", "System of the answer: one that the collection lists", uri),
        _query("datetime", "Day, RFC 3339 time or interval (.. is open): states of the features valid then", text),
        _query("sortby", "Properties to sort by, each with + (ascending) or - before it", names),
        _query("properties", "Properties to return", names),
        _query(
            "filter", "Features for which this CQL2 expression is true; queryables and functions name its words", text
        ),
        _query("filter-lang", "Language of filter", _FILTER_LANGUAGE),
        _query("filter-crs", "System of the coordinates in filter: one that the collection lists", uri),
        _query(
            "profile",
            "Plain GeoJSON or JSON-FG, and how references are told (OGC's register of profiles)",
            {"type": "array", "items": {"type": "string", "enum": list(PROFILES)}, "minItems": 1},
        ),
        _query("numberMatched", "true: count exactly, whatever it costs; false: never", {"type": "boolean"}),
        _query("skipGeometry", "true: without geometries", {"type": "boolean"}),
        _query("known-on", "Day or RFC 3339 time: what the node knew then, whatever was corrected since", text),
        _query("q", "Terms, one of which a text must hold; the words of a term stand side by side, in order", names),
        _query(
            "zoom-level",
            "Geometries for a map of this zoom level of WebMercatorQuad",
            {"type": "number", "minimum": 0},
        ),
    ]
    made += [_query(name, f"Features whose {name} is this day", _SCALARS[AttributeType.DATE]) for name in VALIDITY]
    parameters = {one["name"]: one for one in made}
    for name, formats in (("itemFormat", FEATURE), ("itemsFormat", FEATURES)):
        parameters[name] = _query("f", "Format; wins over Accept", {"type": "string", "enum": [f.key for f in formats]})
    parameters["featureId"] = _path("featureId", "Id of a feature")
    if layers:
        parameters["collectionId"] = _path("collectionId", "Id of a collection of features", [one.id for one in layers])
    return parameters


def _query_body() -> Json:
    """What stands in the body of a query by POST; every other parameter stays in the address, or goes into the form."""
    text = {"type": "string", "minLength": 1}
    form = {
        "filter": text,
        "filter-lang": _FILTER_LANGUAGE,
        "filter-crs": {"type": "string", "format": "uri"},
    }
    return {
        "description": "A filter in CQL2, where it is too long for an address",
        "required": True,
        "content": {
            "text/cql2": {"schema": text},
            "application/cql2+json": {"schema": {"type": "object"}},
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "properties": form, "additionalProperties": False}
            },
        },
    }


def _responses() -> Json:
    problem = {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
        "text/html": {"schema": {"type": "string"}},
    }
    texts = {
        "Invalid": "A parameter is unknown or its value is wrong: the document names parameter, fault and remedy",
        "Unauthorized": "The collection's sharing class needs a token",
        "NotFound": "No such resource",
        "NotAcceptable": "The format is not offered here",
        "Gone": "The feature was deleted",
        "Failure": "The server failed",
        "Unavailable": "The store is busy: try again later",
        "Refusal": "Refused; the document says why",
    }
    return {name: {"description": text, "content": problem} for name, text in texts.items()}


def _object(required: list[str], **properties: Json) -> Json:
    return {"type": "object", "required": required, "properties": properties}


def _schemas() -> Json:
    text: Json = {"type": "string"}
    whole: Json = {"type": "integer", "minimum": 0}
    links = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
    kinds = ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
    shape = _object(
        ["type", "coordinates"], type={"type": "string", "enum": kinds}, coordinates={"type": "array", "items": {}}
    )
    feature = _object(
        ["type", "id", "geometry", "properties"],
        type={"type": "string", "enum": ["Feature"]},
        id=text,
        geometry=shape | {"nullable": True},
        properties={"type": "object", "nullable": True},
        notice=text,
        links=links,
    )
    collection = _object(
        ["type", "features"],
        type={"type": "string", "enum": ["FeatureCollection"]},
        features={"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
        numberReturned=whole,
        numberMatched=whole,
        timeStamp={"type": "string", "format": "date-time"},
        notice=text,
        links=links,
    )
    fault = _object(["where", "what"], where=text, what=text, remedy=text)
    uris = {"type": "array", "items": text}
    return {
        "Link": _object(["href", "rel"], href=text, rel=text, type=text, title=text, hreflang=text),
        "LandingPage": _object(["links"], title=text, description=text, links=links),
        "Conformance": _object(["conformsTo"], conformsTo=uris),
        "Collection": _object(["id", "links"], id=text, title=text, description=text, crs=uris, links=links),
        "Collections": _object(
            ["links", "collections"],
            links=links,
            collections={"type": "array", "items": {"$ref": "#/components/schemas/Collection"}},
        ),
        "Feature": feature,
        "FeatureCollection": collection,
        "Problem": _object(
            ["title", "status"],
            type=text,
            title=text,
            status=whole,
            detail=text,
            instance=text,
            parameter=text,
            remedy=text,
            faults={"type": "array", "items": fault},
        ),
    }
