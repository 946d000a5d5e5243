"""One fault of every kind is found, with its feature and place; a file with an error is not loaded."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely

from config.layers import GeometryType
from store.criteria import LoadMode
from store.ingest.catalogue import KINDS
from store.ingest.mapping import MappingFile
from store.ingest.problems import Severity
from tests.store.ingest import fake
from tests.store.ingest.support import LAT, LON, codes, load, parcels, square, write

BOWTIE = shapely.Polygon([(LON, LAT), (LON + 0.001, LAT + 0.001), (LON + 0.001, LAT), (LON, LAT + 0.001)])


def upload(tmp_path: Path, shapes: Any = None, **changed: list[Any]) -> str:
    columns = parcels(3) | changed
    shapes = [square(n) for n in range(3)] if shapes is None else shapes
    return write(tmp_path / "a.gpkg", shapes, columns, geometry_type="Unknown")


def only(outcome: Any, code: str) -> Any:
    """The one example of the one error."""
    assert codes(outcome) == {code}, outcome.as_text("en")
    return outcome.log.kept[code][0]


FAULTS: dict[str, dict[str, list[Any]]] = {
    "attribute-required": {"YDYHFLDM": ["07", None, "07"]},
    "code-not-in-list": {"YDYHFLDM": ["07", "99", "07"]},
    "value-too-long": {"MC": ["a", "字" * 21, "c"]},
    "value-out-of-range": {"CS": [1, 201, 3]},
    "value-not-convertible": {"PZRQ": ["2016-05-01", "去年五月", None]},
    "duplicate-id": {"BSM": ["A", "A", "C"]},
}


@pytest.mark.parametrize("code", FAULTS)
def test_attribute_faults(tmp_path: Path, code: str) -> None:
    store = fake.FakeStore()
    outcome = load(upload(tmp_path, **FAULTS[code]), store)
    found = only(outcome, code)
    assert outcome.log.counts[code] == 1
    assert (found.row, found.feature) == (2, "A" if code == "duplicate-id" else "13090200000001")
    assert found.place == pytest.approx((LON + 0.0015, LAT + 0.0005))
    assert outcome.published is None and store.rows == {} and store.publications == 0


def test_duplicates_name_the_first_row_across_batches(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.gpkg", [square(n) for n in range(30)], parcels(30) | {"BSM": [f"{n % 29}" for n in range(30)]}
    )
    outcome = load(path, batch=4)
    assert only(outcome, "duplicate-id").params == {"value": "0", "first": 1}
    assert only(outcome, "duplicate-id").row == 30


def test_append_meets_an_identifier_of_the_store(tmp_path: Path) -> None:
    store = fake.FakeStore()
    path = upload(tmp_path)
    assert load(path, store).passed
    again = load(path, store)
    assert codes(again) == {"id-exists"} and again.log.counts["id-exists"] == 3
    assert store.publications == 1 and len(store.loads) == 1
    assert load(path, store, mode=LoadMode.UPSERT).passed


def test_all_or_nothing_when_the_fault_comes_late(tmp_path: Path) -> None:
    """Rows were staged already; they are given up, and the rest of the file is still checked."""
    columns = parcels(30)
    columns["YDYHFLDM"][15] = columns["YDYHFLDM"][29] = "99"
    store = fake.FakeStore()
    outcome = load(write(tmp_path / "a.gpkg", [square(n) for n in range(30)], columns), store, batch=10)
    assert outcome.log.counts == {"code-not-in-list": 2, "gcj02-unchecked": 1, "area-unchecked": 1}
    assert outcome.rows == 30
    assert [(one.abandoned, one.staged) for one in store.loads] == [(True, [])]
    assert store.rows == {}


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    store = fake.FakeStore()
    outcome = load(upload(tmp_path), store, dry_run=True)
    assert outcome.passed and outcome.published is None and store.loads == []
    assert load(upload(tmp_path), None, dry_run=True).passed


def test_an_invalid_outline_is_repaired_and_said(tmp_path: Path) -> None:
    store = fake.FakeStore()
    outcome = load(upload(tmp_path, [square(0), BOWTIE, square(2)]), store)
    found = only(outcome, "geometry-repaired")
    assert outcome.passed
    assert "Self-intersection" in found.params["reason"]
    shape = shapely.from_wkb(store.rows["13090200000001"][0])
    assert shape.is_valid and len(shape.geoms) == 2
    assert shape.area == pytest.approx(0.001 * 0.001 / 2)
    expected = shape.area * 111_319.49**2 * 0.7847  # cos 38.31
    assert float(found.params["change"]) == pytest.approx(expected, rel=1e-3)


def test_an_outline_that_collapses_is_refused(tmp_path: Path) -> None:
    flat = shapely.Polygon([(LON, LAT), (LON + 0.001, LAT), (LON + 0.002, LAT), (LON, LAT)])
    found = only(load(upload(tmp_path, [square(0), flat, square(2)])), "geometry-not-repairable")
    assert found.row == 2 and found.place == pytest.approx((LON + 0.001, LAT), abs=1.01e-3)


def test_a_sliver_below_the_grid_is_refused(tmp_path: Path) -> None:
    """Valid as drawn, nothing after rounding to 9 decimals."""
    thin = shapely.Polygon([(LON, LAT), (LON + 0.001, LAT), (LON + 0.001, LAT + 1e-10), (LON, LAT + 1e-10)])
    assert only(load(upload(tmp_path, [square(0), thin, square(2)])), "geometry-not-repairable").row == 2


@pytest.mark.parametrize("missing", [None, shapely.Polygon()])
def test_missing_and_empty_geometry(tmp_path: Path, missing: Any) -> None:
    found = only(load(upload(tmp_path, [square(0), missing, square(2)])), "geometry-missing")
    assert (found.row, found.place) == (2, None)


def test_wrong_type_and_mixed_types(tmp_path: Path) -> None:
    path = upload(tmp_path, [square(0), shapely.Point(LON, LAT), square(2)])
    outcome = load(path)
    assert codes(outcome) == {"geometry-wrong-type", "geometry-mixed-types"}
    found = outcome.log.kept["geometry-wrong-type"][0]
    assert (found.row, found.params) == (2, {"found": "Point", "expected": "MultiPolygon"})
    assert load(path, layer=fake.layer(GeometryType.GEOMETRY)).passed


def test_single_types_take_multi_geometries_of_one_part(tmp_path: Path) -> None:
    shapes = [shapely.MultiPolygon([square(0)]), square(1), shapely.MultiPolygon([square(2), square(5)])]
    outcome = load(upload(tmp_path, shapes), layer=fake.layer(GeometryType.POLYGON))
    assert only(outcome, "geometry-wrong-type").row == 3


def test_heights_are_dropped_and_outlines_turned(tmp_path: Path) -> None:
    clockwise = shapely.force_3d(square(0).reverse(), 12.0)
    store = fake.FakeStore()
    outcome = load(upload(tmp_path, [clockwise, square(1), square(2)]), store)
    assert outcome.passed and outcome.log.counts["geometry-flattened"] == 1
    shape = shapely.from_wkb(store.rows["13090200000000"][0])
    assert not shape.has_z and shape.geoms[0].exterior.is_ccw


def test_recorded_area_against_the_plane_area(tmp_path: Path) -> None:
    metres = 87.48 * 111.0  # of the square, near enough
    outcome = load(upload(tmp_path, MJ=[9712.0, metres / 10_000, None]))
    assert outcome.passed
    found = [one.params for one in outcome.log.kept["area-mismatch"]]
    assert [one["zone"] for one in found] == ["EPSG:4527"]
    assert float(found[0]["computed"]) == pytest.approx(9712, rel=0.002)


def test_columns_nobody_asked_for_and_required_ones_nobody_gives(tmp_path: Path) -> None:
    columns = parcels(3) | {"SHAPE_Area": [1.0, 2.0, 3.0], "颜色": ["红", "绿", "蓝"]}
    del columns["YDYHFLDM"]
    outcome = load(write(tmp_path / "a.gpkg", [square(n) for n in range(3)], columns))
    assert codes(outcome) == {"column-missing", "column-unmapped"}
    assert [one.params["value"] for one in outcome.log.kept["column-unmapped"]] == ["颜色"]
    assert "land_use_code" in outcome.as_text("zh")


def test_mapping_of_columns_constants_values_and_factors(tmp_path: Path) -> None:
    columns = {"图斑号": ["a", "b"], "地类": ["耕地", "住宅"], "亩": [1.5, 3.0], "无关": ["x", "y"]}
    mapping = MappingFile(
        columns={"图斑号": "identifier", "地类": "land_use_code", "亩": "area"},
        constants={"division_code": "130902", "approval_date": "2016年5月1日"},
        values={"land_use_code": {"耕地": "01", "住宅": "07"}},
        factors={"area": 10_000 / 15},
        ignore=frozenset({"无关"}),
    )
    store = fake.FakeStore()
    outcome = load(write(tmp_path / "a.gpkg", [square(0), square(1)], columns), store, mapping=mapping)
    assert outcome.passed and codes(outcome) == {"area-mismatch"}
    values = store.rows["b"][1]
    assert (values["land_use_code"], values["division_code"], values["area"]) == ("07", "130902", 2000.0)
    assert values["approval_date"] == date(2016, 5, 1)


def test_codes_that_lost_their_zero_or_are_titles_get_a_hint(tmp_path: Path) -> None:
    outcome = load(upload(tmp_path, YDYHFLDM=["101", "居住用地", "07"]))
    hints = [one.params["hint_en"] for one in outcome.log.kept["code-not-in-list"]]
    assert hints == ["; 0101?", "; 07?"]


def test_extended_codes_pass_where_the_list_allows_them(tmp_path: Path) -> None:
    assert load(upload(tmp_path, XZQDM=["130902001", "130903002001", "130921"])).passed
    assert codes(load(upload(tmp_path, XZQDM=["371423", "130902", "130902"]))) == {"code-not-in-list"}


def test_ids_are_drawn_where_no_attribute_holds_them(tmp_path: Path) -> None:
    layer = fake.layer(attributes=[one for one in fake.ATTRIBUTES if not one.role])
    columns = parcels(3)
    del columns["BSM"]
    store = fake.FakeStore()
    assert load(write(tmp_path / "a.gpkg", [square(n) for n in range(3)], columns), store, layer=layer).passed
    assert list(store.rows) == ["drawn-0", "drawn-1", "drawn-2"]
    named = write(tmp_path / "b.gpkg", [square(n) for n in range(3)], columns | {"ID": ["x", "y", "z"]})
    assert load(named, store, layer=layer).passed
    assert list(store.rows)[3:] == ["x", "y", "z"]


def test_table_layer_ignores_geometry(tmp_path: Path) -> None:
    outcome = load(upload(tmp_path), layer=fake.layer(None))
    assert outcome.passed and codes(outcome) == {"geometry-unexpected"}


def test_instants_are_in_the_nodes_zone_unless_they_say_otherwise(tmp_path: Path) -> None:
    path = upload(tmp_path, GXSJ=["2026-01-01 08:00:00", "2026-01-01T08:00:00+00:00", "2026/1/1"])
    store = fake.FakeStore()
    outcome = load(path, store)
    assert outcome.passed, outcome.as_text("en")
    found = [values["updated_at"] for _, values in store.rows.values()]
    assert found == [
        datetime(2026, 1, 1, 0, tzinfo=UTC),
        datetime(2026, 1, 1, 8, tzinfo=UTC),
        datetime(2025, 12, 31, 16, tzinfo=UTC),
    ]


def test_what_the_store_refuses_is_a_finding(tmp_path: Path) -> None:
    """Another writer took the identifier meanwhile."""

    class Race(fake.FakeStore):
        def batches(self, *args: Any, **more: Any) -> Any:
            return iter(())

    store = Race(rows={"13090200000001": (None, {})})
    outcome = load(upload(tmp_path), store)
    assert codes(outcome) == {"store-refused"} and store.publications == 0


def test_file_without_features(tmp_path: Path) -> None:
    assert codes(load(write(tmp_path / "a.gpkg", [], {"BSM": []}, layer="a"))) == {"file-empty"}


def test_examples_are_bounded_and_counts_are_not(tmp_path: Path) -> None:
    columns = parcels(50) | {"YDYHFLDM": ["99"] * 50}
    outcome = load(write(tmp_path / "a.gpkg", [square(n) for n in range(50)], columns), examples=3)
    assert outcome.log.counts["code-not-in-list"] == 50
    assert len(outcome.log.kept["code-not-in-list"]) == 3


def test_every_kind_is_written_in_both_languages() -> None:
    for code, kind in KINDS.items():
        assert kind.text.zh and kind.text.en, code
        assert not kind.acceptable or kind.severity is Severity.ERROR, code
        if kind.severity is Severity.ERROR:
            assert kind.remedy.zh and kind.remedy.en, code


def test_required_attributes_given_by_a_constant(tmp_path: Path) -> None:
    columns = parcels(3)
    del columns["YDYHFLDM"]
    path = write(tmp_path / "a.gpkg", [square(n) for n in range(3)], columns)
    assert load(path, mapping=MappingFile(constants={"land_use_code": "07"})).passed
    assert codes(load(path, mapping=MappingFile(constants={"land_use_code": "77"}))) == {"code-not-in-list"}


def test_optional_identifier_may_be_empty(tmp_path: Path) -> None:
    attributes = [replace(one, required=False) for one in fake.ATTRIBUTES]
    store = fake.FakeStore()
    assert load(upload(tmp_path, BSM=["A", None, "C"]), store, layer=fake.layer(attributes=attributes)).passed
    assert list(store.rows) == ["A", "drawn-1", "C"]
