"""The filter box of a page of features: what was asked, what was wrong with it, and the words that complete it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.errors import ParameterError
from config.layers import Attribute, AttributeType, Layer, Role
from server.html import texts
from server.html.view import View
from store.filters import FUNCTIONS

type Document = Mapping[str, Any]
type Extra = dict[str, Any]

MOST_CODES = 400
"""Codes of a list up to which they are offered as values."""
_PLACE = re.compile(r"line (\d+), column (\d+)")
_WORD = re.compile(r"\w+|\W")
_QUOTED = re.compile(r"'([^']+)'")


def box(layer: Layer, features: Sequence[Document], given: Mapping[str, str], view: View) -> Extra:
    """What the template needs of the box; `features` are those of the page, whose values the examples use."""
    refusal = view.extra.get("refusal")
    text = given.get("filter", "")
    return {
        "text": text,
        "rows": min(8, max(2, text.count("\n") + 1, -(-len(text) // 90))),
        "problem": None if refusal is None else _problem(refusal, given, view),
        "words": words(layer, view),
        "examples": list(_examples(layer, features, view)),
        "functions": view.page("/functions"),
    }


def _problem(refusal: ParameterError, given: Mapping[str, str], view: View) -> Extra:
    """What was refused, in the page's language; of a filter also where it is wrong, as its text in three parts."""
    told = view.extra["problem"]["faults"][0]
    made: Extra = {"parameter": refusal.parameter, "what": told["what"], "remedy": told.get("remedy", "")}
    if refusal.parameter == "filter":
        made["parts"] = at_fault(given.get("filter", ""), refusal.faults[0].what)
    return made


def at_fault(text: str, what: str) -> tuple[str, str, str] | None:
    """The filter before, at and after what is wrong: at a stated line and column, else at the first word in quotes.

    The middle is empty where something is missing at the end. None where the fault names no place.
    """
    found = _PLACE.search(what)
    if found:
        lines = text.split("\n")[: int(found[1])]
        start = min(sum(len(line) + 1 for line in lines[:-1]) + int(found[2]) - 1, len(text))
        word = _WORD.match(text, start)
        end = word.end() if word else start
        return text[:start], text[start:end], text[end:]
    for word_said in _QUOTED.findall(what):
        before, at, after = text.partition(word_said)
        if at:
            return before, at, after
    return None


def words(layer: Layer, view: View) -> Extra:
    """What completes a filter: properties with their titles and types, values of code lists, functions."""
    lists: dict[str, list[tuple[str, str]]] = {}
    properties = []
    for one in layer.attributes:
        made = {"name": one.name, "title": one.title[view.language], "other": one.title[_other(view)], "type": one.type}
        codelist = view.codelist(one.codelist)
        if one.codelist and codelist and len(codelist.codes) <= MOST_CODES:
            made["codes"] = one.codelist
            lists[one.codelist] = [(code.code, code.title[view.language]) for code in codelist.codes.values()]
        properties.append(made)
    for name, title in texts.VALIDITY.items():
        properties.append(
            {"name": name, "title": title[view.language], "other": title[_other(view)], "type": AttributeType.DATE}
        )
    if layer.geometry is not None:
        titles = {"zh": "几何", "en": "Geometry"}
        properties.append(
            {"name": "geometry", "title": titles[view.language], "other": titles[_other(view)], "type": "geometry"}
        )
    functions = [
        {
            "name": one.name,
            "arguments": [argument.name for argument in one.arguments if not argument.optional],
            "title": one.description[view.language],
        }
        for one in FUNCTIONS.values()
    ]
    return {"properties": properties, "codes": lists, "functions": functions}


def _other(view: View) -> str:
    return "zh" if view.language == "en" else "en"


def _examples(layer: Layer, features: Sequence[Document], view: View) -> Iterator[Extra]:
    """A few filters of this very layer that a person may start from, with values that occur."""
    by = layer.style.get("by")
    coded = sorted((one for one in layer.attributes if one.codelist), key=lambda one: one.name != by)
    for one in coded[:1]:
        codes = list(dict.fromkeys(_values(features, one)))[:2] or _codes(one, view)[:2]
        listed = ", ".join("'" + code.replace("'", "''") + "'" for code in codes)
        yield {"text": f"{one.name} IN ({listed})", "title": one.title[view.language]}
    numbers = [one for one in layer.attributes if one.type is AttributeType.NUMBER]
    for one in sorted(numbers, key=lambda one: one.unit != "m2")[:1]:
        known = sorted(_values(features, one))
        yield {"text": f"{one.name} >= {known[len(known) // 2] if known else 1000}", "title": one.title[view.language]}
    for one in (one for one in layer.attributes if one.role is Role.TITLE):
        start = next(iter(_values(features, one)), "")[:2].replace("'", "''")
        yield {"text": f"{one.name} LIKE '{start}%'", "title": one.title[view.language]}


def _values(features: Sequence[Document], one: Attribute) -> list[Any]:
    values = ((feature.get("properties") or {}).get(one.name) for feature in features)
    return [value for value in values if value is not None]


def _codes(attribute: Attribute, view: View) -> list[str]:
    codelist = view.codelist(attribute.codelist)
    return list(codelist.codes) if codelist else []
