"""Criteria taken apart: the shape of the statement and the values that it binds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from config.errors import ParameterError
from config.layers import Layer, Role
from store import paging, values
from store.criteria import Criteria, Cursor
from store.engine import Database
from store.filters.filter import Asked, Condition
from store.places import Region, region, regions
from store.search import Search
from store.select import Purpose, Shape
from store.tables import VERSIONS
from store.values import VALIDITY

if TYPE_CHECKING:
    from store.filters.template import Template

DEFAULT_LIMIT = 10
MOST_OFFSET = 100_000
MOST_SORT_KEYS = 8


@dataclass(frozen=True, slots=True)
class Question:
    """One request to one layer, ready for a statement. `regions` are not bound yet: each store has its own way; nor
    are, on SQLite, the places of `filter`."""

    shape: Shape
    values: dict[str, Any]
    regions: list[Region]
    filter: Asked | None = None


def question(database: Database, layer: Layer, criteria: Criteria, purpose: Purpose) -> Question:
    """What to ask the database for criteria.

    Raises:
        ParameterError: unknown names, values of another type, a cursor of another query.
    """
    bound: dict[str, Any] = {"layer": layer.id}
    interval = _bind_validity(database, criteria, bound)
    if criteria.known is not None:
        bound["known"] = criteria.known
    for index, (name, value) in enumerate(criteria.equals):
        bound[f"equals{index}"] = values.comparable(layer, name, value)
    if criteria.search is not None:
        bound["words"] = _words(database, layer, criteria.search)
    asked, places = _places(criteria)
    condition = None if asked is None else _bind_filter(database, layer, asked, bound)
    paged = purpose in (Purpose.PAGE, Purpose.SHAPES)
    rows = paged or purpose in (Purpose.BATCH, Purpose.TEXTS)
    nulls = _bind_page(layer, criteria, bound, paged) if rows else None
    shape = Shape(
        layer=layer.id,
        purpose=purpose,
        interval=interval,
        known=criteria.known is not None,
        equals=tuple(name for name, _ in criteria.equals),
        sort=criteria.sort if rows else (),
        nulls=nulls,
        offset="offset" in bound,
        limited="limit" in bound,
        search=criteria.search is not None,
        replan=criteria.search is not None,
        filter=condition,
    )
    return Question(shape, bound, places, asked)


def _places(criteria: Criteria) -> tuple[Asked | None, list[Region]]:
    """What is left of the filter, and where to look: in the box, else where the filter asks features to lie."""
    asked = criteria.filter
    if criteria.box is not None:
        return None if asked is None else asked.asked, regions(criteria.box)
    if asked is None:
        return None, []
    return (asked.asked, []) if asked.place is None else (asked.place.rest, [region(asked.place.shape.geometry)])


def _bind_filter(database: Database, layer: Layer, asked: Asked, bound: dict[str, Any]) -> Condition:
    """Binds a filter's literals; returns what is left of it."""
    from store.filters import template

    bound |= template.bound(asked, database.timezone, sqlite=database.sqlite)
    return Condition(asked.template, database.sqlite, database.timezone.key, _steady(layer, asked.template))


def _steady(layer: Layer, template: "Template") -> bool:
    """Whether one plan is good for all values: an index gives the rows in order, and no other can tempt, whose worth
    depends on how much a range holds."""
    indexed = {"id", "geometry", *VALIDITY}
    indexed |= {one.name for one in layer.attributes if one.indexed or one.role is Role.ID}
    return not template.others & indexed and bool(template.equals & indexed or not template.others)


def _words(database: Database, layer: Layer, search: Search) -> str:
    """The words that are looked for, as the database's index takes them.

    Raises:
        ParameterError: the layer has no attribute to search.
    """
    if not database.tables[layer.id].searched:
        what = f"collection '{layer.id}' has no property whose text is searched"
        raise ParameterError("q", what, "use filter or a property's own parameter")
    return search.fts5() if database.sqlite else search.tsquery()


def _bind_validity(database: Database, criteria: Criteria, bound: dict[str, Any]) -> tuple[bool, bool] | None:
    valid = criteria.valid
    if valid is None:
        bound["day"] = database.today()
        return None
    if valid.instant:
        bound["day"] = valid.start
        return None
    if valid.start is not None:
        bound["start"] = valid.start
    if valid.end is not None:
        bound["end"] = valid.end
    return (valid.start is not None, valid.end is not None)


def _bind_page(layer: Layer, criteria: Criteria, bound: dict[str, Any], paged: bool) -> tuple[bool, ...] | None:
    """Limit, offset and cursor; returns the cursor's null flags. A page reads one row more, which tells of a next."""
    limit = DEFAULT_LIMIT if criteria.limit is None and paged else criteria.limit
    if limit is not None:
        if limit < 1:
            raise ParameterError("limit", f"{limit} is below 1", "ask for at least one feature")
        bound["limit"] = limit + 1 if paged else limit
    if len(criteria.sort) > MOST_SORT_KEYS:
        raise ParameterError("sortby", f"{len(criteria.sort)} keys", f"sort by at most {MOST_SORT_KEYS}")
    for key in criteria.sort:
        values.type_of(layer, key.name, "sortby")
    if criteria.cursor is None:
        if criteria.offset:
            if not 0 <= criteria.offset <= MOST_OFFSET:
                raise ParameterError(
                    "offset", f"{criteria.offset} is too far", f"use the next links, or at most {MOST_OFFSET}"
                )
            bound["offset"] = criteria.offset
        return None
    return _bind_cursor(layer, criteria, criteria.cursor, bound)


def _bind_cursor(layer: Layer, criteria: Criteria, cursor: Cursor, bound: dict[str, Any]) -> tuple[bool, ...]:
    paging.check(cursor, layer.id, criteria)
    bound["fid"] = cursor.fid
    bound["row"] = cursor.fid * VERSIONS + VERSIONS - 1
    nulls = []
    for index, (key, value) in enumerate(zip(criteria.sort, cursor.values, strict=True)):
        ended = values.comparable(layer, key.name, value, "cursor")
        nulls.append(ended is None)
        if ended is not None:
            bound[f"after{index}"] = ended
    return tuple(nulls)


def cursor_after(layer: Layer, criteria: Criteria, fid: int, text: str) -> Cursor:
    """The cursor of the page that begins after a row: its sort values stand in its own text."""
    if not criteria.sort:
        return Cursor((), fid, paging.query_digest(layer.id, criteria))
    feature = orjson.loads(text)
    properties = feature["properties"]
    ended = tuple(feature["id"] if key.name == "id" else properties[key.name] for key in criteria.sort)
    return Cursor(ended, fid, paging.query_digest(layer.id, criteria))
