"""鹿泉 has hazards on its hills, away from the project that is reviewed there; 正定 has an old town."""

from typing import Any

import numpy as np
import pytest
import shapely

from server.demo.world import World
from tests.demo.judge import Layers, Rows, overlaps, plane

HILLS, OLD_TOWN = "130110", "130123"


def of(layers: Layers, layer: str, division: str) -> Rows:
    return layers.on(layer).where(lambda rows: [code == division for code in rows.columns["division_code"]])


def test_hazards_lie_on_the_hills(layers: Layers, world: World) -> None:
    areas, sites = of(layers, "current-geohazard-area", HILLS), of(layers, "current-geohazard-site", HILLS)
    assert (len(areas), len(sites)) == (4, 8)
    assert set(sites.columns["hazard_type"]) == {"landslide", "collapse", "debris-flow"}
    assert shapely.covers(shapely.union_all(areas.shapes), sites.shapes).all()
    county = world.boundaries[HILLS]
    west, _, east, _ = shapely.bounds(county)
    assert shapely.covers(county, areas.shapes).all()
    assert (shapely.get_x(sites.shapes) < west + 0.45 * (east - west)).all()


def test_hazards_are_away_from_the_project(layers: Layers, truth: dict[str, Any]) -> None:
    project = layers.on("project").by_id()[truth["siting"]["project"]]
    areas = of(layers, "current-geohazard-area", HILLS)
    assert np.min(shapely.distance(plane(areas.shapes), plane(project))) > 2_000


def test_an_old_town(layers: Layers) -> None:
    town = of(layers, "plan-historic-urban-area", OLD_TOWN)
    quarters = of(layers, "plan-historic-conservation-area", OLD_TOWN)
    assert (len(town), len(quarters)) == (1, 4)
    assert shapely.covers(town.shapes[0], quarters.shapes).all()
    zones = quarters.columns["protection_zone"]
    assert overlaps(quarters.where(zones == "core"), quarters.where(zones == "control")) == []
    for layer in ("plan-heritage-site", "current-heritage-site"):
        sites = of(layers, layer, OLD_TOWN)
        assert len(sites) == 4
        assert shapely.covers(shapely.union_all(quarters.shapes), sites.shapes).all()
    assert set(town.columns["plan_name"]) == {"石家庄市历史城区范围（模拟）"}


@pytest.mark.parametrize("layer", ["plan-purple-line", "plan-land-use"])
def test_no_rule_meets_it(layers: Layers, layer: str) -> None:
    town = of(layers, "plan-historic-urban-area", OLD_TOWN)
    assert overlaps(layers.on(layer), town) == []
