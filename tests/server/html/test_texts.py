"""The Chinese texts: complete, compiled, and not the English ones."""

from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from config.layers import AttributeType, GeometryType, Kind, Sharing, Theme
from server.html import texts
from server.shell import LOCALES, TEMPLATES
from tests.server.html.examples import registry

FOLDER = LOCALES / "zh" / "LC_MESSAGES"


def _used() -> set[str]:
    found = extract_from_dir(str(TEMPLATES), [("**.html", "jinja2")])
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found}


def test_every_text_of_the_templates_has_its_chinese() -> None:
    with (FOLDER / "messages.po").open("rb") as file:
        known = {one.id: one.string for one in read_po(file, locale="zh") if one.id}
    assert _used() - known.keys() == set()
    assert known.keys() - _used() == set()
    assert all(known.values())


def test_the_compiled_texts_are_those_of_the_source() -> None:
    with (FOLDER / "messages.po").open("rb") as file:
        source = read_po(file, locale="zh")
    fresh = BytesIO()
    write_mo(fresh, source)
    with (FOLDER / "messages.mo").open("rb") as file:
        compiled = {one.id: one.string for one in read_mo(file) if one.id}
    fresh.seek(0)
    assert compiled == {one.id: one.string for one in read_mo(fresh) if one.id}


def test_every_code_has_its_words() -> None:
    assert set(texts.THEMES) == set(Theme)
    assert set(texts.SHARING) == set(Sharing)
    assert set(texts.KINDS) == set(Kind)
    assert set(texts.GEOMETRIES) == set(GeometryType)
    assert set(texts.TYPES) == set(AttributeType)


def test_every_unit_of_the_layers_has_its_words() -> None:
    used = {one.unit for layer in registry().layers.values() for one in layer.attributes if one.unit}
    assert used
    for one in used:
        assert "{" not in texts.unit(one, "zh")
        assert "*" not in texts.unit(one, "zh")


def test_systems_and_units_in_words() -> None:
    epsg = "http://www.opengis.net/def/crs/EPSG/0/"
    assert "39 带" in texts.crs_name(f"{epsg}4527", "zh")
    assert "117" in texts.crs_name(f"{epsg}4548", "en")
    assert texts.crs_name("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "en").startswith("WGS 84 (lon")
    assert texts.crs_name(f"{epsg}99", "en") == ""
    assert texts.unit("m2", "zh") == "平方米"
    assert texts.unit("m2", "en") == "m²"
    assert texts.unit("{bed}", "zh") == "张"
    assert texts.unit("10*4.{CNY}", "zh") == "万元"
    assert texts.unit("10*4.t", "en") == "10⁴ t"
    assert texts.unit("{tree}", "en") == "tree"
    assert texts.number(1234567.5, "en") == "1,234,567.5"
    assert texts.number(0.0, "en") == "0"
    assert Path(TEMPLATES).is_dir()
