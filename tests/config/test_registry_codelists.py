"""Code lists and divisions: counts and facts that the standards state."""

from datetime import date

import pytest

from config.layers import CodeList, Level
from config.registry import Registry


def leaves(codelist: CodeList) -> list[str]:
    parents = {one.parent for one in codelist.codes.values()}
    return [code for code in codelist.codes if code not in parents]


def test_gbt_21010_has_12_and_73_classes_in_three_categories(registry: Registry) -> None:
    codes = registry.codelists["land-survey-2017"].codes
    second = [one for one in codes.values() if one.parent]
    assert len(codes) - len(second) == 12
    assert len(second) == 73
    counts = {first: sum(one.parent == first for one in second) for first in codes if len(first) == 2}
    assert list(counts.values()) == [3, 4, 7, 4, 7, 4, 2, 10, 6, 9, 10, 7]

    def category(code: str) -> object:
        return codes[code].properties["category"]

    assert {category(one) for one in ("0101", "0307", "0403", "1006", "1103", "1104", "1107", "1202", "1203")} == {
        "agricultural"
    }
    assert {category(one) for one in ("0501", "0906", "1005", "1109", "1201")} == {"construction"}
    assert {category(one) for one in ("0404", "1101", "1105", "1110", "1204", "1207")} == {"unused"}
    assert all("category" in one.properties for one in second)


def test_the_classification_of_2023_has_24_classes(registry: Registry) -> None:
    codes = registry.codelists["land-use-2023"].codes
    assert [one for one in codes if len(one) == 2] == [f"{n:02d}" for n in range(1, 25)]
    assert all(one.parent == code[:-2] or (one.parent is None and len(code) == 2) for code, one in codes.items())
    construction = {code for code, one in codes.items() if len(code) == 2 and one.properties["construction"] == "yes"}
    assert construction == {f"{n:02d}" for n in range(7, 16)}
    assert codes["16"].properties["construction"] == "conditional"
    assert codes["060101"].properties["construction"] == "conditional"
    assert codes["1311"].properties["construction"] == "yes"
    assert codes["1703"].properties["construction"] == "no"


def test_gb_50137_allows_extensions_of_cities(registry: Registry) -> None:
    codelist = registry.codelists["urban-land-use-2011"]
    assert {one for one in codelist.codes if len(one) == 1} == set("HERABMWSUG")
    found = codelist.find("R2a")
    assert found is not None
    assert found.code == "R2"
    assert codelist.find("Z1") is None
    assert codelist.codes["G2"].properties["construction"] == "yes"
    assert codelist.codes["E12"].properties["construction"] == "no"


def test_a_reservoir_is_construction_in_the_land_plan_only(registry: Registry) -> None:
    """The definitional trap between the two plans (2260 against E12)."""
    assert registry.codelists["land-plan-use"].codes["2260"].properties["construction"] == "yes"
    assert registry.codelists["urban-land-use-2011"].codes["E12"].properties["construction"] == "no"


def test_standards_follow_each_other(registry: Registry) -> None:
    lists = registry.codelists
    assert lists["land-survey-2007"].valid_to == lists["land-survey-2017"].valid_from == date(2017, 11, 1)
    assert lists["urban-land-use-1990"].valid_to == lists["urban-land-use-2011"].valid_from == date(2012, 1, 1)
    assert lists["land-survey-2007"].codes["011"].valid_to is None
    assert registry.codelists["departments"].codes["natural-resources"].valid_from == date(2018, 3, 17)


def test_other_land_lists(registry: Registry) -> None:
    assert "".join(registry.codelists["urban-land-use-1990"].codes) == "RCMWTSUGDE"
    assert len(leaves(registry.codelists["land-survey-2007"])) == 57
    assert leaves(registry.codelists["land-plan-control-zones"]) == ["011", "012", "021", "022", "030", "040"]
    assert len(registry.codelists["land-plan-use-zones"].codes) == 11
    for name in ("land-use-2023", "urban-land-use-2011", "land-survey-2017", "land-survey-2007", "land-plan-use"):
        for one in registry.codelists[name].codes.values():
            assert one.properties["construction"] in ("yes", "no", "conditional")
            assert str(one.properties["color"]).startswith("#")


