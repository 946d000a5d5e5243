"""Words of Chinese and English texts, and what a caller searches for: the same for every index. Pure.

A text is folded (full width to half width, case, accents) and cut into units: each Chinese, Japanese or Korean
character, each run of other letters, each run of digits; what lies between them (spaces, punctuation) does not count.
A term is found where its units follow each other in one text; its last unit may be the beginning of a longer word.
So 农田 is found in 基本农田, `farm` in farmland and `冀政字[2016]12` in 冀政字〔2016〕12号.

An index keeps, at the place of each unit, one word: a character with the one after it (基本, 本农, 农田), else the
unit alone (the last 田, land, 2016). Two characters are then one look-up, and one character is a prefix.

OGC API - Features - Part 9 (24-031, draft), /req/text-search: commas are OR, white space is adjacency in order.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from config.errors import ParameterError

VERSION = 1
"""Of the words: another one asks for every index to be built anew."""

MOST_WORDS = 10_000
MOST_CHARACTERS = 50_000
MOST_REPEATS = 255
"""Of the texts of one feature count so many words, characters in words, and repeats of one word: what PostgreSQL's
`tsvector` can hold. What comes after is not found."""

LONGEST = 64
"""Characters of a word that count."""

MOST_TERMS = 20
MOST_UNITS = 200
"""What one search may ask for."""

BARRIER = "\u2016"
"""Stands between the texts of a feature, so that no term is found across them; no unit is spelt so."""

_IDEOGRAPHS = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u303c\u3040-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNIT = re.compile(rf"((?=\w)[{_IDEOGRAPHS}])|(\d+|[^\W\d_{_IDEOGRAPHS}]+)")
_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")
_PLAIN = re.compile("[\x00-\x7f\u3001-\u3029\u3400-\u4dbf\u4e00-\u9fff]*")
"""Texts in which only the case of ASCII letters is to be folded: most of them."""
_COMMA = re.compile("[,\uff0c]")
_REMEDY = "words of one text in their order, such as q=基本农田; alternatives separated by commas, such as q=蓝线,绿线"


def fold(text: str) -> str:
    """A text without differences of width, case and accents (NFKD, full case folding, no marks, NFC)."""
    plain = text if _PLAIN.fullmatch(text) else unicodedata.normalize("NFKD", text)
    if _PLAIN.fullmatch(plain):
        return plain.lower()
    plain = unicodedata.normalize("NFKD", plain.casefold())
    return unicodedata.normalize("NFC", "".join(one for one in plain if unicodedata.category(one) != "Mn"))


def units(text: str) -> list[str]:
    """The units of a text, in order."""
    return [ideograph or run[:LONGEST] for ideograph, run in _UNIT.findall(fold(text))]


@lru_cache(maxsize=65_536)
def words(text: str) -> tuple[str, ...]:
    """What an index keeps of one text: a word at the place of each unit."""
    found = _UNIT.findall(fold(text))
    return tuple(
        ideograph + following if ideograph else run[:LONGEST]
        for (ideograph, run), (following, _) in zip(found, [*found[1:], ("", "")], strict=False)
    )


def document(texts: Iterable[object]) -> list[str]:
    """What an index keeps of the texts of one feature; values that are no texts do not count."""
    made: list[str] = []
    for text in texts:
        found = words(text) if isinstance(text, str) else ()
        if found and made:
            made.append(BARRIER)
        made.extend(found)
    return made if len(made) <= MOST_REPEATS else _cut(made)


def _cut(made: list[str]) -> list[str]:
    """The words up to the first that is one too many."""
    size = 0
    seen = Counter[str]()
    for place, word in enumerate(made):
        seen[word] += 1
        size += len(word)
        if place == MOST_WORDS or size > MOST_CHARACTERS or seen[word] > MOST_REPEATS:
            return made[:place]
    return made


@dataclass(frozen=True, slots=True)
class Search:
    """Terms, one of which must be found; each is a sequence of units."""

    terms: tuple[tuple[str, ...], ...]

    @property
    def normal(self) -> str:
        """A text that is equal for equal searches."""
        return ",".join(" ".join(term) for term in self.terms)

    def fts5(self) -> str:
        """As SQLite's FTS5 matches it."""
        return " OR ".join(
            "(" + " + ".join(f'"{word}"' for word in phrase) + (" *)" if prefix else ")")
            for phrase, prefix in map(_phrase, self.terms)
        )

    def tsquery(self) -> str:
        """As the text of a PostgreSQL `tsquery`."""
        return " | ".join(
            "(" + " <-> ".join(f"'{word}'" for word in phrase) + (":*)" if prefix else ")")
            for phrase, prefix in map(_phrase, self.terms)
        )


def _phrase(term: Sequence[str]) -> tuple[list[str], bool]:
    """The words that must follow each other, and whether the last of them is only a beginning."""
    ideographs = [_IDEOGRAPH.match(one) is not None for one in term]
    found = [
        one + after if both == (True, True) else one
        for one, after, both in zip(term, term[1:], pairwise(ideographs), strict=False)
    ]
    covered = ideographs[-2:] == [True, True]
    return (found, False) if covered else ([*found, term[-1]], True)


def parse(text: str, parameter: str = "q") -> Search:
    """What a caller searches for; commas (half or full width) separate alternatives.

    Raises:
        ParameterError: no word in it, or too many.
    """
    terms = tuple(dict.fromkeys(tuple(units(part)) for part in _COMMA.split(text)))
    terms = tuple(term for term in terms if term)
    if not terms:
        raise ParameterError(parameter, f"'{text[:40]}' holds no word", _REMEDY)
    if len(terms) > MOST_TERMS or sum(map(len, terms)) > MOST_UNITS:
        remedy = f"at most {MOST_TERMS} alternatives with {MOST_UNITS} words and characters in all"
        raise ParameterError(parameter, "too much to search for at once", remedy)
    return Search(terms)
