"""CQL2, Annex A: the abstract tests that need no dataset, on every queryable of the tiny node, as text and as JSON."""

import random
from datetime import date

import pytest

from tests.conformance.cql2.asking import Source, sources
from tests.server import tiny
from tests.server.client import Client

STANDARD = "http://www.opengis.net/spec/cql2/1.0"
TEXT, NUMBERS = ("string", None), (("number", None), ("integer", None))
DAY = ("string", "date")
WORLD = "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))"


@pytest.fixture(params=["cql2-text", "cql2-json"])
def known(request: pytest.FixtureRequest, each_iut: Client) -> list[Source]:
    """The data sources, asked in one of the languages."""
    return sources(each_iut, request.param)


def all_of(source: Source) -> set[str]:
    return {one["id"] for one in source.client.get(
        f"/collections/{source.collection}/items?limit=1000&datetime=../.."
    ).json()["features"]}  # fmt: skip


def excludes(source: Source, *pairs: tuple[str, str]) -> None:
    for first, second in pairs:
        assert not source.ids(first) & source.ids(second), (first, second)


def test_cql2_text_validate(each_iut: Client) -> None:
    """/conf/cql2-text/validate: text is understood, and is what a filter without a language is in."""
    (parcels,) = (one for one in sources(each_iut, "cql2-text") if one.collection == "parcels")
    plain = each_iut.get("/collections/parcels/items", params={"filter": "floors = 2", "limit": "100"}).json()
    assert {one["id"] for one in plain["features"]} <= parcels.ids("floors = 2")
    assert plain["features"]
    assert parcels.refuses("THIS IS NOT A FILTER")


def test_cql2_text_escaping(each_iut: Client) -> None:
    """/conf/cql2-text/escaping: quotes and control characters in text literals."""
    (parcels,) = (one for one in sources(each_iut, "cql2-text") if one.collection == "parcels")
    for text in ("it''s", "it\\'s", "a\\tb", "\\a\\b\\t\\n\\v\\f\\r", "''''", "名称"):
        assert parcels.ids(f"name = '{text}'") == set()
    assert parcels.ids("name = 'a&b=c'") == parcels.ids("\"name\" = 'a&b=c'") != set()


def test_cql2_json_validate(each_iut: Client) -> None:
    """/conf/cql2-json/validate: JSON is understood where it is said; every other test here runs in it too."""
    (parcels,) = (one for one in sources(each_iut, "cql2-json") if one.collection == "parcels")
    assert parcels.ids("floors = 2 AND built = true")
    asked = {"filter": "floors = 2", "filter-lang": "cql2-json"}
    assert each_iut.get("/collections/parcels/items", params=asked).status_code == 400
    asked = {"filter": '{"op":"=","args":[{"property":"floors"},2]}', "filter-lang": "cql2-json"}
    assert each_iut.get("/collections/parcels/items", params=asked).status_code == 200


def test_basic_cql2_basic_test(known: list[Source]) -> None:
    """/conf/basic-cql2/basic-test: every source has queryables whose types are told."""
    for source in known:
        assert source.simple


def test_basic_cql2_comparison(known: list[Source]) -> None:
    """/conf/basic-cql2/comparison."""
    for source in known:
        for name, value in source.simple:
            excludes(
                source,
                (f"{name} = {value}", f"{name} <> {value}"),
                (f"{name} > {value}", f"{name} <= {value}"),
                (f"{name} < {value}", f"{name} >= {value}"),
            )


def test_basic_cql2_is_null(known: list[Source]) -> None:
    """/conf/basic-cql2/is-null."""
    for source in known:
        for name in source.queryables:
            excludes(source, (f"{name} IS NULL", f"{name} is not null"))
            assert source.ids(f"{name} IS NULL") | source.ids(f"{name} is not null") == all_of(source)


def test_basic_cql2_boolean(known: list[Source]) -> None:
    """/conf/basic-cql2/boolean."""
    for source in known:
        assert source.ids("true") == all_of(source)
        assert source.ids("false") == set()


