"""What stands on a feature fits it: no building on water, a school's name is its kind, dates run forward."""

from itertools import pairwise

import numpy as np
import pytest

from config.registry import Registry
from tests.demo.judge import Layers

RATIOS = {"R": (0.8, 2.8), "M": (0.8, 1.5), "W": (0.8, 1.3), "A": (0.3, 1.8), "B": (0.2, 3.2), "U": (0.3, 0.8)}
"""Floor area ratios by main class of GB 50137."""
INDICATORS = ("floor_area_ratio", "building_density", "height_limit")


def numbers(layers: Layers, layer: str, name: str) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in layers.on(layer).columns[name]], dtype=float)


@pytest.mark.parametrize("layer", ["plan-land-use", "approval-land-redline"])
def test_what_may_be_built(layers: Layers, layer: str) -> None:
    classes = np.array([code[0] for code in layers.on(layer).columns["land_use_code"]])
    ratio, density, height = (numbers(layers, layer, name) for name in INDICATORS)
    green = numbers(layers, layer, "green_ratio")
    open_land = np.isin(classes, ["E", "G"])
    assert np.isnan([ratio[open_land], density[open_land], height[open_land]]).all()
    assert np.isnan(green[classes == "E"]).all()
    for first, (low, high) in RATIOS.items():
        chosen = ratio[classes == first]
        assert np.isfinite(chosen).all()
        assert ((chosen >= low) & (chosen <= high)).all(), first
    built = np.isfinite(ratio)
    assert (density[built] + green[built] <= 80).all()
    storeys = ratio[built] / density[built] * 100
    assert (height[built] >= 2.5 * np.floor(storeys)).all()


def test_fields_and_town_are_not_of_one_zone(layers: Layers) -> None:
    columns = layers.on("plan-land-use-tugui").columns
    zones = dict(zip(columns["land_use_code"], columns["use_zone"], strict=True))
    assert zones["1120"] == "010"
    assert zones["2110"] == "030"
    assert set(zip(columns["land_use_code"], columns["use_zone"], strict=True)) == set(zones.items())
    survey = layers.on("current-land-survey").columns
    for code, slope in zip(survey["land_use_code"], survey["slope_class"], strict=True):
        assert (slope == "1") == code.startswith("01")
    assert set(layers.on("plan-permanent-basic-farmland").columns["land_type"]) == {"0102"}


PLACES = {
    "plan-water-supply-point": "facility_type",
    "plan-power-point": "facility_type",
    "plan-infrastructure": "facility_type",
    "current-education-facility": "facility_type",
    "current-medical-facility": "facility_type",
    "current-transport-facility": "facility_type",
}


@pytest.mark.parametrize("layer", PLACES)
def test_a_facility_is_called_what_it_is(layers: Layers, registry: Registry, layer: str) -> None:
    attribute = registry.layers[layer].attribute(PLACES[layer])
    assert attribute is not None
    codes = registry.codelist(attribute.codelist)
    columns = layers.on(layer).columns
    for kind, name in zip(columns[PLACES[layer]], columns["name"], strict=True):
        code = codes.find(kind) if codes else None
        assert code is not None
        assert code.title.zh in name
        assert "模拟" in name


def test_schools_and_hospitals_have_sizes(layers: Layers) -> None:
    school = "current-education-facility"
    pupils, places = numbers(layers, school, "pupils"), numbers(layers, school, "places")
    classes, site = numbers(layers, school, "classes"), numbers(layers, school, "land_area")
    assert ((pupils / places > 0.7) & (pupils / places < 1.1)).all()
    assert ((places / classes > 30) & (places / classes <= 60)).all()
    assert (site / places > 15).all()
    columns = layers.on("current-medical-facility").columns
    beds = dict.fromkeys(columns["facility_type"], 10_000)
    for kind, number in zip(columns["facility_type"], columns["beds"], strict=True):
        beds[kind] = min(beds[kind], number)
    assert beds["general"] > 200 > beds["community"]


