"""How a change of validity cuts the states of one feature: pure, in days, half-open.

The open states of a feature (those that no transaction replaced) never overlap. A change takes an interval of days,
closes every state that it meets, re-enters what sticks out on either side, and puts the new state, if there is one,
in between. Nothing is overwritten: closed states stay readable as they were known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from store.criteria import END_OF_TIME


@dataclass(frozen=True, slots=True)
class Slice:
    """One open state: `version` names it within its feature, `digest` is that of its content."""

    version: int
    valid_from: date
    valid_to: date
    digest: bytes


@dataclass(frozen=True, slots=True)
class Remnant:
    """What is re-entered of a closed state: the content of `version` over other days."""

    version: int
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class Cut:
    """Versions to close, what of them is re-entered, and the days of the new state (None: a deletion)."""

    closed: tuple[int, ...]
    remnants: tuple[Remnant, ...]
    start: date | None
    end: date | None

    @property
    def empty(self) -> bool:
        return not self.closed and self.start is None


NOTHING = Cut((), (), None, None)


def valid_on(slices: Iterable[Slice], day: date) -> Slice | None:
    """The state that holds on `day`."""
    return next((one for one in slices if one.valid_from <= day < one.valid_to), None)


def end_of(slices: Iterable[Slice], start: date) -> date:
    """Where a state from `start` ends that no one gave an end: with the state that it replaces, or where the next
    one begins. So an older data set loaded late fills in the past and leaves later states alone."""
    return min(
        (one.valid_to if one.valid_from <= start else one.valid_from for one in slices if one.valid_to > start),
        default=END_OF_TIME,
    )


def supersede(slices: Sequence[Slice], start: date, end: date, digest: bytes) -> Cut:
    """The cut that makes a state of `digest` hold over [start, end); `NOTHING` where it holds already.

    Raises:
        ValueError: `start` is not before `end`.
    """
    if start >= end:
        raise ValueError(f"a state from {start} to {end} holds on no day")
    met = _met(slices, start, end)
    if _covers(met, start, end) and all(one.digest == digest for one in met):
        return NOTHING
    return Cut(tuple(one.version for one in met), _remnants(met, start, end), start, end)


def retire(slices: Sequence[Slice], start: date, end: date = END_OF_TIME) -> Cut:
    """The cut that makes no state hold over [start, end)."""
    met = _met(slices, start, end)
    return Cut(tuple(one.version for one in met), _remnants(met, start, end), None, None)


def _met(slices: Iterable[Slice], start: date, end: date) -> list[Slice]:
    met = [one for one in slices if one.valid_from < end and one.valid_to > start]
    return sorted(met, key=lambda one: one.valid_from)


def _covers(met: Sequence[Slice], start: date, end: date) -> bool:
    """Whether states in order of days leave no day of [start, end) out."""
    reached = start
    for one in met:
        if one.valid_from > reached:
            return False
        reached = one.valid_to
    return reached >= end


def _remnants(met: Sequence[Slice], start: date, end: date) -> tuple[Remnant, ...]:
    made = []
    for one in met:
        if one.valid_from < start:
            made.append(Remnant(one.version, one.valid_from, start))
        if one.valid_to > end:
            made.append(Remnant(one.version, end, one.valid_to))
    return tuple(made)
