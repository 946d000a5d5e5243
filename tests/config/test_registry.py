"""What the definitions of the checkout must hold: the inventory of the seeds, and what a record of each needs."""

import re
from pathlib import Path

from config.layers import GeometryType, Kind, Level, Role, Sharing, Theme
from config.registry import Registry, load
from tests.config.conftest import COLLECTIONS


def _ids(text: str) -> list[str]:
    return text.split()


PLANNING = _ids("""
plan-three-zones plan-ecological-control-line plan-ecological-redline plan-permanent-basic-farmland
plan-urban-development-boundary plan-main-functional-zone plan-construction-scale-boundary plan-functional-area
plan-land-use plan-key-project plan-transport plan-infrastructure plan-public-service plan-road-centreline
plan-road-redline plan-blue-line plan-green-line plan-purple-line plan-yellow-line plan-historic-urban-area
plan-historic-conservation-area plan-historic-building plan-heritage-site plan-scenic-area
plan-water-supply-point plan-water-supply-line plan-drainage-point plan-drainage-line plan-power-point plan-power-line
plan-telecom-point plan-telecom-line plan-gas-point plan-gas-line plan-heating-point plan-heating-line
plan-sanitation-point plan-disaster-prevention-point plan-other
""")
APPROVAL = _ids("""
approval-project-generation approval-siting-area approval-land-redline approval-works-redline
approval-land-supply-redline
""")
CURRENT = _ids("""
base-geographic-entity base-map base-imagery base-elevation census-geographic-condition
current-land-use current-road-network current-building current-land-survey current-geohazard-site
current-geohazard-area current-flood-detention-area current-forest current-forest-park current-wetland-park
current-tourism current-port current-waterway current-affordable-housing current-culture-facility
current-heritage-site current-education-facility current-sports-facility current-medical-facility base-admin-area
base-admin-boundary current-welfare-facility current-funeral-facility current-hazard-source
current-hazardous-chemical-enterprise current-highway current-rail-transit current-transport-facility
current-key-polluter open-mobile-signalling open-vehicle-position open-internet-location stat-economic-social
""")
MORE_PLANNING = ["plan-prohibited-construction-zone", "plan-restricted-construction-zone", "plan-land-use-tugui"]
WORKING = _ids("""
monitor-change-patch monitor-task project siting-review-result permit conflict-patch review-opinion submission
indicator indicator-value exchange-record work-report public-report inspection catalogue plan-document
""")

LINES = _ids("""
plan-transport plan-road-centreline plan-road-redline plan-water-supply-line plan-drainage-line plan-power-line
plan-telecom-line plan-gas-line plan-heating-line current-road-network current-waterway base-admin-boundary
current-highway current-rail-transit
""")
POINTS = _ids("""
plan-key-project plan-infrastructure plan-public-service plan-historic-building plan-heritage-site
plan-water-supply-point plan-drainage-point plan-power-point plan-telecom-point plan-gas-point plan-heating-point
plan-sanitation-point plan-disaster-prevention-point current-geohazard-site current-port current-culture-facility
current-heritage-site current-education-facility current-sports-facility current-medical-facility
current-welfare-facility current-funeral-facility current-hazard-source current-hazardous-chemical-enterprise
current-transport-facility current-key-polluter
""")
ANY = ["plan-other", "base-geographic-entity", "census-geographic-condition"]
RASTERS = ["base-map", "base-imagery", "base-elevation"]
EXTERNAL = ["open-mobile-signalling", "open-vehicle-position", "open-internet-location", "catalogue"]


def test_the_82_rows_of_the_seeds_are_there(registry: Registry) -> None:
    assert [len(PLANNING), len(APPROVAL), len(CURRENT)] == [39, 5, 38]
    rows = {*PLANNING, *APPROVAL, *CURRENT}
    assert len(rows) == 82
    assert rows - set(registry.layers) == set()


def test_layers_come_by_theme_and_then_in_the_order_of_the_tables(registry: Registry) -> None:
    expected = [*PLANNING, *MORE_PLANNING, *APPROVAL, *CURRENT, *WORKING]
    assert list(registry.layers) == expected
    assert registry.layers["plan-green-line"].theme is Theme.PLANNING
    assert registry.layers["base-map"].theme is Theme.CURRENT


