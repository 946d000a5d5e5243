"""Whole collections: made once, kept, sent in parts, and never half."""

import asyncio
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyproj import CRS

from server.app import create_app
from server.downloads import depot
from server.features.formats.pool import writers_of
from server.node import Node
from store.criteria import Edit, Operation
from tests.server.client import Client
from tests.server.conftest import fill, make_node
from tests.server.formats.conftest import TOKEN
from tests.server.formats.reading import geojson, table

SUFFIXES = (".gpkg", ".fgb", ".parquet", ".geojson", ".csv", ".zip")
BEARER = {"authorization": f"Bearer {TOKEN}"}
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
FILE = "/collections/roads/downloads/roads.gpkg"
TINY = "/collections/parcels/downloads/parcels.gpkg"


def enclosures(client: Client, layer: str, **options: Any) -> dict[str, str]:
    """Address by ending."""
    links = client.get(f"/collections/{layer}?f=json", **options).json()["links"]
    found = [one["href"] for one in links if one["rel"] == "enclosure"]
    return {f".{one.rpartition('.')[2]}": one for one in found}


@pytest.mark.parametrize("layer", ["parcels", "roads", "permits"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_holds_the_collection(client: Client, tmp_path: Path, layer: str, suffix: str) -> None:
    """All that is valid today, in CGCS2000 (GeoJSON: WGS 84), whatever the size of a page."""
    offered = enclosures(client, layer)
    assert list(offered) == [one for one in SUFFIXES if layer != "permits" or one != ".zip"]
    if suffix not in offered:
        assert client.get(f"/collections/{layer}/downloads/{layer}{suffix}").status_code == 404
        return
    answer = client.get(offered[suffix])
    assert answer.status_code == 200 and answer.headers["accept-ranges"] == "bytes"
    expected = geojson(client, "limit=1000", layer)
    if suffix == ".zip":
        names = {Path(name).suffix for name in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()}
        assert names == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
        return
    if suffix == ".geojson":
        assert answer.json()["features"] == client.get(f"/collections/{layer}/items?limit=1000").json()["features"]
    found = table(answer.content, suffix, tmp_path)
    assert sorted(found.ids) == sorted(expected.ids)
    if layer != "permits" and suffix != ".csv":
        assert found.crs == CRS("EPSG:4326" if suffix == ".geojson" else "EPSG:4490")


def test_another_system(client: Client, tmp_path: Path) -> None:
    answer = client.get(f"/collections/parcels/downloads/parcels.fgb?crs={EPSG}4526")
    found = table(answer.content, ".fgb", tmp_path)
    assert found.crs == CRS("EPSG:4526")
    refused = client.get(f"/collections/parcels/downloads/parcels.fgb?crs={EPSG}4610")
    assert refused.status_code == 400 and refused.json()["parameter"] == "crs"
    assert client.get("/collections/parcels/downloads/parcels.fgb?datetime=2020-01-01").status_code == 400


@pytest.mark.parametrize(
    ("asked", "start", "end"), [("bytes=0-99", 0, 100), ("bytes=100-", 100, None), ("bytes=-50", -50, None)]
)
def test_ranges(client: Client, asked: str, start: int, end: int | None) -> None:
    whole = client.get(FILE)
    size = len(whole.content)
    part = client.get(FILE, headers={"range": asked})
    assert part.status_code == 206 and part.content == whole.content[start:end]
    begin = start % size
    assert part.headers["content-range"] == f"bytes {begin}-{begin + len(part.content) - 1}/{size}"
    assert part.headers["etag"] == whole.headers["etag"] and not whole.headers["etag"].startswith("W/")


def test_several_ranges_and_none(client: Client) -> None:
    whole = client.get(FILE)
    several = client.get(FILE, headers={"range": "bytes=0-9,100-109"})
    assert several.status_code == 206 and several.headers["content-type"].startswith("multipart/byteranges")
    assert whole.content[100:110] in several.content
    beyond = client.get(FILE, headers={"range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{len(whole.content)}"
    assert beyond.headers["content-type"] == "application/problem+json"
    assert client.get(FILE, headers={"range": "bytes=a-b"}).status_code == 400
    unknown = client.get(FILE, headers={"range": "lines=1-2"})
    assert unknown.status_code == 200 and unknown.content == whole.content


def test_if_range_and_if_none_match(client: Client) -> None:
    whole = client.get(FILE)
    tag = whole.headers["etag"]
    assert client.get(FILE, headers={"range": "bytes=0-9", "if-range": tag}).status_code == 206
    for other in ('"another"', f"W/{tag}"):
        again = client.get(FILE, headers={"range": "bytes=0-9", "if-range": other})
        assert again.status_code == 200 and again.content == whole.content
    assert client.get(FILE, headers={"range": "bytes=99999999-", "if-range": '"another"'}).status_code == 200
    kept = client.get(FILE, headers={"if-none-match": tag})
    assert kept.status_code == 304 and kept.content == b"" and kept.headers["etag"] == tag
    head = client.request("HEAD", FILE)
    assert head.status_code == 200 and head.headers["content-length"] == str(len(whole.content))
    coded = client.get(FILE, headers={"accept-encoding": "br, gzip"})
    assert "content-encoding" not in coded.headers and coded.content == whole.content


def test_closed_collections_stay_closed(client: Client) -> None:
    path = "/collections/stations/downloads/stations.gpkg"
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"range": "bytes=0-9"}).status_code == 401
    assert enclosures(client, "stations") == {}
    assert client.get(path, headers=BEARER).status_code == 200
    assert client.get(path).status_code == 401
    assert ".gpkg" in enclosures(client, "stations", headers=BEARER)


def test_names(client: Client) -> None:
    assert client.get(FILE).headers["content-disposition"].startswith('attachment; filename="roads.gpkg"; filename*=')
    for name in ("roads", "roads.shp", "parcels.gpkg", "..%2froads.gpkg", ".lock"):
        assert client.get(f"/collections/roads/downloads/{name}").status_code == 404


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Node]:
    """A node of its own, to be written to."""
    node = make_node(tmp_path, fill(f"sqlite:///{tmp_path}/store"))
    yield node
    node.close()


def kept(node: Node) -> list[str]:
    folder = node.settings.data_dir / "downloads"
    return sorted(one.name for one in folder.iterdir() if not one.name.startswith("."))


def test_eight_at_once_make_one_file(fresh: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    writers = writers_of(fresh)
    made: list[str] = []
    write = writers.write

    async def counted(order: Any, scope: Any) -> Any:
        made.append(order.layer)
        return await write(order, scope)

    monkeypatch.setattr(writers, "write", counted)
    with Client(create_app(fresh)) as client:
        answers = client.gather(*[TINY] * 8)
        assert {one.status_code for one in answers} == {200} and len({one.content for one in answers}) == 1
        assert made == ["parcels"]
        client.get(TINY)
        assert made == ["parcels"] and len(kept(fresh)) == 1


def test_an_edit_makes_another_file_and_the_former_goes(fresh: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depot, "READERS", -1.0)
    with Client(create_app(fresh)) as client:
        before = client.get(TINY)
        first = kept(fresh)
        fresh.store.write([Edit("parcels", Operation.DELETE, "P003")], "test")
        part = client.get(TINY, headers={"range": "bytes=0-9", "if-range": before.headers["etag"]})
        assert part.status_code == 200 and part.headers["etag"] != before.headers["etag"]
        assert len(kept(fresh)) == 1 and kept(fresh) != first


def test_the_folder_has_a_bound(fresh: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recently asked file goes; never the one that is being sent."""
    with Client(create_app(fresh)) as client:
        for number, suffix in enumerate((".csv", ".fgb", ".parquet")):
            client.get(f"/collections/parcels/downloads/parcels{suffix}")
            for name in kept(fresh):
                if name.endswith(suffix):
                    path = fresh.settings.data_dir / "downloads" / name
                    os.utime(path, ns=(number * 10**9, path.stat().st_mtime_ns))
        assert len(kept(fresh)) == 3
        client.get("/collections/parcels/downloads/parcels.csv")  # now the most recent
        monkeypatch.setattr(depot.depot_of(fresh), "_most", sum(_sizes(fresh)))
        client.get("/collections/parcels/downloads/parcels.geojson")
        left = {Path(name).suffix for name in kept(fresh)}
        assert {".csv", ".geojson"} <= left and ".fgb" not in left


def _sizes(node: Node) -> list[int]:
    folder = node.settings.data_dir / "downloads"
    return [(folder / name).stat().st_size for name in kept(node)]


def test_what_a_killed_server_left_is_not_served_and_goes(fresh: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depot, "LEFT_BEHIND", -1.0)
    folder = fresh.settings.data_dir / "downloads"
    half = folder / ".making-0123"
    half.mkdir(parents=True)
    (half / "parcels.gpkg").write_bytes(b"half a file")
    with Client(create_app(fresh)) as client:
        assert client.get(TINY).content.startswith(b"SQLite format 3")
        assert client.get("/collections/parcels/downloads/.making-0123").status_code == 404
    assert not half.exists()


def test_a_child_that_dies_leaves_nothing(fresh: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    writers = writers_of(fresh)
    children: Any = writers._children
    take = children.take

    def doomed() -> Any:
        child = take()
        child.kill()
        return child

    monkeypatch.setattr(children, "take", doomed)
    with Client(create_app(fresh)) as client:
        assert client.get(TINY).status_code == 503
        assert kept(fresh) == []
        monkeypatch.setattr(children, "take", take)
        assert client.get(TINY).status_code == 200


def test_a_caller_who_goes_away_ends_the_work(fresh: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an answer of items: the child is ended, and what it began is not left."""
    from server.features.formats import pool

    monkeypatch.setattr(pool, "GRACE", 0.0)
    ended: list[int] = []
    writers = writers_of(fresh)
    take = writers._children.take

    def watched() -> Any:
        child = take()
        kill = child.kill
        monkeypatch.setattr(child, "kill", lambda: (ended.append(child.pid), kill()))
        return child

    monkeypatch.setattr(writers._children, "take", watched)
    app = create_app(fresh)

    async def leave_early() -> None:
        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0.05)
            return {"type": "http.disconnect"}

        async def send(_: Any) -> None: ...

        asgi = {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": "/collections/parcels/items",
            "raw_path": b"/collections/parcels/items",
            "query_string": b"f=gpkg",
            "headers": [(b"host", b"localhost:8080")],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 8080),
        }
        await app(asgi, receive, send)
        await asyncio.sleep(0.5)

    asyncio.run(leave_early())
    assert len(ended) >= 1
    assert list((fresh.settings.data_dir / "answers").iterdir()) == []
