"""Text search: what counts as a word, and equal answers of both indexes and a plain matcher, whatever was written."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import ParameterError
from store import paging, search
from store.criteria import Box, Criteria, LoadMode, SortKey, ValidTime
from store.engine import Database
from store.load import load
from store.migrate import migrate
from store.search import parse
from store.sql import SqlStore
from store.verify import verify
from tests.store import words, writable
from tests.store.layers import LAYERS, PARCELS, layer
from tests.store.writable import TODAY, batch, create, delete, edit, update

TEXTS = (
    "冀北基本农田保护区",
    "基本，农田",
    "城市绿线",
    "蓝线、绿线",
    "冀政字〔2016〕12号",
    "冀政字[2016]120号",
    "G107国道",
    "Farmland of Hebei",
    "farm LAND",
    "Café Ｈｅｂｅｉ",
    "STRASSE 7",
    "田田田田",
    "№12",
    "a_b-c",
    "㎡ が ガ 한국어",
    "",
    "——",
    None,
)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("农田", "冀北基本农田保护区"),
        ("绿线", "城市绿线"),
        ("田", "基本农田"),
        ("基", "基本农田"),
        ("冀政字〔2016〕12号", "冀政字[2016] 12 号"),
        ("冀政字2016", "冀政字〔2016〕12号"),
        ("2016", "冀政字〔2016〕12号"),
        ("12号", "冀政字〔2016〕12号"),
        ("107", "G107国道"),
        ("g107", "G 107国道"),
        ("Farm", "farmland"),
        ("FARM land", "a farm  land"),
        ("ＨＥＢＥＩ", "Hebei"),
        ("hebei", "Ｈｅｂｅｉ"),
        ("cafe", "CAFÉ"),
        ("strasse", "Straße"),
        ("蓝线，农田", "基本农田"),
        ("蓝线,农田", "基本农田"),
        ("한국", "한국어"),
    ],
)
def test_what_is_found(asked: str, text: str) -> None:
    assert words.found(parse(asked), [text])


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("田农", "基本农田"),
        ("基农", "基本农田"),
        ("arm", "farmland"),
        ("land farm", "farm land"),
        ("12号", "冀政字〔2016〕120号"),
        ("016", "2016"),
        ("农田 基本", "基本农田"),
    ],
)
def test_what_is_not_found(asked: str, text: str) -> None:
    assert not words.found(parse(asked), [text])


def test_no_term_is_found_across_two_texts() -> None:
    assert not words.found(parse("农田"), ["农", "田"])
    assert search.document(["农", None, "", "田"]) == ["农", search.BARRIER, "田"]


@pytest.mark.parametrize("asked", ["", " ", ",", "——", "😀", ",".join("abcdefghijklmnopqrstuvwxyz"), "农" * 201])
def test_a_search_without_words_or_with_too_many_is_refused(asked: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        parse(asked)
    assert refusal.value.parameter == "q"


def test_a_feature_counts_with_so_many_words_as_every_index_holds() -> None:
    long = search.document(["田" * 1000])
    assert long == ["田田"] * search.MOST_REPEATS
    many = search.document([" ".join(f"w{letter}{number}" for letter in "abcd" for number in range(9000))])
    assert len(many) < 20_000
    assert search.units("x" * 100) == ["x" * search.LONGEST]


@pytest.fixture(scope="module")
def texts(store_url: str) -> Iterator[Database]:
    """A parcel for each text, in the order of `TEXTS`; what they were before, and what they will be."""
    clock = writable.Clock()
    database = writable.opened(store_url, clock)
    migrate(database)
    before = [create(f"T{n:02d}", 110 + n, properties={"name": "城市蓝线 before"}) for n in range(len(TEXTS))]
    edit(database, *before)
    clock.forward(days=1)
    edit(database, *(update(f"T{n:02d}", {"name": text}, valid_from=TODAY) for n, text in enumerate(TEXTS)))
    clock.forward(hours=1)
    yield database
    assert verify(database) == []
    database.close()


def ids(store: SqlStore, asked: str, **criteria: Any) -> list[str]:
    """What is found, page by page; the count must agree."""
    chosen = Criteria(search=parse(asked), limit=3, **criteria)
    found: list[str] = []
    while True:
        page = store.page("parcels", chosen)
        found += [orjson.loads(one)["id"] for one in page.features]
        if page.cursor is None:
            break
        cursor = paging.decode(paging.encode(page.cursor))
        chosen = Criteria(search=parse(asked), limit=3, cursor=cursor, **criteria)
    assert store.count("parcels", Criteria(search=parse(asked), **criteria)) == len(found)
    assert sum(len(one) for one in store.batches("parcels", Criteria(search=parse(asked), **criteria))) == len(found)
    return found


def plain(asked: str, texts: Any = TEXTS) -> list[str]:
    return [f"T{n:02d}" for n, text in enumerate(texts) if words.found(parse(asked), [text])]


ALPHABET = "基本农田线绿蓝冀政字号〔〕2016一 ，,fFaArRmM_-ÉéＡ田é7"


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(ALPHABET, min_size=1, max_size=6), st.sampled_from([one for one in TEXTS if one])))
def test_both_indexes_agree_with_the_plain_matcher(texts: Database, asked: str) -> None:
    try:
        parse(asked)
    except ParameterError:
        return
    store = SqlStore(texts)
    assert ids(store, asked) == plain(asked)
    # As known a day earlier, when all were otherwise: those states lie in the history.
    earlier = datetime(2024, 6, 1, 12, tzinfo=UTC)
    assert ids(store, asked, known=earlier) == plain(asked, ["城市蓝线 before"] * len(TEXTS))


def test_a_search_goes_with_all_other_conditions(texts: Database) -> None:
    store = SqlStore(texts)
    assert ids(store, "农田", box=Box(109.9, 29, 110.6, 31)) == ["T00"]
    assert ids(store, "农田", box=Box(0, 0, 180, 90)) == ["T00", "T01"]
    assert ids(store, "线", sort=(SortKey("name", descending=True),)) == ["T03", "T02"]
    assert ids(store, "线", equals=(("name", "城市绿线"),)) == ["T02"]
    assert ids(store, "线", equals=(("identifier", "T02"),)) == ["T02"]
    assert ids(store, "before", valid=ValidTime(TODAY - timedelta(1), TODAY - timedelta(1))) == []
    assert ids(store, "before", valid=ValidTime(None, None)) == []
    assert len(ids(store, "城", valid=ValidTime(None, None))) == 1


def test_a_cursor_belongs_to_its_search(texts: Database) -> None:
    store = SqlStore(texts)
    page = store.page("parcels", Criteria(search=parse("线"), limit=1))
    with pytest.raises(ParameterError) as refusal:
        store.page("parcels", Criteria(search=parse("田"), limit=1, cursor=page.cursor))
    assert refusal.value.parameter == "cursor"


def test_a_layer_without_text_to_search_says_so(store_url: str) -> None:
    from dataclasses import replace

    mute = tuple(replace(one, searchable=False) for one in PARCELS.attributes)
    database = writable.opened(store_url, layers=[layer("mute", None, attributes=mute)])
    migrate(database)
    for asked in (SqlStore(database).page, SqlStore(database).count):
        with pytest.raises(ParameterError, match="no property whose text is searched"):
            asked("mute", Criteria(search=parse("x")))
    database.close()


def test_loads_edits_and_deletions_keep_the_index(empty_database: Database) -> None:
    store = SqlStore(empty_database)
    with load(empty_database, "parcels", LoadMode.APPEND, TODAY, "loader") as pending:
        pending.append(batch(["A", "B", "C"], name="基本农田"))
        assert ids(store, "农田") == []
        pending.publish()
    assert ids(store, "农田") == ["A", "B", "C"]
    edit(empty_database, update("A", {"name": "城市绿线"}), delete("B"))
    assert (ids(store, "农田"), ids(store, "绿线")) == (["C"], ["A"])
    with load(empty_database, "parcels", LoadMode.REPLACE, TODAY + timedelta(1), "loader") as pending:
        pending.append(batch(["A", "D"], name="城市蓝线"))
        pending.publish()
    tomorrow = ValidTime(TODAY + timedelta(1), TODAY + timedelta(1))
    assert (ids(store, "蓝线"), ids(store, "蓝线", valid=tomorrow)) == ([], ["A", "D"])
    assert (ids(store, "农田"), ids(store, "农田", valid=tomorrow)) == (["C"], [])
    with load(empty_database, "parcels", LoadMode.UPSERT, TODAY, "loader") as pending:
        pending.append(batch(["E"], name="城市黄线"))
    assert ids(store, "黄线") == []


def test_the_layers_of_these_tests_are_searched() -> None:
    assert all(one.attribute("name").searchable for one in LAYERS)