def test_basic_cql2_unknown_is_not_true(known: list[Source]) -> None:
    """Logic has three values: what is compared with NULL is neither true nor, negated, true."""
    (parcels,) = (one for one in known if one.collection == "parcels")
    without = parcels.ids("area IS NULL")
    assert without
    assert not without & parcels.ids("area > 0")
    assert not without & parcels.ids("NOT area > 0")
    assert without <= parcels.ids("area > 0 OR floors >= 0")


def stored(source: Source) -> list[str]:
    """Predicates of every kind on a source: what the tests named `logical` combine."""
    found = ["true", "false"]
    for name, value in source.simple:
        found += [f"{name} = {value}", f"{name} < {value}", f"{name} IS NULL", f"{value} <= {name}"]
    found += [f"{name} LIKE '_%'" for name in source.names(TEXT)]
    found += [f"CASEI({name}) = casei('FOO')" for name in source.names(TEXT)]
    found += [f"ACCENTI({name}) <> accenti('aoueai')" for name in source.names(TEXT)]
    found += [f"{name} * 2 > {name} + 1" for name in source.names(*NUMBERS)]
    found += [f"T_BEFORE({name},DATE('2022-04-24'))" for name in source.names(DAY)]
    found += [f"S_INTERSECTS({name},BBOX(116,38,116.9,39))" for name in source.spatial]
    return found


def test_basic_cql2_logical(known: list[Source]) -> None:
    """/conf/*/logical: combinations of four predicates; each is what its parts say, feature by feature."""
    chance = random.Random(21065)
    for source in known:
        every, predicates = all_of(source), stored(source)
        true = {one: source.ids(one) for one in predicates}
        false = {one: source.ids(f"NOT ({one})") for one in predicates}
        for _ in range(10):
            p1, p2, p3, p4 = chance.sample(predicates, 4)
            found = source.ids(f"((NOT {p1} AND {p2}) OR ({p3} and NOT {p4}) or not ({p1} AND {p4}))")
            neither = false[p1] | false[p4]
            assert found == ((false[p1] & true[p2]) | (true[p3] & false[p4]) | neither) <= every


def test_advanced_comparison_operators_like(known: list[Source]) -> None:
    """/conf/advanced-comparison-operators/like."""
    for source in known:
        for name in source.names(TEXT):
            excludes(source, (f"{name} like '_%'", f"{name} like ''"))
            assert source.ids(f"{name} LIKE '%'") == source.ids(f"{name} like '%%'")
            assert source.ids(f"{name} like '\\\\%\\\\_'") == set()
    (parcels,) = (one for one in known if one.collection == "parcels")
    assert parcels.ids("name LIKE '50\\%'") == parcels.ids("name = '50%'") != set()


def test_advanced_comparison_operators_between(known: list[Source]) -> None:
    """/conf/advanced-comparison-operators/between."""
    for source in known:
        for name in source.names(*NUMBERS):
            assert source.ids(f"{name} BETWEEN 0 AND 100") == source.ids(f"{name} >= 0 AND {name} <= 100")
            assert source.ids(f"{name} between 100.0 and 1.0") == set()


def test_advanced_comparison_operators_in(known: list[Source]) -> None:
    """/conf/advanced-comparison-operators/in."""
    for source in known:
        for name in source.names(*NUMBERS):
            expected = source.ids(f"{name} = 1 OR {name} = 2 OR {name} = 3")
            assert source.ids(f"{name} IN (1, 2, 3)") == expected
        for name in source.names(TEXT):
            assert source.ids(f"{name} in ('foo', 'bar')") == set()
        for name in source.names(("boolean", None)):
            assert source.ids(f"{name} in (true)") == source.ids(f"{name} = true")
        for name in source.names(DAY):
            assert source.ids(f"{name} in ('2016-01-04', '2016-01-05')") == source.ids(
                f"{name} = DATE('2016-01-04') OR {name} = DATE('2016-01-05')"
            )


