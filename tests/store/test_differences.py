"""What differs between two moments, on both stores: what a plain comparison of the two states tells."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import orjson
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import AccessError, ConflictError, GoneError, NotFoundError, ParameterError
from store import differences, paging
from store.criteria import PUBLIC, Box, Criteria, LoadMode, ValidTime
from store.differences import Kind, Moment, Moments
from store.engine import Database
from store.interface import Batch
from store.load import load
from store.migrate import migrate
from store.search import parse
from store.sql import SqlStore
from store.verify import verify
from tests.store import words, writable
from tests.store.writable import TODAY, batch, create, delete, edit, square, update

NAMES = ("农田", "绿线", "farm", None)
START = datetime(2024, 6, 1, 4, tzinfo=UTC)
ROUNDS = 12


def day(number: int) -> date:
    return TODAY + timedelta(number)


@pytest.fixture(scope="module")
def history(store_url: str) -> Iterator[Database]:
    """Twelve days of edits and loads, of today, of the past and of the days to come, drawn from a fixed seed."""
    clock = writable.Clock()
    database = writable.opened(store_url, clock)
    migrate(database)
    drawn = Random(7)
    turn = iter(lambda: drawn.randrange(10_000), None)
    for step in range(ROUNDS):
        for _ in range(8):
            write_one(database, turn, step)
        if step in (3, 7, 9):
            mode = LoadMode.REPLACE if step == 7 else LoadMode.UPSERT
            with load(database, "parcels", mode, day(step - 1), "loader") as pending:
                pending.append(loaded(step, next(turn)))
                pending.publish()
        clock.forward(days=1)
    yield database
    assert verify(database) == []
    database.close()


def write_one(database: Database, turn: Iterator[int], step: int) -> None:
    id, kind, name = f"P{next(turn) % 14:02d}", next(turn) % 5, NAMES[next(turn) % len(NAMES)]
    start = day(step + next(turn) % 9 - 4)
    properties = {"name": name, "floors": next(turn) % 3, "protected": (None, True, False)[next(turn) % 3]}
    made = {
        0: lambda: create(id, 110 + next(turn) % 4, valid_from=start, properties=properties),
        1: lambda: update(id, properties, valid_from=start),
        2: lambda: update(id, geometry=square(110 + next(turn) % 4), valid_from=start),
        3: lambda: update(id, {"name": name}, geometry=square(112), valid_from=start),
        4: lambda: delete(id, valid_from=start),
    }[kind]()
    try:
        edit(database, made)
    except (ConflictError, NotFoundError, GoneError):
        edit(database, create(None, 113, valid_from=start, properties=properties))


def loaded(step: int, drawn: int) -> Batch:
    return batch([f"P{number:02d}" for number in range(drawn % 5, 14, 2)], name=NAMES[step % 3] or "x", x=110.0)


def states(store: SqlStore, moment: Moment) -> dict[str, dict[str, Any]]:
    """The features of a moment as documents, by id."""
    valid = ValidTime(moment.day, moment.day)
    page = store.page("parcels", Criteria(limit=10_000, valid=valid, known=moment.known))
    return {one["id"]: one for one in map(orjson.loads, page.features)}


def plain(store: SqlStore, moments: Moments, matches: Any = lambda _: True) -> dict[str, tuple[Kind, tuple[str, ...]]]:
    """What changed, by comparing the two states whole."""
    before, after = states(store, moments.before), states(store, moments.after)
    found = {}
    for id in before.keys() | after.keys():
        old, new = before.get(id), after.get(id)
        if not any(one is not None and matches(one) for one in (old, new)):
            continue
        if old is None or new is None:
            found[id] = (Kind.ADDED if old is None else Kind.REMOVED, ())
            continue
        names = [one for one in new["properties"] if one not in ("valid_from", "valid_to")]
        changed = tuple(one for one in names if old["properties"][one] != new["properties"][one])
        moved = old["geometry"] != new["geometry"]
        if changed or moved:
            found[id] = (Kind.BOTH if changed and moved else Kind.GEOMETRY if moved else Kind.ATTRIBUTES, changed)
    return {id: one for id, one in found.items() if differences.wanted(one[0], moments.kinds)}


def shown(store: SqlStore, moments: Moments, **criteria: Any) -> dict[str, tuple[Kind, tuple[str, ...]]]:
    """What the store says, page by page; the counts must agree."""
    found = {}
    asked = Criteria(limit=3, **criteria)
    last = -1
    while True:
        page = store.differences("parcels", asked, moments)
        for one in page.changes:
            assert one.fid > last
            last = one.fid
            found[orjson.loads(one.after or one.before or "")["id"]] = (one.kind, one.changed)
        if page.cursor is None:
            break
        asked = replace(asked, cursor=paging.decode(paging.encode(page.cursor)))
    counted = store.difference_counts("parcels", Criteria(**criteria), moments)
    assert counted == dict.fromkeys(counted, 0) | Counter(kind for kind, _ in found.values())
    return found


days = st.integers(-6, ROUNDS + 6).map(day)
knowns = st.one_of(st.none(), st.integers(-1, ROUNDS + 1).map(lambda n: START + timedelta(days=n, hours=1)))
kinds = st.frozensets(st.sampled_from(Kind), max_size=2)


@settings(max_examples=60, deadline=None)
@given(st.tuples(days, days).map(sorted), st.tuples(knowns, knowns), kinds)
def test_the_store_tells_what_a_plain_comparison_tells(
    history: Database, two: list[date], known: tuple[Any, Any], asked: frozenset[Kind]
) -> None:
    store = SqlStore(history)
    moments = Moments(Moment(two[0], known[0]), Moment(two[1], known[1]), asked)
    assert shown(store, moments) == plain(store, moments)


@pytest.mark.parametrize("dense", [0.0, 2.0])
@pytest.mark.parametrize("known", [None, START + timedelta(days=6)])
def test_conditions_are_on_either_state(
    history: Database, monkeypatch: pytest.MonkeyPatch, dense: float, known: datetime | None
) -> None:
    monkeypatch.setattr(differences, "DENSE", dense)
    store = SqlStore(history)
    moments = Moments(Moment(day(2), known), Moment(day(9)))
    place = shapely.box(111.2, 29, 112.1, 31)

    def named(one: dict[str, Any]) -> bool:
        return words.found(parse("农田,farm"), [one["properties"]["name"]])

    def inside(one: dict[str, Any]) -> bool:
        return one["geometry"] is not None and shapely.geometry.shape(one["geometry"]).intersects(place)

    every = shown(store, moments)
    assert every == plain(store, moments)
    assert len({kind for kind, _ in every.values()}) > 1
    assert shown(store, moments, search=parse("农田,farm")) == plain(store, moments, named)
    assert shown(store, moments, box=Box(111.2, 29, 112.1, 31)) == plain(store, moments, inside)
    assert shown(store, moments, equals=(("floors", 2),)) == plain(
        store, moments, lambda one: one["properties"]["floors"] == 2
    )


def test_every_kind_of_change_occurs_here(history: Database) -> None:
    store = SqlStore(history)
    pairs = [Moments(Moment(day(n)), Moment(day(n + 3))) for n in range(-4, ROUNDS + 3)]
    assert {kind for two in pairs for kind, _ in plain(store, two).values()} == set(Kind)


def test_the_same_moment_differs_in_nothing(history: Database) -> None:
    store = SqlStore(history)
    for known in (None, START + timedelta(days=5)):
        assert shown(store, Moments(Moment(day(3), known), Moment(day(3), known))) == {}


def test_a_cursor_belongs_to_its_comparison_and_scopes_hold(history: Database) -> None:
    store = SqlStore(history)
    moments = Moments(Moment(day(-4)), Moment(day(9)))
    page = store.differences("parcels", Criteria(limit=1), moments)
    assert page.cursor is not None
    other = Moments(Moment(day(-3)), Moment(day(9)))
    for wrong in (other, replace(moments, kinds=frozenset({Kind.ADDED}))):
        with pytest.raises(ParameterError, match="cursor"):
            store.differences("parcels", Criteria(limit=1, cursor=page.cursor), wrong)
    for asked in (store.differences, store.difference_counts):
        with pytest.raises(AccessError):
            asked("stations", Criteria(scope=PUBLIC), moments)
