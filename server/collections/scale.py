"""The parameters `sd` and `resolution`: for which scales a collection is meant (Common Part 4, searchable).

A collection says so by `minScaleDenominator`, `maxScaleDenominator`, `minCellSize` and `maxCellSize` (degrees); one
that says nothing suits every scale. A cell is 0.28 mm wide at its scale.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.errors import ParameterError

DEGREE = 6378137.0 * math.pi / 180
CELL = 0.00028
MOST = 2
"""Ranges that may be given, separated by a comma: all must be met (/per/searchable-collections/multiple-scales)."""


@dataclass(frozen=True, slots=True)
class Range:
    """Scale denominators; None is unbounded."""

    low: float | None
    high: float | None

    def suits(self, description: Mapping[str, Any]) -> bool:
        least = _said(description, "minScaleDenominator", "minCellSize")
        most = _said(description, "maxScaleDenominator", "maxCellSize")
        enough = self.low is None or most is None or most >= self.low
        return enough and (self.high is None or least is None or least <= self.high)


def _said(description: Mapping[str, Any], scale: str, cell: str) -> float | None:
    value = description.get(scale)
    if value is not None:
        return float(value)
    size = description.get(cell)
    return None if size is None else _scale(float(size))


def _scale(cell: float) -> float:
    """The scale denominator of a cell's size in degrees."""
    return cell * DEGREE / CELL


def ranges(sd: str | None, resolution: str | None) -> tuple[Range, ...]:
    """What `sd` or `resolution` asks for.

    Raises:
        ParameterError: both are given, or one is no range.
    """
    if sd is not None and resolution is not None:
        raise ParameterError("resolution", "given with sd", "one of them: they say the same in other units")
    if sd is not None:
        return tuple(_range("sd", one) for one in _split("sd", sd))
    if resolution is None:
        return ()
    cells = [_range("resolution", one) for one in _split("resolution", resolution)]
    return tuple(Range(*(None if end is None else _scale(end) for end in (one.low, one.high))) for one in cells)


def _split(name: str, text: str) -> list[str]:
    parts = text.split(",")
    if len(parts) > MOST:
        raise ParameterError(name, f"{len(parts)} ranges", f"at most {MOST}")
    return parts


def _range(name: str, text: str) -> Range:
    low, slash, high = text.partition("/")
    ends = [_end(name, one) for one in ((low, high) if slash else (low, low))]
    if not slash and ends[0] is None:
        raise ParameterError(name, "it is empty", "a number, or low/high with .. for an open end")
    if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
        raise ParameterError(name, "its low end is above its high end", "low/high")
    return Range(*ends)


def _end(name: str, text: str) -> float | None:
    if text in ("", ".."):
        return None
    try:
        value = float(text) if text.replace(".", "", 1).isdigit() and text.isascii() else -1.0
    except ValueError:
        value = -1.0
    if value <= 0 or not math.isfinite(value):
        raise ParameterError(
            name, f"'{text[:40]}' is no positive number", "a number, or low/high with .. for an open end"
        )
    return value
