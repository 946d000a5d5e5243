"""The Chinese catalogue of errors: every message of the sources is in it, and finished texts find their key."""

import json
from importlib import import_module

import pytest

from config import chinese
from config.chinese import PLACE, SUBJECTS, Catalogue, said
from config.errors import Fault
from config.wording import _LIMITS, _SHAPES
from tests.sources import GAP, ROOT, messages

MODULES = {name: import_module(f"config.chinese.{name}").CHINESE for name in SUBJECTS}


def _plain(key: str) -> str:
    return PLACE.sub(GAP, key)


def test_every_message_of_the_sources_has_its_chinese() -> None:
    known = {_plain(key) for texts in MODULES.values() for key in texts}
    missing = {text: files for text, files in messages().items() if text not in known}
    listed = "\n".join(
        f'    "{text.replace(GAP, "{...}")}": "",  # {", ".join(files)}' for text, files in missing.items()
    )
    assert not missing, f"add to config/chinese, with names in the places of values:\n{listed}"


def test_no_key_stands_twice() -> None:
    keys = [_plain(key) for texts in MODULES.values() for key in texts]
    assert sorted({one for one in keys if keys.count(one) > 1}) == []


def test_each_text_has_the_places_of_its_key() -> None:
    for texts in MODULES.values():
        for key, text in texts.items():
            assert set(PLACE.findall(text)) <= set(PLACE.findall(key)), key
            assert text, key


def test_the_remedies_of_the_schemas_have_their_chinese() -> None:
    def descriptions(part: object) -> set[str]:
        if isinstance(part, list):
            return set().union(*map(descriptions, part))
        if not isinstance(part, dict):
            return set()
        own = part.get("description")
        return set().union({own} if isinstance(own, str) else set(), *map(descriptions, part.values()))

    for path in sorted((ROOT / "collections").glob("*.schema.json")):
        for text in descriptions(json.loads(path.read_text(encoding="utf8"))):
            assert said(text, "zh") != text, f"{path.name}: {text}"


def test_the_faults_of_a_configuration_have_their_chinese() -> None:
    for what, remedy in _SHAPES.values():
        assert said(f"server.port 'a b' {what}", "zh").startswith("server.port 'a b' ") or "缺少" in said(
            f"x {what}", "zh"
        )
        assert said(remedy, "zh") != remedy
    for _, what, remedy in _LIMITS.values():
        assert said(f"server.port 70000 {what}", "zh") != f"server.port 70000 {what}"
        assert said(remedy.format(65535), "zh") != remedy.format(65535)


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("'abc' is no integer", "“abc”不是整数"),
        ("Parameter 'limt': no such parameter here", "参数“limt”：此处没有这个参数"),
        ("did you mean 'limit'? known: bbox, limit", "是否指“limit”？可用：bbox, limit"),
        ("'x' is no date", "“x”不是日期"),
        ("'geometry' is missing in 'style.fill'", "缺少“geometry”（在 'style.fill' 中）"),
        (
            "Feature 'a' of layer 'b' is no longer in force (it was from 2016-01-01 to an open end); "
            "ask with 'datetime' for a day in it",
            "图层“b”的要素“a” 已失效（有效期为 2016-01-01 起长期有效）；请用 datetime 查询其中的某一天",
        ),
    ],
)
def test_a_finished_message_finds_its_key(english: str, expected: str) -> None:
    assert said(english, "zh") == expected
    assert said(english, "en") == english


def test_what_no_key_fits_stays_english() -> None:
    assert said("a sentence that nobody has translated", "zh") == "a sentence that nobody has translated"
    assert said("", "zh") == ""
    assert chinese.faults([Fault("limit", "unheard of", "")], "zh") == [Fault("limit", "unheard of", "")]


def test_the_key_with_the_most_text_of_its_own_is_meant() -> None:
    catalogue = Catalogue({"{what} here": "此处{what}", "no {what} here": "此处无{what}", "no cat here": "没有猫"})
    assert catalogue.chinese("no cat here") == "没有猫"
    assert catalogue.chinese("no dog here") == "此处无dog"
    assert catalogue.chinese("a dog here") == "此处a dog"
    assert catalogue.chinese("a dog") is None


def test_long_hostile_texts_cost_little() -> None:
    catalogue = Catalogue({"{a} x {b} x {c} x {d} y": "{a}{b}{c}{d}"})
    assert catalogue.chinese("x " * 1900) is None
    assert catalogue.chinese("x " * 100_000 + "y") is None
