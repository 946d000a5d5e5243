"""Along borders: gaps, overlaps and class jumps of 盐山 and 庆云; none between 辛集 and 深州."""

from typing import Any

import pytest
import shapely

from tests.demo.judge import Layers, Rows, area, plane

TUGUI = "plan-land-use-tugui"


def sides(layers: Layers, left: str, right: str) -> tuple[Rows, Rows, Any]:
    """The parcels of both divisions near their border, and the border."""
    divisions = layers.on("base-admin-area").by_id()
    line = shapely.intersection(divisions[left], divisions[right])
    rows = layers.on(TUGUI)
    near = rows.where(shapely.dwithin(plane(rows.shapes), plane(line), 120.0))
    codes = near.columns["division_code"]
    return near.where(codes == left), near.where(codes == right), line


def defects(layers: Layers, left: str, right: str) -> dict[str, list[float]]:
    """Per facing pair: the overlap, the strip between them, and whether one is built and the other not."""
    first, second, _ = sides(layers, left, right)
    drawn = plane(second.shapes)
    nearest = shapely.STRtree(drawn).nearest(plane(first.shapes))
    found: dict[str, list[float]] = {"gap": [], "overlap": [], "jump": [], "clean": []}
    for k, other in enumerate(nearest.tolist()):
        a, b = first.shapes[k], second.shapes[other]
        shared = area(shapely.intersection(a, b)) / 10_000
        between = area(strip(a, b)) / 10_000 if not shapely.intersects(a, b) else 0.0
        jump = (first.columns["land_use_code"][k][0] == "2") != (second.columns["land_use_code"][other][0] == "2")
        kind = "overlap" if shared > 0.0001 else "gap" if between > 0.0001 else "jump" if jump else "clean"
        found[kind].append(shared + between)
    return found


def strip(first: Any, second: Any) -> Any:
    """What lies between two facing parcels: their hull without them, cut to the sides that face."""
    ends = []
    for one, other in ((first, second), (second, first)):
        points = shapely.points(shapely.get_coordinates(one)[:-1])
        near = sorted(points, key=lambda point: shapely.distance(point, other))[:2]
        ends.append(near)
    return shapely.difference(shapely.MultiPoint([*ends[0], *ends[1]]).convex_hull, shapely.union(first, second))


def test_yanshan_and_qingyun(layers: Layers, truth: dict[str, Any]) -> None:
    found = defects(layers, "130925", "371423")
    claimed = truth["border"]
    assert {name: len(sizes) for name, sizes in found.items() if name != "clean"} == {"gap": 3, "overlap": 2, "jump": 4}
    assert sum(found["gap"]) == pytest.approx(0.80, abs=0.005)
    assert sum(found["overlap"]) == pytest.approx(0.50, abs=0.005)
    assert len(found["clean"]) == claimed["clean"] >= 2


def test_two_zones_have_no_false_gap(layers: Layers, truth: dict[str, Any]) -> None:
    found = defects(layers, "130181", "131182")
    assert {name: len(sizes) for name, sizes in found.items()} == {"gap": 0, "overlap": 0, "jump": 0, "clean": 40}
    shapes = layers.on(TUGUI).by_id()
    for left, right in truth["border-two-zones"]["pairs"]:
        corners = [{tuple(p) for p in shapely.get_coordinates(shapes[id]).tolist()} for id in (left, right)]
        assert len(corners[0] & corners[1]) == 2