def test_every_list_states_its_source_and_how_sure_it_is(registry: Registry) -> None:
    for codelist in registry.codelists.values():
        assert codelist.source
        if codelist.id != "divisions":
            assert codelist.reliability in ("high", "high-medium", "medium", "low"), codelist.id
        assert all(one.title.zh and one.title.en for one in codelist.codes.values())


@pytest.mark.parametrize("name", ["task-states", "coordination-states"])
def test_states_lead_to_states(registry: Registry, name: str) -> None:
    codes = registry.codelists[name].codes
    for one in codes.values():
        assert set(str(one.properties.get("next", "")).split()) <= set(codes)


def test_illegal_is_what_was_not_approved(registry: Registry) -> None:
    codes = registry.codelists["patch-approval"].codes
    assert {code: one.properties["illegal"] for code, one in codes.items()} == {
        "approved": False,
        "unapproved": True,
        "not-required": False,
    }


def test_thirteen_units_report_and_nothing_counts_twice(registry: Registry) -> None:
    divisions = registry.divisions
    units = divisions.reporting_units("130000")
    assert len(units) == 13
    assert {one.code for one in units} >= {"139001", "139002", "130900", "130100"}
    counties = [one for one in divisions if one.code.startswith("13") and one.level is Level.COUNTY and one.valid(None)]
    for one in counties:
        unit = divisions.reporting_unit(one.code)
        assert unit in units, one.code
    assert divisions.reporting_unit("130682") == divisions.find("139001")
    assert divisions.reporting_unit("130181") == divisions.find("139002")
    assert divisions.reporting_unit("130902") == divisions.find("130900")
    assert divisions.reporting_unit("130629") == divisions.find("130600")


def test_hebei_has_11_cities_and_167_counties(registry: Registry) -> None:
    divisions = registry.divisions
    cities = [one for one in divisions.children("130000") if one.level is Level.CITY and one.authority == "gbt2260"]
    assert len(cities) == 11
    assert sum(len(divisions.children(one.code)) for one in cities) == 167
    assert {one.code: one.central_meridian for one in cities} == {
        "130100": 114,
        "130200": 117,
        "130300": 120,
        "130400": 114,
        "130500": 114,
        "130600": 114,
        "130700": 114,
        "130800": 117,
        "130900": 117,
        "131000": 117,
        "131100": 117,
    }


def test_codes_change_over_time(registry: Registry) -> None:
    divisions = registry.divisions
    old = divisions.find("130185")
    assert old is not None
    assert old.title.zh == "鹿泉市"
    assert old.successor == "130110"
    assert old.valid(date(2014, 9, 8))
    assert not old.valid(date(2014, 9, 9))
    assert "130185" in divisions.within("130110")
    then = {one.code for one in divisions.children("130100", date(2010, 1, 1))}
    assert "130185" in then
    assert "130110" not in then


def test_within_knows_every_code_of_a_place(registry: Registry) -> None:
    inside = registry.divisions.within("130600")
    assert {"130600", "130682", "139001", "130621", "130638"} <= inside
    assert "130900" not in inside
    assert {"130682", "139001"} <= registry.divisions.within("139001")
    assert "130000" not in registry.divisions.within("139001")


def test_longer_codes_find_their_county(registry: Registry) -> None:
    found = registry.divisions.find("130902001003")
    assert found is not None
    assert found.title.zh == "新华区"
    code = registry.codelists["divisions"].find("130902001003")
    assert code is not None
    assert code.code == "130902"
    assert registry.divisions.find("999999") is None


def test_partner_and_pilot_cities(registry: Registry) -> None:
    partner = registry.divisions.find("371423")
    assert partner is not None
    assert partner.parent == "371400"
    pilots = [
        "沈阳",
        "长春",
        "南京",
        "厦门",
        "广州",
        "深圳",
        "成都",
        "福州",
        "长沙",
        "乌鲁木齐",
        "苏州",
        "南通",
        "嘉兴",
    ]
    pilots += ["台州", "柳州"]
    names = {one.title.zh.removesuffix("市") for one in registry.divisions if one.level is Level.CITY}
    assert len(pilots) == 15
    assert set(pilots) <= names
