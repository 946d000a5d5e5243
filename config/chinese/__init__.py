"""What Duogui refuses with, in Chinese: one catalogue, keyed by the English text with names in place of the values.

Who raises an error writes plain English, an f-string where there are values, and nothing else. Where the error leaves
the program (a problem document, a page, the command line) its finished text is laid over the catalogue's keys:
`'{value}' is no integer` fits `'abc' is no integer`, and what stands for `{value}` is put into the Chinese text,
itself translated where the name says that it is a message too (`SPOKEN`). What no key fits stays English.

A new message wants one new line in the module of its subject. `tests/config/test_chinese.py` reads every message out
of the sources and names those without one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from config.errors import Fault
from config.layers import Language

SUBJECTS = ("requests", "features", "filters", "edits", "storage", "analysis", "definitions", "hints", "commands")
"""The modules of the catalogue, each with its texts under the name `CHINESE`."""

ONE_WORD = frozenset({"word", "low", "high", "first", "last", "count"})
"""Places that hold no space: keys that are little more than places would otherwise fit any text."""
SPOKEN = frozenset(
    {"what", "kind", "kind_found", "kind_too", "reason", "how", "why", "span", "axes", "sharing", "inside", "type_en"}
)
"""Places whose values are messages themselves, to be translated too. What a caller sent never is."""

PLACE = re.compile(r"\{([a-z_]+)\}")
_DEEPEST = 3
_LONGEST = 4_000
"""Characters above which a text is not looked up: no message is that long."""


@dataclass(frozen=True, slots=True)
class _Template:
    """A key cut at its places: `parts` are the texts around the values, one more than there are names."""

    parts: tuple[str, ...]
    names: tuple[str, ...]
    chinese: str

    def values(self, text: str) -> dict[str, str] | None:
        """What stands in the places, the first that fits; None where the text is another. Time is linear."""
        first, *middle, last = self.parts
        place, end = len(first), len(text) - len(last)
        if not text.startswith(first) or not text.endswith(last) or place > end:
            return None
        found = []
        for part in middle:
            at = text.find(part, place, end)
            if at < 0:
                return None
            found.append(text[place:at])
            place = at + len(part)
        found.append(text[place:end])
        values = dict(zip(self.names, found, strict=True))
        return None if any(" " in values[name] for name in ONE_WORD & values.keys()) else values


class Catalogue:
    """Translates finished messages. Of several keys that fit, the one with the most text of its own is meant."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._whole = {key: chinese for key, chinese in texts.items() if not PLACE.search(key)}
        cut = [
            _Template(tuple(PLACE.split(key)[::2]), tuple(PLACE.findall(key)), chinese)
            for key, chinese in texts.items()
            if key not in self._whole
        ]
        self._cut = sorted(cut, key=lambda one: -sum(map(len, one.parts)))

    def chinese(self, text: str, depth: int = 0) -> str | None:
        """The Chinese of a finished message; None where no key fits."""
        if text in self._whole:
            return self._whole[text]
        if depth > _DEEPEST or len(text) > _LONGEST:
            return None
        for one in self._cut:
            values = one.values(text)
            if values is not None:
                filled = {name: self._spoken(name, value, depth) for name, value in values.items()}
                return PLACE.sub(lambda found, filled=filled: _value(filled, found[1]), one.chinese)  # type: ignore[misc]
        return None

    def _spoken(self, name: str, value: str, depth: int) -> str:
        return (self.chinese(value, depth + 1) if name in SPOKEN else None) or value


def _value(values: Mapping[str, str], name: str) -> str:
    """The value of a place; `{hint_en}` of the English text is `{hint}` in the Chinese one."""
    return values.get(name, values.get(f"{name}_en", ""))


def texts() -> dict[str, str]:
    """The catalogue of every subject as one."""
    modules = (import_module(f"{__name__}.{name}") for name in SUBJECTS)
    return {key: text for module in modules for key, text in module.CHINESE.items()}


@cache
def _catalogue() -> Catalogue:
    return Catalogue(texts())


def said(text: str, language: Language) -> str:
    """A message of an error in a language; English where the catalogue does not know it."""
    if language == "en" or not text:
        return text
    return _catalogue().chinese(text) or text


def faults(given: Iterable[Fault], language: Language) -> list[Fault]:
    """Faults in a language; the places that they name stay."""
    return [Fault(one.where, said(one.what, language), said(one.remedy, language)) for one in given]
