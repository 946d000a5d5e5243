"""Random filters: both stores, an evaluator of our own and that of the package `cql2` agree on what they pick."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import cql2
import orjson
import pytest

from store.criteria import Criteria
from store.filters import read
from store.sql import SqlStore
from tests.store.filters.judge import Judge
from tests.store.filters.random_filters import Generator
from tests.store.layers import PARCELS

TYPES = {"approval_date": date, "surveyed_at": datetime, "valid_from": date, "valid_to": date}


@pytest.fixture(scope="module")
def features(sample_store: SqlStore) -> list[dict[str, Any]]:
    return [orjson.loads(one) for one in sample_store.page("parcels", Criteria(limit=1000)).features]


def _picked(store: SqlStore, text: str) -> list[str]:
    asked = read(text, "cql2-text", PARCELS)
    return [orjson.loads(one)["id"] for one in store.page("parcels", Criteria(limit=1000, filter=asked)).features]


def _differences(
    store: SqlStore, features: list[dict[str, Any]], seed: int, count: int, *, plain: bool
) -> Iterator[str]:
    generator, judge = Generator(seed, plain=plain), Judge(TYPES)
    for _ in range(count):
        text = generator.condition()
        expression = cql2.parse_text(text)
        parsed = expression.to_json()
        expected = [one["id"] for one in features if judge.picks(parsed, one)]
        found = _picked(store, text)
        if found != expected:
            yield f"{text}\n  only the store: {set(found) - set(expected)}, missing: {set(expected) - set(found)}"
        if plain:
            theirs = [one["id"] for one in features if _matches(expression, one)]
            if theirs != expected:
                yield f"{text}\n  cql2: {set(theirs) ^ set(expected)}"


def _matches(expression: cql2.Expr, feature: dict[str, Any]) -> bool:
    """By the evaluator of `cql2`, which raises an error where the result is unknown."""
    try:
        return bool(expression.matches(feature))
    except Exception as error:  # noqa: BLE001 - it raises nothing narrower
        assert "reduce" in str(error), error
        return False


@pytest.mark.parametrize("plain", [False, True], ids=["whole", "as-cql2"])
def test_random_filters_pick_what_two_other_evaluators_pick(sample_store, features, plain) -> None:
    assert list(_differences(sample_store, features, 20260, 200, plain=plain)) == []


@pytest.mark.slow
@pytest.mark.parametrize("plain", [False, True], ids=["whole", "as-cql2"])
def test_ten_thousand_random_filters(sample_store, features, plain) -> None:
    assert list(_differences(sample_store, features, 7, 10_000, plain=plain)) == []
