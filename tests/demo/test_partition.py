"""Both plans are coverages: no overlap, no gap, borders shared to the last digit, nine decimals."""

import numpy as np
import pytest
import shapely

from server.demo.world import World
from tests.demo.judge import Layers

PLANS = ("plan-land-use", "plan-land-use-tugui")


@pytest.fixture(scope="module")
def hulls(world: World) -> list[shapely.Geometry]:
    return [shapely.Polygon(zoned.lattice.ring(_whole(zoned.lattice))) for zoned in world.towns]


def _whole(lattice: object) -> object:
    from server.demo.lattice import Patch

    return Patch(0, len(lattice.across), 0, len(lattice.up))  # type: ignore[attr-defined]


@pytest.mark.parametrize("plan", PLANS)
def test_towns_are_coverages(layers: Layers, hulls: list[shapely.Geometry], plan: str) -> None:
    rows = layers.on(plan)
    for hull in hulls:
        inside = rows.where(shapely.within(shapely.point_on_surface(rows.shapes), hull))
        parts = shapely.get_parts(inside.shapes)
        assert shapely.coverage_is_valid(parts)
        whole = shapely.coverage_union_all(parts)
        assert whole.geom_type == "Polygon"
        assert len(whole.interiors) == 0


@pytest.mark.parametrize("plan", PLANS)
def test_nothing_overlaps_within_a_plan(layers: Layers, plan: str) -> None:
    shapes = layers.on(plan).shapes
    a, b = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    shared = shapely.area(shapely.intersection(shapes[a], shapes[b]))
    assert shared.max(initial=0) * 1e10 < 5_500  # only the planted overlaps at a border, together 0.50 ha


def test_nine_decimals_everywhere(layers: Layers) -> None:
    for layer, loads in layers.loads.items():
        for _, rows in loads:
            points = shapely.get_coordinates(rows.shapes)
            if len(points):
                assert (points == np.round(points, 9)).all(), layer


def test_the_second_department_draws_a_little_off(layers: Layers) -> None:
    plan, tugui = (layers.on(name) for name in PLANS)
    nodes = {tuple(p) for p in shapely.get_coordinates(plan.shapes).tolist()}
    others = shapely.get_coordinates(tugui.shapes)
    off = others[[tuple(p) not in nodes for p in others.tolist()]]
    tree = shapely.STRtree(shapely.points(list(nodes)))
    near = tree.query_nearest(shapely.points(off), return_distance=True, all_matches=False)[1]
    metres = near * 100_000
    drawn = (metres > 0.3) & (metres < 4)
    assert drawn.sum() > 5_000