def test_geometry_types_are_those_of_the_tables(registry: Registry) -> None:
    for layer in registry.layers.values():
        if layer.id in RASTERS or layer.id in EXTERNAL or layer.kind is Kind.TABLE:
            assert layer.geometry is None, layer.id
        elif layer.id in LINES:
            assert layer.geometry is GeometryType.MULTI_LINE, layer.id
        elif layer.id in POINTS or layer.id in ("public-report", "inspection"):
            assert layer.geometry is GeometryType.POINT, layer.id
        elif layer.id in ANY:
            assert layer.geometry is GeometryType.GEOMETRY, layer.id
        else:
            assert layer.geometry is GeometryType.MULTI_POLYGON, layer.id


def test_rows_that_are_not_vectors_say_where_their_data_is(registry: Registry) -> None:
    assert [one.id for one in registry.layers.values() if one.kind is Kind.RASTER] == RASTERS
    assert [one.id for one in registry.layers.values() if one.kind is Kind.EXTERNAL] == EXTERNAL
    for name in [*RASTERS, *EXTERNAL]:
        assert registry.layers[name].source["type"]
        assert not registry.layers[name].stored
    assert registry.layers["stat-economic-social"].kind is Kind.TABLE
    assert registry.layers["stat-economic-social"].source["collection"] == "base-admin-area"


def test_every_stored_layer_has_an_id_a_type_or_title_and_a_few_indexes(registry: Registry) -> None:
    for layer in registry.layers.values():
        if not layer.stored:
            continue
        identity = layer.id_attribute
        assert identity is not None, layer.id
        assert identity.required, layer.id
        assert any(one.role in (Role.TYPE, Role.TITLE) for one in layer.attributes), layer.id
        assert 2 <= sum(one.indexed for one in layer.attributes) <= 5, layer.id
        assert any(one.searchable for one in layer.attributes), layer.id
        assert layer.attribute("division_code") or layer.id in (
            "base-admin-boundary",
            "indicator",
            "exchange-record",
        ), layer.id


def test_texts_are_in_both_languages_and_say_something(registry: Registry) -> None:
    chinese = re.compile(r"[一-鿿]")
    for layer in registry.layers.values():
        assert chinese.search(layer.title.zh), layer.id
        assert not chinese.search(layer.title.en + layer.description.en), layer.id
        assert len(layer.description.zh) >= 30, layer.id
        assert len(layer.description.en.split()) >= 15, layer.id
        for one in layer.attributes:
            assert chinese.search(one.title.zh), (layer.id, one.name)
            assert not chinese.search(one.title.en), (layer.id, one.name)
    descriptions = [layer.description.en for layer in registry.layers.values()]
    assert len(set(descriptions)) == len(descriptions)


def test_field_codes_fit_a_shapefile(registry: Registry) -> None:
    for layer in registry.layers.values():
        codes = [one.code for one in layer.attributes]
        assert len(set(codes)) == len(codes), layer.id
        assert all(re.fullmatch(r"[A-Z][A-Z0-9_]{0,9}", code) for code in codes), layer.id


def test_the_13_core_fields_of_the_catalogue_can_be_told(registry: Registry) -> None:
    codes = set()
    for layer in registry.layers.values():
        core = layer.metadata
        assert core.classification[0] in "123", layer.id
        assert core.resource_code.startswith(core.classification[-1] + "/"), layer.id
        codes.add(core.resource_code)
        assert all(registry.departments[one].title.zh for one in (layer.provider, *layer.partners)), layer.id
        assert layer.levels, layer.id
        assert core.update_cycle in registry.codelists["update-cycles"].codes, layer.id
        assert core.sharing_mode in registry.codelists["sharing-modes"].codes, layer.id
        assert (core.sharing_condition is None) == (layer.sharing is Sharing.UNCONDITIONAL), layer.id
        assert all(one in registry.layers for one in core.related), layer.id
    assert len(codes) == len(registry.layers)
    assert Level.NATION in registry.layers["base-admin-area"].levels
    assert Level.NATION not in registry.layers["plan-gas-line"].levels
    farmland = registry.layers["plan-permanent-basic-farmland"].metadata
    assert farmland.classification == ("1", "103", "103001")
    assert not farmland.open_to_public
    assert registry.layers["plan-main-functional-zone"].metadata.open_to_public


