"""What changed in a collection between two days, or between two states of the node's knowledge, as features.

No standard names such a resource yet. `datetime` is an interval whose ends are compared (an open end is today), and
`known-on` an instant for both or an interval. All conditions of items apply, to either state of a feature.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from config.errors import ParameterError
from config.layers import Layer
from server import params
from server.documents import page as make_page
from server.features import differences
from server.features.envelope import cache, vary
from server.features.links import changes_links
from server.features.query import FILTER, conditions, normal, readable_layer
from server.http.answer import Answer, Header, not_modified, unchanged
from server.http.call import Call
from server.http.conditional import weak
from server.http.links import header
from server.http.negotiate import GEOJSON, HTML, Format
from server.http.query import given_once
from store import paging
from store.criteria import CRS84, Criteria
from store.differences import Differences, Kind, Moment, Moments

OFFERED = (GEOJSON, HTML)
CHOICE = ("datetime", "known-on", "change-kind", "bbox", "bbox-crs", "q", *FILTER)
PARAMETERS = ("f", "lang", "limit", "cursor", "numberMatched", *CHOICE)
EXAMPLE = "earlier/later, such as 2016-01-01/2018-01-01"


async def get_changes(call: Call) -> Answer:
    """The features that were added or removed, or whose geometry or attributes changed.

    Raises:
        ParameterError: as of items; and no interval to compare.
    """
    layer = readable_layer(call)
    given = call.params({*PARAMETERS, *params.queryables(layer)})
    if len(given) < len(call.pairs):
        given_once(call.pairs, lambda name: name not in ("f", "lang", "limit"))
    form = call.format(OFFERED)
    if form is HTML:
        given = {name: text for name, text in given.items() if text}
    answer = await _asked(call, layer, given, form)
    answer.language, answer.vary = call.language, vary(call.language)
    return answer


async def _asked(call: Call, layer: Layer, given: dict[str, str], form: Format) -> Answer:
    if form is HTML and "datetime" not in given and "known-on" not in given:
        return Answer(await call.run(make_page, "changes", {"links": []}, call, layer), form.media, cache=cache(call))
    moments = moments_of(given, call)
    criteria, nothing = await conditions(call, layer, given)
    cursor = given.get("cursor")
    asked = Asked(call, layer, moments, nothing=nothing, normal=normal(given, criteria.filter))
    limits = call.node.settings.server.limits
    limit = params.limit(given.get("limit"), limits)
    found = None if cursor is None else params.cursor(cursor)
    counted = params.boolean("numberMatched", given.get("numberMatched"))
    chosen = replace(criteria, limit=limit, cursor=found)
    return await call.run(asked.answer, chosen, form, counted is not False and (cursor is None or counted is True))


def moments_of(given: dict[str, str], call: Call) -> Moments:
    """What is compared with what.

    Raises:
        ParameterError: no interval, or one that cannot be compared.
    """
    zone, today = call.node.zone, datetime.now(call.node.zone).date()
    days, known = given.get("datetime"), given.get("known-on", "")
    first, slash, second = known.partition("/")
    valid = params.moment(today.isoformat() if days is None else days, zone)
    if valid.start is None or not (slash or "/" in (days or "")):
        raise ParameterError("datetime", f"'{(days or '')[:60]}' does not name two days to compare", EXAMPLE)
    end = today if valid.end is None else valid.end
    if valid.start > end:
        raise ParameterError("datetime", "the interval begins after today", EXAMPLE)
    instants = [params.known(None if one in ("", "..") else one, zone) for one in (first, second if slash else first)]
    if instants[0] and instants[1] and instants[0] > instants[1]:
        raise ParameterError("known-on", "the interval ends before it begins", "earlier/later")
    return Moments(Moment(valid.start, instants[0]), Moment(end, instants[1]), _kinds(given.get("change-kind")))


def _kinds(text: str | None) -> frozenset[Kind]:
    if text is None:
        return frozenset()
    names = [one.value for one in Kind]
    for one in text.split(","):
        if one not in names:
            raise ParameterError("change-kind", f"'{one[:40]}' is no kind of change", f"of: {', '.join(names)}")
    return frozenset(map(Kind, text.split(",")))


class Asked:
    """One comparison that a caller asks for. `nothing`: no feature can meet its conditions."""

    def __init__(
        self, call: Call, layer: Layer, moments: Moments, *, nothing: bool, normal: tuple[tuple[str, str], ...]
    ) -> None:
        self.call = call
        self.layer = layer
        self.moments = moments
        self.nothing = nothing
        self.normal = normal

    def answer(self, criteria: Criteria, form: Format, counted: bool) -> Answer:
        call, store, id = self.call, self.call.node.store, self.layer.id
        state = store.state(id)
        tag = self._tag(state.revision, state.generation, form)
        if unchanged(call, tag):
            return not_modified(tag, cache(call))
        page = Differences((), None, state) if self.nothing else store.differences(id, criteria, self.moments)
        counts = None
        if counted:
            counts = dict.fromkeys(Kind, 0) if self.nothing else store.difference_counts(id, criteria, self.moments)
        document = self._document(page, counts, form)
        headers: list[Header] = [(b"content-crs", f"<{CRS84}>".encode()), header(document["links"])]
        body = make_page("changes", document, call, self.layer) if form is HTML else orjson.dumps(document)
        shown = self._tag(page.state.revision, page.state.generation, form)
        return Answer(body, form.media, 200, headers, shown, cache(call))

    def _tag(self, revision: int, generation: int, form: Format) -> str:
        """The moments are part of it: today is another day tomorrow."""
        parts = [revision, generation, self.layer.digest, self.normal, self.moments, form.key]
        return weak([*parts, self.call.scope.key, self.call.base, self.call.node.token, self.call.language])

    def _document(self, page: Differences, counts: Any, form: Format) -> dict[str, Any]:
        made = [differences.feature(self.layer, one) for one in page.changes]
        areas = differences.area(self.layer, [(before, after) for before, after, _ in made])
        for (_, _, feature), area in zip(made, areas, strict=True):
            if feature["properties"]["change"] != Kind.ATTRIBUTES.value:
                feature["properties"] |= area
        call = self.call
        document: dict[str, Any] = {
            "type": "FeatureCollection",
            "features": [feature for _, _, feature in made],
            "compared": {name: _moment(one) for name, one in self._named()},
            "numberReturned": len(made),
        }
        if counts is not None:
            document |= {"numberMatched": sum(counts.values()), "counts": {k.value: n for k, n in counts.items()}}
        document["timeStamp"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        said = call.node.notices.get(call.language)
        document |= {"notice": said} if said else {}
        following = None if page.cursor is None else paging.encode(page.cursor)
        return document | {"links": changes_links(call, form, following)}

    def _named(self) -> tuple[tuple[str, Moment], tuple[str, Moment]]:
        return ("before", self.moments.before), ("after", self.moments.after)


def _moment(one: Moment) -> dict[str, str | None]:
    known = None if one.known is None else one.known.isoformat().replace("+00:00", "Z")
    return {"validOn": one.day.isoformat(), "knownOn": known}
