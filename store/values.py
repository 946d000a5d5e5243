"""Values that a caller gives as text or as Python objects, as the store's columns compare them."""

from datetime import UTC, date, datetime
from typing import Any

from config.errors import ParameterError
from config.layers import AttributeType, Layer
from store.criteria import END_OF_TIME

VALIDITY = ("valid_from", "valid_to")

_WRITTEN = {
    AttributeType.STRING: "text",
    AttributeType.INTEGER: "a whole number",
    AttributeType.NUMBER: "a number",
    AttributeType.BOOLEAN: "true or false",
    AttributeType.DATE: "a day, YYYY-MM-DD",
    AttributeType.DATETIME: "an instant, YYYY-MM-DDThh:mm:ssZ",
}


def type_of(layer: Layer, name: str, parameter: str | None = None) -> AttributeType:
    """The type of what can be compared and sorted by: attributes, `id`, `valid_from`, `valid_to`.

    Raises:
        ParameterError: no such property; it names `parameter`, else `name`.
    """
    if name == "id":
        return AttributeType.STRING
    if name in VALIDITY:
        return AttributeType.DATE
    attribute = layer.attribute(name)
    if attribute is None:
        raise ParameterError(parameter or name, f"'{name}' is not a property of {layer.id}", _known(layer))
    return attribute.type


def comparable(layer: Layer, name: str, value: Any, parameter: str | None = None) -> Any:
    """A value as the column of `name` compares it: str, int, float, bool, date or aware datetime.

    Args:
        layer: whose attribute it is.
        name: an attribute, `id`, `valid_from` or `valid_to` (whose None is an end that is open).
        value: such a value already, or its text.
        parameter: whose value it is, for the message; else `name`.

    Raises:
        ParameterError: no such attribute, or the value is not of its type.
    """
    kind = type_of(layer, name, parameter)
    if value is None:
        return END_OF_TIME if name == "valid_to" else None
    try:
        return _converted(kind, value)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        what = f"'{str(value)[:80]}' is not {_WRITTEN[kind]}"
        raise ParameterError(parameter or name, what, f"'{name}' is {_WRITTEN[kind]}") from error


def _known(layer: Layer) -> str:
    return "use one of: " + ", ".join([*(one.name for one in layer.attributes), *VALIDITY])


def _converted(kind: AttributeType, value: Any) -> Any:
    match kind:
        case AttributeType.STRING:
            return _text(value)
        case AttributeType.INTEGER:
            return _whole(value)
        case AttributeType.NUMBER:
            return _finite(value)
        case AttributeType.BOOLEAN:
            return value if isinstance(value, bool) else {"true": True, "false": False}[str(value).lower()]
        case AttributeType.DATE:
            return value if type(value) is date else date.fromisoformat(value)
        case AttributeType.DATETIME:
            instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
            return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a text")
    value.encode()  # half of a surrogate pair is no text
    return value


def _whole(value: Any) -> int:
    number = int(value)
    if isinstance(value, bool) or number != float(value) or not -(2**63) <= number < 2**63:
        raise ValueError("not a whole number of 64 bits")
    return number


def _finite(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or number - number != 0:
        raise ValueError("not finite")
    return number
