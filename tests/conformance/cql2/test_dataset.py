"""CQL2, Annex A: `/conf/*/test-data`, the filters of the standard on its dataset with the counts that it states.

Three rows of the table of accents state a count that its own dataset contradicts; `FITTING` lists them with the names
that show it, and they are held to the count that the dataset gives.
"""

import json
from pathlib import Path
from typing import Any

import cql2
import pyogrio
import pytest

from tests.conformance.cql2 import natural_earth
from tests.conformance.cql2.conftest import Earth
from tests.conformance.cql2.natural_earth import PLACES
from tests.store.filters import ats

STANDARD = "http://www.opengis.net/spec/cql2/1.0"
FITTING = {
    "ACCENTI(name) LIKE accenti('Ch%')": ["Chengdu", "Chicago", "Chișinău"],
    "ACCENTI(CASEI(name)) LIKE accenti(casei('Chiș%'))": ["Chișinău"],
    "ACCENTI(CASEI(name)) LIKE accenti(casei('cHis%'))": ["Chișinău"],
}
"""Of the errata, the names in the dataset that fit: of each the standard says that they are two."""
TABLES = {
    "basic-cql2": 48,
    "advanced-comparison-operators": 14,
    "case-insensitive-comparison": 10,
    "accent-insensitive-comparison": 11,
    "basic-spatial-functions": 8,
    "basic-spatial-functions-plus": 7,
    "spatial-functions": 26,
    "temporal-functions": 36,
    "property-property": 101,
    "arithmetic": 13,
}
"""How many filters the standard gives to each class."""


def wrong(earth: Earth, dataset: Path, conf_class: str, language: str) -> list[str]:
    """The filters of a class whose count is not the expected one."""
    found = []
    rows = [one for one in natural_earth.cases(dataset)["cases"] if one["conf_class"] == conf_class]
    assert len(rows) == TABLES[conf_class]
    for one in rows:
        expected = ats.ERRATA.get(one["filter"], one["expected"])
        answer = asked(earth, one["collection"], one["filter"], language)
        count = len(answer.json()["features"]) if answer.status_code == 200 else answer.text
        if count != expected:
            found.append(f"{one['collection']}: {one['filter']}: {count} instead of {expected}")
    return found


def asked(earth: Earth, collection: str, filter: str, language: str) -> Any:
    if language == "cql2-text":
        return earth.ask(collection, filter)
    # The standard writes its filters as text only; the reference library writes them as JSON.
    return earth.ask(collection, json.dumps(cql2.parse_text(filter).to_json()), **{"filter-lang": "cql2-json"})


@pytest.fixture(params=["cql2-text", "cql2-json"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_basic_cql2_test_data(earth: Earth, dataset: Path, language: str) -> None:
    assert wrong(earth, dataset, "basic-cql2", language) == []


def test_basic_cql2_test_data_combinations(earth: Earth, dataset: Path, language: str) -> None:
    """/conf/basic-cql2/logical with the table of combinations: all 77."""
    known = natural_earth.cases(dataset)
    template, found = known["combination_template"], []
    assert len(known["combinations"]) == 77
    for one in known["combinations"]:
        filter = template.format(**{f"p{n}": text for n, text in enumerate(one["p"], 1)})
        answer = asked(earth, PLACES, filter, language)
        count = len(answer.json()["features"]) if answer.status_code == 200 else answer.text
        if count != one["expected"]:
            found.append(f"{filter}: {count} instead of {one['expected']}")
    assert found == []


def test_advanced_comparison_operators_test_data(earth: Earth, dataset: Path, language: str) -> None:
    assert wrong(earth, dataset, "advanced-comparison-operators", language) == []


def test_case_insensitive_comparison_test_data(earth: Earth, dataset: Path, language: str) -> None:
    assert wrong(earth, dataset, "case-insensitive-comparison", language) == []


def test_accent_insensitive_comparison_test_data(earth: Earth, dataset: Path, language: str) -> None:
    assert wrong(earth, dataset, "accent-insensitive-comparison", language) == []


def test_basic_spatial_functions_test_data(earth: Earth, dataset: Path, language: str) -> None:
    assert wrong(earth, dataset, "basic-spatial-functions", language) == []


def test_basic_spatial_functions_plus_test_data(earth: Earth, dataset: Path, language: str) -> None:
    assert wrong(earth, dataset, "basic-spatial-functions-plus", language) == []


def test_spatial_functions_test_data(earth: Earth, dataset: Path, language: str) -> None:
    assert wrong(earth, dataset, "spatial-functions", language) == []


def test_temporal_functions_test_data(earth: Earth, dataset: Path, language: str) -> None:
    assert wrong(earth, dataset, "temporal-functions", language) == []


def test_property_property_test_data(earth: Earth, dataset: Path, language: str) -> None:
    assert wrong(earth, dataset, "property-property", language) == []


def test_arithmetic_test_data(earth: Earth, dataset: Path, language: str) -> None:
    assert wrong(earth, dataset, "arithmetic", language) == []


def test_accent_insensitive_comparison_errata(dataset: Path) -> None:
    """The three rows that are held to another count: the dataset itself, without any filter language, shows why."""
    import unicodedata

    def plain(text: str, fold: bool) -> str:
        bare = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
        return bare.casefold() if fold else bare

    names = pyogrio.read_dataframe(dataset / natural_earth.FILE, layer=PLACES, columns=["name"])["name"]
    stated = {one["filter"]: one["expected"] for one in natural_earth.cases(dataset)["cases"]}
    assert set(FITTING) == set(ats.ERRATA)
    for filter, fitting in FITTING.items():
        assert stated[filter] == 2 != len(fitting) == ats.ERRATA[filter]
        fold = "CASEI" in filter
        start = plain("Ch" if not fold else "Chiș", fold)
        assert sorted(one for one in names if plain(one, fold).startswith(start)) == fitting