def test_sharing_classes_are_those_of_the_inventory(registry: Registry) -> None:
    unconditional = {one.id for one in registry.layers.values() if one.sharing is Sharing.UNCONDITIONAL}
    planning = {one for one in unconditional if registry.layers[one].theme is Theme.PLANNING}
    assert planning == {
        "plan-main-functional-zone",
        "plan-public-service",
        "plan-historic-urban-area",
        "plan-historic-conservation-area",
        "plan-historic-building",
        "plan-heritage-site",
        "plan-scenic-area",
    }
    assert registry.layers["plan-permanent-basic-farmland"].sharing is Sharing.CONDITIONAL
    assert not registry.layers["current-waterway"].public
    assert registry.layers["current-waterway"].sharing is Sharing.UNCONDITIONAL
    assert registry.layers["plan-blue-line"].public


def test_the_conflict_ledger_has_the_columns_of_practice(registry: Registry) -> None:
    codes = {one.code for one in registry.layers["conflict-patch"].attributes}
    assert codes >= {"DKBH", "XZQDM", "XZQMC", "CYLXDM", "CTFL", "CGYDXZ", "TGYDXZ", "JBNT", "STHX", "KFBJ", "ZDXM"}
    assert codes >= {"CGTZ", "TGTZ", "JBNTTZ", "STHXTZ", "KFBJTZ", "ZDXMTZ", "XTFS", "TZYY", "TZYYDM"}
    assert codes >= {"QZFTZYJ", "LDXZBGS", "SZFYJ", "DGHYTDLYT", "DGHYGZT", "BZ"}


def test_the_indicator_has_the_twelve_columns_of_the_seed(registry: Registry) -> None:
    titles = [one.title.zh for one in registry.layers["indicator"].attributes]
    columns = "序号 指标名称 指标功用 数据来源 统计范围 采集方式 来源路径 更新周期 业务归属 指标解释 执行单位 编制依据"
    assert [one for one in titles if one in columns.split()] == columns.split()


def test_references_name_collections_that_have_ids(registry: Registry) -> None:
    found = {
        (layer.id, one.reference) for layer in registry.layers.values() for one in layer.attributes if one.reference
    }
    assert ("permit", "project") in found
    assert ("siting-review-result", "project") in found
    assert all(registry.layers[str(name)].id_attribute for _, name in found)


def test_every_vector_layer_is_drawn(registry: Registry) -> None:
    for layer in registry.layers.values():
        if layer.kind is not Kind.VECTOR:
            continue
        kinds = {GeometryType.POINT: {"circle"}, GeometryType.MULTI_LINE: {"line"}}
        wanted = kinds.get(layer.geometry or GeometryType.GEOMETRY, {"fill", "line"})
        assert wanted <= set(layer.style), layer.id
    lines = {"plan-blue-line": "#0050c8", "plan-green-line": "#1b7f1b", "plan-purple-line": "#6a0dad"}
    for name, color in lines.items():
        assert registry.layers[name].style["line"] == {"color": color, "width": 2}


UNITS = {
    "m",
    "m2",
    "km2",
    "m3",
    "10*4.m3",
    "mm",
    "t",
    "m3/d",
    "t/d",
    "MW",
    "MV.A",
    "kV",
    "MPa",
    "Cel",
    "km/h",
    "a",
    "mo",
}
UNITS |= {"%", "1", "[ppth]", "{CNY}", "10*4.{CNY}", "10*4.{person}", "10*4.t", "{person}", "{person}/d", "{bed}"}
UNITS |= {"{seat}", "{place}", "{grave}", "{line}"}


def test_units_are_ucum_codes(registry: Registry) -> None:
    used = {one.unit for layer in registry.layers.values() for one in layer.attributes if one.unit}
    assert used <= UNITS
    for layer in registry.layers.values():
        area = layer.attribute("area")
        assert area is None or area.unit == "m2", layer.id


def test_the_example_of_the_documentation_is_right(small: Path) -> None:
    text = (COLLECTIONS.parent / "docs" / "layers.md").read_text("utf-8")
    layer, codelist = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    (small / "current").mkdir()
    (small / "current" / "current-heat-island.yaml").write_text(layer, "utf-8")
    (small / "codelists" / "heat-grades.yaml").write_text(codelist, "utf-8")
    read = load(small)
    assert read.layers["current-heat-island"].theme is Theme.CURRENT
    assert read.codelists["heat-grades"].codes["11"].properties == {"color": "#d7301f"}
    listed = set(re.findall(r"^\| `?([a-z0-9`, -]+)` \| (?:GB|土地|用地)", text, flags=re.MULTILINE))
    names = {name for row in listed for name in re.findall(r"[a-z0-9-]+", row)}
    assert len(names) >= 9
    assert names <= set(load(COLLECTIONS).codelists)
