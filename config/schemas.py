"""JSON Schema (2020-12) checks whose messages a person can act on: what is wrong, and what would be right."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from config.documents import Document, Where
from config.errors import Fault

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

_JSON_NAMES = {
    str: "text",
    bool: "true or false",
    int: "an integer",
    float: "a number",
    list: "a list",
    dict: "a mapping",
}
_SCHEMA_NAMES = {
    "string": "text",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "array": "a list ([a, b] or lines with '- ')",
    "object": "a mapping (key: value)",
}

_FIELDS: tuple[str, ...] = ("code", "title", "description", "type", "required", "length", "minimum", "maximum", "unit")
_FIELDS += ("codelist", "reference", "role", "indexed", "searchable")


class Schemas:
    """Schemas by file name, which is how they refer to each other."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        from jsonschema import Draft202012Validator
        from referencing import Registry, Resource

        loaded = {name: json.loads(content) for name, content in contents.items()}
        registry: Registry[Any] = Registry().with_resources(
            (name, Resource.from_contents(schema)) for name, schema in loaded.items()
        )
        checker = Draft202012Validator.FORMAT_CHECKER
        self._validators: Mapping[str, Validator] = {
            name: Draft202012Validator(schema, registry=registry, format_checker=checker)
            for name, schema in loaded.items()
        }

    def check(self, document: Document, schema: str) -> list[Fault]:
        """Every fault of a document against `schema` (a file name)."""
        errors = sorted(
            self._validators[schema].iter_errors(document.data),
            key=lambda one: [str(step) for step in one.absolute_path],
        )
        found = {(fault.where, fault.what): fault for error in errors for fault in _faults(document, error)}
        return list(found.values())


def _faults(document: Document, error: "ValidationError") -> Iterator[Fault]:
    """What one schema error means; errors of combined schemas are told by their parts."""
    if error.context:
        for part in error.context:
            yield from _faults(document, part)
        return
    where: Where = tuple(error.absolute_path)
    match error.validator:
        case "required":
            yield from _missing(document, where, error)
        case "additionalProperties" | "unevaluatedProperties":
            yield from _unknown(document, where, error)
        case _:
            what, remedy = _value(error)
            yield document.fault(where, f"{_label(where)}{what}", remedy)


def _label(where: Where) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where).removeprefix(".")
    return f"'{text}' " if text else ""


def _missing(document: Document, where: Where, error: "ValidationError") -> Iterator[Fault]:
    names: Any = error.validator_value
    for name in names:
        if error.message.startswith(f"'{name}'"):
            inside = f" in {_label(where).strip()}" if where else ""
            yield document.fault(where, f"'{name}' is missing{inside}", f"add `{name}: ...`")


def _unknown(document: Document, where: Where, error: "ValidationError") -> Iterator[Fault]:
    known = _known(error.schema)
    instance: Any = error.instance
    for name in instance:
        if f"'{name}'" in error.message and name not in known:
            yield document.fault((*where, name), f"'{name}' is not a known key", suggest(name, known))


def _known(schema: Any) -> list[str]:
    """The keys that a mapping may have, those of an attribute's definition included."""
    names = list(schema.get("properties", {}))
    return [*names, *_FIELDS] if "$ref" in schema else names


def suggest(name: str, known: Iterable[str]) -> str:
    """A remedy for a name that is not known: the nearest ones, else all where they are few."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"one of: {', '.join(names)}" if 0 < len(names) <= 24 else ""


def _value(error: "ValidationError") -> tuple[str, str]:
    """What is wrong with one value, and the remedy."""
    value: Any = error.instance
    rule: Any = error.validator_value
    remedy = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
    what = f"is {value!r}: {error.validator} {rule}"
    match error.validator:
        case "type":
            wanted = [rule] if isinstance(rule, str) else list(rule)
            right = " or ".join(_SCHEMA_NAMES.get(one, one) for one in wanted)
            what = f"is {_JSON_NAMES.get(type(value), 'nothing')} where {right} belongs"
            remedy = _quoting(value, wanted) or remedy
        case "enum":
            what, remedy = f"is {value!r}", suggest(str(value), [str(one) for one in rule])
        case "pattern" | "format":
            what, remedy = f"is {value!r}", remedy or "write a day as YYYY-MM-DD"
        case "minItems" | "minLength" | "minProperties":
            what = "is empty"
        case "maxLength":
            what, remedy = f"has {len(value)} characters", f"at most {rule}; {remedy}"
        case "uniqueItems":
            what, remedy = "names something twice", "keep one of them"
    return what, remedy


def _quoting(value: Any, wanted: list[str]) -> str:
    return f'put it in quotes: "{value}"' if wanted == ["string"] and isinstance(value, int | float) else ""
