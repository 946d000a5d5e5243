"""The links of a page of features and of a feature: self, alternate, next, collection (/req/core/fc-links, f-links)."""

from server.http.call import Call
from server.http.links import Link, link
from server.http.negotiate import GEOJSON, HTML, Format
from server.http.query import build


def feature_links(call: Call, form: Format, cursor: str | None = None) -> list[Link]:
    """`self` in the given format first; `cursor` is the token of the next page."""
    place = call.base + call.raw_path
    query = build(pair for pair in call.pairs if pair[0] != "f")
    lead = f"{place}?{query}&f=" if query else f"{place}?f="
    data = link(f"{lead}json", "alternate" if form is HTML else "self", GEOJSON.media)
    page = link(f"{lead}html", "self" if form is HTML else "alternate", "text/html")
    links = [page, data] if form is HTML else [data, page]
    if cursor is not None:
        rest = build(pair for pair in call.pairs if pair[0] not in ("f", "offset", "cursor"))
        following = f"{place}?{rest}&cursor={cursor}" if rest else f"{place}?cursor={cursor}"
        links.append(link(f"{following}&f={form.key}", "next", links[0]["type"]))
    collection = f"{call.base}/collections/{call.path_params['collectionId']}"
    links.append(link(collection, "collection", "application/json"))
    return links
