"""OGC API Tiles Part 1 (20-057), Annex A."""

from pathlib import Path
from typing import Any

import pytest
from rasterio.io import MemoryFile

from server.app import create_app
from tests.conformance import ITEMS
from tests.conformance.tiles.follow import REL, link, links, template, tileset
from tests.server.client import Client
from tests.server.conftest import fill, make_node
from tests.server.pygeoapi_node import write_raster
from tests.tiles.data import decoded

STANDARD = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0"

MVT = "application/vnd.mapbox-vector-tile"
CLASSES = ("core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection")
SOURCES = ("/tiles", "/collections/parcels/tiles")
SETS = ("WebMercatorQuad", "WorldCRS84Quad", "CGCS2000Quad", "TiandituC", "CGCS2000GK3CM117E")
MATRIX = "9"


def limits(document: dict[str, Any], matrix: str = MATRIX) -> dict[str, Any]:
    return next(dict(one) for one in document["tileMatrixSetLimits"] if one["tileMatrix"] == matrix)


def test_core_conformance_success(iut: Client) -> None:
    """/conf/core/conformance-success: the classes are declared."""
    declared = iut.get("/conformance").json()["conformsTo"]
    assert {f"{STANDARD}/conf/{one}" for one in (*CLASSES, "datetime", "oas30", "mvt")} <= set(declared)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("set_", SETS)
def test_core_tc_op_and_tc_success(iut: Client, source: str, set_: str) -> None:
    """/conf/core/tc-op, /conf/core/tc-success: GET of a tile gives 200, or 204 where it is empty."""
    about = tileset(iut, source, set_)
    place = limits(about)
    found = set()
    for row in range(place["minTileRow"], place["maxTileRow"] + 1):
        for col in range(place["minTileCol"], place["maxTileCol"] + 1):
            answer = iut.get(template(about).format(tileMatrix=MATRIX, tileRow=row, tileCol=col))
            found.add(answer.status_code)
            if answer.status_code == 200:
                assert answer.headers["content-type"] == MVT
                assert decoded(answer.content, "parcels")
    assert 200 in found
    assert found <= {200, 204}


@pytest.mark.parametrize("source", SOURCES)
def test_core_tc_tilematrix_definition_and_tc_tilerow_definition_and_tc_tilecol_definition(
    iut: Client, source: str
) -> None:
    """/conf/core/tc-tilematrix-definition, tc-tilerow-definition, tc-tilecol-definition: variables of the template, and
    parameters of the path in the API definition."""
    address = template(tileset(iut, source, "WebMercatorQuad"))
    assert "{tileMatrix}/{tileRow}/{tileCol}" in address
    api = iut.get("/api").json()
    path = f"{source.replace('parcels', '{collectionId}')}/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    named = {one["$ref"].rpartition("/")[2] for one in api["paths"][path]["get"]["parameters"]}
    for name, kind in (("tileMatrix", "string"), ("tileRow", "integer"), ("tileCol", "integer")):
        assert name in named
        parameter = api["components"]["parameters"][name]
        assert (parameter["in"], parameter["required"], parameter["schema"]["type"]) == ("path", True, kind)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("set_", SETS)
def test_core_tc_error(iut: Client, source: str, set_: str) -> None:
    """/conf/core/tc-error: 404 or 400 outside of the set or of the limits; 204 or 200 where nothing lies."""
    about = tileset(iut, source, set_)
    place = limits(about)
    low = {"tileRow": place["minTileRow"], "tileCol": place["minTileCol"]}
    for change in ({"tileRow": place["maxTileRow"] + 1}, {"tileCol": 2**31 - 1}, {"tileRow": -1}, {"tileCol": "x"}):
        answer = iut.get(template(about).format(**({"tileMatrix": MATRIX} | low | change)))
        assert answer.status_code in (400, 404)
        assert answer.headers["content-type"] == "application/problem+json"
    assert iut.get(template(about).format(tileMatrix="99", **low)).status_code == 404
    early = iut.get(template(about).format(tileMatrix=MATRIX, **low) + "&datetime=1900-01-01")
    assert early.status_code == 204
    assert early.content == b""


