"""Faults of a configuration in plain words: pydantic's findings, said as what is wrong and what would be right."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

Location = tuple[int | str, ...]

_SHAPES: Mapping[str, tuple[str, str]] = {
    "missing": ("is missing", "add it"),
    "model_type": ("is not a group of settings", "write its settings below it, indented, as KEY: VALUE lines"),
    "dict_type": ("is not a group of settings", "write its settings below it, indented, as KEY: VALUE lines"),
    "dataclass_type": ("is not in two languages", "write the text twice, under zh and en"),
    "string_type": ("is not a text", "put it in quotes"),
    "path_type": ("is not a path", "write a file or folder name, in quotes"),
    "tuple_type": ("is not a list", "write it as [a, b]"),
    "list_type": ("is not a list", "write it as [a, b]"),
    "frozen_set_type": ("is not a list", "write it as [a, b]"),
    "int_parsing": ("is not a whole number", "write digits only"),
    "int_type": ("is not a whole number", "write digits only"),
    "int_from_float": ("is not a whole number", "write digits only"),
    "float_parsing": ("is not a number", "write digits, with a point for decimals"),
    "float_type": ("is not a number", "write digits, with a point for decimals"),
    "bool_parsing": ("is neither true nor false", "write true or false"),
    "bool_type": ("is neither true nor false", "write true or false"),
    "ip_v4_network": ("is not a network", "write addresses as 10.0.0.0/8, 192.168.1.7 or fd00::/8, not names"),
    "ip_v6_network": ("is not a network", "write addresses as 10.0.0.0/8, 192.168.1.7 or fd00::/8, not names"),
}
"""What is wrong and what would be right, by pydantic's type of error."""

_LIMITS: Mapping[str, tuple[str, str, str]] = {
    "greater_than_equal": ("ge", "is too small", "write {} or more"),
    "greater_than": ("gt", "is too small", "write more than {}"),
    "less_than_equal": ("le", "is too large", "write {} or less"),
    "less_than": ("lt", "is too large", "write less than {}"),
}


def plainly(found: Iterable[ErrorDetails], root: type[BaseModel]) -> list[tuple[Location, str, str]]:
    """The findings of a validation against `root`: place, what is wrong, what would be right; each place once."""
    told: dict[Location, tuple[str, str]] = {}
    for one in found:
        place = tuple(step for step in one["loc"] if isinstance(step, int) or "[" not in step)
        told.setdefault(place, _words(one, place, root))
    return [(place, what, remedy) for place, (what, remedy) in told.items()]


def _words(one: ErrorDetails, place: Location, root: type[BaseModel]) -> tuple[str, str]:
    kind, named = one["type"], spoken(place)
    if kind == "extra_forbidden":
        return f"{named} is not a setting", _known(place, root)
    shown = named if kind == "missing" or isinstance(one["input"], Mapping) else f"{named} {str(one['input'])[:60]!r}"
    if kind == "value_error":
        what, _, remedy = str(one["ctx"]["error"]).rpartition("; ")
        return f"{named}: {what}" if what else f"{shown} is not right", remedy
    if kind == "string_pattern_mismatch":
        return f"{shown} is not written as it should be", _described(place, root)
    what, remedy = _by_kind(kind, one)
    return f"{shown} {what}", remedy


def _by_kind(kind: str, one: ErrorDetails) -> tuple[str, str]:
    if kind in _LIMITS:
        key, what, remedy = _LIMITS[kind]
        return what, remedy.format(f"{one['ctx'][key]:g}")
    if kind == "enum":
        return "is not one of its values", f"write {one['ctx']['expected']}".replace("'", "")
    return _SHAPES.get(kind, (f"is not right: {one['msg']}", ""))


def spoken(place: Location) -> str:
    """`node.title`, `server.trusted_proxies[0]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def _group(steps: Sequence[int | str], root: type[BaseModel]) -> type[BaseModel] | None:
    """The group of settings that `steps` lead to."""
    group = root
    for step in steps:
        field = group.model_fields.get(str(step))
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return None
        group = field.annotation
    return group


def _known(place: Location, root: type[BaseModel]) -> str:
    group = _group(place[:-1], root)
    names: list[Any] = sorted(group.model_fields) if group else []
    near = get_close_matches(str(place[-1]), names, 1)
    hint = f"is {near[0]} meant? " if near else ""
    where = spoken(place[:-1]) or "the file"
    return f"{hint}{where} knows {', '.join(names)}" if names else "take it out"


def _described(place: Location, root: type[BaseModel]) -> str:
    group = _group(place[:-1], root)
    field = group.model_fields.get(str(place[-1])) if group else None
    return (field.description or "") if field else ""
