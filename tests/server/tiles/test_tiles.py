"""Tiles over HTTP: content, negotiation, validators, limits, access, and every bad input."""

import gzip
import json
import re
from typing import Any

import brotli
import pytest

from server.node import Node
from tests.server.client import Client
from tests.server.tiles.conftest import TOKEN
from tests.tiles import data

MVT = "application/vnd.mapbox-vector-tile"
TILE = data.tile("WebMercatorQuad", "13")
PLACE = f"WebMercatorQuad/13/{TILE.row}/{TILE.col}"
ONE = f"/collections/parcels/tiles/{PLACE}"
ALL = f"/tiles/{PLACE}"


def layers(body: bytes) -> list[str]:
    """The layers of a tile in their order."""
    found = []
    while body:
        assert body[0] == 0x1A
        size, shift, at = 0, 0, 1
        while True:
            size |= (body[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if body[at - 1] < 0x80:
                break
        layer = body[at : at + size]
        found.append(re.search(rb"\x0a([\x01-\x20])([a-z]+)", layer)[2].decode())  # type: ignore[index]
        body = body[at + size :]
    return found


def test_one_collection(client: Client):
    answer = client.get(ONE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MVT
    assert answer.headers["cache-control"] == "no-cache"
    assert {"Accept", "Authorization", "Accept-Encoding"} <= set(answer.headers["vary"].split(", "))
    found = data.decoded(answer.content, "parcels")
    total = client.get(
        "/collections/parcels/items?limit=1&numberMatched=true&bbox=" + ",".join(map(str, _box()))
    ).json()
    assert len(found) >= total["numberMatched"] > 50


def _box() -> tuple[float, ...]:
    box = TILE.place(0)
    assert box is not None
    return box.west, box.south, box.east, box.north


def test_the_dataset(client: Client):
    answer = client.get(ALL)
    assert layers(answer.content) == ["parcels", "roads", "wells", "mixed", "plain", "kept", "dropped"]
    for name in ("parcels", "roads", "wells"):
        alone = client.get(f"/collections/{name}/tiles/{PLACE}").content
        assert alone in answer.content


def test_some_collections_in_their_order(client: Client):
    assert layers(client.get(f"{ALL}?collections=wells,parcels").content) == ["wells", "parcels"]
    assert layers(client.get(f"{ALL}?collections=parcels,wells").content) == ["parcels", "wells"]
    address = "http://localhost:8080/collections/roads"
    assert layers(client.get(f"{ALL}?collections={address}").content) == ["roads"]


def test_xyz_is_the_same(client: Client):
    template = client.get("/collections/parcels/tiles/WebMercatorQuad?f=tilejson").json()["tiles"][0]
    address = template.format(z=13, x=TILE.col, y=TILE.row)
    assert client.get(address).content == client.get(ONE).content


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_codings_and_validators(client: Client, coding: str):
    answer = client.get(ONE, headers={"accept-encoding": coding})
    plain = client.get(ONE)
    assert answer.content == plain.content, "httpx undid the coding"
    tag = answer.headers["etag"]
    assert not tag.startswith("W/")
    assert tag.endswith(f'-{coding}"') == (coding != "identity")
    for given in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = client.get(ONE, headers={"accept-encoding": coding, "if-none-match": given})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == "no-cache"
        assert "Accept-Encoding" in again.headers["vary"]
    assert client.get(ONE, headers={"if-none-match": '"other"'}).status_code == 200


def test_codings_are_right(client: Client):
    undone = {"br": brotli.decompress, "gzip": gzip.decompress}
    for coding, undo in undone.items():
        request = client._http.build_request("GET", ONE, headers={"accept-encoding": coding})
        answer = client._runner.run(client._http.send(request, stream=True))
        assert answer.headers["content-encoding"] == coding
        raw = b"".join(client._runner.run(_all(answer)))
        assert undo(raw) == client.get(ONE).content


async def _all(answer: Any) -> list[bytes]:
    return [part async for part in answer.aiter_raw()]


def test_head_and_options(client: Client):
    head = client.request("HEAD", ONE)
    assert head.status_code == 200
    assert head.content == b""
    assert int(head.headers["content-length"]) == len(client.get(ONE).content)
    assert "GET" in client.request("OPTIONS", ONE).headers["allow"]
    assert client.request("DELETE", ONE).status_code == 405


def test_negotiation(client: Client):
    for accept in (MVT, "*/*", "application/x-protobuf", "text/html,image/png,*/*;q=0.8"):
        assert client.get(ONE, headers={"accept": accept}).headers["content-type"] == MVT
    assert client.get(ONE, headers={"accept": "application/json"}).headers["content-type"] == "application/json"
    assert client.get(ONE, headers={"accept": "image/png"}).status_code == 406
    assert client.get(f"{ONE}?f=png").status_code == 400


def test_inspection(client: Client):
    found = client.get(f"{ONE}?f=json").json()
    assert found["bytes"] == len(client.get(ONE).content)
    assert found["whole"] is True
    (layer,) = found["layers"]
    assert (layer["id"], layer["version"], layer["extent"]) == ("parcels", 2, 4096)
    assert layer["count"] == len(layer["features"]) > 50
    assert layer["features"][0]["properties"]["id"].startswith("F")
    assert found["bounds"]["west"] == pytest.approx(TILE.bounds[0])


def test_days(client: Client):
    assert client.get(f"{ONE}?datetime=2015-12-31").status_code == 204
    then = client.get(f"{ONE}?datetime=2016-01-01")
    assert then.status_code == 200
    for subset in ('datetime("2016-01-01")', 'datetime("2016-01-01":"2016-02-01")', 'datetime("2016-01-01":*)'):
        assert client.get(ONE, params={"subset": subset}).content == then.content
    assert client.get(ONE, params={"subset": 'datetime(*:"2015-01-01")'}).status_code == 204
    assert client.get(f"{ALL}?datetime=2015-12-31").status_code == 204
    assert client.get(f"{ALL}?datetime=2016-01-01").content == client.get(ALL).content


def test_filters(client: Client):
    found = data.decoded(client.get(ONE, params={"filter": "land_use_code='03' AND area>30"}).content, "parcels")
    assert found
    assert {one["properties"]["land_use_code"] for one in found} == {"03"}
    box = f"{data.WEST},{data.SOUTH},{data.WEST + 0.01},{data.SOUTH + 0.01}"
    near = data.decoded(client.get(ONE, params={"filter": f"S_INTERSECTS(geometry,BBOX({box}))"}).content, "parcels")
    assert 0 < len(near) < 20
    json_filter = json.dumps({"op": "=", "args": [{"property": "land_use_code"}, "03"]})
    asked = {"filter": json_filter, "filter-lang": "cql2-json"}
    assert len(data.decoded(client.get(ONE, params=asked).content, "parcels")) > len(found) - 1
    assert client.get(ONE, params={"filter": "nothing = 1"}).status_code == 400
    assert client.get(ONE, params={"filter": "(" * 3000}).status_code == 400


def test_every_system(client: Client):
    for grid, zoom in (
        ("CGCS2000Quad", "12"),
        ("TiandituC", "13"),
        ("CGCS2000GK3CM117E", "11"),
        ("WorldCRS84Quad", "12"),
    ):
        tile = data.tile(grid, zoom)
        answer = client.get(f"/collections/parcels/tiles/{grid}/{zoom}/{tile.row}/{tile.col}")
        assert answer.status_code == 200
        assert data.decoded(answer.content, "parcels")


def test_limits(client: Client):
    set_ = client.get("/collections/parcels/tiles/WebMercatorQuad").json()
    limits = {one["tileMatrix"]: one for one in set_["tileMatrixSetLimits"]}["15"]
    lead = "/collections/parcels/tiles/WebMercatorQuad/15"
    statuses = {
        client.get(f"{lead}/{row}/{col}").status_code
        for row in range(limits["minTileRow"], limits["maxTileRow"] + 1)
        for col in range(limits["minTileCol"], limits["maxTileCol"] + 1)
    }
    assert statuses <= {200, 204}
    assert 200 in statuses
    for row, col in (
        (limits["minTileRow"] - 1, limits["minTileCol"]),
        (limits["minTileRow"], limits["maxTileCol"] + 1),
    ):
        refused = client.get(f"{lead}/{row}/{col}")
        assert refused.status_code == 404
        assert f"rows {limits['minTileRow']} to {limits['maxTileRow']}" in refused.text


def test_a_layer_without_features(client: Client):
    assert client.get(f"/collections/bare/tiles/{PLACE}").status_code == 204
    assert len(client.get("/collections/bare/tiles/WebMercatorQuad").json()["tileMatrixSetLimits"]) == 25


def test_closed_collections(client: Client):
    closed = f"/collections/closed/tiles/{PLACE}"
    bearer = {"authorization": f"Bearer {TOKEN}"}
    for path in (
        closed,
        f"{ALL}?collections=closed",
        "/collections/closed/tiles",
        "/collections/closed/tiles/TiandituC",
    ):
        assert client.get(path).status_code == 401
        assert client.get(path, headers=bearer).status_code == 200
    assert client.get(closed, headers=bearer).headers["cache-control"] == "private, no-cache"
    assert "closed" in layers(client.get(ALL, headers=bearer).content)
    assert "closed" not in layers(client.get(ALL).content), "the dataset's tile holds what the caller may see"
    listed = [one["id"] for one in client.get("/tiles/WebMercatorQuad").json()["layers"]]
    assert "closed" not in listed
    assert client.get(closed).status_code == 401, "kept tiles too"


LEAD = "/collections/parcels/tiles"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{LEAD}/WebMercatorQuad/13/-1/0", 400),
        (f"{LEAD}/WebMercatorQuad/13/0/-1", 400),
        (f"{LEAD}/WebMercatorQuad/13/abc/0", 400),
        (f"{LEAD}/WebMercatorQuad/13/1.5/0", 400),
        (f"{LEAD}/WebMercatorQuad/13/1e3/0", 400),
        (f"{LEAD}/WebMercatorQuad/13/%00/0", 400),
        (f"{LEAD}/WebMercatorQuad/13/٣/0", 400),
        (f"{LEAD}/WebMercatorQuad/13/{'9' * 30}/0", 400),
        (f"{LEAD}/WebMercatorQuad/13/2147483647/2147483647", 404),
        (f"{LEAD}/WebMercatorQuad/13/8192/0", 404),
        (f"{LEAD}/WebMercatorQuad/99/0/0", 404),
        (f"{LEAD}/WebMercatorQuad/-1/0/0", 404),
        (f"{LEAD}/WebMercatorQuad/abc/0/0", 404),
        (f"{LEAD}/WebMercatorQuad/%00/0/0", 400),
        (f"{LEAD}/Unknown/0/0/0", 404),
        (f"{LEAD}/%00/0/0/0", 400),
        (f"{LEAD}/../0/0/0", 404),
        (f"{LEAD}/Unknown", 404),
        ("/tileMatrixSets/Unknown", 404),
        ("/tileMatrixSets/%00", 400),
        (f"/collections/unknown/tiles/{PLACE}", 404),
        ("/collections/unknown/tiles", 404),
        (f"{ONE}?datetime=yesterday", 400),
        (f"{ONE}?datetime=2016-13-01", 400),
        (f"{ONE}?datetime=2016-01-01&datetime=2017-01-01", 400),
        (f"{ONE}?datetime=2016-01-01&subset=datetime(%222016-01-01%22)", 400),
        (f"{ONE}?subset=Lat(1:2)", 400),
        (f"{ONE}?subset=datetime(", 400),
        (f"{ONE}?subset=datetime(%22%00%22)", 400),
        (f"{ONE}?unknown=1", 400),
        (f"{ONE}?collections=parcels", 400),
        (f"{ONE}?f=", 400),
        (f"{ONE}?lang=fr", 400),
        (f"{ALL}?collections=parcels,unknown", 400),
        (f"{ALL}?collections=", 400),
        (f"{ALL}?filter=area=1", 400),
        (f"{LEAD}/WebMercatorQuad?datetime=never", 400),
        (f"{LEAD}/TiandituC?f=tilejson", 400),
        ("/tiles?collections=unknown", 400),
        ("/tiles?unknown=1", 400),
    ],
)
def test_bad_input(client: Client, path: str, status: int):
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_no_vector(client: Client, node: Node):
    for id, layer in node.layers.items():
        if layer.geometry is None:
            assert client.get(f"/collections/{id}/tiles").status_code == 404
            assert client.get(f"/collections/{id}/tiles/{PLACE}").status_code == 404
            assert client.get(f"{ALL}?collections={id}").status_code == 400
