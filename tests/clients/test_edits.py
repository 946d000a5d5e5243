"""Editing with the clients that planners have: QGIS, and GDAL's side of it, against a node of its own."""

import io
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pyogrio
import pytest
import shapely
import yaml

from tests.benchmarks import node, parcels
from tests.clients.test_qgis import COMMAND, PUSHES

TOKEN = "clients-" * 4
PAGE = 400


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base address of an editable node with a layer of parcels."""
    folder = tmp_path_factory.mktemp("edited") / "node"
    configuration = node.make(folder, f"sqlite:///{folder}/store", parcels.make(PAGE))
    settings = yaml.safe_load(configuration.read_text())
    writer = {"name": "client", "token_env": "DUOGUI_CLIENT", "themes": ["working"]}
    configuration.write_text(yaml.safe_dump(settings | {"editing": {"writers": [writer]}}))
    os.environ["DUOGUI_CLIENT"] = TOKEN
    try:
        with node.serve(configuration, folder) as server:
            yield f"http://127.0.0.1:{server.port}"
    finally:
        del os.environ["DUOGUI_CLIENT"]


def send(method: str, address: str, body: Any, media: str, **headers: str) -> Any:
    given = {"Authorization": f"Bearer {TOKEN}", "Content-Type": media, **headers}
    try:
        with urlopen(Request(address, json.dumps(body).encode(), given, method=method)) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


def session(script: str, base: str) -> dict[str, Any]:
    """What a session of QGIS saw that edits the layer of parcels."""
    if subprocess.run([*COMMAND, "-c", "import qgis.core"], capture_output=True).returncode:
        pytest.skip("QGIS is not installed (Debian: python3-qgis qgis-providers; or DUOGUI_QGIS, a Python that has it)")
    text = Path(__file__).with_name(script).read_text(encoding="utf8")
    command = [*COMMAND, "-", base, node.COLLECTION, TOKEN]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return said


def test_qgis_edits_a_layer_and_saves_it(base: str) -> None:
    said = session("qgis_write_session.py", base)
    if said["version"] < PUSHES:
        pytest.skip(f"QGIS {said['version']} cannot edit OGC API Features; from {PUSHES} on it does")
    assert said["saved"], said["told"]
    assert (said["area"], said["removed"], said["added"]) == (99.5, True, True)
    assert said["count"][0] == said["count"][1]
    assert abs(said["shift"] - 0.001) < 1e-8


def test_what_qgis_sends_is_written_and_what_it_reads_is_that(base: str) -> None:
    said = session("qgis_edit_session.py", base)
    assert "POST" in said["allow"][0]
    assert {"PUT", "PATCH", "DELETE"} <= set(said["allow"][1].split(", "))
    expected = [("OPTIONS", 200), ("OPTIONS", 200), ("POST", 201), ("GET", 200), ("PATCH", 204), ("PATCH", 204)]
    assert [tuple(one) for one in said["answers"]] == [*expected, ("PUT", 204), ("DELETE", 204)]
    assert said["created"] == "QGIS-1"
    west, south = said["read"].pop("west"), said["read"].pop("south")
    assert said["read"] == {"area": 99.5, "land_use_code": "A1"}
    assert (round(west, 9), round(south, 9)) == (116.6, 38.6)
    assert (said["put"], said["deleted"]) == (7.0, 1)


def test_gdal_reads_gauss_krueger_and_what_it_writes_can_be_put_back(base: str) -> None:
    """GDAL's OAPIF driver only reads; the GeoJSON that GDAL writes is a body."""
    assert pyogrio.list_drivers()["OAPIF"] == "r"
    source, items = f"OAPIF:{base}/collections/{node.COLLECTION}", f"{base}/collections/{node.COLLECTION}/items"
    with urlopen(f"{base}/collections/{node.COLLECTION}") as answer:
        zones = [one for one in json.load(answer)["crs"] if "/45" in one]
    code = int(zones[-1].rpartition("/")[2])
    frame = pyogrio.read_dataframe(source, layer=node.COLLECTION, CRS=f"EPSG:{code}", max_features=3)
    eastings, northings = np.array([(one.x, one.y) for one in frame.geometry.centroid]).T
    assert ((northings > 3.9e6) & (northings < 4.8e6)).all(), (
        "x is east, y is north for GDAL, whatever the authority says"
    )
    assert (eastings < 1e6).all()
    frame["area"] = [1.5, 2.5, 3.5]
    frame["approval_date"] = frame["approval_date"].dt.strftime("%Y-%m-%d")  # pandas makes instants of days
    frame.geometry = frame.geometry.buffer(0).translate(100, 0)
    written = io.BytesIO()
    pyogrio.write_dataframe(frame, written, driver="GeoJSON", RFC7946="YES", COORDINATE_PRECISION=9)
    with urlopen(f"{base}/collections/{node.COLLECTION}/schema") as answer:
        known = json.load(answer)["properties"]
    for body in json.loads(written.getvalue())["features"]:
        strangers = [name for name in body["properties"] if name not in known]
        assert strangers in ([], ["id"])  # a column that GDAL makes of the member
        body["properties"] = {name: value for name, value in body["properties"].items() if name in known}
        id = body["properties"]["identifier"]
        status, told = send("PUT", f"{items}/{id}", body, "application/geo+json")
        assert status == 204, told
    again = pyogrio.read_dataframe(source, layer=node.COLLECTION, CRS=f"EPSG:{code}").set_index("identifier")
    for one in frame.itertuples():
        assert again.loc[one.identifier, "area"] == one.area
        assert shapely.hausdorff_distance(again.loc[one.identifier, "geometry"], one.geometry) < 1e-3