def test_pipes_and_lines(layers: Layers) -> None:
    volts, corridor = (numbers(layers, "plan-power-line", name) for name in ("voltage", "corridor_width"))
    assert set(volts) <= {10.0, 35.0, 110.0, 220.0}
    assert np.isnan(corridor[volts == 10]).all()
    assert [float(np.nanmin(corridor[volts == volt])) for volt in (35, 110, 220)] == [15, 25, 35]
    for kind in ("water-supply", "drainage", "gas", "heating"):
        diameter = numbers(layers, f"plan-{kind}-line", "diameter")
        rank = layers.on(f"plan-{kind}-line").columns["pipe_class"]
        means = [diameter[rank == name].mean() for name in ("branch", "main", "transmission")]
        assert means == sorted(means)
        assert len(set(diameter)) <= 6
    assert (numbers(layers, "plan-water-supply-line", "burial_depth") < 6).all()


def test_roads_and_railways(layers: Layers) -> None:
    width = numbers(layers, "current-road-network", "road_width")
    kinds = layers.on("current-road-network").columns["road_class"]
    found = [width[kinds == kind] for kind in ("local", "secondary", "arterial") if (kinds == kind).any()]
    assert len(found) >= 2
    assert all(low.max() < high.min() for low, high in pairwise(found))
    assert (numbers(layers, "current-road-network", "pavement_width") < width).all()
    assert set(layers.on("plan-road-centreline").columns["road_class"]) == {"arterial"}
    assert set(layers.on("current-rail-transit").columns["rail_type"]) == {"railway"}
    transport = layers.on("plan-transport").columns
    for name, kind in zip(transport["name"], transport["transport_type"], strict=True):
        assert (kind == "rail") == ("铁路" in name)


def test_water_and_lines_are_called_what_they_are(layers: Layers) -> None:
    blue = layers.on("plan-blue-line").columns
    for name, kind in zip(blue["name"], blue["water_type"], strict=True):
        if name.startswith(("大运河", "子牙新河")):
            assert kind == ("canal" if "运河" in name else "river")
    green = layers.on("plan-green-line").columns
    named = {"G1": "park", "G2": "protective", "G3": "square"}
    assert all(named[code] == kind for code, kind in zip(green["land_use_code"], green["green_type"], strict=True))


def test_buildings_add_up(layers: Layers) -> None:
    name = "current-building"
    foot, floor = numbers(layers, name, "footprint_area"), numbers(layers, name, "floor_area")
    storeys, height = numbers(layers, name, "storeys"), numbers(layers, name, "building_height")
    assert np.allclose(floor, foot * storeys, atol=0.1)
    assert ((height / storeys > 3) & (height / storeys < 6)).all()
    uses = layers.on(name).columns["building_use"]
    assert {"residential", "industrial", "commercial", "education"} <= set(uses)
    assert storeys[uses == "industrial"].max() <= 3


@pytest.mark.parametrize(
    ("layer", "first", "last"),
    [
        ("permit", "issue_date", "expiry_date"),
        ("approval-land-redline", "issue_date", "expiry_date"),
        ("approval-land-supply-redline", "start_by", "finish_by"),
        ("approval-project-generation", "proposed_on", "generated_on"),
        ("current-affordable-housing", "start_date", "completion_date"),
        ("monitor-task", "issued_on", "received_on"),
        ("review-opinion", "asked_on", "given_on"),
    ],
)
def test_days_run_forward(layers: Layers, layer: str, first: str, last: str) -> None:
    columns = layers.on(layer).columns
    assert (columns[first].astype("datetime64[D]") < columns[last].astype("datetime64[D]")).all()


def test_tasks_count_their_patches(layers: Layers) -> None:
    tasks = layers.on("monitor-task")
    patches = layers.on("monitor-change-patch").columns["task"].tolist()
    assert [int(number) for number in tasks.columns["patches"]] == [patches.count(id) for id in tasks.ids]
    assert sum(tasks.columns["patches"]) == len(patches)
