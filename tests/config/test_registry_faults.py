"""Spoiled files: each fault is found, at its file and line, with what would be right."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import DefinitionError, Fault
from config.registry import check, load
from server.cli import main as cli

GREEN = "planning/plan-green-line.yaml"
LAND = "codelists/urban-land-use-2011.yaml"
HEBEI = "divisions/hebei.yaml"


def spoil(folder: Path, name: str, old: str, new: str) -> int:
    """Replace the first occurrence; gives the line on which it stood."""
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text, f"{name} has no {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def faults_of(folder: Path) -> list[Fault]:
    registry, faults = check(folder)
    assert registry is None
    return faults


CASES = {
    "title missing": (GREEN, "title: {zh: 绿线, en: Green line}\n", "", 1, "'title' is missing", "add `title: ...`"),
    "English missing": (GREEN, "{zh: 绿线, en: Green line}", "{zh: 绿线}", 2, "'en' is missing in 'title'", "add `en"),
    "wrong type": (GREEN, "order: 17", "order: seventeen", None, "'order' is text where an integer belongs", "place"),
    "bad word": (GREEN, "sharing: conditional", "sharing: secret", None, "'sharing' is 'secret'", "unconditional"),
    "unknown key": (GREEN, "provider:", "providr:", None, "'providr' is not a known key", "did you mean provider?"),
    "unknown attribute": (GREEN, "- element_code", "- elment_code", None, "has no 'elment_code'", "element_code"),
    "unknown code list": (GREEN, "codelist: green-types", "codelist: grin-types", None, "'grin-types'", "green-types"),
    "unknown department": (GREEN, "provider: planning", "provider: plan", None, "departments.yaml has no", "planning"),
    "unknown partner": (GREEN, "[gardens]", "[garden]", None, "departments.yaml has no 'garden'", "gardens"),
    "unknown collection": (GREEN, "[plan-blue-line]", "[plan-blau-line]", None, "'plan-blau-line'", "plan-blue-line"),
    "unknown group": (GREEN, "group: control-lines", "group: lines", None, "layer-groups.yaml has no 'lines'", "zones"),
    "unknown cycle": (GREEN, "update_cycle: yearly", "update_cycle: year", None, "has no 'year'", "yearly"),
    "no such day": (GREEN, "2018-01-31", "2018-02-31", None, "'metadata.published' is '2018-02-31'", "YYYY-MM-DD"),
    "file and id differ": (GREEN, "id: plan-green-line", "id: plan-grn", 1, "not the file's name", "plan-green-line"),
    "order twice": (GREEN, "order: 17", "order: 16", None, "order in planning 16 stands already at", "each once"),
    "resource code twice": (GREEN, "103001/000017", "103001/000016", None, "stands already at", "each once"),
    "class and code differ": (GREEN, "103001/000017", "103002/000017", None, "does not begin", "103001/"),
    "reserved name": (GREEN, "name: green_type", "name: version", None, "'version': is reserved", "another name"),
    "camel case": (GREEN, "name: green_type", "name: greenType", None, "is 'greenType'", "snake_case"),
    "long code": (GREEN, "code: LDLX", "code: LDLXLDLXLDL", None, "has 11 characters", "at most 10"),
    "code twice": (GREEN, "code: LDLX", "code: BSM", None, "field code 'BSM' stands twice", "each once"),
    "name twice": (GREEN, "- element_code", "- identifier", None, "'identifier' stands twice", "each once"),
    "two titles": (GREEN, "role: type", "role: title", None, "has the role title, and so has 'name'", "role: null"),
    "codes are text": (GREEN, "type: string", "type: integer", None, "has codelist and the type", "string"),
    "no colours": (GREEN, "label: name", "by: name", None, "code list of 'name' has no colours", "color"),
    "label unknown": (GREEN, "label: name", "label: nam", None, "no attribute 'nam'", "did you mean name?"),
    "colour": (GREEN, '"#1b7f1b"', "green", None, "'style.line.color' is 'green'", "#rrggbb"),
    "tab": (GREEN, "  zh: 依", "\tzh: 依", None, "a tab indents the line", "two spaces"),
    "not YAML": (GREEN, "order: 17", "order: 17: 18", None, "is not YAML", "quote"),
    "key twice": (GREEN, "order: 17", "order: 17\norder: 18", None, "the key 'order' stands twice", "keep one"),
    "alias": (GREEN, "order: 17", "order: &n 17\nlevel: *n", None, "an alias", "write the part out"),
    "tag": (GREEN, "order: 17", "order: !!python/name:os.system 17", None, "tag", "plain values"),
    "table with geometry": (GREEN, "kind: vector", "kind: table", None, "kind table has no geometry", "leave"),
    "vector without geometry": (GREEN, "geometry: MultiPolygon\n", "", 1, "'geometry' is missing", "add"),
    "condition missing": (GREEN, "sharing_condition:", "open_condition:", None, "stands twice", "keep one"),
    "code twice in a list": (LAND, "code: R2, parent: R", "code: R1, parent: R", None, "'R1' stands twice", "keep"),
    "parent unknown": (LAND, "code: R2, parent: R,", "code: R2, parent: Q,", None, "parent code 'Q'", ""),
    "cycle": (LAND, "{code: R, ", "{code: R, parent: R1, ", None, "'R' is its own ancestor", "above"),
    "bad property value": (LAND, 'construction: "yes"', "construction: may", None, "'construction' is", "conditional"),
    "unknown property": (LAND, "color: \"#d9c9a8\"", "colour: x", None, "'colour' is not a known key", "color"),
    "property missing": (LAND, ', construction: "no"', "", None, "'E' has no construction", "class above"),
    "unquoted code": ("codelists/land-use-2023.yaml", 'code: "16"', "code: 16", None, "an integer", '"16"'),
    "division twice": (HEBEI, '"130902"', '"130903"', None, "'130903' stands already at", "keep one"),
    "parent division": (HEBEI, 'parent: "130900", zh: 沧县', 'parent: "139999", zh: 沧县', None, "'139999'", ""),
    "division code": (HEBEI, '"130902"', '"13090"', None, "is '13090'", "six digits"),
    "meridian": (HEBEI, "central_meridian: 120", "central_meridian: 119", None, "multipleOf 3", "degrees east"),
    "dictionary": ("attributes.yaml", "role: id", "role: id\n  unit: m", None, "has unit and the", "number"),
}  # fmt: skip


EXACT = [
    "wrong type",
    "bad word",
    "unknown key",
    "unknown attribute",
    "unknown department",
    "tab",
    "not YAML",
    "no such day",
]
EXACT += ["order twice", "long code", "unknown property", "division code", "colour", "label unknown", "unquoted code"]
"""Where a value is wrong, its own line is told, and nothing else."""


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_named_with_file_line_and_remedy(case: str, small: Path) -> None:
    name, old, new, line, what, remedy = CASES[case]
    at = spoil(small, name, old, new)
    faults = faults_of(small)
    told = [one for one in faults if what in one.what and remedy in one.remedy]
    assert told, f"not told: {what} ({remedy}); but: {[str(one) for one in faults]}"
    file, _, number = told[0].where.rpartition(":")
    assert file == name
    expected = line if line is not None else at
    assert abs(int(number) - expected) <= 3, f"{told[0]} is not near line {expected}"
    if case in EXACT:
        assert [one.where for one in faults if what in one.what] == [f"{name}:{at}"]


def test_all_faults_are_told_at_once_by_file_and_line(small: Path) -> None:
    for case in ("wrong type", "bad word", "unknown key"):
        name, old, new, *_ = CASES[case]
        spoil(small, name, old, new)
    spoil(small, "planning/plan-blue-line.yaml", "order: 16", "order: x")
    with pytest.raises(DefinitionError) as caught:
        load(small)
    places = [one.where for one in caught.value.faults]
    assert len(places) == 5
    assert len(set(places)) >= 4
    assert [one.partition(":")[0] for one in places] == sorted(one.partition(":")[0] for one in places)
    assert "planning/plan-green-line.yaml:" in str(caught.value)


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def write(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        (remove("attributes.yaml"), "attributes.yaml", "is missing"),
        (write("planning/x.yaml", b""), "planning/x.yaml:1", "is empty"),
        (write("planning/x.yaml", b"- a\n- b\n"), "planning/x.yaml:1", "is a list where a mapping"),
        (write("planning/x.yaml", b"title: x\nid: \xff\n"), "planning/x.yaml:2", "is not UTF-8"),
        (write("planning/x.yml", b"id: x\n"), "planning/x.yml", "not where a definition belongs"),
        (write("stray.yaml", b"id: x\n"), "stray.yaml", "not where a definition belongs"),
        (write("planning/x.yaml", b"[" * 5000 + b"]" * 5000), "planning/x.yaml:1", "nested too deep"),
    ],
)
def test_files_that_are_missing_or_not_definitions(
    change: Callable[[Path], object], where: str, what: str, small: Path
) -> None:
    change(small)
    faults = faults_of(small)
    assert any(one.where == where and what in one.what for one in faults), [str(one) for one in faults]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="1 fault"):
        load(tmp_path / "none")


def test_ids_are_unique_across_themes(small: Path) -> None:
    (small / "working").mkdir()
    (small / "working" / "plan-green-line.yaml").write_bytes((small / GREEN).read_bytes())
    told = [one for one in faults_of(small) if "the id plan-green-line stands already at" in one.what]
    assert [one.where for one in told] == ["working/plan-green-line.yaml:1"]


def test_validate_prints_faults_and_exits_with_1(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = spoil(small, GREEN, "order: 17", "order: x")
    assert cli.main(["validate", str(small), "--lang", "en"]) == 1
    out = capsys.readouterr().out
    assert f"{GREEN}:{at}: 'order' is text where an integer belongs" in out
    assert "1 fault(s)" in out
    assert cli.main(["validate", str(small / GREEN), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["valid"] is False
    assert answer["faults"][0]["file"] == GREEN
    assert answer["faults"][0]["line"] == at


def test_validate_of_a_sound_file_beside_a_faulty_one(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(small, GREEN, "order: 17", "order: x")
    assert cli.main(["validate", str(small / "planning/plan-blue-line.yaml"), "--lang", "en"]) == 1
    assert "1 fault(s) in other files" in capsys.readouterr().out


def test_validate_of_the_checkout(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", "--lang", "zh"]) == 0
    assert re.match(r"101个图层、\d+个代码表", capsys.readouterr().out)
    assert cli.main(["validate", "/nowhere/at/all"]) == 2


def test_a_locality_may_replace_a_needed_list(small: Path) -> None:
    """Without its own list of departments a folder takes the one that comes with the program."""
    assert "gardens" in load(small).departments
    own = "id: departments\ntitle: {zh: 部门, en: Departments}\nsource: ours\nreliability: high\ncodes:\n"
    own += "  - {code: planning, zh: 规划局, en: Planning bureau}\n"
    (small / "codelists" / "departments.yaml").write_text(own, "utf-8")
    told = [one.what for one in faults_of(small)]
    assert told == ["codelists/departments.yaml has no 'water'", "codelists/departments.yaml has no 'gardens'"]


VALUES = ["null", "5", "[]", "{}", "[1, a]", "{a: 1}", "true", "1.5", "-", "2018-01-01", "&a 1", "*a", "!!int x"]


def damaged(text: str, chance: random.Random) -> str:
    """A text with one to three lines lost, moved, doubled or given another value."""
    lines = text.split("\n")
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        match chance.randrange(5):
            case 0:
                lines.pop(at)
            case 1:
                lines[at] = "  " + lines[at]
            case 2:
                lines.insert(chance.randrange(len(lines)), lines[at])
            case 3:
                lines[at] = re.sub(r": .*", ": " + chance.choice(VALUES), lines[at])
            case _:
                middle = len(lines[at]) // 2
                lines[at] = lines[at][:middle] + chance.choice("{}[]:,#&*!|>'\"%@`\t-?~\0") + lines[at][middle:]
    return "\n".join(lines)


def test_whatever_a_file_holds_it_is_read_or_its_faults_are_told(small: Path) -> None:
    chance = random.Random(20180131)
    names = [GREEN, "codelists/green-types.yaml", "attributes.yaml", "divisions/statistics.yaml"]
    whole = {name: (small / name).read_text("utf-8") for name in names}
    refused = 0
    for round_ in range(32):
        name = names[round_ % len(names)]
        (small / name).write_text(damaged(whole[name], chance), "utf-8")
        registry, faults = check(small)
        assert (registry is None) == bool(faults)
        assert all(re.match(r"[a-z0-9/.-]+(:\d+)?$", one.where) and one.what for one in faults)
        refused += registry is None
        (small / name).write_text(whole[name], "utf-8")
    assert refused > 16
    assert check(small)[1] == []