@pytest.mark.parametrize("source", SOURCES)
def test_tileset_description(iut: Client, source: str) -> None:
    """/conf/tileset/description: metadata with the scheme and a templated link to the tiles."""
    about = tileset(iut, source, "WebMercatorQuad")
    item = link(about, "item")
    assert item["templated"] is True
    assert item["type"] == MVT
    scheme = iut.get(link(about, f"{REL}tiling-scheme")["href"]).json()
    assert scheme["id"] == about["tileMatrixSetId"]


@pytest.mark.parametrize("source", SOURCES)
def test_tilesets_list_tileset_links_and_tileset_path(iut: Client, source: str) -> None:
    """/conf/tilesets-list/tileset-links, tileset-path: each entry leads to its tileset at /tiles/{tileMatrixSetId}."""
    listed = iut.get(source).json()["tilesets"]
    assert {one["tileMatrixSetId"] for one in listed} >= set(SETS)
    for one in listed:
        assert one["dataType"] == "vector"
        assert one["crs"]
        own = link(one, "self")
        assert own["type"] == "application/json"
        assert own["href"].split("?")[0].endswith(f"{source}/{one['tileMatrixSetId']}")
        assert iut.get(own["href"]).json()["tileMatrixSetId"] == one["tileMatrixSetId"]
        assert iut.get(link(one, f"{REL}tiling-scheme")["href"]).status_code == 200
        if one["tileMatrixSetId"] in ("WebMercatorQuad", "WorldCRS84Quad"):
            assert one["tileMatrixSetURI"].endswith(f"/tilematrixset/OGC/1.0/{one['tileMatrixSetId']}")


def test_dataset_tilesets_landingpage(iut: Client) -> None:
    """/conf/dataset-tilesets/landingpage: the landing page leads to the tilesets."""
    assert link(iut.get("/").json(), f"{REL}tilesets-vector")["href"].endswith("/tiles")


def test_dataset_tilesets_operation(iut: Client) -> None:
    """/conf/dataset-tilesets/operation: at least one tileset at /tiles."""
    assert iut.get("/tiles").json()["tilesets"]


def test_geodata_tilesets_desc_links_and_operation(iut: Client) -> None:
    """/conf/geodata-tilesets/desc-links, operation: a collection leads to its tilesets at .../tiles."""
    found = link(iut.get("/collections/parcels").json(), f"{REL}tilesets-vector")["href"]
    assert found.endswith("/collections/parcels/tiles")
    assert iut.get(found).json()["tilesets"]


def test_collections_selection_query_collections(iut: Client) -> None:
    """/conf/collections-selection/query-collections: ids or addresses, at tilesets and tiles, as an array of text."""
    about = tileset(iut, "/tiles", "WebMercatorQuad")
    other = next(one["id"] for one in about["layers"] if one["id"] != "parcels")
    for text in ("parcels", "http://localhost:8080/collections/parcels"):
        chosen = iut.get(f"/tiles/WebMercatorQuad?collections={text}").json()
        assert [one["id"] for one in chosen["layers"]] == ["parcels"]
    assert iut.get(f"/tiles/WebMercatorQuad?collections={other},parcels").status_code == 200
    parameter = iut.get("/api").json()["components"]["parameters"]["collections"]
    assert parameter["schema"] == {"type": "array", "items": {"type": "string"}}
    assert (parameter["style"], parameter["explode"], parameter["required"]) == ("form", False, False)
    assert iut.get("/tiles/WebMercatorQuad?collections=unknown").status_code == 400


def test_collections_selection_collections_response(iut: Client) -> None:
    """/conf/collections-selection/collections-response: these collections only, from the first to the last."""
    about = tileset(iut, "/tiles", "WebMercatorQuad")
    names = [one["id"] for one in about["layers"]]
    place = limits(about)
    where = f"{MATRIX}/{place['minTileRow']}/{place['minTileCol']}"
    for order in (names, names[::-1]):
        answer = iut.get(f"/tiles/WebMercatorQuad/{where}?collections={','.join(order)}")
        inside = [name for name in order if decoded_names(answer.content).count(name)]
        assert decoded_names(answer.content) == inside
    alone = iut.get(f"/tiles/WebMercatorQuad/{where}?collections=parcels").content
    assert decoded_names(alone) == ["parcels"]


