"""The resources of a layer's schemas: `schema`, `queryables`, `sortables`, in the profiles that a caller asks for."""

from collections.abc import Mapping
from typing import Any

from config.errors import Fault, NotFoundError, ParameterError
from config.layers import Layer
from server import profiles
from server.access import require
from server.block import Block, route
from server.documents import Kind, document
from server.http.answer import Answer
from server.http.call import Call
from server.http.links import own
from server.http.negotiate import SCHEMAS, Format
from server.http.query import build as query_text
from server.schemas import definition, geojson
from server.schemas.logical import Context, schema
from store.interface import Domain

_CLASSES = (
    "schemas",
    "advanced-property-roles",
    "references",
    "returnables-and-receivables",
    "queryables",
    "sortables",
    "profile-parameter",
    "profile-references",
    "profile-codelists",
    "profile-domains",
)
CONFORMANCE = (
    *(f"http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/{one}" for one in _CLASSES),
    # the name that the same standard had as a draft; QGIS reads schemas only where it finds it
    *(f"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/{one}" for one in _CLASSES),
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sortables",
)
PROFILES = (*profiles.CODELISTS, *profiles.DOMAINS)
INLINE_CODES = 300
"""Codes up to which lists stand in a schema unasked; a layer with a longer one names all of its lists by address."""


async def get_schema(call: Call) -> Answer:
    """The properties of the features as they are returned and received (/req/returnables-and-receivables/response)."""
    return await _schema(call, "schema")


async def get_queryables(call: Call) -> Answer:
    """The properties that may be filtered by (/req/queryables/response)."""
    return await _schema(call, "queryables")


async def get_sortables(call: Call) -> Answer:
    """The properties that may be sorted by (/req/sortables/response)."""
    return await _schema(call, "sortables")


async def _schema(call: Call, name: str) -> Answer:
    layer = stored_layer(call)
    wanted = profiles.asked(call.asked("profile"), PROFILES)
    kind = _kind(call) if name == "schema" else None
    coded = profiles.choose(wanted, profiles.CODELISTS, _usual(call, layer))
    domain = profiles.VALID if kind else profiles.choose(wanted, profiles.DOMAINS, profiles.VALID)
    token: tuple[Any, ...] = (layer.digest,)
    if domain == profiles.ACTUAL:
        require(call.scope, layer)  # what occurs is told only to those who may read it
        state = (await call.node.snapshot()).states[layer.id]
        token = (layer.digest, state.revision, state.generation)

    def build(form: Format) -> dict[str, Any]:
        domains = call.node.store.domains(layer.id) if domain == profiles.ACTUAL else None
        made = _made(call, layer, kind or name, coded, domains)
        if form.key == "json":
            return made
        query = query_text(pair for pair in call.pairs if pair[0] in ("profile", "type"))
        return made | {"links": own(call, f"/collections/{layer.id}/{name}", SCHEMAS, form, query)}

    takes = ("profile", "type") if name == "schema" else ("profile",)
    about = Kind(name, SCHEMAS, layer, takes, (coded, domain, kind or ""), profiles.links((coded, domain)))
    return await document(call, about, token, build)


def _kind(call: Call) -> str | None:
    """The body that is asked about; None for the logical schema."""
    text = call.asked("type")
    if text is not None and text not in geojson.KINDS:
        raise ParameterError("type", f"'{text[:40]}' is no kind of body", f"one of: {', '.join(geojson.KINDS)}")
    return text


def _usual(call: Call, layer: Layer) -> str:
    """How a layer's code lists are told unasked; all alike (/req/profile-codelists/consistency)."""
    lists = [call.node.registry.codelists[one.codelist] for one in layer.attributes if one.codelist]
    long = any(len(one.codes) > INLINE_CODES for one in lists)
    return profiles.BY_REFERENCE if long else profiles.INLINE


def _made(call: Call, layer: Layer, name: str, coded: str, domains: Mapping[str, Domain] | None) -> dict[str, Any]:
    targets = frozenset(id for id, one in call.node.layers.items() if one.stored)
    context = Context(call.language, call.base, targets, call.node.registry.codelists, coded, domains)
    return geojson.body(layer, name, context) if name in geojson.KINDS else schema(layer, name, context)


def stored_layer(call: Call) -> Layer:
    """The layer of the path, which must be one whose rows the node holds.

    Raises:
        NotFoundError: no such collection, or one that is only described here.
    """
    layer = call.node.layer(call.path_params["collectionId"])
    if not layer.stored:
        what = Fault("collectionId", f"'{layer.id}' is of kind {layer.kind}", f"see /collections/{layer.id}")
        raise NotFoundError(f"Collection '{layer.id}' holds no features", what)
    return layer


BLOCK = Block(
    "schemas",
    conformance=CONFORMANCE,
    routes=(
        route("/collections/{collectionId}/schema", get_schema, operation="getSchema"),
        route("/collections/{collectionId}/queryables", get_queryables, operation="getQueryables"),
        route("/collections/{collectionId}/sortables", get_sortables, operation="getSortables"),
    ),
    paths=definition.paths,
    components=definition.components,
)
