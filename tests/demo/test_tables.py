"""The seed's tables."""

from typing import Any

from tests.demo.judge import Layers


def test_investment_totals_are_row_sums(layers: Layers, truth: dict[str, Any]) -> None:
    rows = layers.on("stat-economic-social")
    table: dict[str, dict[str, float]] = {}
    for code, name, value in zip(*(rows.columns[c] for c in ("division_code", "indicator_name", "value")), strict=True):
        table.setdefault(code, {})[name.rpartition("-")[2]] = float(value)
    assert len(table) == 10
    for values in table.values():
        assert values.pop("合计") == sum(values.values())
    assert sum(table["130900"].values()) == 119_361
    assert sum(table["130983"].values()) == 135_740
    assert {one["division"] for one in truth["investment"]["rows"]} == set(table)


def test_statistics_join_divisions(layers: Layers, registry: Any) -> None:
    codes = set(layers.on("stat-economic-social").columns["division_code"])
    assert all(code in registry.divisions for code in codes)
    assert "130900" in layers.on("base-admin-area").ids


def test_exchange(layers: Layers) -> None:
    rows = layers.on("exchange-record")
    assert sorted(rows.columns["records"].tolist()) == [17_011, 140_120]


def test_thirteen_cities_report(layers: Layers, truth: dict[str, Any]) -> None:
    rows = layers.on("work-report")
    assert set(rows.columns["division_code"]) == set(truth["reporting"]["cities"])
    assert len(truth["reporting"]["cities"]) == 13
    missing = rows.where(rows.columns["state"] == "missing")
    assert set(missing.columns["division_code"]) == {one["division"] for one in truth["reporting"]["missing"]}


def test_193_indicators(layers: Layers) -> None:
    assert len(layers.on("indicator")) == 193
    known = set(layers.on("indicator").ids)
    assert set(layers.on("indicator-value").columns["indicator"]) <= known
