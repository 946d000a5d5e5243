"""The parameters `q` and `query`: words and phrases in the texts of a collection (Common Part 4, searchable).

A word is whole where letters and digits of the European scripts end; Chinese writes no spaces, so that 农田 is found in
永久基本农田. Case does not count.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from config.errors import ParameterError
from config.layers import Text

MOST_TERMS = 50
MOST_CHARACTERS = 200
_WORD = r"[^\W\u2e80-\u9fff\uf900-\ufaff\uac00-\ud7ff]"
_SIGN = re.compile(r"(?:^|(?<=\s))([+-])(?=\S)")


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a collection, each searched by itself."""

    texts: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[Text | str]) -> "Words":
        plain: list[str] = []
        for one in texts:
            plain += [one] if isinstance(one, str) else [one.zh, one.en]
        return cls(tuple(one.casefold() for one in plain if one))

    def hold(self, phrase: re.Pattern[str]) -> bool:
        return any(phrase.search(text) for text in self.texts)


@dataclass(frozen=True, slots=True)
class Item:
    """One of the alternatives: phrases that must be there, and phrases that must not."""

    present: tuple[re.Pattern[str], ...]
    absent: tuple[re.Pattern[str], ...] = ()

    def matches(self, words: Words) -> bool:
        return all(map(words.hold, self.present)) and not any(map(words.hold, self.absent))


def plain_items(text: str | None) -> tuple[Item, ...]:
    """`q`: phrases, of which one must be there (/req/searchable-collections/q)."""
    return tuple(Item((_phrase("q", one),)) for one in _split("q", text))


def signed_items(text: str | None) -> tuple[Item, ...]:
    """`query`: as `q`, where `+phrase` must be there too and `-phrase` must not (/req/searchable-collections/query)."""
    items = []
    for one in _split("query", text):
        pieces = _SIGN.split(one)  # phrase, sign, phrase, sign, phrase ...
        signed = [("+", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
        parts = {sign: tuple(_phrase("query", words) for mark, words in signed if mark == sign and words.strip())
                 for sign in "+-"}  # fmt: skip
        items.append(Item(parts["+"], parts["-"]))
    return tuple(items)


def _split(parameter: str, text: str | None) -> list[str]:
    if text is None:
        return []
    items = [one.strip() for one in text.split(",", MOST_TERMS)]
    if len(items) > MOST_TERMS or len(text) > MOST_TERMS * MOST_CHARACTERS:
        raise ParameterError(parameter, "too many terms", f"at most {MOST_TERMS}, separated by commas")
    if not all(items):
        raise ParameterError(parameter, "a term is empty", "words, or phrases separated by commas")
    return items


def _phrase(parameter: str, text: str) -> re.Pattern[str]:
    """The words of a phrase in their order, with nothing but white space between them."""
    if len(text) > MOST_CHARACTERS:
        raise ParameterError(parameter, f"a term of {len(text)} characters", f"at most {MOST_CHARACTERS}")
    folded = text.casefold().split()
    before = rf"(?<!{_WORD})" if re.match(_WORD, folded[0]) else ""
    after = rf"(?!{_WORD})" if re.match(_WORD, folded[-1][-1]) else ""
    return re.compile(before + r"\s+".join(map(re.escape, folded)) + after)
