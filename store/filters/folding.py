"""CASEI and ACCENTI in PostgreSQL, which has neither before its version 18, and `unaccent` only as an extension.

The foldings are those of this Python's Unicode tables, written into the SQL as constants: both stores fold alike. Most
texts hold nothing that a folding changes but ASCII; a regular expression tells them apart first.
"""

import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

_NFD: sa.ColumnElement[Any] = sa.literal_column("NFD")
_NFC: sa.ColumnElement[Any] = sa.literal_column("NFC")


@cache
def _casefolds() -> tuple[str, str]:
    """A pattern of the characters beyond ASCII that folding changes, and the folded forms as JSON."""
    folded = {
        chr(one): chr(one).casefold() for one in range(128, sys.maxunicode + 1) if chr(one) != chr(one).casefold()
    }
    plain = {chr(one): chr(one).lower() for one in range(ord("A"), ord("Z") + 1)}
    return _class(map(ord, folded)), orjson.dumps(folded | plain).decode()


@cache
def _marks() -> str:
    """A pattern of the nonspacing marks."""
    return _class(one for one in range(sys.maxunicode + 1) if unicodedata.category(chr(one)) == "Mn")


def _class(codes: Iterable[int]) -> str:
    """A bracket expression of characters, by their codes."""
    ranges: list[list[int]] = []
    for one in sorted(codes):
        if ranges and ranges[-1][1] == one - 1:
            ranges[-1][1] = one
        else:
            ranges.append([one, one])
    return "[" + "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges) + "]"


def _constant(text: str, kind: str) -> sa.ColumnElement[Any]:
    """A constant of this program in the SQL itself, where PostgreSQL reads it once for a plan."""
    quoted = text.replace("'", "''")
    return sa.literal_column(f"'{quoted}'::{kind}")


def _casei(value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    pattern, folded = _casefolds()
    letters = sa.func.regexp_split_to_table(value, sa.literal_column("''")).table_valued(
        "letter", with_ordinality="place", name="letters"
    )
    letters = letters.render_derived()
    each = sa.func.coalesce(_constant(folded, "jsonb").op("->>")(letters.c.letter), letters.c.letter)
    joined = sa.func.string_agg(each, postgresql.aggregate_order_by(sa.literal_column("''"), letters.c.place))
    slowly = sa.select(joined).select_from(letters).scalar_subquery()
    return sa.case((value.op("~")(_constant(pattern, "text")), slowly), else_=sa.func.lower(sa.collate(value, "C")))


def _accenti(value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    apart = sa.func.normalize(value, _NFD)
    bare = sa.func.regexp_replace(apart, _constant(_marks(), "text"), sa.literal_column("''"), sa.literal_column("'g'"))
    return sa.func.normalize(bare, _NFC)


POSTGIS: Mapping[str, Callable[[sa.ColumnElement[Any]], sa.ColumnElement[Any]]] = {"casei": _casei, "accenti": _accenti}