def decoded_names(body: bytes) -> list[str]:
    from tests.server.tiles.test_tiles import layers

    return layers(body)


def test_datetime_axis(iut: Client) -> None:
    """/conf/datetime/axis: `datetime` is an axis of `subset`; the same as the parameter."""
    about = tileset(iut, "/collections/parcels/tiles", "WebMercatorQuad")
    place = limits(about)
    where = template(about).format(tileMatrix=MATRIX, tileRow=place["minTileRow"], tileCol=place["minTileCol"])
    sizes = []
    for day in ("2019-01-01", "2025-01-01"):
        by_name = iut.get(f"{where}&datetime={day}")
        by_axis = iut.get(f'{where}&subset=datetime("{day}")')
        assert by_name.content == by_axis.content
        count = iut.get(f"{ITEMS}?datetime={day}&numberMatched=true&limit=1").json()["numberMatched"]
        assert len(decoded(by_axis.content, "parcels")) <= count
        sizes.append(len(decoded(by_axis.content, "parcels")))
    assert sizes[0] != sizes[1], "one feature ended in 2020"


def test_oas30_completeness_and_operation_id(iut: Client) -> None:
    """/conf/oas30/completeness, operation-id: every resource, its operation id ending as table 11 has it."""
    paths = iut.get("/api").json()["paths"]
    for lead, kind in (("", "dataset"), ("/collections/{collectionId}", "collection")):
        for path, end in (
            ("", "TileSetsList"),
            ("/{tileMatrixSetId}", "TileSet"),
            ("/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", "Tile"),
        ):
            assert paths[f"{lead}/tiles{path}"]["get"]["operationId"] == f".{kind}.vector.get{end}"


@pytest.mark.parametrize("set_", SETS)
def test_mvt_content(iut: Client, set_: str) -> None:
    """/conf/mvt/content: one tile; features with geometry and type; 0,0 is the tile's top left corner."""
    about = tileset(iut, "/collections/parcels/tiles", set_)
    place = limits(about, "8")
    answer = iut.get(template(about).format(tileMatrix="8", tileRow=place["minTileRow"], tileCol=place["minTileCol"]))
    assert answer.headers["content-type"] == MVT
    opened = iut.get(answer.url.copy_set_param("f", "json")).json()
    for feature in decoded(answer.content, "parcels"):
        assert feature["geometry"]["coordinates"]
        assert feature["type"] == "Feature"
    bounds = opened["bounds"]
    west, _, _, north = (bounds[name] for name in ("west", "south", "east", "north"))
    scheme = next(
        one for one in iut.get(link(about, f"{REL}tiling-scheme")["href"]).json()["tileMatrices"] if one["id"] == "8"
    )
    span = scheme["cellSize"] * scheme["tileWidth"]
    corner = sorted(scheme["pointOfOrigin"])
    ours = sorted((west - place["minTileCol"] * span, north + place["minTileRow"] * span))
    assert ours == pytest.approx(corner, abs=1e-6 * span)
    assert links(about)


def test_png_content(tmp_path: Path) -> None:
    """/conf/png/content: every 200 of image/png is a PNG of the tile's width and height."""
    write_raster(tmp_path / "imagery.tif")
    node = make_node(tmp_path, fill(f"sqlite:///{tmp_path}/store"))
    with Client(create_app(node)) as iut:
        about = tileset(iut, "/collections/imagery/map/tiles", "WebMercatorQuad")
        place = limits(about)
        address = template(about).format(tileMatrix=MATRIX, tileRow=place["minTileRow"], tileCol=place["minTileCol"])
        answer = iut.get(address)
        assert answer.headers["content-type"] == "image/png"
        with MemoryFile(answer.content) as memory, memory.open() as picture:
            assert (picture.driver, picture.width, picture.height) == ("PNG", 256, 256)
    node.close()
