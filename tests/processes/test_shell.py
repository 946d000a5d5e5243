"""pygeoapi's view of our processes: loaded by dotted path, executed by its own manager."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import orjson
import pytest
import shapely
from pygeoapi.plugin import load_plugin
from pygeoapi.process.base import ProcessorExecuteError
from pygeoapi.process.manager.base import get_manager

from config.layers import Sharing, Text
from processes import conflict_detection, echo
from processes.contract import Setting
from processes.shell import adapter
from store import open_store
from store.criteria import LoadMode
from store.interface import Batch
from store.migrate import migrate
from tests.server.tiny import EMPTY, PARCELS

OPEN = replace(PARCELS, id="zones", digest="e1" * 32)
CLOSED = replace(PARCELS, id="closed", sharing=Sharing.WITHHELD, digest="e2" * 32)
LAYERS = {one.id: one for one in (PARCELS, OPEN, EMPTY, CLOSED)}


def rows(*boxes: tuple[float, float, float, float]) -> Batch:
    count = len(boxes)
    columns: dict[str, Any] = {one.name: np.full(count, None, dtype=object) for one in PARCELS.attributes}
    ids = np.array([f"F{n}" for n in range(count)], dtype=object)
    columns |= {"identifier": ids, "land_use_code": np.full(count, "07", dtype=object)}
    wkb = np.array([shapely.to_wkb(shapely.MultiPolygon([shapely.box(*box)])) for box in boxes], dtype=object)
    return Batch(np.zeros(count, dtype=np.int64), ids, np.zeros(count, dtype=np.int64), wkb, columns)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A store with two small layers, an empty one and one that is not open."""
    made = f"sqlite:///{tmp_path_factory.mktemp('store')}"
    store = open_store(made, LAYERS)
    migrate(store.database)
    for layer, boxes in (
        ("parcels", [(117.0, 38.0, 117.01, 38.01), (117.02, 38.0, 117.03, 38.01)]),
        ("zones", [(117.005, 38.0, 117.006, 38.005), (117.01, 38.0, 117.02, 38.01)]),
        ("closed", [(117.0, 38.0, 117.01, 38.01)]),
    ):
        with store.load(layer, LoadMode.APPEND, date(2016, 1, 1), "test") as load:
            load.append(rows(*boxes))
            load.publish()
    store.close()
    with pytest.MonkeyPatch.context() as patch:  # a processor reads its layers from a folder; here they are the test's
        patch.setattr(adapter.Definition, "layers", property(lambda _: LAYERS))
        yield made


def definition(url: str, **more: Any) -> dict[str, Any]:
    return {"name": "processes.conflict_detection.ConflictDetectionProcessor", "store": url, **more}


def test_execute_by_dotted_path(url: str) -> None:
    processor = load_plugin("process", definition(url))
    assert processor.metadata["id"] == "conflict-detection" and processor.supports_outputs
    assert processor.metadata["inputs"]["left"]["minOccurs"] == 1
    media, found = processor.execute({"left": "parcels", "right": "zones"})
    assert media == "application/geo+json"
    assert [one["id"] for one in found["features"]] == ["F0~F0"]
    assert found["summary"]["verdict"] == "suspected"
    assert found["summary"]["suspected"] is True
    assert found["features"][0]["properties"]["share_right"] == pytest.approx(1)


def test_an_empty_layer_is_no_pass(url: str) -> None:
    _, found = load_plugin("process", definition(url)).execute({"left": "parcels", "right": "empty"})
    assert found["summary"]["verdict"] == "no-data" and found["summary"]["no_data"] == ["right"]
    assert found["summary"]["suspected"] is False


def test_nothing_found_is_nothing_suspected(url: str) -> None:
    away = {"left": "parcels", "right": "zones", "minArea": 1e9}
    _, found = load_plugin("process", definition(url)).execute(away)
    assert found["summary"]["verdict"] == "none-found" and found["summary"]["suspected"] is False


def test_each_side_may_have_a_filter_and_the_result_says_so(url: str) -> None:
    processor = load_plugin("process", definition(url))
    some = {"collection": "parcels", "filter": "S_INTERSECTS(geometry, POINT(117.005 38.001))"}
    _, found = processor.execute({"left": some, "right": {"collection": "zones", "filter": "true"}})
    assert [one["id"] for one in found["features"]] == ["F0~F0"]
    assert found["summary"]["left"]["filter"] == some["filter"]
    assert found["summary"]["left"]["features"] == 1
    _, found = processor.execute({"left": {"collection": "parcels", "filter": "false"}, "right": "zones"})
    assert found["summary"]["verdict"] == "no-data"
    with pytest.raises(ProcessorExecuteError, match=r"left\.filter"):
        processor.execute({"left": {"collection": "parcels", "filter": "nothing = 1"}, "right": "zones"})


def test_a_result_repeats_the_nodes_notice(url: str) -> None:
    said = Text("数据为模拟", "The data are synthetic")
    process = conflict_detection.PROCESS
    given = {"left": "parcels", "right": "zones"}
    setting = Setting(LAYERS, date(2020, 1, 1), notice=said)
    context = adapter._Context(adapter.Definition(definition(url)))
    summary = orjson.loads(process.run(process.resolve(given, setting), context)["conflicts"].body)["summary"]
    assert summary["notice"] == {"zh": said.zh, "en": said.en}
    assert "notice" not in summary["parameters"]
    silent = process.run(process.resolve(given, Setting(LAYERS, date(2020, 1, 1))), context)["conflicts"].body
    assert "notice" not in orjson.loads(silent)["summary"]


def test_what_is_not_open_is_refused(url: str) -> None:
    with pytest.raises(ProcessorExecuteError, match="not open"):
        load_plugin("process", definition(url)).execute({"left": "parcels", "right": "closed"})
    everything = definition(url, open=["unconditional", "conditional", "withheld"])
    assert load_plugin("process", everything).execute({"left": "parcels", "right": "closed"})[1]["features"]


def test_wrong_inputs_are_named(url: str) -> None:
    with pytest.raises(ProcessorExecuteError, match="right"):
        load_plugin("process", definition(url)).execute({"left": "parcels"})


def test_by_pygeoapis_own_manager(url: str) -> None:
    manager = get_manager(
        {
            "resources": {
                "conflict-detection": {"type": "process", "processor": definition(url)},
                "echo": {"type": "process", "processor": {"name": "processes.echo.EchoProcessor"}},
            }
        }
    )
    _, media, answer, status, _ = manager.execute_process("echo", {"echo": "你好"})
    assert (media, answer, status.value) == ("application/json", {"seconds": 0, "echo": "你好"}, "successful")
    *_, found, status, _ = manager.execute_process("conflict-detection", {"left": "parcels", "right": "zones"})
    assert status.value == "successful" and len(found["features"]) == 1


@pytest.mark.usefixtures("url")
def test_a_processor_without_a_store_says_so() -> None:
    processor = load_plugin("process", {"name": "processes.conflict_detection.ConflictDetectionProcessor"})
    with pytest.raises(ProcessorExecuteError, match="store"):
        processor.execute({"left": "parcels", "right": "zones"})


def test_other_names_are_not_there() -> None:
    for module in (conflict_detection, echo):
        with pytest.raises(AttributeError):
            module.__getattr__("Nothing")
