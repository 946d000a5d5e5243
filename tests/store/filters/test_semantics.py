"""What filters mean, case by case, and what is refused: on both stores."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from config.errors import ParameterError
from config.layers import Role
from store.criteria import Box, Criteria, SortKey, ValidTime
from store.filters import read
from store.filters.filter import Filter
from store.sql import SqlStore
from tests.store import sample
from tests.store.layers import PARCELS, PERMITS, STATIONS, attribute, layer


def asked(text: str, lang: str = "cql2-text", **more: Any) -> Filter:
    return read(text, lang, PARCELS, **more)


def picked(store: SqlStore, text: str, **more: Any) -> list[str]:
    criteria = Criteria(filter=asked(text), **{"limit": 1000, **more})
    return [orjson.loads(one)["id"] for one in store.page("parcels", criteria).features]


def same(store: SqlStore, one: str, other: str) -> bool:
    found = picked(store, one)
    return found == picked(store, other) and len(found) > 0


# --- meaning ---


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # AND binds closer than OR, NOT closest
        ("name = 'apple' OR floors = 1 AND area > 1", "name = 'apple' OR (floors = 1 AND area > 1)"),
        ("NOT floors = 1 AND area > 1", "(NOT floors = 1) AND area > 1"),
        # three-valued logic: what is unknown is neither picked nor picked when negated
        ("NOT (floors = 1)", "floors <> 1"),
        ("floors = 1 OR NOT floors = 1", "floors IS NOT NULL"),
        ("NOT (name LIKE 'app%')", "name NOT LIKE 'app%'"),
        ("floors NOT IN (1, 2)", "floors < 1 OR floors > 2"),
        ("floors = 1.5 OR NOT floors = 1.5", "floors IS NOT NULL"),
        # whole numbers beside fractions
        ("floors < 1.5", "floors <= 1"),
        ("floors > 0.5", "floors >= 1"),
        ("floors BETWEEN 0.5 AND 2.5", "floors IN (1, 2)"),
        ("floors < 1e30", "floors IS NOT NULL"),
        # constants are computed
        ("floors = 1 + 1", "floors = 2"),
        ("1 + 1 = floors", "floors = 2"),
        ("area > 0.5 AND 1 = 1", "area > 0.5"),
        # text by code point, both kinds of quotes
        ("name < 'a'", "name IN ('', 'Zebra')"),
        ("\"name\" = 'apple'", "name = 'apple'"),
        # a day is all of its instants, in the node's time zone
        (
            "surveyed_at = DATE('2021-03-02')",
            "surveyed_at >= TIMESTAMP('2021-03-01T16:00:00Z') AND surveyed_at < TIMESTAMP('2021-03-02T16:00:00Z')",
        ),
        ("surveyed_at > DATE('2021-03-02')", "surveyed_at >= DATE('2021-03-03')"),
        ("approval_date = TIMESTAMP('2020-01-01T16:00:00Z')", "approval_date = DATE('2020-01-02')"),
        ("T_INTERSECTS(surveyed_at, DATE('2021-03-02'))", "surveyed_at = DATE('2021-03-02')"),
        ("approval_date > '2020-01-31'", "approval_date > DATE('2020-01-31')"),
        # validity as an interval ends on its last day
        ("T_INTERSECTS(INTERVAL(valid_from, valid_to), DATE('2024-06-01'))", "valid_from <= DATE('2024-06-01')"),
        ("T_EQUALS(INTERVAL(valid_from, valid_to), INTERVAL('2020-01-01', '..'))", "valid_from = DATE('2020-01-01')"),
        ("valid_to IS NULL", "id LIKE '%'"),
        # arithmetic without a result is unknown
        ("floors / floors = 1", "floors <> 0"),
        ("floors ^ -1 = 1 OR floors IS NOT NULL", "floors IS NOT NULL"),
        ("floors % 2 = 1", "floors IN (1, 3)"),
        # places
        ("S_WITHIN(POINT(114.012 30.012), geometry)", "S_CONTAINS(geometry, POINT(114.012 30.012))"),
        ("S_DISJOINT(geometry, BBOX(114, 30, 114.1, 31))", "NOT S_INTERSECTS(geometry, BBOX(114, 30, 114.1, 31))"),
        ("S_INTERSECTS(geometry, geometry)", "geometry IS NOT NULL"),
        ("S_INTERSECTS(geometry, BBOX(-180, -90, 180, 90))", "geometry IS NOT NULL"),
        (
            "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(115 31), POLYGON((114 30, 114.1 30, 114.1 31, 114 30))))",
            "S_INTERSECTS(geometry, POINT(115 31)) "
            "OR S_INTERSECTS(geometry, POLYGON((114 30, 114.1 30, 114.1 31, 114 30)))",
        ),
        ("A_CONTAINS(('a', 'b'), ('b')) AND area > 1", "area > 1"),
        ("A_OVERLAPS((name, 'x'), ('apple', 'Zebra'))", "name IN ('apple', 'Zebra')"),
        ("CASEI(name) = CASEI('ZEBRA')", "name = 'Zebra'"),
        ("ACCENTI(name) = 'A'", "name = 'Ä'"),
        ("protected", "protected = true"),
        ("protected", "protected > false"),
    ],
)
def test_two_ways_to_ask_the_same(sample_store: SqlStore, one: str, other: str) -> None:
    assert same(sample_store, one, other)


@pytest.mark.parametrize(
    "text",
    [
        "floors = 1 AND NOT floors = 1",
        "NOT (floors / (floors - floors) = 1)",
        "name IS NULL AND NOT name IS NULL",
        "1 = 2",
        "area * 1e149 * 1e149 * 1e149 > 0",
        "NOT ((area + 1) * 1e149 * 1e149 * 1e149 > 0)",
        "area * 1e-149 * 1e-149 * 1e-149 > 0",
        "(area + 2) ^ 1e9 > 0",
        "A_EQUALS(('a'), ('a', 'b'))",
    ],
)
def test_what_nothing_meets(sample_store: SqlStore, text: str) -> None:
    assert picked(sample_store, text) == []


def test_the_other_criteria_hold_too(sample_store: SqlStore) -> None:
    """Filter with box, validity, knowledge, property filters, order, cursor and offset."""
    text = "area > 0.5"
    for more in (
        {"box": Box(114, 30, 114.15, 31)},
        {"valid": ValidTime(None, None)},
        {"known": sample.REVISIONS[0]},
        {"equals": (("protected", True),)},
        {"box": Box(114, 30, 118.2, 36), "known": sample.REVISIONS[1], "sort": (SortKey("area", True),)},
    ):
        matching = [orjson.loads(one) for one in sample_store.page("parcels", Criteria(limit=1000, **more)).features]
        expected = [one["id"] for one in matching if (one["properties"]["area"] or 0) > 0.5]
        assert picked(sample_store, text, **more) == expected
        criteria = Criteria(filter=asked(text), **more)
        assert sample_store.count("parcels", criteria) == len(expected)
        batches = list(sample_store.batches("parcels", criteria))
        assert sorted(str(one) for batch in batches for one in batch.id) == sorted(expected)
        assert _paged(sample_store, text, more) == expected


def _ids(store: SqlStore, criteria: Criteria) -> list[str]:
    return [orjson.loads(one)["id"] for one in store.page("parcels", criteria).features]


def _paged(store: SqlStore, text: str, more: dict[str, Any]) -> list[str]:
    found: list[str] = []
    criteria = Criteria(filter=asked(text), limit=3, **more)
    while True:
        page = store.page("parcels", criteria)
        found += [orjson.loads(one)["id"] for one in page.features]
        if page.cursor is None:
            return found
        criteria = Criteria(filter=asked(text), limit=3, cursor=page.cursor, **more)


def test_a_cursor_belongs_to_its_filter(sample_store: SqlStore) -> None:
    page = sample_store.page("parcels", Criteria(filter=asked("area > 0.5"), limit=2))
    again = Criteria(filter=asked("area  >  5e-1"), limit=2, cursor=page.cursor)
    assert sample_store.page("parcels", again).features
    with pytest.raises(ParameterError):
        sample_store.page("parcels", Criteria(filter=asked("area > 0.6"), limit=2, cursor=page.cursor))


def test_literals_do_not_make_new_statements(sample_store: SqlStore) -> None:
    sample_store.count("parcels", Criteria(filter=asked("name = 'a' AND area IN (1, 2) AND name LIKE 'x%'")))
    before = len(sample_store.plans._made)
    for n in range(5):
        text = f"name = 'b{n}' AND area IN (3, 4, {n}.5) AND name LIKE 'y{n}%'"
        sample_store.count("parcels", Criteria(filter=asked(text)))
    assert len(sample_store.plans._made) == before


def test_coordinates_in_another_system(sample_store: SqlStore) -> None:
    expected = picked(sample_store, "S_INTERSECTS(geometry, BBOX(114.001, 30.001, 114.095, 30.019))")
    assert len(expected) > 2
    for code, numbers in (
        ("4490", "30.001, 114.001, 30.019, 114.095"),
        ("3857", "12690533.3, 3503678.4, 12700997.3, 3505992.4"),
    ):
        found = asked(f"S_INTERSECTS(geometry, BBOX({numbers}))", crs=f"http://www.opengis.net/def/crs/EPSG/0/{code}")
        assert _ids(sample_store, Criteria(filter=found, limit=1000)) == expected


def test_a_border_read_in_gauss_krueger_is_the_features_own(sample_store: SqlStore) -> None:
    uri = "http://www.opengis.net/def/crs/EPSG/0/4547"
    feature = orjson.loads(sample_store.item("parcels", "f5", Criteria(crs=uri)).text)
    text = orjson.dumps({"op": "s_equals", "args": [{"property": "geometry"}, feature["geometry"]]})
    found = read(text, "cql2-json", PARCELS, crs=uri)
    assert _ids(sample_store, Criteria(filter=found)) == ["f5"]


def test_names_and_values_in_chinese(sample_store: SqlStore) -> None:
    fields = (attribute("名称", PARCELS.attributes[2].type, "MC"),)
    found = read("名称 = '基本农田' AND \"名称\" LIKE '%农田%'", "cql2-text", layer("甲", None, attributes=fields))
    assert found.properties == {"名称"}
    assert picked(sample_store, "name IN ('甲', '乙')") == [
        one for one in _ids(sample_store, Criteria(limit=1000)) if _name(sample_store, one) in ("甲", "乙")
    ]


def _name(store: SqlStore, id: str) -> Any:
    return orjson.loads(store.item("parcels", id, Criteria()).text)["properties"]["name"]


# --- refusals ---


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nmae = 'x'", "did you mean name"),
        ("name > 5", "compare values of one type"),
        ("floors = 'x'", "compare values of one type"),
        ("name", "not a condition"),
        ("5", "not a condition"),
        ("name = NULL", "IS NULL"),
        ("geometry = geometry", "S_EQUALS"),
        ("S_INTERSECTS(geometry, POINT(90 180))", "longitude, latitude"),
        ("S_INTERSECTS(geometry, POINT(1e400 1))", "not"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "Self-intersection"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0)))", "closed"),
        ("S_INTERSECTS(geometry, name)", "takes geometries"),
        ("S_TOUCHES(geometry, GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(2 2, 3 3)))", "S_INTERSECTS"),
        ("S_INTERSECTS(geometry, BBOX(1, 5, 2, 3))", "southern"),
        ("approval_date > DATE('2020-13-01')", "YYYY-MM-DD"),
        ("surveyed_at > TIMESTAMP('2020-01-01')", "not an instant"),
        ("T_AFTER(name, DATE('2020-01-01'))", "no time"),
        ("T_AFTER(INTERVAL('2021-01-01', '2020-01-01'), approval_date)", "earlier end"),
        ("area = 1 / 0", "no zero"),
        ("area = 1e400", "not finite"),
        ("name + 1 = 2", "takes numbers"),
        ("name LIKE floors", "LIKE 'abc%'"),
        ("floors LIKE '1%'", "LIKE takes text"),
        ("CASEI(floors) = 'x'", "takes text"),
        ("arae() > 5", "did you mean area"),
        ("area(1) > 5", "give"),
        ("within_division('130000')", "no division"),
        ("in_class(name, 'R')", "no code list"),
        ("name IN ()", "CQL2"),
        ("name = 'x", "not closed"),
        ("", "CQL2"),
        ("name =", "its end"),
        ("name ~ 'x'", "cannot go on"),
    ],
)
def test_what_is_wrong_is_said_with_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(ParameterError) as refused:
        asked(text)
    assert said in str(refused.value)
    assert refused.value.parameter == "filter"


def test_a_layer_without_geometry_has_none_to_ask_for() -> None:
    for text in ("S_INTERSECTS(geometry, POINT(1 1))", "area() > 1"):
        with pytest.raises(ParameterError):
            read(text, "cql2-text", PERMITS)


@pytest.mark.parametrize(
    "document",
    [
        '{"op": "="}',
        '{"op": "=", "args": [1]}',
        '{"op": "and", "args": "x"}',
        '{"property": 5}',
        '{"op": "between", "args": [{"property": "area"}, 1]}',
        '{"op": "in", "args": [{"property": "area"}, 5]}',
        '{"op": "like", "args": [{"property": "name"}, {"property": "name"}]}',
        '{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point"}]}',
        '{"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [1, 2, "3", 4]}]}',
        '{"op": "t_after", "args": [{"property": "approval_date"}, {"interval": [5, 6]}]}',
        '{"op": "=", "args": [{"date": {"property": "x"}}, 1]}',
        "[]",
        "null",
        "{",
        "{}",
    ],
)
def test_json_that_is_no_filter_is_refused(document: str) -> None:
    with pytest.raises(ParameterError):
        asked(document, "cql2-json")


def test_what_a_filter_is_to_others() -> None:
    found = asked(
        "S_INTERSECTS(geometry, POINT(115 31)) AND area() > 5 AND name = 'x' OR valid_from > DATE('2020-01-01')"
    )
    assert found.properties == {"geometry", "name", "valid_from"}
    assert asked("name = 'x' AND area > 1") == asked("(name = 'x') AND (area > 1.0)")
    assert asked("name = 'x'") != asked("name = 'y'")
    assert repr(asked("name = 'x'")) == repr(asked("name  =  'x'"))
    assert read("name = 'x'", "cql2-text", STATIONS, parameter="where").normal == asked("name = 'x'").normal


@pytest.mark.parametrize("role", [None, Role.ID])
def test_names_that_are_proposed_can_be_asked(role: Role | None) -> None:
    """Where an attribute is the id, it stands for it: `id` is not among the queryables."""
    layer = replace(PARCELS, attributes=tuple(replace(one, role=role) for one in PARCELS.attributes[:1]))
    with pytest.raises(ParameterError) as refused:
        read("unheard = 1", "cql2-text", layer)
    assert ("id" in refused.value.remedy.removeprefix("use one of: ").split(", ")) is (role is None)
