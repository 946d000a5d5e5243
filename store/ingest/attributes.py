"""Attributes of one chunk: mapped, converted, and checked against the layer's definition and its code lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from config.layers import Attribute, AttributeType, Code, CodeList, Layer, Text
from store.content import canonical
from store.criteria import END_OF_TIME
from store.ingest.mapping import Plan
from store.ingest.problems import Problem
from store.ingest.source import Chunk
from store.ingest.values import TYPES, converter, is_empty

SHOWN = 60

Found = Callable[[int, Problem], None]
"""Takes the index of a feature in the chunk and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """Checks the attributes of a layer's uploads under one plan.

    Files write one value in many ways; a program's request has types: `typed` takes values as they are. `day` is when
    they begin to hold: codes must be in force then (None: rows of many days).
    """

    layer: Layer
    plan: Plan
    codelists: Mapping[str, CodeList]
    zone: ZoneInfo
    typed: bool = False
    day: date | None = None

    def check(self, chunk: Chunk, found: Found) -> dict[str, list[Any]]:
        """Columns by attribute name: str, int, float, bool, date, UTC datetime or None. Faults go to `found`."""
        columns = {}
        for attribute in self.layer.attributes:
            values = self._values(attribute, chunk)
            columns[attribute.name] = self._checked(attribute, values, found) if values else [None] * len(chunk)
        for name, source in self.plan.days.items():
            columns[name] = self._convert(_day(name), chunk.columns[source], found)
        return columns

    def _checked(self, attribute: Attribute, values: Sequence[Any], found: Found) -> list[Any]:
        converted = self._convert(attribute, values, found)
        if attribute.required:
            for index, value in enumerate(converted):
                if value in (None, "") and is_empty(values[index]):
                    found(index, Problem("attribute-required", attribute=attribute.name))
        _check_length(attribute, converted, found)
        _check_range(attribute, converted, found)
        listed = self.codelists.get(attribute.codelist) if attribute.codelist else None
        if listed is not None:
            _check_codes(attribute, listed, converted, found)
            if self.day is not None:
                _check_in_force(attribute, listed, converted, self.day, found)
        return converted

    def _values(self, attribute: Attribute, chunk: Chunk) -> Sequence[Any]:
        """Source values; empty where nothing gives the attribute."""
        name = attribute.name
        if name in self.plan.constants:
            return [self.plan.constants[name]] * len(chunk)
        source = self.plan.sources.get(name)
        values = chunk.columns.get(source) if source is not None else None
        if values is None:
            return ()
        table = self.plan.values.get(name)
        if table is None:
            return values
        return [table.get(str(value).strip(), value) if value is not None else table.get("") for value in values]

    def _convert(self, attribute: Attribute, values: Sequence[Any], found: Found) -> list[Any]:
        convert = partial(canonical, attribute) if self.typed else converter(attribute.type, self.zone)
        factor = self.plan.factors.get(attribute.name)
        out: list[Any] = [None] * len(values)
        for index, value in enumerate(values):
            if value is None or (not self.typed and is_empty(value)):
                continue
            try:
                one = convert(value)
                out[index] = one if factor is None else _times(attribute, one, factor)
            except (ValueError, OverflowError):
                kind = TYPES[attribute.type]
                params = {"value": str(value)[:SHOWN], "type": kind.zh, "type_en": kind.en}
                found(index, Problem("value-not-convertible", attribute=attribute.name, params=params))
        return out


def _day(name: str) -> Attribute:
    """A row's own day of validity, checked as an attribute is."""
    return Attribute(name, name.upper(), Text(name, name), AttributeType.DATE)


def _times(attribute: Attribute, value: Any, factor: float) -> Any:
    """The product, without the noise of binary fractions: 12.3456 ha are 123456 m²."""
    product = float(f"{value * factor:.15g}")
    return round(product) if attribute.type is AttributeType.INTEGER else product


def _check_length(attribute: Attribute, values: Sequence[Any], found: Found) -> None:
    limit = attribute.length
    if limit is None or attribute.type is not AttributeType.STRING:
        return
    for index, value in enumerate(values):
        if value is not None and len(value) > limit:
            params = {"found": len(value), "limit": limit, "value": value[:SHOWN]}
            found(index, Problem("value-too-long", attribute=attribute.name, params=params))


def _check_range(attribute: Attribute, values: Sequence[Any], found: Found) -> None:
    low, high = attribute.minimum, attribute.maximum
    if (low is None and high is None) or attribute.type not in (AttributeType.NUMBER, AttributeType.INTEGER):
        return
    shown = f"[{'-∞' if low is None else f'{low:g}'}, {'∞' if high is None else f'{high:g}'}]"
    for index, value in enumerate(values):
        if value is not None and not ((low is None or value >= low) and (high is None or value <= high)):
            found(
                index, Problem("value-out-of-range", attribute=attribute.name, params={"value": value, "range": shown})
            )


def _check_codes(attribute: Attribute, codes: CodeList, values: Sequence[Any], found: Found) -> None:
    known: dict[Any, bool] = {None: True}
    for index, value in enumerate(values):
        if value not in known:
            known[value] = codes.find(str(value)) is not None
        if not known[value]:
            zh, en = _hint(codes, str(value))
            params = {"value": str(value)[:SHOWN], "list": codes.id, "hint": zh, "hint_en": en}
            found(index, Problem("code-not-in-list", attribute=attribute.name, params=params))


def _check_in_force(attribute: Attribute, codes: CodeList, values: Sequence[Any], day: date, found: Found) -> None:
    for index, value in enumerate(values):
        code = None if value is None else codes.find(str(value))
        if code is not None and not (code.valid_from or date.min) <= day < (code.valid_to or END_OF_TIME):
            params = {"value": str(value)[:SHOWN], "list": codes.id, "day": day.isoformat(), **_days(code)}
            found(index, Problem("code-not-in-force", attribute=attribute.name, params=params))


def _days(code: Code) -> dict[str, str]:
    """When a code is in force, in words."""
    if code.valid_to is None:
        return {"days": f"自 {code.valid_from} 起", "days_en": f"from {code.valid_from} on"}
    since = f"{code.valid_from} 至 " if code.valid_from else ""
    return {
        "days": f"{since}{code.valid_to} 之前",
        "days_en": f"{since and f'from {code.valid_from} '}until {code.valid_to}",
    }


def _hint(codes: CodeList, value: str) -> tuple[str, str]:
    """What may have been meant: a code that lost its leading zeros in a spreadsheet, or the title for the code."""
    meant = [code for code in (value.zfill(n) for n in range(len(value) + 1, len(value) + 3)) if code in codes.codes]
    meant += [code for code, one in codes.codes.items() if value in (one.title.zh, one.title.en)]
    return (f"，是否为 {meant[0]}？", f"; {meant[0]}?") if meant else ("", "")
