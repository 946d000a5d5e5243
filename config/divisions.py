"""Administrative divisions: codes with authority, validity, parent and level; sums that count nothing twice.

The same place may have two codes: 定州 is 130682 in GB/T 2260 and 139001 in the statistical list (`same_as`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from config.documents import Document
from config.errors import Fault
from config.layers import Code, CodeList, Level, Text
from config.schemas import suggest

LIST_ID = "divisions"
"""The name under which attributes ask for the code list of all divisions."""


@dataclass(frozen=True, slots=True)
class Division:
    """One division under one code of one authority; `valid_from`/`valid_to` are half-open days.

    `reporting` marks the units whose figures add up to the province's. `central_meridian` is that of the 3-degree
    Gauss-Krueger zone that the place uses, in degrees east.
    """

    code: str
    authority: str
    title: Text
    level: Level
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None
    same_as: str | None = None
    reporting: bool = False
    central_meridian: int | None = None
    reliability: str = ""

    def valid(self, day: date | None) -> bool:
        """Whether the code is in force on `day`; None asks for codes without an end."""
        if day is None:
            return self.valid_to is None
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class Divisions:
    """All divisions the node knows, by code."""

    by_code: Mapping[str, Division]

    def __iter__(self) -> Iterator[Division]:
        return iter(self.by_code.values())

    def __len__(self) -> int:
        return len(self.by_code)

    def __contains__(self, code: str) -> bool:
        return code in self.by_code

    def find(self, code: str) -> Division | None:
        """The division of a code; longer codes (townships, villages) find the county they begin with."""
        return self.by_code.get(code) or self.by_code.get(code[:6])

    def children(self, code: str, day: date | None = None) -> Sequence[Division]:
        """The divisions directly below, in force on `day` (None: those without an end)."""
        return [self.by_code[one] for one in self._below.get(code, ()) if self.by_code[one].valid(day)]

    def within(self, code: str) -> frozenset[str]:
        """Every code, of any authority and time, whose place is the division or lies inside it."""
        found: set[str] = set()
        queue = [code]
        while queue:
            at = queue.pop()
            if at in found:
                continue
            found.add(at)
            queue += self._below.get(at, ())
            queue += self._twins.get(at, ())
        return frozenset(found)

    def reporting_units(self, province: str) -> Sequence[Division]:
        """The units whose figures add up to the province's, nothing counted twice."""
        return [one for one in self.children(province) if one.reporting]

    def reporting_unit(self, code: str) -> Division | None:
        """The reporting unit that a place's figures go to: 130682 (定州) gives 139001, 130902 gives 130900."""
        at = self.find(code)
        while at is not None and not at.reporting:
            twin = self.by_code.get(at.same_as or "")
            if twin is not None and twin.reporting:
                return twin
            at = self.by_code.get(at.parent or "")
        return at

    @cached_property
    def _below(self) -> Mapping[str, Sequence[str]]:
        below: dict[str, list[str]] = {}
        for one in self.by_code.values():
            if one.parent:
                below.setdefault(one.parent, []).append(one.code)
        return below

    @cached_property
    def _twins(self) -> Mapping[str, Sequence[str]]:
        """Codes of the same place, and codes that a place had before."""
        twins: dict[str, list[str]] = {}
        for one in self.by_code.values():
            if one.same_as:
                twins.setdefault(one.same_as, []).append(one.code)
                twins.setdefault(one.code, []).append(one.same_as)
            if one.successor:
                twins.setdefault(one.successor, []).append(one.code)
        return twins


def resolve(documents: Sequence[Document]) -> tuple[list[dict[str, Any]], list[Fault]]:
    """All division files as one plain list. Checks codes, parents, successors and validity."""
    faults: list[Fault] = []
    plain: dict[str, dict[str, Any]] = {}
    places: dict[str, tuple[Document, int]] = {}
    for document in documents:
        common = {key: document.data[key] for key in ("authority", "reliability")}
        for n, entry in enumerate(document.data["divisions"]):
            code = entry["code"]
            if code in plain:
                other, at = places[code]
                what = f"the code '{code}' stands already at {other.place('divisions', at)}"
                faults.append(document.fault(("divisions", n, "code"), what, "keep one of them"))
                continue
            plain[code] = common | entry
            places[code] = (document, n)
    for code, entry in plain.items():
        faults += _check(entry, plain, *places[code])
    return list(plain.values()), faults


def _check(entry: dict[str, Any], plain: Mapping[str, Any], document: Document, n: int) -> list[Fault]:
    faults = [
        document.fault(("divisions", n, key), f"no division has the code '{entry[key]}'", suggest(entry[key], plain))
        for key in ("parent", "successor", "same_as")
        if entry.get(key) is not None and entry[key] not in plain
    ]
    start, end = entry.get("valid_from"), entry.get("valid_to")
    if start and end and start >= end:
        remedy = "valid_to is the first day on which it no longer holds"
        faults.append(
            document.fault(("divisions", n, "valid_to"), f"the validity ends on {end}, before it begins", remedy)
        )
    seen, at = set(), entry.get("parent")
    while at is not None and at in plain and at not in seen:
        seen.add(at)
        at = plain[at].get("parent")
    if at == entry["code"]:
        faults.append(
            document.fault(("divisions", n, "parent"), f"'{at}' is its own ancestor", "name the division above")
        )
    return faults


def build(plain: Sequence[Mapping[str, Any]]) -> Divisions:
    """The typed divisions of what `resolve` gave."""
    return Divisions({entry["code"]: _division(entry) for entry in plain})


def _division(entry: Mapping[str, Any]) -> Division:
    return Division(
        code=entry["code"],
        authority=entry["authority"],
        title=Text(entry["zh"], entry["en"]),
        level=Level(entry["level"]),
        parent=entry.get("parent"),
        valid_from=_day(entry.get("valid_from")),
        valid_to=_day(entry.get("valid_to")),
        successor=entry.get("successor"),
        same_as=entry.get("same_as"),
        reporting=entry.get("reporting", False),
        central_meridian=entry.get("central_meridian"),
        reliability=entry["reliability"],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def as_codelist(divisions: Divisions, digest: str) -> CodeList:
    """The divisions as the code list `divisions`; codes of townships are accepted by their county's prefix."""
    codes = {
        one.code: Code(one.code, one.title, one.parent, one.valid_from, one.valid_to, {"level": one.level.value})
        for one in divisions
    }
    return CodeList(
        id=LIST_ID,
        title=Text("行政区划代码", "Codes of administrative divisions"),
        source="GB/T 2260",
        codes=codes,
        fallback=True,
        digest=digest,
    )
