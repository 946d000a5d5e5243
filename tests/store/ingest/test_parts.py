"""Identifiers, mapping files, repairs and reports, each for itself."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import DefinitionError
from store.ingest.catalogue import KINDS
from store.ingest.geometry import Shapes, repaired
from store.ingest.identities import Identities
from store.ingest.mapping import make_plan, read_mapping
from store.ingest.plane import plane_areas
from store.ingest.problems import Problem, message, remedy
from tests.store.ingest import fake
from tests.store.ingest.support import load, parcels, square, write

LAYER = fake.layer()


@given(st.lists(st.lists(st.integers(0, 50), max_size=8), max_size=20))
@settings(max_examples=50)
def test_identities_are_those_of_a_plain_dictionary(chunks: list[list[int]]) -> None:
    known, plain, row = Identities(), {}, 0
    for chunk in chunks:
        names = [f"id{number}" for number in chunk]
        rows = np.arange(row + 1, row + 1 + len(names))
        expected = []
        for index, name in enumerate(names):
            if name in plain:
                expected.append((index, plain[name]))
            else:
                plain[name] = int(rows[index])
        assert known.add(names, rows) == expected
        row += len(names)
    assert known.contains(["id1", "other"]) == ([0] if "id1" in plain else [])


def mapping(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path, LAYER)


def test_mapping_file(tmp_path: Path) -> None:
    found = mapping(
        tmp_path,
        "columns: {TBBH: identifier}\nconstants: {division_code: '130902'}\nvalues: {land_use_code: {111: '01'}}\n"
        "factors: {area: 10000}\nignore: [FID_x]\nencoding: GBK\ncrs: EPSG:4527\n",
    )
    assert found.values == {"land_use_code": {"111": "01"}}
    assert found.options == {"encoding": "GBK", "crs": "EPSG:4527"}
    plan = make_plan(LAYER, ["TBBH", "DLBM", "FID_x", "new"], found)
    assert plan.sources == {"identifier": "TBBH", "land_use_code": "DLBM"}
    assert plan.unmapped == ("new",) and plan.missing == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("column: {}", "unknown key 'column'"),
        ("columns: {A: nothing}", "no attribute 'nothing'"),
        ("columns: [A]", "key: value"),
        ("factors: {area: many}", "not a number"),
        ("values: {area: 1}", "must be a mapping"),
        ("- a", "no mapping"),
        ("a: [", "cannot be read"),
    ],
)
def test_wrong_mapping_files(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DefinitionError, match=says):
        mapping(tmp_path, text)


def test_names_go_by_identifier_code_title_and_variant() -> None:
    for column in (
        "land_use_code",
        "LAND_USE_CODE",
        "Land use code",
        "YDYHFLDM",
        "ydyhfldm",
        "用地用海分类代码",
        "DLBM",
    ):
        assert make_plan(LAYER, [column], mapping_none()).sources == {"land_use_code": column}
    both = make_plan(LAYER, ["DLBM", "YDYHFLDM"], mapping_none())
    assert both.sources == {"land_use_code": "YDYHFLDM"} and both.unmapped == ("DLBM",)


def mapping_none() -> Any:
    from store.ingest.mapping import MappingFile

    return MappingFile()


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=4, max_size=12))
@settings(max_examples=200)
def test_repairs_are_valid_polygons_on_the_grid(points: list[tuple[int, int]]) -> None:
    """Any ring at all: the answer is valid, polygonal, on 9 decimals, or there is none."""
    before = shapely.Polygon([(116 + x * 1e-4 + y * 1e-9 / 3, 38 + y * 1e-4) for x, y in points])
    after = repaired(before)
    if after is not None:
        assert after.is_valid and after.area > 0 and after.geom_type in ("Polygon", "MultiPolygon")
        xy = shapely.get_coordinates(after)
        assert (np.round(xy, 9) == xy).all()


def test_plane_areas_are_those_of_the_zone() -> None:
    """Of a figure on the border of two zones, of one in each, and of one outside China."""
    shapes = np.array([shapely.box(x, 38, x + 0.01, 38.01) for x in (115.4, 115.6, 118.6, 2.0)], dtype=object)
    areas, zones = plane_areas(shapes)
    assert zones.tolist() == [38, 39, 40, 0]
    assert np.isnan(areas[3])
    from pyproj import Transformer

    forward = Transformer.from_crs(4490, 4548, always_xy=True)
    ring = np.column_stack(forward.transform(*shapely.get_coordinates(shapes[1]).T))
    assert areas[1] == pytest.approx(shapely.Polygon(ring).area, rel=1e-9)


def test_report_in_both_languages_and_as_json(tmp_path: Path) -> None:
    columns = parcels(3) | {"YDYHFLDM": ["07", "99", "07"]}
    outcome = load(write(tmp_path / "a.gpkg", [square(n) for n in range(3)], columns))
    zh, en = outcome.as_text("zh"), outcome.as_text("en")
    assert "第 2 行" in zh and "代码 99 不在代码表 land-use 中" in zh and "未加载：有 1 个错误" in zh
    assert "row 2" in en and "The code 99 of land_use_code is not in the list land-use" in en and "not loaded" in en
    report = json.loads(orjson.dumps(outcome.as_json(), default=str))
    assert report["passed"] is False and report["errors"] == 1 and report["result"] is None
    assert report["crs"]["code"] == "EPSG:4490" and report["mapping"]["columns"]["BSM"] == "identifier"
    (found,) = [one for one in report["problems"] if one["severity"] == "error"]
    assert found["code"] == "code-not-in-list" and found["count"] == 1
    assert found["examples"][0]["feature"] == "13090200000001" and len(found["examples"][0]["place"]) == 2
    passed = load(write(tmp_path / "b.gpkg", [square(n) for n in range(3)], parcels(3)))
    assert (
        "新增 3" in passed.as_text("zh")
        and json.loads(orjson.dumps(passed.as_json(), default=str))["result"]["added"] == 3
    )


def test_messages_stand_without_their_values() -> None:
    """A missing value leaves a gap, never an error, and no brace is left over."""
    for code, kind in KINDS.items():
        for language in ("zh", "en"):
            for text in (message(kind, Problem(code), language), remedy(kind, Problem(code), language)):
                assert "{" not in text and "}" not in text


@pytest.mark.parametrize(
    "wkt",
    [
        # a figure of eight whose two halves almost cancel out: its centroid lies hundreds of degrees away
        "POLYGON ((114.9 38.1, 114.91 38.11000001, 114.91 38.1, 114.9 38.11, 114.9 38.1))",
        "POLYGON ((114.9 38.1, 114.91 38.1, 114.92 38.1, 114.9 38.1))",
        "MULTIPOLYGON (((1 1, 2 2, 2 1, 1 2, 1 1)), ((1 1, 2 2, 2 1, 1 2, 1 1)))",
        "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (20 20, 21 20, 21 21, 20 20))",
        "POLYGON ((0 0, 1 1, 0 0, 1 1, 0 0))",
        "LINESTRING (3 4, 3 4)",
        "POLYGON ((0.1234567894 0, 0.1234567896 0, 0.1234567896 1, 0.1234567894 1, 0.1234567894 0))",
    ],
)
def test_the_place_of_a_feature_lies_within_its_box(wkt: str) -> None:
    shape = shapely.from_wkt(wkt)
    moved = np.array([shape, None], dtype=object)
    shapes = Shapes(moved, {}, moved)
    found = shapes.place(0)
    assert found is not None
    west, south, east, north = shape.bounds
    assert west <= found[0] <= east and south <= found[1] <= north
    assert shapes.place(1) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=9))
@settings(max_examples=200)
def test_the_place_of_any_outline_lies_within_its_box(ring: list[tuple[int, int]]) -> None:
    shape = shapely.Polygon([(114 + x / 1000, 38 + y / 1000) for x, y in ring])
    moved = np.array([shape], dtype=object)
    found = Shapes(moved, {}, moved).place(0)
    assert found is not None and shapely.box(*shape.bounds).covers(shapely.Point(found))
