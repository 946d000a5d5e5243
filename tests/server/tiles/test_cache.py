"""Kept tiles over HTTP: made once, ended by what touches them and by nothing else, in every process."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely

from config.errors import UnavailableError
from server.app import Application, create_app
from server.node import Node
from server.tiles.service import FRESH_SECONDS, tiles_of
from store.criteria import Edit, LoadMode, Operation
from store.sql import SqlStore
from tests.server.client import Client
from tests.server.tiles.conftest import TOKEN, make_node
from tests.tiles import data

TILE = data.tile("WebMercatorQuad", "15", data.WEST + 0.001, data.SOUTH + 0.001)
FAR = data.tile("WebMercatorQuad", "15", data.WEST + 0.03, data.SOUTH + 0.03)


def path(tile: Any, layer: str = "parcels") -> str:
    return f"/collections/{layer}/tiles/WebMercatorQuad/15/{tile.row}/{tile.col}"


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store"
    from tests import postgis

    made = postgis.database(request.getfixturevalue("postgis_server"))
    address = made.__enter__()
    request.addfinalizer(lambda: made.__exit__(None, None, None))
    return address


@pytest.fixture
def clock() -> data.Clock:
    return data.Clock()


@pytest.fixture
def store(url: str, clock: data.Clock) -> Iterator[SqlStore]:
    with data.opened(url, clock) as made:
        data.load(made, "parcels", data.polygons(100))
        yield made


class Running:
    """A node, a client of it, and how often a layer of a tile was rendered."""

    def __init__(self, folder: Path, store: SqlStore) -> None:
        self.node = make_node(folder, store)
        self.app = create_app(self.node)
        self.client = Client(self.app)
        self.renders = 0
        self.before: Callable[[], None] = lambda: None
        self.service = tiles_of(self.node)
        whole = self.service._renderer.layer

        def counted(*args: Any) -> Any:
            self.renders += 1
            made = whole(*args)
            self.before()
            return made

        self.service._renderer.layer = counted  # type: ignore[method-assign]

    def names(self, tile: Any) -> set[str]:
        answer = self.client.get(path(tile))
        assert answer.status_code in (200, 204)
        return {one["properties"].get("name", "") for one in data.decoded(answer.content, "parcels")}

    def close(self) -> None:
        self.node.close()


@pytest.fixture
def running(tmp_path: Path, store: SqlStore) -> Iterator[Running]:
    made = Running(tmp_path / "one", store)
    yield made
    made.service.close()


def rename(name: str, id: str = "F00000", **more: Any) -> Edit:
    return Edit("parcels", Operation.UPDATE, id, keep_geometry=True, properties={"name": name}, **more)


def test_identical_requests_at_one_time_cause_one_query(running: Running):
    answers = running.client.gather(*[path(TILE)] * 8)
    assert len({answer.content for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {200}
    assert running.renders == 1
    running.client.get(path(TILE))
    assert running.renders == 1


def test_an_edit_shows_at_once_and_ends_what_it_touches_alone(running: Running, store: SqlStore):
    here, there = (running.client.get(path(tile)) for tile in (TILE, FAR))
    assert running.renders == 2
    store.write([rename("改名")], "tester")
    assert "改名" in running.names(TILE)
    assert running.renders == 3
    assert running.client.get(path(FAR)).headers["etag"] == there.headers["etag"]
    assert running.renders == 3, "the other tile was not made again"
    assert running.client.get(path(TILE), headers={"if-none-match": here.headers["etag"]}).status_code == 200


def test_a_moved_feature_leaves_one_tile_and_comes_to_another(running: Running, store: SqlStore):
    store.write([rename("搬家")], "tester")
    assert "搬家" in running.names(TILE)
    assert "搬家" not in running.names(FAR)
    x, y = data.WEST + 0.03, data.SOUTH + 0.03
    shape = shapely.to_wkb(shapely.box(x, y, x + 0.001, y + 0.001))
    store.write([Edit("parcels", Operation.UPDATE, "F00000", shape)], "tester")
    assert "搬家" not in running.names(TILE)
    assert "搬家" in running.names(FAR)
    store.write([Edit("parcels", Operation.DELETE, "F00000")], "tester")
    assert "搬家" not in running.names(FAR)


def test_a_feature_beyond_the_extent_widens_the_limits(running: Running, store: SqlStore):
    outside = data.tile("WebMercatorQuad", "15", data.WEST + 1, data.SOUTH + 1)
    assert running.client.get(path(outside)).status_code == 404
    shape = shapely.to_wkb(shapely.box(data.WEST + 1, data.SOUTH + 1, data.WEST + 1.001, data.SOUTH + 1.001))
    properties = {"identifier": "new", "name": "远方"}
    store.write([Edit("parcels", Operation.CREATE, "new", shape, properties=properties)], "tester")
    assert "远方" in running.names(outside)


def test_edits_race_with_renders(running: Running, store: SqlStore):
    """Whatever is being read while a feature changes: once the write has returned, no answer shows the old name."""
    stop = threading.Event()
    stale: list[str] = []

    async def ask() -> set[str]:
        answer = await running.client._http.get(path(TILE))
        return {one["properties"].get("name", "") for one in data.decoded(answer.content, "parcels")}

    async def race() -> None:
        async def background() -> None:
            while not stop.is_set():
                await ask()

        loops = [asyncio.create_task(background()) for _ in range(2)]
        for number in range(12):
            name = f"第{number}次"
            await asyncio.to_thread(store.write, [rename(name)], "tester")
            if name not in await ask():
                stale.append(name)
            await asyncio.sleep(0.002 * (number % 3))
        stop.set()
        await asyncio.gather(*loops)

    running.client._runner.run(race())
    assert stale == []


def test_a_tile_read_before_an_edit_and_finished_after_it_is_not_kept(running: Running, store: SqlStore):
    """The edit commits between the query of a tile and its being kept: who joined gets old rows, nobody later does."""
    written = threading.Event()

    def meanwhile() -> None:
        if not written.is_set():
            written.set()
            store.write([rename("其间")], "tester")

    running.before = meanwhile
    assert "其间" not in running.names(TILE), "its rows were read before"
    assert "其间" in running.names(TILE)


def test_another_process_sees_it_within_a_second(running: Running, url: str, clock: data.Clock, tmp_path: Path):
    from store import open_store

    other_store = open_store(url, data.LAYERS, clock=clock)
    other = Running(tmp_path / "two", other_store)
    for one in (running, other):
        one.names(TILE)
        one.names(FAR)
    other_store.write([rename("别处")], "tester")
    began = time.monotonic()
    assert "别处" in other.names(TILE), "the writing process shows it at once"
    while "别处" not in running.names(TILE):
        assert time.monotonic() - began < 1
        time.sleep(0.02)
    assert running.renders == 3
    assert FRESH_SECONDS < 1
    other.close()


def test_a_validity_begins_at_midnight(running: Running, store: SqlStore, clock: data.Clock):
    store.write([rename("明天", valid_from=date(2024, 6, 2))], "tester")
    assert "明天" not in running.names(TILE)
    given = running.client.get(f"{path(TILE)}?datetime=2024-06-02")
    assert "明天".encode() in given.content
    clock.forward(days=1)
    running.service._looked = float("-inf")  # half a second later
    assert "明天" in running.names(TILE)
    renders = running.renders
    running.client.get(f"{path(TILE)}?datetime=2024-06-02")
    assert running.renders == renders, "a map of a day is not ended by midnight"


def test_a_bulk_load_brings_a_new_generation(running: Running, store: SqlStore):
    running.names(TILE)
    running.names(FAR)
    with store.load("parcels", LoadMode.REPLACE, date(2020, 1, 1), "tester") as load:
        load.append(data.batch(data.polygons(4)))
        assert running.renders == 2
        load.publish()
    running.service.changed()
    assert len(running.names(FAR)) == 0
    assert running.renders <= 3


def test_kept_on_disk(url: str, clock: data.Clock, store: SqlStore, tmp_path: Path):
    first = Running(tmp_path / "one", store)
    here, there = first.client.get(path(TILE)), first.client.get(path(FAR), headers={"accept-encoding": "br"})
    first.service.close()
    store.write([rename("趁停机")], "tester")
    second = Running(tmp_path / "one", store)
    again = second.client.get(path(FAR), headers={"accept-encoding": "br"})
    assert again.headers["etag"] == there.headers["etag"]
    assert second.renders == 0, "from the disk"
    assert "趁停机" in second.names(TILE), "what changed while nobody served is not shown as it was"
    assert second.renders == 1
    assert second.client.get(path(TILE)).headers["etag"] != here.headers["etag"]
    second.service.close()


def test_another_store_in_its_place(clock: data.Clock, store: SqlStore, tmp_path: Path):
    """The data folder stays, the database is exchanged for one with as many changes."""
    first = Running(tmp_path / "one", store)
    first.names(TILE)
    first.service.close()
    clock.forward(hours=1)
    with data.opened(f"sqlite:///{tmp_path}/other", clock) as other:
        data.load(other, "parcels", data.polygons(100, seed=8)[1:])
        second = Running(tmp_path / "one", other)
        second.names(TILE)
        assert second.renders == 1
        second.service.close()


def test_below_the_router(running: Running, monkeypatch: pytest.MonkeyPatch):
    headers = {"accept-encoding": "br"}
    first = running.client.get(path(FAR), headers=headers)

    async def refuse(*_: Any) -> None:
        raise AssertionError("the long way")

    monkeypatch.setattr(Application, "_guarded", refuse)
    again = running.client.get(path(FAR), headers=headers)
    assert again.content == first.content
    mine = {name: value for name, value in first.headers.items() if name != "x-request-id"}
    assert {name: again.headers.get(name) for name in mine} == mine
    known = running.client.get(path(FAR), headers=headers | {"if-none-match": first.headers["etag"]})
    assert known.status_code == 304
    assert known.headers["etag"] == first.headers["etag"]
    token = running.client.get(path(FAR), headers=headers | {"authorization": f"Bearer {TOKEN}"})
    assert token.status_code == 500, "a token takes the long way"


def test_metrics_count_them(running: Running):
    for _ in range(3):
        running.client.get(path(FAR))
    text = running.client.get("/metrics").text
    counted = sum(
        float(line.split()[-1])
        for line in text.splitlines()
        if line.startswith("duogui_requests_total") and "vector.getTile" in line
    )
    assert counted == 3


def test_a_store_that_cannot_answer(running: Running, monkeypatch: pytest.MonkeyPatch):
    def busy(*_: Any) -> None:
        raise UnavailableError("busy")

    running.names(FAR)
    monkeypatch.setattr(running.service.board, "refresh", busy)
    running.service.changed()
    assert running.client.get(path(FAR)).status_code == 503
    monkeypatch.undo()
    assert running.client.get(path(FAR)).status_code == 200, "it recovers"


def test_no_cache_at_all(tmp_path: Path, store: SqlStore):
    settings = make_node(tmp_path / "x", store).settings
    tiles = settings.tiles.model_copy(update={"memory": 0, "disk": 0})
    node: Node = make_node(tmp_path / "y", store)
    node.settings = settings.model_copy(update={"tiles": tiles})
    client = Client(create_app(node))
    assert client.get(path(TILE)).status_code == client.get(path(FAR)).status_code == 200
    assert client.get(path(TILE)).content == client.get(path(TILE)).content
    assert not (tmp_path / "y" / "tiles").exists()
