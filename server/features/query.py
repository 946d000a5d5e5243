"""From query parameters to the store's criteria."""

from dataclasses import dataclass, replace
from functools import lru_cache

from config.errors import ParameterError
from config.layers import Layer
from server import params, profiles
from server.access import require
from server.http.call import Call
from server.http.query import given_once
from server.schemas import stored_layer
from store.criteria import CRS84, Box, Criteria, ValidTime
from store.crs import layer_crs
from store.filters import Filter
from store.filters import read as read_filter

SINGLE = ("f", "lang", "crs", "datetime", "known-on", "properties", "zoom-level", "profile")
FILTER = ("filter", "filter-lang", "filter-crs")
PAGE = ("limit", "offset", "cursor", "bbox", "bbox-crs", "q", "sortby", "numberMatched", "skipGeometry")
FIXED = (*SINGLE, *PAGE, *FILTER)
"""The parameters of items, beside one for each property of the layer."""

CONDITIONS = ("bbox", "bbox-crs", "datetime", "known-on", "q", *FILTER)
"""Those of the fixed parameters that choose features; every property filter does too."""

_layer_crs = lru_cache(maxsize=1024)(layer_crs)


@dataclass(frozen=True, slots=True)
class Query:
    """What a caller asks of a layer.

    `nothing` says that the box lies outside of its system's domain, so that no feature can match. `counted`: whether
    the caller asked for numberMatched (None: only where it costs nothing). `plain`: no condition at all. `normal` is
    the query as a validator sees it: each parameter that counts, in order of its name, without format and language.
    """

    layer: Layer
    criteria: Criteria
    nothing: bool
    counted: bool | None
    plain: bool
    normal: tuple[tuple[str, str], ...]


def readable_layer(call: Call) -> Layer:
    """The layer of the path, whose features the caller may read.

    Raises:
        NotFoundError: no such collection of features. UnauthorizedError: its sharing class needs a token.
    """
    layer = stored_layer(call)
    require(call.scope, layer)
    return layer


def known_parameters(call: Call, layer: Layer) -> frozenset[str]:
    """Every parameter of a layer's items, kept with the node."""
    kept = call.node.parameters.get(layer.id)
    if kept is None:
        kept = call.node.parameters[layer.id] = frozenset((*FIXED, *params.queryables(layer)))
    return kept


async def offered(call: Call, layer: Layer) -> tuple[str, ...]:
    """The systems that the collection lists."""
    if layer.geometry is None:
        return (CRS84,)
    snapshot = await call.node.snapshot()
    return _layer_crs(snapshot.states[layer.id].extent)


async def page_query(call: Call, layer: Layer) -> Query:
    """The parameters of a page (/req/core/query-param-unknown, query-param-invalid).

    Raises:
        ParameterError: an unknown parameter, a wrong value, or a condition that is given twice.
    """
    given = call.params(known_parameters(call, layer))
    if len(given) < len(call.pairs):
        given_once(call.pairs, _is_condition)
    if given.get("f") == "html":
        given = {name: text for name, text in given.items() if text}  # a form sends the fields that were left empty
    limits = call.node.settings.server.limits
    if not given:
        return Query(layer, Criteria(scope=call.scope, limit=limits.default_page), False, None, True, ())
    sort = params.sortby(given.get("sortby"), layer)
    cursor = given.get("cursor")
    asked, nothing = await conditions(call, layer, given)
    criteria = replace(
        asked,
        limit=params.limit(given.get("limit"), limits),
        offset=params.offset(given.get("offset"), limits),
        cursor=None if cursor is None else params.cursor(cursor),
        valid=_valid(call, given),
        known=params.known(given.get("known-on"), call.node.zone),
        sort=sort,
        crs=await _crs(call, layer, given),
        properties=params.properties(given.get("properties"), layer),
        geometry=not params.boolean("skipGeometry", given.get("skipGeometry")),
        level=params.level(given.get("zoom-level")),
    )
    profiles.asked(given.get("profile"), profiles.FEATURES)
    counted = params.boolean("numberMatched", given.get("numberMatched"))
    chosen = (asked.box, criteria.valid, asked.filter, asked.search, criteria.known)
    plain = not nothing and not asked.equals and all(one is None for one in chosen)
    return Query(layer, criteria, nothing, counted, plain, normal(given, asked.filter))


async def conditions(call: Call, layer: Layer, given: dict[str, str]) -> tuple[Criteria, bool]:
    """The conditions on place, properties, words and by filter, and whether it is certain that none meets them."""
    filter = await filter_of(call, layer, given)
    box, nothing = await _box(call, layer, given)
    names = params.queryables(layer)
    equals = tuple((name, params.equals(layer, name, text)) for name, text in given.items() if name in names)
    search = params.words(given.get("q"), layer)
    return Criteria(scope=call.scope, box=box, equals=equals, search=search, filter=filter), nothing


async def item_query(call: Call, layer: Layer) -> Query:
    """The parameters of a single feature."""
    given = call.params(SINGLE)
    profiles.asked(given.get("profile"), profiles.FEATURES)
    criteria = Criteria(
        scope=call.scope,
        valid=_valid(call, given),
        known=params.known(given.get("known-on"), call.node.zone),
        crs=await _crs(call, layer, given),
        properties=params.properties(given.get("properties"), layer),
        level=params.level(given.get("zoom-level")),
    )
    return Query(layer, criteria, False, None, True, normal(given))


def _is_condition(name: str) -> bool:
    return name not in FIXED or name in CONDITIONS


def normal(given: dict[str, str], filter: Filter | None = None) -> tuple[tuple[str, str], ...]:
    """The parameters that count. A filter does by what it asks, in whatever language, system and spelling."""
    found = [pair for pair in given.items() if pair[0] not in ("f", "lang", *FILTER)]
    if filter is not None:
        found.append(("filter", filter.normal))
    return tuple(sorted(found))


async def filter_of(call: Call, layer: Layer, given: dict[str, str]) -> Filter | None:
    """Features Part 3, /req/features-filter. Parsing may take milliseconds, so it is done in a thread."""
    language = params.filter_language(given.get("filter-lang"))
    named = given.get("filter-crs")
    system = params.crs(named, () if named is None else await offered(call, layer), "filter-crs")
    text = given.get("filter")
    if text is None:
        return None
    found = await call.run(read_filter, text, language, layer, system.uri, vocabulary=call.node.registry)
    identity = layer.id_attribute
    if identity is not None and "id" in found.properties:  # /req/queryables/get-queryables-response G
        raise ParameterError("filter", "'id' is not among the queryables", f"features have it as '{identity.name}'")
    return found


async def _crs(call: Call, layer: Layer, given: dict[str, str]) -> str:
    text = given.get("crs")
    return CRS84 if text is None else params.crs(text, await offered(call, layer)).uri


async def _box(call: Call, layer: Layer, given: dict[str, str]) -> tuple[Box | None, bool]:
    """The box, and whether it is certain that nothing lies in it."""
    named = given.get("bbox-crs")
    system = params.crs(named, () if named is None else await offered(call, layer), "bbox-crs")
    text = given.get("bbox")
    if text is None:
        return None, False
    box = params.bbox(text, system)
    return box, box is None


def _valid(call: Call, given: dict[str, str]) -> ValidTime | None:
    text = given.get("datetime")
    return None if text is None else params.moment(text, call.node.zone)
