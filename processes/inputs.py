"""Inputs of an execute request: taken from their wrappings and checked against the description.

Processes Part 1, 7.11: an input is its value, or a qualified value `{"value": ..., "mediaType": ...}`, or a link
`{"href": ...}`, which this node does not follow.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from config.errors import Fault, RequestError
from processes.contract import Description, Input

_QUALIFIERS = frozenset({"value", "mediaType", "encoding", "schema", "format"})
_SHOWN = 80

BBOX_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["bbox"],
    "properties": {
        "bbox": {
            "type": "array",
            "items": {"type": "number"},
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        },
        "crs": {"type": "string"},
    },
}
"""What `{"allOf": [{"format": "ogc-bbox", "type": "object"}]}` in a description means."""


class InputError(RequestError):
    """An input is missing, unknown or wrong: one fault per input."""

    type = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/invalid-input"


def check(description: Description, given: Any) -> dict[str, Any]:
    """The plain values of `given` by input name.

    Raises:
        InputError: one fault for every input that is unknown, missing or does not fit its schema.
    """
    if not isinstance(given, Mapping):
        raise InputError("Inputs are an object", Fault("inputs", f"{_shown(given)}", 'write {"name": value, ...}'))
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for name, raw in given.items():
        found = description.inputs.get(name)
        if found is None:
            faults.append(Fault(name, "no such input", f"use: {', '.join(description.inputs)}"))
            continue
        fault, value = _value(name, found, raw)
        if fault:
            faults.append(fault)
        values[name] = value
    for name, wanted in description.inputs.items():
        if wanted.required and name not in given:
            faults.append(Fault(name, "missing", f"this input is required: {wanted.description.en}"))
    if faults:
        names = ", ".join(f"'{fault.where}'" for fault in faults)
        raise InputError(f"Wrong inputs of process '{description.id}': {names}", *faults)
    return values


def _value(name: str, wanted: Input, raw: Any) -> tuple[Fault | None, Any]:
    """A fault or the plain value of one input."""
    value = raw
    if isinstance(raw, Mapping):
        if "href" in raw:
            remedy = "send the value itself, or the id of a collection of this node"
            return Fault(name, "given by reference, which this node does not follow", remedy), None
        if "value" in raw and set(raw) <= _QUALIFIERS:
            wanted_media = wanted.schema.get("contentMediaType")
            media = raw.get("mediaType")
            if media is None and isinstance(raw.get("format"), Mapping):
                media = raw["format"].get("mediaType")
            if media and wanted_media and str(media).partition(";")[0] != wanted_media:
                return Fault(name, f"of media type {media!s:.80}", f"send {wanted_media}"), None
            value = raw["value"]
    errors = sorted(_validator(name, _frozen(wanted.schema)).iter_errors(value), key=lambda error: list(error.path))
    if not errors:
        return None, value
    error = errors[0]
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    return Fault(name + place, error.message[:200], wanted.description.en), None


class _Frozen:
    """A schema as a key of the validators' cache: equal when it is the same object."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and other.schema is self.schema


def _frozen(schema: Mapping[str, Any]) -> _Frozen:
    return _Frozen(schema)


@lru_cache(maxsize=256)
def _validator(name: str, frozen: _Frozen) -> Any:  # noqa: ARG001  the name keeps apart what shares a schema
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_plain(frozen.schema))


def _plain(schema: Any) -> Any:
    """The schema for JSON Schema's validator: bounding boxes spelled out, OpenAPI's `nullable` gone."""
    if isinstance(schema, Mapping):
        if schema.get("format") == "ogc-bbox":
            return BBOX_SCHEMA
        return {key: _plain(value) for key, value in schema.items() if key != "nullable"}
    if isinstance(schema, list | tuple):
        return [_plain(one) for one in schema]
    return schema


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
