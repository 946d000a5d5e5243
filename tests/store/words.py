"""A plain matcher of words: what every index of them must agree with."""

from collections.abc import Iterable

from store.search import Search, units


def found(search: Search, texts: Iterable[str | None]) -> bool:
    """Whether one of the terms stands in one of the texts: its units side by side, the last perhaps only begun."""
    return any(_stands(term, units(text)) for text in texts if text for term in search.terms)


def _stands(term: tuple[str, ...], text: list[str]) -> bool:
    *first, last = term
    return any(
        text[start : start + len(first)] == first and text[start + len(first)].startswith(last)
        for start in range(len(text) - len(first))
    )
