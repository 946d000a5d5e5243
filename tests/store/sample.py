"""A small store with everything in it that reading must get right, and an independent model of the right answers.

Polygons, lines, points and a table; NULLs, Chinese text, text that sorts differently by locale, states that follow
each other, states that begin in the future, features that were replaced, corrected and deleted, staged rows of a load
that nobody published, rows of a load that were replaced and not moved to the history yet.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import shapely

from store.criteria import END_OF_TIME, Criteria
from store.engine import Database, Options, connect
from store.places import regions
from tests.store import builder
from tests.store.builder import State
from tests.store.layers import LAYERS

NOW = datetime(2024, 6, 1, 4, tzinfo=UTC)  # noon of 1 June in Asia/Shanghai
REVISIONS = builder.instants(1, 5, 9)
STAGED = 2**20

WORDS = ("乙", "甲", "Zebra", "apple", "Ä", None, "丙", "apple", "", "z")


def _square(x: float, y: float, size: float = 0.004) -> Any:
    return shapely.box(x, y, x + size, y + size)


def _attributes(n: int) -> dict[str, Any]:
    return {
        "identifier": f"f{n}",
        "division_code": f"1301{n % 3:02d}",
        "name": WORDS[n % len(WORDS)],
        "area": None if n % 6 == 0 else (n * 37 % 11) / 4,
        "floors": None if n % 4 == 0 else n % 5 - 1,
        "protected": None if n % 7 == 0 else n % 2 == 0,
        "approval_date": None if n % 5 == 0 else date(2020, 1 + n % 3, 1 + n % 4),
        "surveyed_at": None if n % 3 == 0 else datetime(2021, 3, 1 + n % 5, 8, 30, tzinfo=UTC),
    }


def _parcels() -> Iterable[State]:
    for n in range(1, 31):
        yield State(n, _square(114 + n * 0.01, 30 + n % 5 * 0.01), _attributes(n))
    # A diamond whose box is larger than itself, one without geometry, one across a 32-bit rounding step.
    yield State(31, shapely.Polygon([(115, 31), (115.1, 31.1), (115.2, 31), (115.1, 30.9)]), _attributes(31))
    yield State(32, None, _attributes(32))
    yield State(33, _square(116.000000001, 32.000000001, 0.000000004), _attributes(33))
    # Three states after each other, the last of which begins in the future, with a gap before it.
    first = {"identifier": "f40", "name": "旧"}
    yield State(40, _square(117, 33), first, 1, date(2010, 1, 1), date(2015, 1, 1))
    yield State(40, _square(117.01, 33), first | {"name": "中"}, 2, date(2015, 1, 1), date(2024, 1, 1))
    yield State(40, _square(117.02, 33), first | {"name": "新"}, 3, date(2024, 7, 1), END_OF_TIME)
    # Ended yesterday, begins today, begins tomorrow.
    yield State(41, _square(117, 34), _attributes(41), 1, date(2016, 1, 1), date(2024, 6, 1))
    yield State(42, _square(117, 34), _attributes(42), 1, date(2024, 6, 1), END_OF_TIME)
    yield State(43, _square(117, 34), _attributes(43), 1, date(2024, 6, 2), END_OF_TIME)
    # Corrected in the second transaction; deleted in the third.
    yield State(50, _square(118, 35), {"identifier": "f50", "area": 1.0}, 1, tx_from=1, tx_to=2)
    yield State(50, _square(118.01, 35), {"identifier": "f50", "area": 2.0}, 2, tx_from=2)
    yield State(51, _square(118, 36), _attributes(51), 1, tx_from=1, tx_to=3)
    # Superseded from 2020 on in the third transaction: the old state was closed and entered again with its end.
    yield State(52, _square(119, 35), {"identifier": "f52", "area": 5.0}, 1, tx_from=1, tx_to=3, lingers=True)
    yield State(52, _square(119, 35), {"identifier": "f52", "area": 5.0}, 2, date(2016, 1, 1), date(2020, 1, 1), 3)
    yield State(52, _square(119.01, 35), {"identifier": "f52", "area": 6.0}, 3, date(2020, 1, 1), END_OF_TIME, 3)
    # A load that is being staged: one new row, one that will replace feature 1 (whose own row waits for it).
    yield State(60, _square(114, 30), _attributes(60), 1, tx_from=STAGED)
    yield State(61, _square(114.01, 30), _attributes(61), 1, tx_from=1, tx_to=STAGED, lingers=True)


def _roads() -> Iterable[State]:
    yield State(1, shapely.MultiLineString([[(114, 30), (115, 31)], [(116, 30), (116, 32)]]), {"identifier": "f1"})
    yield State(2, shapely.MultiLineString([[(179.5, 10), (179.9, 11)]]), {"identifier": "f2", "name": "东"})
    yield State(3, shapely.MultiLineString([[(-179.9, 10), (-179.5, 11)]]), {"identifier": "f3", "name": "西"})


def _stations() -> Iterable[State]:
    for n, (x, y) in enumerate([(114.3, 30.6), (114.123456789, 30.987654321), (0.1, 0.2), (-75.5, -30.25)], 1):
        yield State(n, shapely.Point(x, y), _attributes(n))


def _permits() -> Iterable[State]:
    for n in range(1, 8):
        yield State(n, None, _attributes(n))


STATES: dict[str, Sequence[State]] = {
    "parcels": tuple(_parcels()),
    "roads": tuple(_roads()),
    "stations": tuple(_stations()),
    "permits": tuple(_permits()),
}


def make(url: str) -> Database:
    """The sample in a new store."""
    database = connect(url, LAYERS, Options(clock=lambda: NOW))
    builder.create(database, {layer.id: REVISIONS for layer in LAYERS})
    for layer, states in STATES.items():
        builder.add(database, layer, states)
    return database


def expected(layer: str, criteria: Criteria) -> list[State]:
    """What criteria pick, in order, by plain Python over the list of states; limit, offset and cursor do not count."""
    revision = len(REVISIONS)
    if criteria.known is not None:
        revision = sum(at <= criteria.known for at in REVISIONS)
    known = [one for one in STATES[layer] if one.tx_from <= revision < one.tx_to]
    picked = [one for one in _valid(known, criteria) if _matches(one, criteria)]
    picked.sort(key=lambda one: one.fid)
    for key in reversed(criteria.sort):
        name, descending = key.name, key.descending
        none = [one for one in picked if value(one, name) is None]
        some = [one for one in picked if value(one, name) is not None]
        some.sort(key=lambda one: value(one, name), reverse=False)
        if descending:
            # A stable descending order: equal values keep their order.
            some = [one for group in reversed(_groups(some, name)) for one in group]
        picked = none + some if descending else some + none
    return picked


def _groups(states: Sequence[State], name: str) -> list[list[State]]:
    groups: list[list[State]] = []
    for one in states:
        if groups and value(groups[-1][0], name) == value(one, name):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def value(state: State, name: str) -> Any:
    if name == "id":
        return state.name
    if name in ("valid_from", "valid_to"):
        return getattr(state, name)
    return state.attributes.get(name)


def _valid(states: Sequence[State], criteria: Criteria) -> Iterable[State]:
    today = date(2024, 6, 1)
    start = today if criteria.valid is None else criteria.valid.start or date.min
    end = today if criteria.valid is None else criteria.valid.end or date.max
    latest: dict[int, State] = {}
    for one in sorted(states, key=lambda one: one.valid_from):
        if one.valid_from <= end and one.valid_to > start:
            latest[one.fid] = one
    return latest.values()


def _matches(state: State, criteria: Criteria) -> bool:
    if any(value(state, name) != wanted for name, wanted in criteria.equals):
        return False
    if criteria.box is None:
        return True
    return state.shape is not None and any(region.shape.intersects(state.shape) for region in regions(criteria.box))
