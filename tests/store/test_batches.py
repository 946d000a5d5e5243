"""Batches with an order, a limit and a cursor: the rows of the page that the same criteria give."""

from dataclasses import replace

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import ParameterError
from store import paging
from store.criteria import Box, Criteria, SortKey, ValidTime
from store.interface import Batch, Page
from store.sql import SqlStore
from tests.store.test_paging import BOXES, KEYS, KNOWN, VALID


def ids(batches: list[Batch]) -> list[str]:
    return [one for batch in batches for one in batch.id.tolist()]


def page_ids(page: Page) -> list[str]:
    return [orjson.loads(text)["id"] for text in page.features]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=KEYS, down=st.booleans(), limit=st.integers(1, 40), offset=st.integers(0, 5), data=st.data())
def test_batches_are_the_page(
    sample_store: SqlStore, keys: list[str], down: bool, limit: int, offset: int, data: st.DataObject
) -> None:
    criteria = Criteria(
        sort=tuple(SortKey(name, down) for name in keys),
        limit=limit,
        offset=offset,
        box=data.draw(BOXES),
        valid=data.draw(VALID),
        known=data.draw(KNOWN),
    )
    page = sample_store.page("parcels", criteria)
    assert ids(list(sample_store.batches("parcels", criteria, size=7))) == page_ids(page)
    if page.cursor is not None:
        following = replace(criteria, offset=0, cursor=paging.decode(paging.encode(page.cursor)))
        rest = page_ids(sample_store.page("parcels", following))
        assert ids(list(sample_store.batches("parcels", following, size=7))) == rest


def test_without_a_limit_all_rows_come_in_order(sample_store: SqlStore) -> None:
    criteria = Criteria(sort=(SortKey("area"),), offset=2)
    batches = list(sample_store.batches("parcels", criteria, size=7))
    expected = page_ids(sample_store.page("parcels", replace(criteria, limit=1000)))
    assert ids(batches) == expected
    areas = np.concatenate([one.columns["area"] for one in batches])
    known = areas[~np.isnan(areas)]
    assert (np.diff(known) >= 0).all() and np.isnan(areas[len(known) :]).all()


def test_the_state_is_of_the_same_moment(sample_store: SqlStore) -> None:
    with sample_store.reading("parcels", Criteria(), size=7) as rows:
        assert rows.state == sample_store.state("parcels")
        assert sum(map(len, rows.batches)) == rows.state.count


def test_a_limit_below_one_is_refused(sample_store: SqlStore) -> None:
    with pytest.raises(ParameterError, match="below 1"):
        next(iter(sample_store.batches("parcels", Criteria(limit=0))))


def test_texts_are_those_of_the_page(sample_store: SqlStore) -> None:
    criteria = Criteria(valid=ValidTime(None, None), box=Box(114, 29, 119, 36.1))
    with sample_store.telling("parcels", criteria, size=7) as found:
        lists = list(found.lists)
        assert found.state == sample_store.state("parcels")
    assert {len(one) for one in lists[:-1]} == {7}
    expected = sample_store.page("parcels", replace(criteria, limit=1000)).features
    assert [text for one in lists for text in one] == list(expected)
