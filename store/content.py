"""The canonical content of a feature's state, and its 16-byte digest: two states of equal content are one state.

Content is the geometry (WKB, normalised by `store.render`) and the attributes; days of validity, author and
transaction are not part of it. Attributes without a value do not count, so that a layer that gains an attribute keeps
its digests.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from config.errors import BodyError, Fault
from config.layers import Attribute, AttributeType

DIGEST_BYTES = 16
INTEGER_LIMIT = 2**63


def digests(wkb: Sequence[bytes | None], names: Sequence[str], columns: Sequence[Sequence[Any]]) -> list[bytes]:
    """The digests of many states. `columns` holds the canonical values of each of `names`, as long as `wkb`."""
    order = sorted(range(len(names)), key=names.__getitem__)
    keys = [names[n] for n in order]
    rows: Iterable[tuple[Any, ...]] = zip(*(columns[n] for n in order), strict=True) if order else [()] * len(wkb)
    return [
        blake2b(
            orjson.dumps({key: value for key, value in zip(keys, row, strict=True) if value is not None})
            + b"\0"
            + (shape or b""),
            digest_size=DIGEST_BYTES,
        ).digest()
        for shape, row in zip(wkb, rows, strict=True)
    ]


def digest(wkb: bytes | None, properties: Mapping[str, Any]) -> bytes:
    """The digest of one state; `properties` are canonical."""
    names = list(properties)
    return digests([wkb], names, [[properties[name]] for name in names])[0]


def canonical(attribute: Attribute, value: Any) -> Any:
    """One value as the store keeps it: str, int, float, bool, date, UTC datetime or None.

    Raises:
        ValueError: it is of another type; the message says which is right.
    """
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    return _CONVERT[attribute.type](value)


def day(value: Any) -> date | None:
    """A day from a date, its ISO text or a numpy day; None, NaT and NaN are no day.

    Raises:
        ValueError: it is none of these.
    """
    if value is None or value != value:
        return None
    return _date(value.astype("datetime64[D]").item() if isinstance(value, np.datetime64) else value)


def canonical_column(attribute: Attribute, values: Sequence[Any] | NDArray[Any], ids: Sequence[str]) -> list[Any]:
    """A column as the store keeps it: NaN, NaT and None are no value.

    Args:
        attribute: says the type.
        values: numpy array or sequence, one value for each of `ids`.
        ids: the features', for the message.

    Raises:
        BodyError: values of another type, each with its feature's id.
    """
    ready = _fast(attribute.type, values)
    if ready is not None:
        return ready
    made: list[Any] = []
    faults: list[Fault] = []
    for id, value in zip(ids, values, strict=True):
        try:
            made.append(canonical(attribute, value))
        except ValueError as error:
            faults.append(Fault(f"{id}: {attribute.name}", str(error)))
    if faults:
        raise BodyError(f"Values of '{attribute.name}' are not of type {attribute.type}", *faults)
    return made


def _fast(kind: AttributeType, values: Sequence[Any] | NDArray[Any]) -> list[Any] | None:
    """Whole columns whose dtype says that every value fits; None where each must be looked at."""
    if not isinstance(values, np.ndarray):
        return None
    ready: list[Any] | None
    match kind, values.dtype.kind:
        case (AttributeType.NUMBER, "f" | "i" | "u") if not np.isinf(values).any():
            ready = [None if one != one else one for one in values.astype(np.float64).tolist()]
        case (AttributeType.INTEGER, "i") | (AttributeType.BOOLEAN, "b"):
            ready = values.tolist()
        case (AttributeType.STRING, "O") if all(map(_plain, values)):
            ready = list(values)
        case (AttributeType.DATE, "M"):
            ready = values.astype("datetime64[D]").tolist()
        case _:
            ready = None
    return ready


def _plain(value: Any) -> bool:
    return value is None or (type(value) is str and "\0" not in value)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text")
    if "\0" in value:
        raise ValueError("the text holds a NUL, which no store keeps")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value.is_integer():
        raise ValueError(f"{value!r} is not a whole number")
    if not -INTEGER_LIMIT <= value < INTEGER_LIMIT:
        raise ValueError(f"{value!r} does not fit 64 bits")
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) == float("inf"):
        raise ValueError(f"{value!r} is not a finite number")
    return float(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        raise ValueError(f"{value!r} is an instant, not a day (YYYY-MM-DD)")
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is not a day (YYYY-MM-DD)") from None


def _datetime(value: Any) -> datetime:
    try:
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is not an instant (RFC 3339)") from None
    if instant.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone (RFC 3339, for instance 2026-01-01T08:00:00+08:00)")
    return instant.astimezone(UTC)


_CONVERT: Mapping[AttributeType, Callable[[Any], Any]] = {
    AttributeType.STRING: _string,
    AttributeType.INTEGER: _integer,
    AttributeType.NUMBER: _number,
    AttributeType.BOOLEAN: _boolean,
    AttributeType.DATE: _date,
    AttributeType.DATETIME: _datetime,
}
