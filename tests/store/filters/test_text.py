"""CASEI, ACCENTI and LIKE: PostgreSQL and SQLite do with every character what Python does."""

import json
import unicodedata
from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from store.engine import Database
from store.filters import dialects, texts

CHARACTERS = [chr(one) for one in range(1, 0x20000) if not 0xD800 <= one <= 0xDFFF]
ASSIGNED = [one for one in CHARACTERS if unicodedata.category(one) not in ("Cn", "Co")]
WORDS = [
    "Straße",
    "STRASSE",
    "ΌΣΟΣ",
    "ﬁnal",
    "İstanbul",
    "ŉ",
    "Chișinău",
    "Ångström",
    "ạ̈",
    "北京ABC",
    "각",
    "",
    "ẞ",
    "ǅ",
]


def _dialect(database: Database) -> dialects.Dialect:
    return dialects.Sqlite("UTC") if database.sqlite else dialects.Postgis("UTC")


def _rows(database: Database) -> sa.TableValuedAlias:
    """One row for each of the texts bound as `values`, a JSON array."""
    if database.sqlite:
        return sa.func.json_each(sa.bindparam("values")).table_valued("value")
    values = sa.func.jsonb_array_elements_text(sa.cast(sa.bindparam("values", type_=sa.Text()), JSONB))
    return values.table_valued("value").render_derived()


def _folded(database: Database, name: str, values: list[str]) -> dict[str, str]:
    rows = _rows(database)
    made = _dialect(database).folded(name, sa.type_coerce(rows.c.value, sa.Text()))
    with database.read() as connection:
        return dict(connection.execute(sa.select(rows.c.value, made), {"values": json.dumps(values)}).tuples().all())


@pytest.mark.parametrize("name", ["casei", "accenti"])
def test_every_character_folds_as_in_python(sample_database: Database, name: str) -> None:
    """Alone and within a word, all that has been assigned in the two planes that have letters."""
    for start in range(0, len(ASSIGNED), 50_000):
        part = ASSIGNED[start : start + 50_000]
        found = _folded(sample_database, name, [*part, *(f"A{one}z" for one in part)])
        wrong = {
            text: (made, texts.FOLDS[name](text)) for text, made in found.items() if made != texts.FOLDS[name](text)
        }
        assert wrong == {}


def test_words_fold_as_in_python(sample_database: Database) -> None:
    for name, fold in texts.FOLDS.items():
        assert _folded(sample_database, name, WORDS) == {word: fold(word) for word in WORDS}


def test_folding_says_what_people_mean() -> None:
    casei, accenti = texts.FOLDS["casei"], texts.FOLDS["accenti"]
    assert casei("Straße") == casei("STRASSE")
    assert casei("ΌΣΟΣ") == casei("όσος")
    assert accenti("Chișinău") == "Chisinau"
    assert accenti(casei("É")) == "e"
    assert accenti("各") == "各"


def liked(database: Database, text: list[str], pattern: str) -> set[str]:
    rows = _rows(database)
    parts = texts.tokens(pattern)
    bound = texts.as_glob(parts) if database.sqlite else texts.as_like(parts)
    value = sa.type_coerce(rows.c.value, sa.Text())
    like = _dialect(database).like(value, sa.bindparam("pattern", type_=sa.Text()))
    with database.read() as connection:
        found = connection.execute(sa.select(rows.c.value).where(like), {"values": json.dumps(text), "pattern": bound})
        return set(found.scalars())


def test_patterns_match_as_in_python(sample_database: Database) -> None:
    random = Random(3)
    alphabet = ["a", "A", "b", "%", "_", "\\", "[", "]", "*", "?", "^", "-", "甲", "é", "\n", "𠮷", "'"]
    words = ["".join(random.choices(alphabet, k=random.randrange(6))) for _ in range(400)]
    for _ in range(300):
        pattern = "".join(random.choices([*alphabet, "%", "_", "\\%", "\\_", "\\\\"], k=random.randrange(1, 6)))
        assert liked(sample_database, words, pattern) == {one for one in words if texts.matches(one, pattern)}, pattern


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("50%", "50\\%", True),
        ("50x", "50\\%", False),
        ("a_b", "a\\_b", True),
        ("axb", "a\\_b", False),
        ("a\\b", "a\\\\b", True),
        ("a\\", "a\\", True),
        ("Abc", "a%", False),
        ("基本农田", "%农田%", True),
        ("", "%", True),
        ("", "_", False),
        ("ab", "a%b%", True),
    ],
)
def test_a_pattern_is_what_the_standard_says(text: str, pattern: str, expected: bool) -> None:
    assert texts.matches(text, pattern) is expected


def test_the_text_after_all_that_begin_so() -> None:
    assert texts.after("ab") == "ac"
    assert texts.after("a\U0010ffff") == "b"
    assert texts.after("a\ud7ff") == "a\ue000"
    assert texts.after("\U0010ffff") is None
