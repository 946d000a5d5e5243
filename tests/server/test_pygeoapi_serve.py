"""A stock `pygeoapi serve` on the generated configuration gives what the node itself gives."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from rasterio.io import MemoryFile

from config.settings import load
from server.app import create_app
from server.cli.main import main
from server.node import open_node
from tests.server.client import Client
from tests.server.pygeoapi_node import FARMLAND, PLAN, RASTER, make

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
WAIT = 60


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Client]]:
    """pygeoapi as a process of its own, and the node in this one, over the same store."""
    folder = tmp_path_factory.mktemp("stock")
    port = _free_port()
    file = make(folder, port)
    assert main(["pygeoapi-config", "--config", str(file), "--output", str(folder / "out")]) == 0
    config, openapi = folder / "out" / "pygeoapi-config.yml", folder / "out" / "pygeoapi-openapi.json"
    environment = os.environ | {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    command = [str(Path(sys.executable).parent / "pygeoapi"), "serve"]
    log = (folder / "log").open("w")
    process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    node = open_node(load(file))
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as stock, Client(create_app(node)) as ours:
            _wait(stock, process, folder / "log")
            yield stock, ours
    finally:
        process.terminate()
        process.wait(10)
        log.close()
        node.close()


def _wait(stock: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            if stock.get("/conformance?f=json").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def _both(served: tuple[httpx.Client, Client], path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    stock, ours = served
    answers = [stock.get(path), ours.get(path)]
    for answer in answers:
        assert answer.status_code == 200, answer.text
    return json.loads(answers[0].text), json.loads(answers[1].text)


def _bare(feature: dict[str, Any]) -> dict[str, Any]:
    return {key: feature[key] for key in ("id", "geometry", "properties")}


def test_the_collections_are_the_same(served: tuple[httpx.Client, Client]) -> None:
    theirs, ours = _both(served, "/collections?f=json&lang=zh")
    layers = [one for one in ours["collections"] if one["itemType"] != "collection"]  # pygeoapi knows no hierarchy
    assert [one["id"] for one in theirs["collections"]] == [one["id"] for one in layers]
    assert {one["title"] for one in theirs["collections"]} == {one["title"] for one in layers}


@pytest.mark.parametrize(
    "query",
    [
        "limit=7",
        "limit=5&offset=20",
        "land_use_code=R2",
        "bbox=116.805,38.255,116.825,38.265&limit=100",
        "sortby=-area&limit=6",
        "datetime=2016-06-01&limit=3",
        "bbox=10,10,11,11",
        f"bbox=38.255,116.805,38.265,116.825&bbox-crs={EPSG}4490&limit=100",
    ],
)
def test_items_are_the_same(served: tuple[httpx.Client, Client], query: str) -> None:
    theirs, ours = _both(served, f"/collections/{PLAN}/items?f=json&{query}")
    assert [_bare(one) for one in theirs["features"]] == [_bare(one) for one in ours["features"]]
    if "10,10" not in query:
        assert theirs["features"]


def test_property_selection_and_hits(served: tuple[httpx.Client, Client]) -> None:
    theirs, ours = _both(served, f"/collections/{PLAN}/items?f=json&properties=area&limit=2")
    assert [one["properties"] for one in theirs["features"]] == [one["properties"] for one in ours["features"]]
    stock = served[0]
    hits = stock.get(f"/collections/{PLAN}/items?f=json&resulttype=hits").json()
    assert hits["numberMatched"] == 25
    assert hits["features"] == []


@pytest.mark.parametrize(("code", "tolerance"), [("4490", 1e-9), ("4548", 1e-4), ("4527", 1e-4), ("3857", 1e-4)])
def test_one_item_in_other_systems(served: tuple[httpx.Client, Client], code: str, tolerance: float) -> None:
    """Axes are those of the authority on both: 4490 latitude first, Gauss-Krueger north first."""
    listed = served[1].get(f"/collections/{FARMLAND}/items?f=json&limit=1").json()
    path = f"/collections/{FARMLAND}/items/{listed['features'][0]['id']}?f=json&crs={EPSG}{code}"
    theirs, ours = _both(served, path)
    first, second = theirs["geometry"]["coordinates"], ours["geometry"]["coordinates"]
    mine, other = _flat(first), _flat(second)
    assert len(mine) == len(other) > 8
    assert max(abs(a - b) for a, b in zip(mine, other, strict=True)) <= tolerance
    north_first = {"4490": (38.2, 38.3), "4548": (4.2e6, 4.3e6), "4527": (4.2e6, 4.3e6), "3857": (1.29e7, 1.31e7)}[code]
    assert north_first[0] < mine[0] < north_first[1]
    header = served[0].get(path).headers["content-crs"]
    assert header == f"<{EPSG}{code}>"


def _flat(part: Any) -> list[float]:
    return [part] if isinstance(part, int | float) else [number for one in part for number in _flat(one)]


def test_refusals(served: tuple[httpx.Client, Client]) -> None:
    stock = served[0]
    assert stock.get(f"/collections/{PLAN}/items/none?f=json").status_code == 404
    wrong = stock.get(f"/collections/{PLAN}/items?f=json&area=large")
    assert wrong.status_code == 400
    assert "area" in wrong.text
    assert stock.get("/admin/config").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/conformance",
        "/collections",
        f"/collections/{PLAN}",
        f"/collections/{PLAN}/items",
        f"/collections/{PLAN}/items/130902-lan-003",
        f"/collections/{PLAN}/queryables",
        f"/collections/{PLAN}/schema",
        "/processes",
        "/processes/conflict-detection",
        "/jobs",
        "/openapi",
        f"/collections/{RASTER}",
        f"/collections/{RASTER}/coverage",
        "/collections/none",
    ],
)
def test_pages_are_ours(served: tuple[httpx.Client, Client], path: str, language: str) -> None:
    answer = served[0].get(f"{path}?f=html&lang={language}")
    assert answer.status_code == (404 if path.endswith("none") else 200), answer.text[:500]
    page = answer.text
    assert "/static/duogui.css" in page
    assert "unpkg" not in page
    assert "http://cdn" not in page
    if not path.endswith(("none", "coverage")):  # pygeoapi has one language for refusals, and one for coverages
        assert ("数据均为模拟" if language == "zh" else "All data are synthetic") in page


def test_assets_are_served(served: tuple[httpx.Client, Client]) -> None:
    for name in ("duogui.css", "duogui.js", "leaflet/leaflet.js", "mark.svg"):
        assert served[0].get(f"/static/{name}").status_code == 200


def test_a_process_gives_the_same(served: tuple[httpx.Client, Client]) -> None:
    stock, ours = served
    body = {"inputs": {"left": PLAN, "right": FARMLAND}}
    theirs = stock.post("/processes/conflict-detection/execution", json=body)
    mine = ours.request("POST", "/processes/conflict-detection/execution", json=body)
    assert theirs.status_code == 200, theirs.text[:500]
    assert mine.status_code == 200, mine.text[:500]
    first, second = _areas(theirs.json()), _areas(mine.json())
    assert first
    assert first == second
    for one in (theirs, mine):
        assert "数据均为模拟" in str(one.json())


def _areas(answer: dict[str, Any]) -> list[Any]:
    """Ids and area of every piece, wherever the answer holds its features."""
    if "features" in answer:
        return sorted(
            (
                [sorted((key, str(value)) for key, value in one["properties"].items() if "id" in key or "area" in key)]
                for one in answer["features"]
            ),
            key=str,
        )
    for value in answer.values():
        if isinstance(value, dict) and (found := _areas(value)):
            return found
    return []


def test_the_system_of_areas_is_taken_alike(served: tuple[httpx.Client, Client]) -> None:
    stock, ours = served
    path = "/processes/conflict-detection/execution"

    def both(system: str) -> list[httpx.Response]:
        body = {"inputs": {"left": PLAN, "right": FARMLAND, "areaCrs": system}}
        theirs = httpx.post(f"{stock.base_url}{path}".replace("//processes", "/processes"), json=body, timeout=60)
        return [theirs, ours.request("POST", path, json=body)]

    first, second = (answer.json() for answer in both("EPSG:4548"))
    assert _areas(first) == _areas(second)
    assert first["summary"]["area_method"] == second["summary"]["area_method"]
    assert first["summary"]["area_method"]["name"] == "plane"
    assert [answer.status_code for answer in both("EPSG:3857")] == [400, 400]  # half as much again, here


@pytest.mark.parametrize(
    "path",
    [
        f"/collections/{PLAN}/items?limit=2",
        f"/collections/{PLAN}/items/130902-lan-003",
        f"/collections/{RASTER}/coverage?subset=Long(116.83:116.87),Lat(38.30:38.38)",
    ],
)
def test_data_carry_the_notice(served: tuple[httpx.Client, Client], path: str) -> None:
    separator = "&" if "?" in path else "?"
    theirs, ours = _both(served, f"{path}{separator}f=json&lang=en")
    assert ours["notice"] == "All data are synthetic"
    assert ours["notice"] in theirs["notice"]


def test_a_geotiff_carries_the_notice(served: tuple[httpx.Client, Client]) -> None:
    for one in served:
        image = one.get(f"/collections/{RASTER}/coverage?f=GTiff&subset=Long(116.83:116.87),Lat(38.30:38.38)")
        assert image.status_code == 200
        with MemoryFile(image.content) as file, file.open() as opened:
            assert opened.tags()["TIFFTAG_IMAGEDESCRIPTION"] == "数据均为模拟 / All data are synthetic"


def test_a_coverage(served: tuple[httpx.Client, Client]) -> None:
    query = f"/collections/{RASTER}/coverage?f=json&subset=Long(116.83:116.87),Lat(38.30:38.38)"
    theirs, ours = _both(served, query)
    assert theirs["ranges"]["elevation"]["values"] == ours["ranges"]["elevation"]["values"]


def test_gzip_is_off(served: tuple[httpx.Client, Client]) -> None:
    assert "content-encoding" not in served[0].get("/?f=json", headers={"accept-encoding": "gzip"}).headers
