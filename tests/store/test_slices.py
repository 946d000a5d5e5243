"""Validity slices against a model that knows each day by itself."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.criteria import END_OF_TIME
from store.slices import NOTHING, Cut, Remnant, Slice, end_of, retire, supersede, valid_on

FIRST = date(2020, 1, 1)
DAYS = 12
OLD, NEW = b"o" * 16, b"n" * 16


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def state(version: int, start: int, end: int | None, digest: bytes = OLD) -> Slice:
    return Slice(version, day(start), END_OF_TIME if end is None else day(end), digest)


def test_an_open_state_is_cut_at_the_day_of_its_successor() -> None:
    cut = supersede([state(1, 0, None)], day(5), END_OF_TIME, NEW)
    assert cut == Cut((1,), (Remnant(1, day(0), day(5)),), day(5), END_OF_TIME)


def test_a_state_in_the_middle_leaves_remnants_on_both_sides() -> None:
    cut = supersede([state(1, 0, None)], day(3), day(6), NEW)
    assert cut.remnants == (Remnant(1, day(0), day(3)), Remnant(1, day(6), END_OF_TIME))


def test_the_same_content_makes_no_cut() -> None:
    assert supersede([state(1, 0, None, NEW)], day(3), END_OF_TIME, NEW) is NOTHING
    assert supersede([state(1, 0, 4, NEW), state(2, 4, None, NEW)], day(3), END_OF_TIME, NEW) is NOTHING


def test_the_same_content_with_a_gap_makes_one() -> None:
    assert supersede([state(1, 0, 4, NEW), state(2, 5, None, NEW)], day(3), END_OF_TIME, NEW).closed == (1, 2)


def test_a_state_without_an_end_ends_with_the_one_it_replaces() -> None:
    known = [state(1, 2, 5), state(2, 7, None)]
    assert end_of(known, day(3)) == day(5)
    assert end_of(known, day(0)) == day(2)
    assert end_of(known, day(5)) == day(7)
    assert end_of(known, day(9)) == END_OF_TIME
    assert end_of([], day(0)) == END_OF_TIME


def test_a_state_that_holds_on_no_day_is_refused() -> None:
    with pytest.raises(ValueError, match="holds on no day"):
        supersede([], day(3), day(3), NEW)


edits = st.tuples(
    st.sampled_from(["supersede", "retire"]),
    st.integers(0, DAYS - 1),
    st.integers(1, DAYS),
    st.sampled_from([b"a" * 16, b"b" * 16, b"c" * 16]),
).filter(lambda edit: edit[1] < edit[2])


@given(st.lists(edits, max_size=12))
def test_any_sequence_gives_each_day_what_the_model_says(sequence: list[tuple[str, int, int, bytes]]) -> None:
    model: dict[int, bytes] = {}
    slices: list[Slice] = []
    version = 0
    for kind, start, end, digest in sequence:
        cut = (
            supersede(slices, day(start), day(end), digest)
            if kind == "supersede"
            else retire(slices, day(start), day(end))
        )
        contents = {one.version: one.digest for one in slices}
        slices = [one for one in slices if one.version not in cut.closed]
        made = [(one.valid_from, one.valid_to, contents[one.version]) for one in cut.remnants]
        if cut.start is not None and cut.end is not None:
            made.append((cut.start, cut.end, digest))
        for begins, ends, content in made:
            version += 1
            slices.append(Slice(version, begins, ends, content))
        for number in range(start, end):
            model.pop(number, None)
            if kind == "supersede":
                model[number] = digest
    for number in range(DAYS + 1):
        found = [one for one in slices if one.valid_from <= day(number) < one.valid_to]
        assert [one.digest for one in found] == ([model[number]] if number in model else [])
        assert valid_on(slices, day(number)) == (found[0] if found else None)