def test_case_insensitive_comparison_casei_and_casei_like(known: list[Source]) -> None:
    """/conf/case-insensitive-comparison/casei, casei-like."""
    for source in known:
        for name in source.names(TEXT):
            excludes(source, (f"CASEI({name}) = casei('foo')", f"CASEI({name}) <> casei('FOO')"))
            assert source.ids(f"CASEI({name}) LIKE casei('p0%')") == source.ids(f"CASEI({name}) LIKE casei('P0%')")
    (parcels,) = (one for one in known if one.collection == "parcels")
    assert parcels.ids("CASEI(identifier) = CASEI('p003')") == {"P003"}


def test_accent_insensitive_comparison_accenti(known: list[Source]) -> None:
    """/conf/accent-insensitive-comparison/accenti, accenti-like, accenti-casei, accenti-casei-like."""
    for source in known:
        for name in source.names(TEXT):
            excludes(source, (f"ACCENTI({name}) = accenti('äöüéáí')", f"ACCENTI({name}) <> accenti('aoueai')"))
            for left, right, first, second in (
                ("ACCENTI", "LIKE accenti", "'Ä%'", "'A%'"),
                ("ACCENTI(CASEI", "= accenti(casei", "'ÄÉ')", "'ae')"),
                ("ACCENTI(CASEI", "LIKE accenti(casei", "'Ä%')", "'a%')"),
            ):
                subject = f"{left}({name}" + ")" * (left.count("(") + 1)
                same = [source.ids(f"{subject} {right}({text})") for text in (first, second)]
                assert same[0] == same[1]


def test_basic_spatial_functions_s_intersects(known: list[Source]) -> None:
    """/conf/basic-spatial-functions/s_intersects; no feature lies in both halves of the world here."""
    for source in known:
        for name in source.spatial:
            assert source.ids(f"S_INTERSECTS({name},BBOX(-180,-90,180,90))") == source.ids(f"{name} IS NOT NULL")
            assert source.ids(f"S_INTERSECTS({name},POINT(7.02 49.92))") == set()
            assert source.refuses(f"S_INTERSECTS({name},POINT(90 180))")
            halves = (f"S_INTERSECTS({name},BBOX({box}))" for box in ("-180,-90,-90,90", "90,-90,180,90"))
            assert source.ids(" AND ".join(halves)) == set()


def test_basic_spatial_functions_plus_s_intersects(known: list[Source]) -> None:
    """/conf/basic-spatial-functions-plus/s_intersects: every kind of geometry literal."""
    for source in known:
        for name in source.spatial:
            assert source.refuses(f"S_INTERSECTS({name},MULTIPOINT(7.02 49.92, 90 180))")
            for literal in (
                "LINESTRING(-180 -45, 0 -45)",
                "MULTILINESTRING((-180 -45, 0 -45), (0 45, 180 45))",
                "POLYGON((-180 -90, -90 -90, -90 90, -180 90, -180 -90),"
                " (-120 -50, -100 -50, -100 -40, -120 -40, -120 -50))",
                "MULTIPOLYGON(((-180 -90, -90 -90, -90 90, -180 90, -180 -90),"
                " (-120 -50, -100 -50, -100 -40, -120 -40, -120 -50)),((0 0, 10 0, 10 10, 0 10, 0 0)))",
                "GEOMETRYCOLLECTION(POINT(7.02 49.92), POLYGON((0 0, 10 0, 10 10, 0 10, 0 0)))",
            ):
                assert source.ids(f"S_INTERSECTS({name},{literal})") == set()
    (parcels,) = (one for one in known if one.collection == "parcels")
    line = "S_INTERSECTS(geometry,LINESTRING(116.845 38.305, 116.855 38.305))"
    assert parcels.ids(line) == {"P004", "P005"}


