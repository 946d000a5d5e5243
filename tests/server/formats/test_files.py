"""Items as files: other programs read from them what the GeoJSON of the same query says."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import CRS

from server.node import Node
from tests.server.client import Client
from tests.server.formats.conftest import TOKEN
from tests.server.formats.reading import DAY, Found, geojson, in_cells, table

SUFFIXES = {"csv": ".csv", "fgb": ".fgb", "parquet": ".parquet", "gpkg": ".gpkg"}
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "fgb": "application/flatgeobuf",
    "parquet": "application/vnd.apache.parquet",
    "gpkg": "application/geopackage+sqlite3",
}
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
BEARER = {"authorization": f"Bearer {TOKEN}"}
every_format = pytest.mark.parametrize("form", SUFFIXES)


def fetch(client: Client, form: str, query: str, layer: str = "parcels", **options: Any) -> Any:
    answer = client.get(f"/collections/{layer}/items?f={form}&{query}", **options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA[form]
    return answer


def same(found: Found, expected: Found, form: str, *, ordered: bool) -> None:
    """The same features with the same values and coordinates."""
    assert sorted(found.ids) == sorted(expected.ids)
    if ordered:
        assert found.ids == expected.ids
    for id, shape, properties in zip(expected.ids, expected.shapes, expected.properties, strict=True):
        row = found.ids.index(id)
        assert found.properties[row] == (in_cells(properties) if form == "csv" else properties)
        mine = found.shapes[row]
        assert (mine is None) == (shape is None), id
        assert mine is None or shapely.equals_exact(mine, shape, 1e-9), id


@every_format
@pytest.mark.parametrize("layer", ["parcels", "roads", "stations", "permits"])
def test_all_layers_and_types(client: Client, tmp_path: Path, form: str, layer: str) -> None:
    """Polygons (one without), lines, points and a table: text in Chinese, numbers, booleans, days, instants, NULLs."""
    query = f"datetime={DAY}"
    expected = geojson(client, query + "&limit=1000", layer, headers=BEARER)
    answer = fetch(client, form, query, layer, headers=BEARER)
    found = table(answer.content, SUFFIXES[form], tmp_path)
    same(found, expected, form, ordered=form != "fgb" or layer == "permits")
    if layer != "permits" and form != "csv":
        assert found.crs == CRS("OGC:CRS84" if form == "parquet" else "EPSG:4326")


@every_format
@pytest.mark.parametrize("code", ["4490", "4326", "3857", "4526", "4547"])
def test_systems_have_x_before_y_in_files(client: Client, tmp_path: Path, form: str, code: str) -> None:
    query = f"datetime={DAY}&crs={EPSG}{code}&bbox=114,30,114.2,30.1"
    answer = fetch(client, form, query)
    assert answer.headers["content-crs"] == f"<{EPSG}{code}>"
    found = table(answer.content, SUFFIXES[form], tmp_path)
    same(found, geojson(client, query + "&limit=1000"), form, ordered=form != "fgb")
    if form != "csv":
        assert found.crs == CRS(f"EPSG:{code}")
    x, y = shapely.get_coordinates(found.shapes[0])[0]
    if code in ("4490", "4326"):
        assert 113 < x < 119 and 29 < y < 37
    elif code != "3857":
        assert x > 400_000 and 3_300_000 < y < 4_100_000


@every_format
@pytest.mark.parametrize(
    "query",
    [
        "bbox=114.03,29.9,114.2,30.02",
        "division_code=130101",
        "filter=area>1.5%20AND%20name%20LIKE%20%27%25%E7%94%B2%25%27",
        "properties=name,area",
        "properties=area&sortby=-area",
        "skipGeometry=true",
        "bbox=1,1,2,2",
        f"bbox=1,1,2,2&bbox-crs={EPSG}4526",
    ],
)
def test_queries(client: Client, tmp_path: Path, form: str, query: str) -> None:
    """The whole query counts, in every format; an answer without features is a file without rows."""
    query = f"datetime={DAY}&{query}"
    expected = geojson(client, query + "&limit=1000")
    found = table(fetch(client, form, query).content, SUFFIXES[form], tmp_path)
    if "properties" in query:  # the id has a column, though it is not among them
        for one in found.properties:
            one.pop("id")
    assert [one.keys() for one in found.properties[:1]] == [one.keys() for one in expected.properties[:1]]
    same(found, expected, form, ordered=form != "fgb" or "sortby" in query)


@every_format
def test_sorted_files_keep_their_order(client: Client, tmp_path: Path, form: str) -> None:
    query = f"datetime={DAY}&sortby=-area,name"
    found = table(fetch(client, form, query).content, SUFFIXES[form], tmp_path)
    assert found.ids == geojson(client, query + "&limit=1000").ids


@every_format
@pytest.mark.parametrize("sort", ["", "&sortby=-area", "&sortby=approval_date,-name", "&sortby=surveyed_at,valid_to"])
def test_limited_files_are_pages(client: Client, tmp_path: Path, form: str, sort: str) -> None:
    """With a limit, the next page stands in the Link header; all pages together are the whole."""
    url: str | None = f"/collections/parcels/items?f={form}&datetime={DAY}&limit=13{sort}"
    ids: list[str] = []
    while url:
        answer = client.get(url)
        part = table(answer.content, SUFFIXES[form], tmp_path).ids
        assert answer.headers["ogc-numberreturned"] == str(len(part))
        ids += sorted(part) if form == "fgb" and not sort else part
        url = answer.links["next"]["url"] if "next" in answer.links else None
        assert url is None or f"f={form}" in url
    expected = geojson(client, f"datetime={DAY}&limit=1000{sort}").ids
    assert sorted(ids) == sorted(expected)
    assert ids == expected or (form == "fgb" and not sort)


def test_more_than_a_file_may_have_is_refused_not_cut(client: Client, node: Node) -> None:
    limits = node.settings.server.limits
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(limits.__dict__, "file", 5)
        for form in SUFFIXES:
            refused = client.get(f"/collections/parcels/items?f={form}&datetime={DAY}")
            assert refused.status_code == 413
            (fault,) = refused.json()["faults"]
            assert "limit=" in fault["remedy"] and "/collections/parcels" in fault["remedy"]
            page = client.get(f"/collections/parcels/items?f={form}&datetime={DAY}&limit=7")
            assert page.headers["ogc-numberreturned"] == "5" and "next" in page.links
        few = client.get(f"/collections/parcels/items?f=csv&datetime={DAY}&bbox=114,30,114.03,30.03")
        assert few.status_code == 200


@every_format
def test_validators(client: Client, form: str) -> None:
    """A tag per representation; 304 before a file is made."""
    url = f"/collections/parcels/items?f={form}&datetime={DAY}&limit=3"
    first = client.get(url)
    assert client.get(url, headers={"if-none-match": first.headers["etag"]}).status_code == 304
    others = {client.get(url.replace(f"f={form}", f"f={one}")).headers["etag"] for one in ("json", "jsonfg", *SUFFIXES)}
    assert len(others) == 6
    assert "Accept" in first.headers["vary"] and "Authorization" in first.headers["vary"]
    head = client.request("HEAD", url)
    assert head.status_code == 200 and head.content == b""
    assert head.headers["content-length"] == first.headers["content-length"]


def test_accept_chooses_the_format(client: Client) -> None:
    url = f"/collections/parcels/items?datetime={DAY}&limit=1"
    for accept, media in {
        "text/csv": MEDIA["csv"],
        "application/flatgeobuf, */*;q=0.1": MEDIA["fgb"],
        "application/geopackage+sqlite3;q=0.9, text/html;q=0.8": MEDIA["gpkg"],
        "application/vnd.apache.parquet": MEDIA["parquet"],
        "*/*": "application/geo+json",
        "text/csv;q=0, application/geo+json": "application/geo+json",
    }.items():
        assert client.get(url, headers={"accept": accept}).headers["content-type"] == media
    assert client.get(url, headers={"accept": "image/png"}).status_code == 406
    assert client.get("/collections/parcels/items/f1?f=csv").status_code == 400


def test_only_text_is_compressed(client: Client, tmp_path: Path) -> None:
    for form in SUFFIXES:
        coded = client.get(
            f"/collections/parcels/items?f={form}&datetime={DAY}", headers={"accept-encoding": "gzip, br"}
        )
        assert coded.headers.get("content-encoding") == ("br" if form == "csv" else None)
        assert len(table(coded.content, SUFFIXES[form], tmp_path).ids) > 30


def test_names_of_files(client: Client) -> None:
    said = client.get(f"/collections/parcels/items?f=gpkg&datetime={DAY}&limit=1").headers["content-disposition"]
    assert said == "attachment; filename=\"parcels.gpkg\"; filename*=UTF-8''parcels.gpkg"


def test_closed_collections_stay_closed(client: Client) -> None:
    for form in (*SUFFIXES, "jsonfg"):
        assert client.get(f"/collections/stations/items?f={form}").status_code == 401
        assert client.get(f"/collections/stations/items?f={form}&limit=1", headers=BEARER).status_code == 200


def test_formulas_are_text(client: Client, node: Node, tmp_path: Path) -> None:
    """A cell that a spreadsheet would compute begins with an apostrophe."""
    from store.cells import guarded, plain

    for text in ("=1+1", "+86", "-x", "@a", "\tx", "\r", "'=1", "''+"):
        assert guarded(text) == f"'{text}" and plain(guarded(text)) == text
    for text in ("a=1", "'", "地块", "1-2", ""):
        assert guarded(text) == text == plain(text)


def test_geoparquet_says_its_system(client: Client, tmp_path: Path) -> None:
    content = fetch(client, "parquet", f"datetime={DAY}&crs={EPSG}4526").content
    (tmp_path / "a.parquet").write_bytes(content)
    column = json.loads(pq.read_metadata(tmp_path / "a.parquet").metadata[b"geo"])["columns"]["geometry"]
    assert CRS.from_json_dict(column["crs"]) == CRS("EPSG:4526") and column["encoding"] == "WKB"
    assert column["geometry_types"] == ["Polygon"]


def test_nothing_is_left_behind(client: Client, node: Node) -> None:
    client.get(f"/collections/parcels/items?f=csv&datetime={DAY}")
    client.request("HEAD", f"/collections/parcels/items?f=csv&datetime={DAY}")
    assert list((node.settings.data_dir / "answers").iterdir()) == []
