"""Known overlaps of real layers, through the whole server: HTTP, job, child process, store, kernel.

The values were computed elsewhere, in EPSG:26986 (metres), pieces of more than 1 m2, without a rule for slivers.
"""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from server.app import create_app
from server.node import Node
from tests.cambridge.conftest import SOURCES
from tests.server.client import Client

EXECUTION = "/processes/conflict-detection/execution"
KNOWN = [
    ("zoning-districts", "open-space", 382, 352.22),
    ("zoning-districts", "flood-zones-100-year", 46, 178.98),
    ("zoning-districts", "wetlands", 47, 213.18),
    ("special-permit-areas", "flood-zones-100-year", 29, 25.12),
    ("special-permit-areas", "historic-places", 82, 12.71),
    ("special-permit-areas", "zoning-overlay-districts", 253, 123.62),
]
AS_KNOWN = {"minArea": 1, "minWidth": 0, "minCompactness": 0, "areaCrs": "EPSG:26986"}


@pytest.fixture(scope="module")
def client(node: Node) -> Iterator[Client]:
    with Client(create_app(node)) as made:
        yield made


def detect(client: Client, left: Any, right: Any, **inputs: Any) -> dict[str, Any]:
    answer = client.request("POST", EXECUTION, json={"inputs": {"left": left, "right": right, **inputs}})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    return dict(answer.json())


@pytest.mark.parametrize(("left", "right", "pairs", "hectares"), KNOWN)
def test_six_known_overlaps(client: Client, left: str, right: str, pairs: int, hectares: float) -> None:
    found = detect(client, left, right, **AS_KNOWN)
    summary = found["summary"]
    assert summary["count"] == len(found["features"]) == pairs
    assert round(summary["area_ha"], 2) == hectares
    assert summary["area_method"] == {"name": "plane", "crs": "EPSG:26986"}
    assert summary["verdict"] == "suspected"
    ids = [(one["properties"]["left_id"], one["properties"]["right_id"]) for one in found["features"]]
    assert ids == sorted(set(ids))


def test_geodesic_areas_are_near_and_slivers_are_counted(client: Client) -> None:
    """EPSG:26986 is a conformal projection made for this state: within 1e-4 of the ellipsoid here."""
    plane = detect(client, "zoning-districts", "wetlands", **AS_KNOWN)["summary"]
    geodesic = detect(client, "zoning-districts", "wetlands", minWidth=0, minCompactness=0)["summary"]
    assert geodesic["count"] == plane["count"]
    assert geodesic["area_m2"] == pytest.approx(plane["area_m2"], rel=1e-4)
    assert geodesic["area_m2"] != plane["area_m2"]
    strict = detect(client, "zoning-districts", "wetlands")["summary"]
    slivers = strict["dropped"]["slivers"]
    assert slivers["count"] > 0
    assert strict["area_m2"] + slivers["area_m2"] == pytest.approx(
        geodesic["area_m2"] + geodesic["dropped"]["below_min_area"]["area_m2"], rel=1e-6
    )


def test_the_answer_says_what_it_rests_on(client: Client) -> None:
    found = detect(client, "special-permit-areas", {"collection": "historic-places", "datetime": "2026-04-01"})
    summary = found["summary"]
    assert summary["left"]["collection"] == "special-permit-areas"
    assert summary["right"]["datetime"] == "2026-04-01"
    assert summary["left"]["revision"] > 0 and summary["right"]["features"] == 226
    assert summary["software"]["name"] == "duogui" and summary["software"]["version"]
    assert summary["suspected"] is True and "疑似" in summary["sentence"]["zh"]
    first = found["features"][0]["properties"]
    assert first["left_version"] == 1 and first["right_version"] == 1
    assert 0 < first["share_left"] <= 1 and 0 < first["share_right"] <= 1
    assert first["left_id"] in first["sentence_zh"] and first["right_id"] in first["sentence_en"]
    assert f"/collections/special-permit-areas/items/{first['left_id']}"
    feature = client.get(f"/collections/special-permit-areas/items/{first['left_id']}")
    assert feature.status_code == 200


def test_asynchronously_the_same_bytes(client: Client) -> None:
    body = {"inputs": {"left": "zoning-districts", "right": "open-space"}}
    at_once = client.request("POST", EXECUTION, json=body).content
    answer = client.request("POST", EXECUTION, json=body, headers={"prefer": "respond-async"})
    assert answer.status_code == 201
    location = answer.headers["location"]
    for _ in range(200):
        state = client.get(location).json()
        if state["status"] not in ("accepted", "running"):
            break
        time.sleep(0.05)
    assert state["status"] == "successful", state
    assert client.get(f"{location}/results").content == at_once


def test_before_the_data_there_is_no_verdict(client: Client) -> None:
    summary = detect(client, "zoning-districts", "wetlands", datetime="2020-01-01")["summary"]
    assert summary["verdict"] == "no-data"
    assert summary["no_data"] == ["left", "right"]
    assert "不能得出结论" in summary["sentence"]["zh"]
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    assert detect(client, "zoning-districts", "wetlands", datetime=tomorrow)["summary"]["verdict"] == "suspected"


def test_a_region_picks_pieces(client: Client) -> None:
    whole = detect(client, "zoning-districts", "open-space")
    box = [-71.13, 42.37, -71.11, 42.38]
    part = detect(client, "zoning-districts", "open-space", bbox={"bbox": box})
    swapped = {"bbox": [box[1], box[0], box[3], box[2]], "crs": "http://www.opengis.net/def/crs/EPSG/0/4490"}
    ring = [[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]], [box[0], box[1]]]
    assert 0 < len(part["features"]) < len(whole["features"])
    ids = {one["id"] for one in whole["features"]}
    assert {one["id"] for one in part["features"]} < ids
    assert detect(client, "zoning-districts", "open-space", bbox=swapped)["features"] == part["features"]
    area = {"type": "Polygon", "coordinates": [ring]}
    assert detect(client, "zoning-districts", "open-space", area=area)["features"] == part["features"]
    far = detect(client, "zoning-districts", "open-space", bbox={"bbox": [0, 0, 1, 1]})
    assert far["summary"]["verdict"] == "no-data"


def test_a_layer_with_itself(client: Client) -> None:
    found = detect(client, "special-permit-areas", "special-permit-areas")
    ids = [(one["properties"]["left_id"], one["properties"]["right_id"]) for one in found["features"]]
    assert ids and all(left < right for left, right in ids)
    assert len(set(ids)) == len(ids)


def test_every_layer_is_served(client: Client) -> None:
    for layer in SOURCES:
        items = client.get(f"/collections/{layer}/items?limit=2").json()
        assert items["numberReturned"] == 2, layer