def test_spatial_functions_s_intersects_and_s_disjoint(known: list[Source]) -> None:
    """/conf/spatial-functions/s_intersects, s_disjoint: the one is where the other is not."""
    for source in known:
        for name in source.spatial:
            whole = source.ids(f"S_INTERSECTS({name},BBOX(-180,-90,180,90))")
            assert source.ids(f"S_INTERSECTS({name},{WORLD})") == whole
            assert source.ids(f"S_DISJOINT({name},BBOX(-180,-90,180,90))") == set()
            assert source.ids(f"S_DISJOINT({name},{WORLD})") == set()
            for literal in ("LINESTRING(116.845 38.305,116.855 38.305)", "POINT(116.845 38.305)"):
                meets = source.ids(f"S_INTERSECTS({name},{literal})")
                assert source.ids(f"S_DISJOINT({name},{literal})") == whole - meets
            for one in ("S_INTERSECTS", "S_DISJOINT", "S_EQUALS", "S_WITHIN", "S_CONTAINS", "S_TOUCHES"):
                assert source.refuses(f"{one}({name},POINT(90 180))")


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        ("S_EQUALS(geometry,POLYGON((116.83 38.3,116.84 38.3,116.84 38.31,116.83 38.31,116.83 38.3)))", {"P003"}),
        ("S_TOUCHES(geometry,POLYGON((116.83 38.3,116.84 38.3,116.84 38.31,116.83 38.31,116.83 38.3)))",
         {"P002", "P004"}),
        ("S_WITHIN(geometry,BBOX(116.829,38.29,116.851,38.32))", {"P003", "P004"}),
        ("S_CONTAINS(geometry,POINT(116.835 38.305))", {"P003"}),
        ("S_CONTAINS(geometry,MULTIPOINT(116.835 38.305,116.837 38.306))", {"P003"}),
        ("S_OVERLAPS(geometry,BBOX(116.835,38.29,116.85,38.32))", {"P003"}),
        ("S_CROSSES(geometry,LINESTRING(116.835 38.2,116.835 38.4))", {"P003"}),
        ("S_WITHIN(geometry,MULTIPOINT(7 50,10 51))", set()),
    ],
)  # fmt: skip
def test_spatial_functions_each(known: list[Source], predicate: str, expected: set[str]) -> None:
    """/conf/spatial-functions/s_equals, s_touches, s_crosses, s_within, s_contains, s_overlaps."""
    (parcels,) = (one for one in known if one.collection == "parcels")
    assert parcels.ids(predicate) == expected


def test_temporal_functions_1(known: list[Source]) -> None:
    """/conf/temporal-functions/temporal-functions-1, for days."""
    for source in known:
        for name in source.names(DAY):
            day, year = "DATE('2022-04-24')", "INTERVAL('2021-01-01','2021-12-31')"
            for literal in (day, year):
                meets = source.ids(f"T_INTERSECTS({name},{literal})")
                assert not meets & source.ids(f"T_DISJOINT({name},{literal})")
                apart = source.ids(f"T_AFTER({name},{literal})") | source.ids(f"T_BEFORE({name},{literal})")
                assert source.ids(f"T_DISJOINT({name},{literal})") == apart
            assert source.ids(f"T_EQUALS({name},{day})") == source.ids(f"{name} = {day}")


def test_temporal_functions_2(known: list[Source]) -> None:
    """/conf/temporal-functions/temporal-functions-2: intervals of two properties."""
    names = ("AFTER", "BEFORE", "CONTAINS", "DISJOINT", "DURING", "EQUALS", "FINISHEDBY", "FINISHES", "INTERSECTS",
             "MEETS", "METBY", "OVERLAPPEDBY", "OVERLAPS", "STARTEDBY", "STARTS")  # fmt: skip
    for source in known:
        one = "INTERVAL(valid_from,approval_date)"
        found = {name: source.ids(f"T_{name}({one},INTERVAL('2016-01-01','2016-01-10'))") for name in names}
        assert found["CONTAINS"] | found["DURING"] | found["EQUALS"] | found["STARTS"] <= found["INTERSECTS"]
        assert not found["INTERSECTS"] & found["DISJOINT"]
        if source.collection == "parcels":
            assert found["STARTEDBY"] == {f"P{n:03d}" for n in range(10, 24)}
            assert found["EQUALS"] == {"P009"}


