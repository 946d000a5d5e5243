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
from server.cli.main import main
from server.demo.fill import Ready
from server.demo.make import fill_store, write_node
from server.demo.uploads import write_uploads
from server.demo.world import World
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


@pytest.fixture(scope="module")
def node(ready: list[Ready], registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node that holds the administrative areas alone."""
    place = tmp_path_factory.mktemp("node")
    fill_store(f"sqlite:///{place}", registry, (one for one in ready if one.layer == "base-admin-area"), lambda _: None)
    write_node(place)
    return place


UPLOADS = ("xian80.txt", "gcj02.geojson", "gbk.shp", "swapped.geojson", "zone38.shp", "prefix38.shp")
PACKAGES = ("package-errors.gpkg", "package-corrected.gpkg")


def test_every_upload_has_a_verdict(folder: Path, claims: dict[str, Any]) -> None:
    assert set(claims) - {"expected"} == {*UPLOADS, *PACKAGES}
    sidecars = {".json", ".yaml", ".dbf", ".shx", ".prj", ".cpg"}
    assert {path.name for path in folder.iterdir() if path.suffix not in sidecars} == {*UPLOADS, *PACKAGES}


@pytest.mark.parametrize("name", [*UPLOADS, *PACKAGES])
def test_a_load_says_what_the_truth_claims(
    name: str, folder: Path, claims: dict[str, Any], node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = claims[name]
    arguments = [str(folder / name), "--layer", claim["layer"], "--data", str(node), "--dry-run", "--json"]
    if "mapping" in claim["load"]:
        arguments += ["--mapping", str(folder / claim["load"]["mapping"])]
    assert main(["load", *arguments]) == (0 if claim["load"]["passes"] else 1)
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert {one["code"]: one["count"] for one in problems} == claim["load"]["problems"]
    named = {(one["code"], example["feature"]) for one in problems for example in one["examples"]}
    by_load = [one for one in claim.get("errors", ()) if one["found_by"] == "load"]
    assert {(one["code"], one["feature"]) for one in by_load} <= named
    others = {one["BSM"] for one in claim.get("errors", ()) if one["found_by"] == "quality-check"}
    assert not others & {feature for _, feature in named}


def test_the_rest_is_for_the_quality_check(claims: dict[str, Any]) -> None:
    found = {one["check"]: one["found_by"] for one in claims["package-errors.gpkg"]["errors"]}
    left = {"code-name-mismatch", "sharp-angle", "sliver", "small-area", "overlap", "gap", "illegal-characters"}
    assert {check for check, by in found.items() if by == "quality-check"} == left
    assert len(found) == 17


def test_equal_bytes(folder: Path, world: World, registry: Registry, tmp_path: Path) -> None:
    write_uploads(tmp_path, world, registry)
    for path in sorted(folder.iterdir()):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name
