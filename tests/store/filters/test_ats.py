"""Every filter of the abstract tests of CQL2 picks the count that the standard names, on both stores."""

from collections.abc import Iterator
from pathlib import Path

import cql2
import orjson
import pytest

from store import open_store
from store.criteria import Criteria
from store.filters import read
from store.migrate import migrate
from store.sql import SqlStore
from tests.store.filters import ats


@pytest.fixture(scope="module")
def store(store_url: str, shared_data: Path) -> Iterator[SqlStore]:
    opened = open_store(store_url, ats.layers(shared_data))
    migrate(opened.database)
    ats.load(opened, shared_data)
    yield opened
    opened.close()


def _wrong(store: SqlStore, cases: list[ats.Case], *, as_json: bool) -> list[str]:
    wrong = []
    for case in cases:
        text = orjson.dumps(cql2.parse_text(case.filter).to_json()).decode() if as_json else case.filter
        asked = read(text, "cql2-json" if as_json else "cql2-text", store.layers()[case.collection])
        count = store.count(case.collection, Criteria(filter=asked))
        if count != case.expected:
            wrong.append(f"{case.filter}: {count}, not {case.expected}")
    return wrong


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_every_filter_picks_its_count(store: SqlStore, shared_data: Path, as_json: bool) -> None:
    cases = ats.cases(shared_data)
    assert len(cases) == 274
    assert _wrong(store, cases, as_json=as_json) == []


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_every_combination_picks_its_count(store: SqlStore, shared_data: Path, as_json: bool) -> None:
    cases = ats.combinations(shared_data)
    assert len(cases) == 77
    assert _wrong(store, cases, as_json=as_json) == []


def test_the_errata_are_not_what_the_data_have(store: SqlStore, shared_data: Path) -> None:
    """Each of the three names more or fewer features than plain Python finds in the data."""
    places = store.layers()["ne_110m_populated_places_simple"]
    names = [orjson.loads(one)["properties"]["name"] for one in store.page(places.id, Criteria(limit=1000)).features]
    assert sum(one.startswith("Ch") for one in names) == 3
    assert sum(one.replace("ș", "s").lower().startswith("chis") for one in names) == 1
