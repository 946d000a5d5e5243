"""Keyset paging: where a page ended, as a text that a link carries, and as a condition.

Ascending keys put NULL last, descending ones first; ties are broken by the feature's integer key. A feature that is
present and unchanged while pages are read appears exactly once, whatever is written meanwhile: its place in the order
does not move. A cursor carries the digest of the query that made it and is refused by any other.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson
import sqlalchemy as sa

from config.errors import ParameterError
from store.criteria import Criteria, Cursor

_LONGEST = 8192


def query_digest(layer: str, criteria: Criteria) -> str:
    """What a cursor belongs to: everything that picks and orders rows, not how they are shown or how many."""
    box = criteria.box
    asked = (
        layer,
        criteria.scope.key,
        None if box is None else (box.west, box.south, box.east, box.north, box.shape),
        criteria.valid,
        criteria.equals,
        criteria.known,
        criteria.filter,
        criteria.search,
        criteria.sort,
    )
    return blake2b(repr(asked).encode(), digest_size=9).hexdigest()


def encode(cursor: Cursor) -> str:
    """The cursor as URL-safe text."""
    packed = orjson.dumps([cursor.fid, cursor.digest, *cursor.values])
    return urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(text: str) -> Cursor:
    """The cursor that `encode` wrote. Its values are checked against the sort keys when it is used.

    Raises:
        ParameterError: not one of ours.
    """
    try:
        if len(text) > _LONGEST:
            raise ValueError("too long")
        fid, digest, *values = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if type(fid) is not int or not -1 <= fid < 2**63 or type(digest) is not str:
            raise ValueError("not a cursor")
        if any(isinstance(value, list | dict) for value in values):
            raise ValueError("not a cursor")
    except (ValueError, TypeError, binascii.Error) as error:
        raise refused() from error
    return Cursor(tuple(values), fid, digest)


def refused() -> ParameterError:
    return ParameterError("cursor", "it does not belong to this query", "follow the 'next' link as it is")


def check(cursor: Cursor, layer: str, criteria: Criteria) -> None:
    """Refuse a cursor of another query.

    Raises:
        ParameterError: the digest or the number of values differs.
    """
    if cursor.digest != query_digest(layer, criteria) or len(cursor.values) != len(criteria.sort):
        raise refused()


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key: its column, its direction, and the value where the last page ended (a bound parameter)."""

    column: sa.ColumnElement[Any]
    descending: bool
    value: sa.ColumnElement[Any]
    null: bool = False

    def order(self) -> sa.ColumnElement[Any]:
        return self.column.desc().nulls_first() if self.descending else self.column.asc().nulls_last()

    def same(self) -> sa.ColumnElement[bool]:
        return self.column.is_(None) if self.null else self.column == self.value

    def beyond(self) -> list[sa.ColumnElement[bool]]:
        """What comes after the value, as ranges in order, each of which an index can serve; none after the last."""
        if self.descending:
            return [self.column.is_not(None)] if self.null else [self.column < self.value]
        return [] if self.null else [self.column > self.value, self.column.is_(None)]


def after(keys: Sequence[Key], tie: sa.ColumnElement[bool], *, ranges: bool) -> list[sa.ColumnElement[bool]]:
    """The rows after a cursor, as disjoint conditions whose union it is, in order.

    Args:
        keys: the sort keys with the cursor's values.
        tie: the rows after the cursor's feature among equals.
        ranges: one condition for each range of the first key (served by its index); else one for all.
    """
    if not keys:
        return [tie]
    first, rest = keys[0], keys[1:]
    deeper = sa.and_(first.same(), sa.or_(*after(rest, tie, ranges=False)))
    beyond = first.beyond()
    return [deeper, *beyond] if ranges else [sa.or_(deeper, *beyond)]
