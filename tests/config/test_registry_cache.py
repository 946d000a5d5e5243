"""Digests follow the meaning and nothing else; the cache gives what the files say, or nothing."""

import json
import time
from pathlib import Path

import pytest
import yaml

from config.documents import read
from config.registry import Registry, load
from tests.config.conftest import COLLECTIONS

GREEN = "planning/plan-green-line.yaml"


def test_other_yaml_readers_understand_the_files_alike() -> None:
    """Words such as `no` and codes such as `0101` are quoted, so that YAML 1.1 does not take them for false and 65."""
    for path in sorted(COLLECTIONS.rglob("*.yaml")):
        content = path.read_bytes()
        document, faults = read(path.name, content)
        assert not faults
        assert document is not None
        other = yaml.load(content, Loader=yaml.CSafeLoader)
        assert json.loads(json.dumps(other, default=str)) == document.data, path.name


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def changed(before: Registry, after: Registry) -> set[str]:
    return {name for name, layer in before.layers.items() if after.layers[name].digest != layer.digest}


def test_order_of_keys_comments_and_quotes_have_no_meaning(registry: Registry, copy: Path) -> None:
    path = copy / GREEN
    data = yaml.safe_load(path.read_text("utf-8"))
    data["metadata"]["published"] = str(data["metadata"]["published"])
    shuffled = {key: data[key] for key in reversed(data)}
    path.write_text("# a comment\n" + yaml.safe_dump(shuffled, allow_unicode=True, sort_keys=False), "utf-8")
    after = load(copy)
    assert changed(registry, after) == set()
    assert after.digest == registry.digest
    assert after.layers["plan-green-line"] == registry.layers["plan-green-line"]


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (GREEN, "en: Green line}", "en: Green lines}", {"plan-green-line"}),
        (GREEN, "opacity: 0.25", "opacity: 0.3", {"plan-green-line"}),
        (GREEN, "  - element_code\n", "", {"plan-green-line"}),
        ("codelists/green-types.yaml", "en: Square", "en: Plaza", {"plan-green-line"}),
        (
            "codelists/slope-classes.yaml",
            "Over 25",
            "Above 25",
            {"plan-permanent-basic-farmland", "current-land-survey"},
        ),
        ("codelists/form-progress.yaml", "en: Design", "en: Drawing", set()),
    ],
)
def test_a_change_of_meaning_changes_the_layers_it_concerns(
    name: str, old: str, new: str, expected: set[str], registry: Registry, copy: Path
) -> None:
    edit(copy, name, old, new)
    after = load(copy)
    assert changed(registry, after) == expected
    assert after.digest != registry.digest


def test_the_order_of_attributes_has_a_meaning(registry: Registry, copy: Path) -> None:
    edit(copy, GREEN, "  - element_code\n  - name\n", "  - name\n  - element_code\n")
    assert changed(registry, load(copy)) == {"plan-green-line"}


def test_a_shared_attribute_concerns_every_layer_that_uses_it(registry: Registry, copy: Path) -> None:
    edit(copy, "attributes.yaml", "en: Floor area ratio", "en: Plot ratio")
    users = {one.id for one in registry.layers.values() if one.attribute("floor_area_ratio")}
    assert len(users) >= 4
    assert changed(registry, load(copy)) == users


def test_the_cache_gives_the_same_registry(small: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = load(small, cache)
    assert [one.name for one in cache.iterdir()] == ["definitions.json"]
    second = load(small, cache)
    assert dict(second.layers) == dict(first.layers)
    assert dict(second.codelists) == dict(first.codelists)
    assert dict(second.divisions.by_code) == dict(first.divisions.by_code)
    assert second.digest == first.digest


def test_the_cache_never_outlives_a_change(small: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    load(small, cache)
    edit(small, GREEN, "en: Green line}", "en: Verdant line}")
    assert load(small, cache).layers["plan-green-line"].title.en == "Verdant line"
    (small / "planning" / "plan-blue-line.yaml").unlink()
    edit(small, GREEN, "  related: [plan-blue-line]\n", "")
    assert list(load(small, cache).layers) == ["plan-green-line"]


@pytest.mark.parametrize("damage", [b"", b"x", b"{}\n{}", None])
def test_a_damaged_cache_is_made_anew(damage: bytes | None, small: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    whole = load(small, cache)
    file = cache / "definitions.json"
    content = file.read_bytes()
    middle = len(content) // 2
    file.write_bytes(content[:middle] + b"?" + content[middle + 1 :] if damage is None else damage)
    assert dict(load(small, cache).layers) == dict(whole.layers)
    assert file.read_bytes() == content


def test_a_cache_that_cannot_be_written_is_no_fault(small: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert load(small, blocked).layers


def test_loading_with_the_cache_is_fast(copy: Path, tmp_path: Path) -> None:
    """The best of three warm loads costs less than half of the cold load in the same run."""
    cache = tmp_path / "cache"

    def cost() -> float:
        start = time.process_time()
        load(copy, cache)
        return time.process_time() - start

    cold = cost()
    assert min(cost() for _ in range(3)) < cold / 2
