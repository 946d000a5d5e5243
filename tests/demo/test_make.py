"""Making: whole or not at all, the marker, sizes, and what the store holds afterwards."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from config.errors import DefinitionError
from config.layers import Sharing
from config.registry import Registry
from config.settings import load
from server.cli.main import main
from server.demo import make
from server.demo.bulk import bulk
from server.demo.fill import Ready
from server.demo.make import MARKER, Order, ensure
from server.demo.world import World
from store import open_store
from store.criteria import Criteria, ValidTime
from tests.demo.test_layers import DIVISIONS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small province, made by the command; `tests.benchmarks.demo` says what that costs."""
    place = tmp_path_factory.mktemp("demo") / "province"
    assert main(["demo", "--no-serve", "--json", "--data", str(place)]) == 0
    return place


@pytest.mark.slow
def test_everything_is_there(folder: Path, registry: Registry) -> None:
    made = json.loads((folder / MARKER).read_text("utf-8"))
    assert made["features"] == sum(made["layers"].values()) > 75_000
    settings = load(folder / "node.yaml")
    assert settings.access.open == frozenset(Sharing)
    assert settings.node.notice is not None
    assert "模拟" in settings.node.notice.zh
    assert {path.stem for path in (folder / "truth").iterdir()} >= {"two-plan-difference", "rules", "permits", "change"}
    store = open_store(settings.store.url, registry.layers)
    try:
        store.check()
        assert store.count("permit", Criteria()) == 5_000
        assert store.count("plan-land-use", Criteria()) == made["layers"]["plan-land-use"]
    finally:
        store.close()


@pytest.mark.slow
def test_every_row_of_the_store_says_that_it_is_synthetic(folder: Path, registry: Registry) -> None:
    """All rows, of all days, as they are published."""
    store = open_store(f"sqlite:///{folder}", registry.layers)
    always, rows = ValidTime(None, None), 0
    try:
        for layer in (one for one in registry.layers.values() if one.stored and one.id not in DIVISIONS):
            names = tuple(name for name in ("data_source", "remarks") if layer.attribute(name))
            for batch in store.batches(layer.id, Criteria(valid=always, properties=names)):
                for values in zip(*(batch.columns[name] for name in names), strict=True):
                    rows += 1
                    assert any("模拟" in value for value in values if value), layer.id
    finally:
        store.close()
    assert rows > 75_000


@pytest.mark.slow
def test_exports_say_that_they_are_synthetic(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "buildings.csv"
    node = str(folder / "node.yaml")
    assert main(["export", "--config", node, "--layer", "current-building", str(file)]) == 0
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 20_000
    assert all("模拟" in row["data_source"] for row in rows)


@pytest.mark.slow
def test_the_store_answers_by_day(folder: Path, registry: Registry, ready: list[Ready]) -> None:
    layer = "plan-land-use-tugui"
    changed = next(one for one in ready if one.layer == layer and one.day == date(2017, 12, 31))
    store = open_store(f"sqlite:///{folder}", registry.layers)
    try:
        for k in range(0, len(changed.ids), 5):
            then = ValidTime(date(2017, 1, 1), date(2017, 1, 1))
            before = json.loads(store.item(layer, changed.ids[k], Criteria(valid=then)).text)
            after = json.loads(store.item(layer, changed.ids[k], Criteria()).text)
            assert after["properties"]["valid_from"] == "2017-12-31"
            assert before["properties"]["valid_to"] == "2017-12-31"
            assert after["properties"]["land_use_code"] == changed.columns["land_use_code"][k]
    finally:
        store.close()


def pretend(folder: Path, order: Order, say: object) -> dict[str, object]:
    (folder / "node.sqlite").write_text("rows")
    return {"version": make.VERSION, "size": order.size, "seed": order.seed, "features": 1}


def test_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "_make", pretend)
    made = ensure(tmp_path / "demo", Order(), lambda _: None)
    assert json.loads((tmp_path / "demo" / MARKER).read_text()) == made
    monkeypatch.setattr(make, "_make", lambda *_: pytest.fail("made again"))
    assert ensure(tmp_path / "demo", Order(), lambda _: None) == made
    with pytest.raises(DefinitionError, match="another demo"):
        ensure(tmp_path / "demo", Order(seed=1), lambda _: None)


def test_an_interrupted_making_leaves_nothing_to_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(folder: Path, order: Order, say: object) -> dict[str, object]:
        (folder / "node.sqlite").write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(make, "_make", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ensure(tmp_path / "demo", Order(), lambda _: None)
    assert not (tmp_path / "demo").exists()
    monkeypatch.setattr(make, "_make", pretend)
    ensure(tmp_path / "demo", Order(), lambda _: None)
    assert (tmp_path / "demo" / "node.sqlite").read_text() == "rows"
    assert not (tmp_path / "demo.making").exists()


def test_two_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(folder: Path, order: Order, say: object) -> dict[str, object]:
        with pytest.raises(DefinitionError, match="another process"):
            ensure(tmp_path / "demo", order, lambda _: None)
        return pretend(folder, order, say)

    monkeypatch.setattr(make, "_make", meanwhile)
    ensure(tmp_path / "demo", Order(), lambda _: None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo"]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DefinitionError, match="folder of its own"):
        ensure(tmp_path, Order(), lambda _: None)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_command_line_refuses_a_wrong_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--size", "-5", "--no-serve", "--data", str(tmp_path / "x")]) == 2
    assert "--size" in capsys.readouterr().err


@pytest.mark.parametrize("number", [3_000, 30_000])
def test_more_parcels_and_buildings(world: World, registry: Registry, number: int) -> None:
    made: dict[str, int] = {}
    for one in bulk(world, registry, 1, number):
        made[one.layer] = made.get(one.layer, 0) + len(one.ids)
        assert len(one.ids) <= 20 * 300
    assert sum(made.values()) == pytest.approx(number, rel=0.15)
    assert set(made) <= {
        *("plan-land-use", "plan-land-use-tugui", "current-land-survey", "current-building"),
        *("plan-construction-scale-boundary", "plan-document"),
    }
