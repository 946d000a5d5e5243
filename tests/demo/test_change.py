"""248 change patches: the seed's tables come out of patches and permits; the trend of the central city."""

from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely

from tests.demo.judge import Layers, Rows, area, overlaps

PATCHES = "monitor-change-patch"
LATER = np.datetime64("2015-10-01")
TABLE = {"approved": (33, 1_218_301), "unapproved": (201, 950_270), "not-required": (14, 90_181)}


def approved_by(layers: Layers, patches: Rows) -> dict[str, str]:
    """Supply modes of patches half of which lies in a works permit before the later image, earlier documents given."""
    permits = layers.on("permit")
    early = np.array(permits.columns["issue_date"], dtype="datetime64[D]") < LATER
    kinds = {
        kind: set(permits.columns["project_code"][early & (permits.columns["permit_type"] == kind)]) for kind in KINDS
    }
    works = permits.where(early & (permits.columns["permit_type"] == "works"))
    by_id = dict(zip(works.ids, range(len(works)), strict=True))
    sizes = {id: area(shape) for id, shape in patches.by_id().items()}
    found = {}
    for one in overlaps(patches, works):
        k = by_id[one.right]
        mode, project = works.columns["supply_mode"][k], works.columns["project_code"][k]
        complete = project in kinds["land"] and (mode == "grant" or project in kinds["siting"])
        if one.area >= 0.5 * sizes[one.left] and complete:
            found[one.left] = mode
    return found


KINDS = ("siting", "land", "works")


@pytest.fixture(scope="module")
def patches(layers: Layers) -> Rows:
    return layers.on(PATCHES, date(2016, 12, 31))


def test_table_two(layers: Layers, patches: Rows, truth: dict[str, Any]) -> None:
    modes = approved_by(layers, patches)
    classes = {
        id: "approved" if id in modes else "not-required" if reason else "unapproved"
        for id, reason in zip(patches.ids, patches.columns["not_required_reason"], strict=True)
    }
    sizes = {id: area(shape) for id, shape in patches.by_id().items()}
    for name, (count, total) in TABLE.items():
        ids = [id for id, value in classes.items() if value == name]
        assert len(ids) == count
        assert sum(sizes[id] for id in ids) == pytest.approx(total, abs=0.4)
    assert {one["patch"]: one["class"] for one in truth["change"]["patches"]} == classes
    assert sum(mode == "grant" for mode in modes.values()) == 12


def test_recorded_areas_are_the_seeds(patches: Rows, truth: dict[str, Any]) -> None:
    recorded = dict(zip(patches.ids, patches.columns["area"].astype(float), strict=True))
    for name, (_, total) in TABLE.items():
        ids = [one["patch"] for one in truth["change"]["patches"] if one["class"] == name]
        assert sum(recorded[id] for id in ids) == total


def test_before_the_returns(layers: Layers) -> None:
    loaded = layers.on(PATCHES, date(2016, 1, 15))
    assert len(loaded) == 248
    assert not any(loaded.columns["not_required_reason"])
    assert not any(loaded.columns["approval"])
    assert len(approved_by(layers, loaded)) == 33


def test_against_the_plan_and_progress(layers: Layers, patches: Rows, truth: dict[str, Any]) -> None:
    plan = layers.on("plan-land-use")
    a, b = shapely.STRtree(plan.shapes).query(patches.shapes, predicate="within")
    assert sorted(a.tolist()) == list(range(248))
    codes = plan.columns["land_use_code"][b]
    assert sum(code[0] in "EG" for code in codes) == 90
    progress = patches.columns["progress"].tolist()
    assert {name: progress.count(name) for name in set(progress)} == {"built": 61, "building": 142, "not-begun": 45}
    rejected = patches.ids[patches.columns["state"] == "rejected"]
    assert len(rejected) == 3
    assert set(rejected) == set(truth["change"]["rejected"])


def test_patches_do_not_touch(patches: Rows) -> None:
    a, b = shapely.STRtree(patches.shapes).query(patches.shapes, predicate="intersects")
    assert (a == b).all()


LETTERS = "GRAMWHSUB"


def test_trend(layers: Layers, truth: dict[str, Any]) -> None:
    claimed = truth["trend"]
    for year in range(2012, 2017):
        rows = layers.on("current-land-use", date(year, 12, 31))
        sizes = np.array([area(shape) for shape in rows.shapes]) / 10_000
        letters = np.array([code[0] for code in rows.columns["land_use_code"]])
        assert set(letters) == set(LETTERS)
        assert sizes.sum() == pytest.approx(claimed["series"][str(year)]["total_ha"], abs=0.005)
        for letter, (_, size) in zip(LETTERS, claimed["series"][str(year)]["classes_ha"].items(), strict=True):
            assert sizes[letters == letter].sum() == pytest.approx(size, abs=0.005)
    assert claimed["series"]["2012"]["total_ha"] == pytest.approx(6_820, abs=0.005)
    assert claimed["series"]["2016"]["total_ha"] == pytest.approx(7_540, abs=0.005)


def test_growth_to_the_southeast(layers: Layers, truth: dict[str, Any]) -> None:
    claimed = truth["trend"]
    rows = layers.on("current-land-use")
    new = rows.where(rows.columns["survey_year"].astype(int) > 2012)
    sizes = np.array([area(shape) for shape in new.shapes]) / 10_000
    middle = shapely.get_coordinates(shapely.centroid(new.shapes)) - claimed["centre"]
    azimuth = np.degrees(np.arctan2(middle[:, 0] * np.cos(np.radians(38.308)), middle[:, 1])) % 360
    southeast = (azimuth > claimed["sector_deg"][0]) & (azimuth < claimed["sector_deg"][1])
    assert sizes.sum() == pytest.approx(720.0, abs=0.01)
    assert sizes[southeast].sum() / sizes.sum() == pytest.approx(0.46, abs=0.0005)


def test_current_uses_do_not_overlap(layers: Layers) -> None:
    rows = layers.on("current-land-use")
    a, b = shapely.STRtree(rows.shapes).query(rows.shapes, predicate="overlaps")
    assert shapely.area(shapely.intersection(rows.shapes[a], rows.shapes[b])).max(initial=0) < 1e-15
