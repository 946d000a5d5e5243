"""The 勘测定界 coordinate list: header, plots, rings, holes, and what is wrong with it."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from config.layers import GeometryType
from store.ingest.coordlist import assemble
from store.ingest.datum import read_shifts
from store.ingest.loader import Node
from tests.store.ingest import fake
from tests.store.ingest.support import LAT, LON, codes, load

HEAD = """[属性描述]
格式版本号=1.01版本
数据产生单位=沧州市自然资源和规划局
数据产生日期=2026-1-1
坐标系={datum}
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号={zone}
精度=0.001
转换参数=,,,,,,
[地块坐标]
"""
LAYER = fake.layer(
    attributes=[
        fake.attribute("plot_number", "DKBH", "地块编号"),
        fake.attribute("name", "MC", "名称"),
        fake.attribute("area", "MJ", "面积", fake.T.NUMBER, unit="m2"),
        fake.attribute("land_use_name", "YDMC", "用途"),
    ]
)


def node(**datums: object) -> Node:
    return Node(codelists=fake.CODELISTS, shifts=read_shifts(datums))


def east_north(code: int, lon: float, lat: float) -> tuple[float, float]:
    x, y = Transformer.from_crs(4490, code, always_xy=True).transform(lon, lat)
    return round(x, 3), round(y, 3)


def plot(code: int = 4527, size: float = 200.0, ring: int = 1, start: int = 1, close: bool = True) -> list[str]:
    """Lines of a square ring, X = north first."""
    x, y = east_north(code, LON, LAT)
    offset = (ring - 1) * 50
    size = size if ring == 1 else 50
    corners = [(0, 0), (0, size), (size, size), (size, 0), *([(0, 0)] if close else [])]
    return [
        f"J{start + n % 4},{ring},{y + offset + dy:.3f},{x + offset + dx:.3f}" for n, (dx, dy) in enumerate(corners)
    ]


def write(
    path: Path, lines: list[str], datum: str = "2000国家大地坐标系", zone: object = 39, codec: str = "gbk"
) -> Path:
    path.write_bytes((HEAD.format(datum=datum, zone=zone) + "\n".join(lines) + "\n").encode(codec))
    return path


@pytest.mark.parametrize("codec", ["gbk", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize(("code", "zone"), [(4527, 39), (4548, 39), (4527, "")])
def test_plots(tmp_path: Path, codec: str, code: int, zone: object) -> None:
    """With and without prefix; the prefix tells the zone where the header does not."""
    lines = ["10,3.75,001,新华一号地块,面,J50G002051,住宅用地,0701,@", *plot(code), *plot(code, ring=2, start=5)]
    lines += ["4,4.00,002,新华二号地块,面,,工业用地,,@", *plot(code, close=False)]
    store = fake.FakeStore()
    outcome = load(write(tmp_path / "红线.txt", lines, zone=zone, codec=codec), store, node(), LAYER)
    assert outcome.passed, outcome.as_text("zh")
    assert not codes(outcome) - {"encoding-guessed", "column-unmapped"}
    first, second = store.rows.values()
    assert first[1] == {"plot_number": "001", "name": "新华一号地块", "area": 37500.0, "land_use_name": "住宅用地"}
    shape = shapely.from_wkb(first[0])
    assert shape.geom_type == "MultiPolygon" and len(shape.geoms[0].interiors) == 1
    metres = shapely.transform(shape, Transformer.from_crs(4490, 4548, always_xy=True).transform, interleaved=False)
    assert metres.area == pytest.approx(200 * 200 - 50 * 50, abs=0.1)
    assert shapely.from_wkb(second[0]).bounds == pytest.approx(shape.bounds, abs=1e-9)
    assert (shape.bounds[0], shape.bounds[1]) == pytest.approx((LON, LAT), abs=1e-5)


def test_the_point_count_and_broken_lines_are_reported(tmp_path: Path) -> None:
    lines = ["17,4,001,甲,面,,,,@", *plot(), "J9,1,four,2", "6,4,002,乙,面,,,,@", *plot()[:2]]
    outcome = load(write(tmp_path / "a.txt", lines), None, node(), LAYER, dry_run=True)
    assert codes(outcome) == {"coordlist-line", "coordlist-count", "geometry-unreadable"}
    assert outcome.log.kept["coordlist-line"][0].params["line"] == 19
    assert outcome.log.kept["coordlist-count"][0].params == {"value": "001", "declared": "17", "found": 5}


def test_old_datum_is_refused_without_parameters(tmp_path: Path) -> None:
    lines = ["5,4,001,甲,面,,,,@", *plot(2363)]
    path = write(tmp_path / "a.txt", lines, "1980西安坐标系")
    store = fake.FakeStore()
    assert codes(load(path, store, node(), LAYER)) == {"datum-shift-missing"}
    assert store.loads == []


def test_old_datum_with_the_nodes_parameters(tmp_path: Path) -> None:
    """The parameters move the plot, by what PROJ computes from them on its own, and stand in the report."""
    seven = {"dx": 20.0, "dy": 110.0, "dz": 40.0, "rx": 0.3, "ry": -0.2, "rz": 1.1, "scale": -2.5}
    entry = {"name": "沧州 2018", "parameters": seven, "convention": "position_vector"}
    path = write(tmp_path / "a.txt", ["5,4,001,甲,面,,,,@", *plot(2363)], "80西安坐标系")
    store = fake.FakeStore()
    outcome = load(path, store, node(xian80=entry), LAYER)
    assert outcome.passed, outcome.as_text("en")
    assert "沧州 2018" in outcome.as_text("zh") and "+x=20.0" in outcome.as_json()["crs"]["datum_parameters"]
    x, y = east_north(2363, LON, LAT)
    own = Transformer.from_pipeline(
        "+proj=pipeline +step +inv +proj=tmerc +lon_0=117 +x_0=39500000 +a=6378140 +rf=298.257"
        " +step +proj=cart +a=6378140 +rf=298.257"
        " +step +proj=helmert +x=20 +y=110 +z=40 +rx=0.3 +ry=-0.2 +rz=1.1 +s=-2.5 +convention=position_vector"
        " +step +inv +proj=cart +ellps=GRS80 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    ).transform(x, y)
    found = shapely.get_coordinates(shapely.from_wkb(store.rows["drawn-0"][0]))
    assert np.abs(found - np.array(own)).sum(axis=1).min() < 2e-9


def test_no_datum_in_the_header(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", ["5,4,001,甲,面,,,,@", *plot()], "")
    outcome = load(path, None, node(), LAYER, dry_run=True)
    assert codes(outcome) == {"crs-missing"}
    declared = load(path, None, node(), LAYER, dry_run=True, datum="cgcs2000")
    assert declared.passed and declared.frame.code == "EPSG:4527"


def test_zone_of_the_header_contradicts_the_eastings(tmp_path: Path) -> None:
    """A list of zone 38 whose header says 39."""
    outcome = load(write(tmp_path / "a.txt", ["5,4,001,甲,面,,,,@", *plot(4526)]), None, node(), LAYER, dry_run=True)
    assert codes(outcome) == {"crs-zone-contradiction"}
    params = outcome.log.kept["crs-zone-contradiction"][0].params
    assert (params["declared"], params["found"]) == (39, 38)


def test_x_and_y_exchanged(tmp_path: Path) -> None:
    swapped = [",".join([a, b, d, c]) for a, b, c, d in (line.split(",") for line in plot())]
    path = write(tmp_path / "a.txt", ["5,4,001,甲,面,,,,@", *swapped])
    assert codes(load(path, None, node(), LAYER, dry_run=True)) == {"crs-axes-swapped"}
    assert load(path, None, node(), LAYER, dry_run=True, swap=True).passed


@pytest.mark.parametrize(("word", "kind"), [("线", GeometryType.MULTI_LINE), ("点", GeometryType.MULTI_POINT)])
def test_lines_and_points(tmp_path: Path, word: str, kind: GeometryType) -> None:
    layer = fake.layer(kind, LAYER.attributes)
    path = write(tmp_path / "a.txt", [f"4,,001,甲,{word},,,,@", *plot(close=False)])
    store = fake.FakeStore()
    assert load(path, store, node(), layer).passed
    assert shapely.from_wkb(store.rows["drawn-0"][0]).geom_type == kind.value


def test_header_that_contradicts_itself_and_list_without_plots(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", plot(), zone=12)
    assert codes(load(path, None, node(), LAYER, dry_run=True)) == {"file-unreadable"}
    (tmp_path / "b.txt").write_text("[属性描述]\n坐标系=2000国家大地坐标系\n", encoding="utf-8")
    assert codes(load(tmp_path / "b.txt", None, node(), LAYER, dry_run=True)) == {"file-unreadable"}


def test_rings_are_told_apart_by_containment() -> None:
    """An island in a lake in an island, touching outlines, and two parts: whatever the order of the rings."""
    boxes = [shapely.box(0, 0, 10, 10), shapely.box(2, 2, 8, 8), shapely.box(4, 4, 6, 6), shapely.box(10, 0, 12, 10)]
    expected = shapely.union_all([boxes[0] - boxes[1], boxes[2]]).area + boxes[3].area
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]):
        made = assemble([boxes[n] for n in order])
        assert made.area == pytest.approx(expected)
        assert len(made.geoms) == 3
    touching = assemble([shapely.box(0, 0, 10, 10), shapely.Polygon([(0, 0), (5, 2), (5, 5)])])
    assert touching.area == pytest.approx(100 - shapely.Polygon([(0, 0), (5, 2), (5, 5)]).area)
