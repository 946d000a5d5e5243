"""What can be wrong with an upload: one finding, and the collector that counts all and keeps the first examples."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from config.layers import Text


class Severity(StrEnum):
    """An error keeps the file out; a warning and a piece of information do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem under its stable code. `acceptable` errors become warnings where the operator says so."""

    severity: Severity
    text: Text
    remedy: Text
    acceptable: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `row` counts from 1 in the file's order; `place` is lon, lat (EPSG:4490) of the feature."""

    code: str
    row: int | None = None
    feature: str | None = None
    place: tuple[float, float] | None = None
    attribute: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


class RefusedError(Exception):
    """Reading cannot go on: carries the one problem that says why."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.problem = Problem(code, params=params)


@dataclass(slots=True)
class Collector:
    """Counts every problem by code and keeps the first `examples` of each, so that memory stays bounded."""

    kinds: Mapping[str, Kind]
    accepted: frozenset[str] = frozenset()
    examples: int = 20
    counts: dict[str, int] = field(default_factory=dict)
    kept: dict[str, list[Problem]] = field(default_factory=dict)
    errors: int = 0
    warnings: int = 0

    def severity(self, code: str) -> Severity:
        kind = self.kinds[code]
        if kind.severity is Severity.ERROR and kind.acceptable and code in self.accepted:
            return Severity.WARNING
        return kind.severity

    def wants(self, code: str) -> bool:
        """Whether a further example of `code` would be kept: only then its place is worth computing."""
        return len(self.kept.get(code, ())) < self.examples

    def add(self, problem: Problem) -> None:
        code = problem.code
        severity = self.severity(code)
        self.errors += severity is Severity.ERROR
        self.warnings += severity is Severity.WARNING
        self.counts[code] = self.counts.get(code, 0) + 1
        kept = self.kept.setdefault(code, [])
        if len(kept) < self.examples:
            kept.append(problem)

    def note(self, code: str, **params: Any) -> None:
        """A finding about the file as a whole."""
        self.add(Problem(code, params=params))


def message(kind: Kind, problem: Problem, language: str) -> str:
    """The problem's sentence in `zh` or `en`."""
    return kind.text[language].format_map(_Params(problem))


def remedy(kind: Kind, problem: Problem, language: str) -> str:
    """What to do about it, in `zh` or `en`."""
    return kind.remedy[language].format_map(_Params(problem))


class _Params(dict[str, Any]):
    def __init__(self, problem: Problem) -> None:
        super().__init__({"attribute": problem.attribute or "", **problem.params})

    def __missing__(self, key: str) -> str:
        return ""
