"""The links of a page of features and of a feature: self, alternate, next, collection (/req/core/fc-links, f-links).

A query whose filter came in a POST body is linked as a GET where its address is short enough, so that a client follows
it as any other. Where it is not, the links say `"method": "POST"`: the same body is to be sent to them again.
"""

from server import profiles
from server.features.references import used
from server.http.call import Call
from server.http.links import Link, link
from server.http.negotiate import FEATURE, FEATURES, GEOJSON, JSONFG, SCHEMA, Format
from server.http.query import build

LEFT_FOR_CURSOR = 2048
"""Characters of an address that a next link may need beside the query."""
_NAMES = {JSONFG: "JSON-FG"}
"""Of those whose media type is another's too."""
_TYPES = {one: one.media.partition(";")[0] for one in FEATURES}
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


def page_links(call: Call, form: Format, cursor: str | None = None) -> list[Link]:
    """The links of a page; `cursor` is the token of the next one (/req/queryables/queryables-link too)."""
    links = feature_links(call, form, FEATURES)
    if cursor is not None:
        rest = _query(call, "f", "offset", "cursor")
        following = f"{rest}&cursor={cursor}" if rest else f"cursor={cursor}"
        links.insert(len(FEATURES), link(_address(call, f"{following}&f={form.key}"), "next", links[0]["type"]))
    if _again(call):
        links[:-1] = [one | {"method": "POST"} for one in links[:-1]]
    links.append(link(f"{links[-1]['href']}/queryables", QUERYABLES, SCHEMA.media))
    return links


def changes_links(call: Call, form: Format, cursor: str | None = None) -> list[Link]:
    """The links of a page of changes, which is GeoJSON or HTML."""
    links = [one for one in page_links(call, form, cursor) if _form_of(one) in ("json", "html", "")]
    links.append(link(f"{call.base}/collections/{call.path_params['collectionId']}/items", "items", _TYPES[GEOJSON]))
    return links


def _form_of(one: Link) -> str:
    return one["href"].rpartition("f=")[2] if one["rel"] in ("self", "alternate") else ""


def feature_links(call: Call, form: Format, offered: tuple[Format, ...] = FEATURE) -> list[Link]:
    """`self` in the given format first, then `alternate` for every other one, then the collection."""
    query = _query(call, "f")
    lead = _address(call, f"{query}&f=" if query else "f=")
    others = [link(lead + one.key, "alternate", _TYPES[one], _NAMES.get(one, "")) for one in offered if one is not form]
    links = [link(lead + form.key, "self", _TYPES[form]), *others]
    collection = f"{call.base}/collections/{call.path_params['collectionId']}"
    return [*links, *profiles.links(used(call, form)), link(collection, "collection", "application/json")]


def _address(call: Call, query: str) -> str:
    return f"{call.base}{call.raw_path}?{query}"


def _query(call: Call, *left_out: str) -> str:
    """The query text of this request without some parameters, and without a filter that must be sent as a body."""
    drop = (*left_out, "filter") if _again(call) else left_out
    return build(pair for pair in call.pairs if pair[0] not in drop)


def _again(call: Call) -> bool:
    """Whether the query is too long for an address; an encoded cursor needs some of it too."""
    if call.method != "POST":
        return False
    return len(call.raw_path) + len(build(call.pairs)) > call.node.settings.server.limits.url - LEFT_FOR_CURSOR