def test_property_property_comparison(known: list[Source]) -> None:
    """/conf/property-property/comparison-value-property, comparison-property-property."""
    for source in known:
        for name, value in source.simple:
            excludes(
                source,
                (f"{value} = {name}", f"{value} <> {name}"),
                (f"{value} > {name}", f"{value} <= {name}"),
                (f"{value} < {name}", f"{value} >= {name}"),
            )
            same = [source.ids(f"{name} {sign} {name}") for sign in ("=", ">=", "<=")]
            assert same[0] == same[1] == same[2] == source.ids(f"{name} IS NOT NULL")
            assert [source.ids(f"{name} {sign} {name}") for sign in ("<>", "<", ">")] == [set()] * 3


@pytest.mark.parametrize(
    "value", ["'foo'", "true", "3.14", "1", "TIMESTAMP('2022-04-14T14:48:46Z')", "DATE('2022-04-14')"]
)
def test_property_property_comparison_value_value(known: list[Source], value: str) -> None:
    """/conf/property-property/comparison-value-value."""
    for source in known:
        for sign in ("=", ">=", "<="):
            assert source.ids(f"{value} {sign} {value}") == all_of(source)
        for sign in ("<>", "<", ">"):
            assert source.ids(f"{value} {sign} {value}") == set()


def test_arithmetic_arithmetic(known: list[Source]) -> None:
    """/conf/arithmetic/arithmetic: against the same sums done here."""
    (parcels,) = (one for one in known if one.collection == "parcels")
    floors = {str(one["id"]): one["properties"]["floors"] for one in tiny.features()}  # type: ignore[index]
    for filter, true in (
        ("floors + 1 = 3", lambda n: n + 1 == 3),
        ("floors * 2 - 1 > 2", lambda n: n * 2 - 1 > 2),
        ("2 ^ floors = 8", lambda n: 2**n == 8),
        ("floors % 2 = 1", lambda n: n % 2 == 1),
        ("floors div 2 = 1", lambda n: n // 2 == 1),
        ("floors / 2 = 0.5", lambda n: n / 2 == 0.5),
        ("(floors + 1) * (floors - 1) = 3", lambda n: (n + 1) * (n - 1) == 3),
        ("floors = 1 + 2 * 1", lambda n: n == 3),
    ):
        assert parcels.ids(filter) == {id for id, n in floors.items() if true(n)}, filter
    assert parcels.ids("1 / floors > 0") == {id for id, n in floors.items() if n}


def test_functions_functions(known: list[Source]) -> None:
    """/conf/functions/functions: each function that `/functions` lists, with several operators."""
    examples = {
        "area": ["area() > 1000", "area(geometry) BETWEEN 1 AND 1e9", "area() / 2 < 1e9"],
        "length": ["length() >= 0", "NOT length() < 0"],
        "perimeter": ["perimeter() > 100", "perimeter(geometry) <> 0"],
        "within_division": ["within_division('130900') OR true", "NOT within_division('130900') OR true"],
        "in_class": ["in_class(land_use_code, '07')", "NOT in_class(land_use_code, '07')"],
    }
    (parcels,) = (one for one in known if one.collection == "parcels")
    listed = {one["name"]: one for one in parcels.client.get("/functions").json()["functions"]}
    assert set(listed) == set(examples)
    for name, filters in examples.items():
        if name == "within_division":  # the tiny layers have no attribute that names a division
            assert all(parcels.refuses(one) for one in filters)
            continue
        for one in filters:
            assert parcels.ids(one) <= all_of(parcels), one
    assert parcels.ids("area() > 1000") == all_of(parcels)
    assert parcels.ids("in_class(land_use_code, '07')") == parcels.ids("land_use_code = '07'") != set()


def test_basic_cql2_days_and_instants_are_compared(known: list[Source]) -> None:
    """Dates with dates; the literal of a day in either way of writing."""
    (parcels,) = (one for one in known if one.collection == "parcels")
    expected = {str(one["id"]) for one in tiny.features() if one["properties"]["approval_date"] < date(2016, 1, 5)}  # type: ignore[index]
    assert parcels.ids("approval_date < DATE('2016-01-05')") == expected
