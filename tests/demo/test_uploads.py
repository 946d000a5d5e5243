"""The uploads are as wrong as they claim, and their right forms agree with the parcels they were made from."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from config.registry import Registry
from server.demo.plans import PLAN
from server.demo.uploads import write_uploads
from server.demo.world import World
from store.ingest.loader import Node, Options, load_file
from store.ingest.reference import boundaries
from tests.demo.judge import plane


@pytest.fixture(scope="module")
def folder(world: World, registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("uploads")
    write_uploads(made, world, registry)
    return made


@pytest.fixture(scope="module")
def claims(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "uploads.json").read_text("utf-8"))


def shapes_of(path: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    meta, _, wkb, values = pyogrio.raw.read(path)
    return shapely.from_wkb(wkb), dict(zip(meta["fields"], values, strict=True))


def bounds_away(shapes: np.ndarray, claims: dict[str, Any]) -> np.ndarray:
    """Metres between the lower corners and where the parcels truly are."""
    expected = plane(shapely.points(np.array(claims["expected"])[:, :2]))
    return shapely.distance(plane(shapely.points(shapely.bounds(shapes)[:, :2])), expected)


def test_gbk_shapefile(folder: Path, claims: dict[str, Any]) -> None:
    shapes, values = shapes_of(folder / "gbk.shp")
    assert "住宅用地" in "".join(values["YDMC"])
    assert "住宅用地".encode("gbk") in (folder / "gbk.dbf").read_bytes()
    assert shapely.bounds(shapes)[:, 0].min() > 39_000_000
    back = Transformer.from_crs(4527, 4490, always_xy=True)
    turned = shapely.transform(shapes, lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1])))
    assert bounds_away(turned, claims).max() < 0.01


def test_gcj02_is_shifted_by_about_530_m(folder: Path, claims: dict[str, Any]) -> None:
    shapes, _ = shapes_of(folder / "gcj02.geojson")
    away = bounds_away(shapes, claims["gcj02.geojson"])
    assert len(shapes) == 80
    assert 480 < away.min() <= away.max() < 600
    assert claims["gcj02.geojson"]["shift_m"] == pytest.approx(away.mean(), abs=5)


def test_swapped_axes(folder: Path, claims: dict[str, Any]) -> None:
    shapes, _ = shapes_of(folder / "swapped.geojson")
    assert shapely.bounds(shapes)[:, 0].max() < 90
    assert bounds_away(shapely.transform(shapes, lambda xy: xy[:, ::-1]), claims).max() < 0.01


def test_wrong_zone(folder: Path) -> None:
    shapes, _ = shapes_of(folder / "zone38.shp")
    east = shapely.bounds(shapes)[:, 0]
    assert (east // 1_000_000 == 38).all()
    assert (east - 38_500_000 > 200_000).all()  # far outside zone 38, which ends at 115.5 E


def test_wrong_prefix(folder: Path, claims: dict[str, Any]) -> None:
    shapes, _ = shapes_of(folder / "prefix38.shp")
    right = shapely.transform(shapes, lambda xy: xy + np.array([1_000_000.0, 0.0]))
    back = Transformer.from_crs(4527, 4490, always_xy=True)
    turned = shapely.transform(right, lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1])))
    assert bounds_away(turned, claims).max() < 0.01


def test_coordinate_list_in_xian80(folder: Path, claims: dict[str, Any]) -> None:
    text = (folder / "xian80.txt").read_bytes().decode("gb18030")
    points = [line.split(",") for line in text.partition("[地块坐标]")[2].split("\r\n") if line.startswith("J")]
    north, east = (np.array([float(point[k]) for point in points]) for k in (2, 3))
    assert (north < 5_000_000).all()
    assert (east // 1_000_000 == 39).all()
    plain = Transformer.from_crs(4527, 4490, always_xy=True).transform(east, north)
    where = np.array(claims["expected"])
    away = shapely.distance(
        plane(shapely.MultiPoint(np.column_stack(plain)).envelope.centroid),
        plane(shapely.box(where[:, 0].min(), where[:, 1].min(), where[:, 2].max(), where[:, 3].max()).centroid),
    )
    assert 5 < away < 300  # read as CGCS2000 it lies off by the datum shift, unseen


def test_package_and_its_twin(folder: Path, claims: dict[str, Any], registry: Registry) -> None:
    twin, right = shapes_of(folder / "package-corrected.gpkg")
    assert shapely.is_valid(twin).all()
    assert len(set(right["BSM"])) == len(twin) == 24
    codes = registry.codelists["urban-land-use-2011"]
    assert all(codes.find(code) is not None for code in right["YDDM"])
    wrong, values = shapes_of(folder / "package-errors.gpkg")
    errors = {one["check"]: one["BSM"] for one in claims["package-errors.gpkg"]["errors"]}
    assert len(set(errors.values())) == len(errors) == 17
    place = {id: k for k, id in enumerate(right["BSM"])}
    for check, id in errors.items():
        k = place[id]
        changed = any(values[name][k] != right[name][k] for name in right) or not wrong[k].equals(twin[k])
        assert changed or check in ("overlap", "gap"), check
    assert not wrong[place[errors["self-intersection"]]].is_valid
    assert wrong[place[errors["empty-geometry"]]] is None or wrong[place[errors["empty-geometry"]]].is_empty
    k = place[errors["overlap"]]
    assert shapely.area(shapely.intersection(wrong[k], np.delete(wrong[:24], [k, 7, 14]))).max() > 0


@pytest.mark.parametrize(
    ("name", "code", "passed"),
    [
        ("gbk.shp", None, True),
        ("zone38.shp", "crs-zone-distant", True),
        ("prefix38.shp", "crs-zone-suspected", False),
        ("swapped.geojson", "crs-axes-swapped", False),
    ],
)
def test_a_dry_run_tells(
    folder: Path, world: World, registry: Registry, name: str, code: str | None, passed: bool
) -> None:
    """Against the division that each states: three degrees too far west is still within the province."""
    known = boundaries(world.boundaries.shapes, world.boundaries.shapes.values(), frozenset({"130000"}))
    node = Node(codelists=registry.codelists, boundaries=known)
    outcome = load_file(None, registry.layers[PLAN], str(folder / name), node, Options(dry_run=True))
    found = {one for one in outcome.log.counts if outcome.log.severity(one).value != "info"}
    assert found == ({code} if code else set())
    assert outcome.passed == passed


def test_equal_bytes(folder: Path, world: World, registry: Registry, tmp_path: Path) -> None:
    write_uploads(tmp_path, world, registry)
    for path in sorted(folder.iterdir()):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name
