"""Areas beside `pyproj.Geod` and beside an equal-area projection."""

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer
from shapely.affinity import rotate

from config.errors import RequestError
from processes.area import INVERSE_FLATTENING, SEMI_MAJOR, Geodesic, Plane
from store.criteria import Box

GEOD = Geod(a=SEMI_MAJOR, rf=INVERSE_FLATTENING)


def stars(size: float, corners: int, count: int = 200, seed: int = 5) -> np.ndarray:
    """Star-shaped polygons of about `size` degrees, anywhere in China."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        angle = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.uniform(0, 1 / corners, corners)
        radius = rng.uniform(0.5, 1, corners) * size
        x, y = rng.uniform(73, 135), rng.uniform(3, 54)
        made.append(shapely.Polygon(np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])))
    return np.array(made, dtype=object)


@pytest.mark.parametrize(("size", "corners"), [(0.01, 4), (0.01, 30), (0.05, 4), (0.05, 300), (0.3, 5), (2.0, 7)])
def test_geodesic_area_is_that_of_geod(size: float, corners: int) -> None:
    polygons = stars(size, corners)
    area, perimeter = Geodesic().measure(polygons)
    expected = np.array([GEOD.geometry_area_perimeter(one) for one in polygons])
    np.testing.assert_allclose(area, np.abs(expected[:, 0]), rtol=1e-9)
    np.testing.assert_allclose(perimeter, expected[:, 1], rtol=2e-7)


@pytest.mark.parametrize("metres", [0.1, 1, 30, 300])
def test_small_areas_are_those_of_an_equal_area_projection(metres: float) -> None:
    """Geod itself is good to some 0.1 mm2 a vertex at best, too coarse for a parcel; edges this short are straight."""
    flat = Transformer.from_crs(
        CRS.from_proj4(f"+proj=longlat +a={SEMI_MAJOR} +rf={INVERSE_FLATTENING}"),
        CRS.from_proj4(f"+proj=laea +lon_0=117.05 +lat_0=38.05 +a={SEMI_MAJOR} +rf={INVERSE_FLATTENING}"),
        always_xy=True,
    )
    side = metres / 90_000
    squares = np.array(
        [rotate(shapely.box(117.05, 38.05, 117.05 + side, 38.05 + side), angle) for angle in range(0, 90, 7)]
    )
    area, _ = Geodesic().measure(squares)
    expected = shapely.area(shapely.transform(squares, lambda xy: np.column_stack(flat.transform(*xy.T))))
    np.testing.assert_allclose(area, expected, rtol=1e-6 if metres < 1 else 2e-8)


def test_holes_parts_orientation_and_nothing() -> None:
    shell = shapely.box(117, 38, 117.1, 38.1)
    hole = shapely.box(117.02, 38.02, 117.03, 38.03)
    other = shapely.box(118, 38, 118.1, 38.1)
    shapes = [
        shell,
        hole,
        shapely.Polygon(shell.exterior, [hole.exterior]),
        shapely.reverse(shapely.Polygon(shell.exterior, [hole.exterior])),
        shapely.MultiPolygon([shell, other]),
        shapely.Polygon(),
        None,
    ]
    area, perimeter = Geodesic().measure(np.array(shapes, dtype=object))
    assert area[2] == pytest.approx(area[0] - area[1], rel=1e-12)
    assert area[3] == pytest.approx(area[2], rel=1e-12)
    assert area[4] == pytest.approx(2 * area[0], rel=1e-9)
    assert area[5] == area[6] == perimeter[5] == perimeter[6] == 0
    assert perimeter[2] == pytest.approx(perimeter[0] + perimeter[1])


def test_many_polygons_are_measured_as_each_alone() -> None:
    polygons = np.tile(stars(0.01, 9, count=60), 80)
    area, _ = Geodesic().measure(polygons)
    alone = np.array([Geodesic().measure(polygons[n : n + 1])[0][0] for n in range(60)])
    np.testing.assert_array_equal(area, np.tile(alone, 80))


def test_plane_area_in_its_zone_and_beside_it() -> None:
    """domain.md's measure of Hebei: within 422 ppm in its own 3-degree zone, over 1,000 ppm off in the neighbour's."""
    polygon = np.array([shapely.box(116.8, 38.3, 116.81, 38.31)], dtype=object)
    geodesic = Geodesic().measure(polygon)[0][0]
    own = Plane("EPSG:4548").measure(polygon)[0][0]
    neighbour = Plane("EPSG:4547").measure(polygon)[0][0]
    assert abs(own / geodesic - 1) < 422e-6
    assert neighbour / geodesic - 1 > 1000e-6


HERE = Box(116.5, 38.2, 117.0, 38.4)


@pytest.mark.parametrize("crs", ["EPSG:4548", "EPSG:4527", "EPSG:4509", "EPSG:32650"])
def test_plane_takes_the_transverse_mercators_of_the_place(crs: str) -> None:
    Plane(crs).check(HERE)


@pytest.mark.parametrize(
    ("crs", "says"),
    [("EPSG:2154", "France"), ("EPSG:26986", "Massachusetts"), ("EPSG:4538", "CM"), ("EPSG:3857", "1.62 times")],
)
def test_plane_refuses_a_crs_of_another_place_and_one_that_distorts(crs: str, says: str) -> None:
    Plane(crs).check()
    with pytest.raises(RequestError) as caught:
        Plane(crs).check(HERE)
    (fault,) = caught.value.faults
    assert fault.where == "areaCrs"
    assert says in fault.what or says in str(caught.value)
    assert "EPSG:4548, CGCS2000 / 3-degree Gauss-Kruger CM 117E" in fault.remedy


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:0", "nonsense", "EPSG:2263"])
def test_plane_refuses_what_cannot_measure_metres(crs: str) -> None:
    with pytest.raises(RequestError) as caught:
        Plane(crs).check()
    assert caught.value.faults[0].where == "areaCrs"
