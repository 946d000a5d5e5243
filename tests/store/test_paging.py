"""Keyset paging: every row once, whatever the order, the ties, the NULLs and the writers."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import cycle
from time import monotonic

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import ParameterError
from store import open_store, paging
from store.criteria import Box, Criteria, Cursor, Edit, Operation, SortKey, ValidTime
from store.migrate import migrate
from store.sql import SqlStore
from tests import postgis
from tests.store import sample
from tests.store.layers import PARCELS


def walk(store: SqlStore, layer: str, criteria: Criteria) -> Iterator[str]:
    """The ids of all pages, each cursor going through its text as a link carries it."""
    while True:
        page = store.page(layer, criteria)
        assert len(page.features) <= (criteria.limit or 0)
        for text in page.features:
            yield text[len('{"type":"Feature","id":"') :].partition('"')[0]
        if page.cursor is None:
            return
        assert len(page.features) == criteria.limit
        criteria = replace(criteria, cursor=paging.decode(paging.encode(page.cursor)), offset=0)


KEYS = st.lists(
    st.sampled_from(
        ["id", "name", "area", "floors", "protected", "approval_date", "surveyed_at", "valid_to", "division_code"]
    ),
    unique=True,
    max_size=3,
)
VALID = st.sampled_from(
    [None, ValidTime(date(2012, 1, 1), date(2012, 1, 1)), ValidTime(date(2012, 1, 1), None), ValidTime(None, None)]
)
SLANTED = shapely.to_wkb(shapely.Polygon([(114, 30), (114.1, 29.9), (115.1, 31), (115, 31.1)]))
BOXES = st.sampled_from(
    [
        None,
        Box(114.03, 29.9, 114.2, 30.02),
        Box(-180, -90, 180, 90),
        Box(115, 30, -170, 40),
        Box(114, 29.9, 115.1, 31.1, SLANTED),
    ]
)
KNOWN = st.sampled_from([None, *sample.REVISIONS])


@given(KEYS, st.lists(st.booleans(), min_size=3, max_size=3), st.integers(1, 12), VALID, BOXES, KNOWN)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_are_the_whole_in_order(sample_store, names, directions, limit, valid, box, known) -> None:
    sort = tuple(SortKey(name, down) for name, down in zip(names, directions, strict=False))
    criteria = Criteria(sort=sort, limit=limit, valid=valid, box=box, known=known)
    expected = [one.name for one in sample.expected("parcels", criteria)]
    assert list(walk(sample_store, "parcels", criteria)) == expected
    assert sample_store.count("parcels", criteria) == len(expected)


def test_an_offset_leads_into_keyset_pages(sample_store: SqlStore) -> None:
    criteria = Criteria(limit=4, offset=9, sort=(SortKey("name", True),))
    expected = [one.name for one in sample.expected("parcels", criteria)]
    assert list(walk(sample_store, "parcels", criteria)) == expected[9:]
    boxed = Criteria(limit=4, offset=9, box=Box(114, 29, 115, 31))
    assert list(walk(sample_store, "parcels", boxed)) == [one.name for one in sample.expected("parcels", boxed)][9:]


@pytest.mark.parametrize(
    "other",
    [
        Criteria(limit=3, sort=(SortKey("area"),)),
        Criteria(limit=3, sort=(SortKey("name", True),)),
        Criteria(limit=3, sort=(SortKey("name"),), box=Box(114, 29, 115, 31)),
        Criteria(limit=3, sort=(SortKey("name"),), equals=(("floors", 1),)),
        Criteria(limit=3),
    ],
)
def test_a_cursor_of_another_query_is_refused(sample_store: SqlStore, other: Criteria) -> None:
    cursor = sample_store.page("parcels", Criteria(limit=3, sort=(SortKey("name"),))).cursor
    assert cursor is not None
    with pytest.raises(ParameterError, match="cursor"):
        sample_store.page("parcels", replace(other, cursor=cursor))
    with pytest.raises(ParameterError, match="cursor"):
        sample_store.page("permits", Criteria(limit=3, sort=(SortKey("name"),), cursor=cursor))


def test_a_cursor_serves_any_page_size_and_representation(sample_store: SqlStore) -> None:
    cursor = sample_store.page("parcels", Criteria(limit=3)).cursor
    page = sample_store.page("parcels", Criteria(limit=8, cursor=cursor, geometry=False, properties=("area",)))
    assert len(page.features) == 8


def test_a_cursor_with_values_of_another_type_is_refused(sample_store: SqlStore) -> None:
    criteria = Criteria(limit=3, sort=(SortKey("area"),))
    for values in (("text",), (1.0, 2.0), ()):
        forged = Cursor(values, 3, paging.query_digest("parcels", criteria))
        with pytest.raises(ParameterError, match="cursor"):
            sample_store.page("parcels", replace(criteria, cursor=forged))


@pytest.mark.parametrize("text", ["", "x", "AAAA", "!", "WzFd", "eyJhIjoxfQ", "A" * 10_000, "é", "WzEsIngiLFtdXQ"])
def test_a_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="cursor"):
        paging.decode(text)


STEADY = 120
ENOUGH = 25  # edits while pages are read
SORTS = [(), (SortKey("area"),), (SortKey("name", True), SortKey("area")), (SortKey("area", True), SortKey("name"))]


@pytest.fixture(scope="module")
def busy_store(request: pytest.FixtureRequest, store_url: str, tmp_path_factory: pytest.TempPathFactory):
    """A store of its own: features whose names end in an even number stay as they are."""
    if store_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path_factory.mktemp('busy')}"
    else:
        context = postgis.database(request.getfixturevalue("postgis_server"))
        url = context.__enter__()
        request.addfinalizer(lambda: context.__exit__(None, None, None))
    store = open_store(url, [PARCELS])
    migrate(store.database, lambda _: None)
    edits = [_edit(Operation.CREATE, n, n % 4) for n in range(2 * STEADY)]
    store.write(edits, "tester")
    yield store
    store.close()


def _edit(operation: Operation, n: int, kind: int) -> Edit:
    x, y = 114 + n % 20 * 0.01, 30 + n // 20 * 0.01
    return Edit(
        layer="parcels",
        operation=operation,
        id=f"f{n}",
        geometry=shapely.box(x, y, x + 0.005, y + 0.005).wkb,
        properties={
            "identifier": f"f{n}",
            "area": None if kind % 3 == 0 else float(kind % 5),
            "name": None if kind % 4 == 1 else f"n{kind % 3}",
        },
    )


@pytest.mark.parametrize("sort", SORTS)
def test_what_stays_unchanged_appears_once_while_others_write(busy_store: SqlStore, sort: tuple[SortKey, ...]) -> None:
    stop, failures, edits = threading.Event(), [], [0]

    def disturb() -> None:
        step = 0
        try:
            while not stop.is_set():
                n = (step * 34 + 1) % (2 * STEADY)  # odd: never one of the steady
                busy_store.write([_edit(Operation.REPLACE, n, step)], "writer")
                edits[0] += 1
                step += 1
        except BaseException as error:
            failures.append(error)
            raise

    writer = threading.Thread(target=disturb)
    writer.start()
    try:
        steady = sorted(f"f{n}" for n in range(0, 2 * STEADY, 2))
        deadline = monotonic() + 60
        for box in cycle((None, Box(113.9, 29.9, 114.3, 30.3), Box(113.9, 29.9, 114.05, 30.3))):
            if edits[0] >= ENOUGH or failures or monotonic() > deadline:
                break
            expected = [one for one in steady if box is None or box.east > 114.2 or int(one[1:]) % 20 <= 5]
            seen = list(walk(busy_store, "parcels", Criteria(limit=7, sort=sort, box=box)))
            assert sorted(one for one in seen if int(one[1:]) % 2 == 0) == expected
    finally:
        stop.set()
        writer.join()
    assert not failures
    assert edits[0] >= ENOUGH
