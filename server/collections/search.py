"""Which collections a caller asks for, and in which order (Common Part 4: all four requirements classes)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import shapely

from config.errors import ParameterError
from config.settings import Limits
from server import params
from server.collections import fields, scale, text
from server.collections.catalogue import Catalogue, Document
from server.collections.evaluate import Evaluator
from server.collections.tree import below
from server.http.call import Call
from server.http.query import unknown
from store.criteria import CRS84, Box, SortKey, ValidTime
from store.crs import Crs
from store.filters import read as read_filter

FILTER = ("filter", "filter-lang", "filter-crs")
SEARCH = ("bbox", "bbox-crs", "datetime", "q", "query", "sd", "resolution", "parent", "descendants", *FILTER)
PAGING = ("limit", "offset", "sortby")
MOST = 1000
"""Collections of one answer."""
DESCENDANTS = ("all", "immediate")
_LIMITS = Limits(page=MOST, default_page=MOST)

type Test = Callable[[str, Document], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of ids, how many there are in all, and where the next page begins."""

    ids: tuple[str, ...]
    matched: int
    following: int | None


def search(call: Call, known: Catalogue, given: Mapping[str, str]) -> Found:
    """The collections that meet every condition.

    Raises:
        ParameterError: a wrong value; names the parameter.
    """
    limit = params.limit(given.get("limit"), _LIMITS)
    offset = params.offset(given.get("offset"), _LIMITS)
    tests = list(_tests(call, known, given))
    found = [id for id in _branch(known, given) if all(test(id, known.documents[id]) for test in tests)]
    found = _sorted(found, known, given.get("sortby"))
    page = tuple(found[offset : offset + limit])
    end = offset + len(page)
    return Found(page, len(found), end if end < len(found) else None)


def _branch(known: Catalogue, given: Mapping[str, str]) -> Iterable[str]:
    """/req/hierarchical-collections/parent-parameter, descendants-parameter."""
    descendants, parent = given.get("descendants", "all"), given.get("parent")
    if descendants not in DESCENDANTS:
        raise ParameterError("descendants", f"'{descendants[:40]}'", f"one of: {', '.join(DESCENDANTS)}")
    if parent is not None and parent not in known.documents:
        raise ParameterError("parent", f"no collection '{parent[:80]}'", unknown(parent, known.documents).remedy)
    if descendants == "immediate":
        return [id for id, one in known.parents.items() if one == parent]
    return known.documents if parent is None else list(below(known.parents, parent))


def _tests(call: Call, known: Catalogue, given: Mapping[str, str]) -> Iterable[Test]:
    zone = call.node.zone
    for name, read in (("q", text.plain_items), ("query", text.signed_items)):
        if items := read(given.get(name)):
            yield lambda id, _, items=items: any(one.matches(known.words[id]) for one in items)  # type: ignore[misc]
    yield from _placed(known, given)
    if given.get("datetime") is not None:
        wanted = params.moment(given["datetime"], zone)
        yield lambda _, one: _at(one, wanted, zone)
    for wide in scale.ranges(given.get("sd"), given.get("resolution")):
        yield lambda _, one, wide=wide: wide.suits(one)  # type: ignore[misc]
    yield from _filtered(call, known, given)


def _system(known: Catalogue, given: Mapping[str, str], name: str) -> Crs:
    """/req/searchable-collections/bbox-crs, /req/filterable-collections/filter-crs: one that some collection offers."""
    offered = {uri: None for one in known.documents.values() for uri in one.get("crs", ())}
    return params.crs(given.get(name), tuple(dict.fromkeys([CRS84, *offered])), name)


def _offers(system: Crs) -> Test:
    """Whether a collection can be asked in a system; those that list none can in CRS84."""
    return lambda _, one: system.uri in one.get("crs", (CRS84,))


def _placed(known: Catalogue, given: Mapping[str, str]) -> Iterable[Test]:
    """/req/searchable-collections/bbox-response: collections without a spatial extent too."""
    system = _system(known, given, "bbox-crs")
    if given.get("bbox") is None:
        return
    box = params.bbox(given["bbox"], system)
    if "bbox-crs" in given:
        yield _offers(system)
    yield lambda _, one: _meets(one, box)


def _meets(one: Document, box: Box | None) -> bool:
    spatial = one.get("extent", {}).get("spatial")
    if spatial is None:
        return True
    if box is None:
        return False
    if box.shape is not None:
        return bool(shapely.intersects(fields.polygon(spatial["bbox"][0]), shapely.from_wkb(box.shape)))
    corners = [box.west, box.south, box.east, box.north]
    return bool(shapely.intersects(fields.polygon(spatial["bbox"][0]), fields.polygon(corners)))


def _at(one: Document, wanted: ValidTime, zone: ZoneInfo) -> bool:
    """/req/searchable-collections/datetime-response: collections without a temporal extent too."""
    start, end = fields.days(one, zone)
    if start is None or end is None:
        return True
    return (wanted.end is None or start <= wanted.end) and (wanted.start is None or wanted.start < end)


def _filtered(call: Call, known: Catalogue, given: Mapping[str, str]) -> Iterable[Test]:
    """/req/filterable-collections: CQL2 over what the queryables list."""
    language = params.filter_language(given.get("filter-lang"))
    system = _system(known, given, "filter-crs")
    source = given.get("filter")
    if source is None:
        return
    checked = read_filter(source, language, fields.LAYER, system.uri, vocabulary=call.node.registry)
    zone = call.node.zone
    if "filter-crs" in given:
        yield _offers(system)
    yield lambda _, one: Evaluator(fields.values(one, zone), zone).value(checked.tree) is True


def _sorted(found: list[str], known: Catalogue, sortby: str | None) -> list[str]:
    """/req/sortable-collections/sortby-response: text by code point, what has no value last (descending: first)."""
    for key in reversed(params.sortby(sortby, fields.SORTABLES)):
        found = _by(found, known, key)
    return found


def _by(found: list[str], known: Catalogue, key: SortKey) -> list[str]:
    def value(id: str) -> Any:
        one = known.documents[id]
        if key.name in ("valid_from", "valid_to"):
            interval = one.get("extent", {}).get("temporal", {}).get("interval", [[None, None]])[0]
            return interval[key.name == "valid_to"]
        return one.get(key.name)

    present = [id for id in found if value(id) is not None]
    absent = [id for id in found if value(id) is None]
    present.sort(key=value, reverse=key.descending)
    return absent + present if key.descending else present + absent
