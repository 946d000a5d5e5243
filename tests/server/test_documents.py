"""Landing page, conformance, collections, schemas, code lists."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import jsonschema
import pytest

from config.layers import Kind
from server.app import create_app
from server.node import Node
from tests.server import tiny
from tests.server.client import BASE, Client
from tests.server.conftest import make_node
from tests.server.fake import FakeStore

OGC = "http://www.opengis.net/def/rel/ogc/1.0/"


def test_the_landing_page_leads_everywhere(client: Client) -> None:
    landing = client.get("/").json()
    rels = {one["rel"] for one in landing["links"]}
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= rels
    assert landing["title"] == "小节点"
    assert landing["notice"] == "数据为模拟"
    for one in landing["links"]:
        answer = client.get(one["href"], headers={"accept": one["type"]})
        assert answer.status_code == 200, one
        assert answer.headers["content-type"].split(";")[0] == one["type"].split(";")[0]


def test_the_definition_has_its_exact_media_type(client: Client) -> None:
    link = next(one for one in client.get("/").json()["links"] if one["rel"] == "service-desc")
    assert link["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert client.get(link["href"]).headers["content-type"] == link["type"]
    assert client.get("/api", headers={"accept": link["type"]}).headers["content-type"] == link["type"]


def test_conformance_is_the_sum_of_the_blocks(client: Client, node: Node) -> None:
    declared = client.get("/conformance").json()["conformsTo"]
    assert len(declared) == len(set(declared))
    assert set(declared) == {uri for block in node.blocks for uri in block.conformance}


def test_collections_are_all_there(client: Client) -> None:
    document = client.get("/collections").json()
    above = ["division-100000", "division-130000", "division-130900", "theme-planning"]
    assert [one["id"] for one in document["collections"]] == [*tiny.LAYERS, *above]
    for one in document["collections"]:
        alone = client.get(f"/collections/{one['id']}").json()
        assert {key: alone[key] for key in one if key != "links"} == {key: one[key] for key in one if key != "links"}
        assert all(link["type"] and link["href"].startswith(BASE) for link in one["links"])


def test_a_collection_says_where_when_and_in_which_systems(client: Client) -> None:
    one = client.get("/collections/parcels").json()
    west, south, east, north = one["extent"]["spatial"]["bbox"][0]
    assert (west, south) == pytest.approx((116.8, 38.3), abs=2e-6)
    assert west < 116.8
    assert (east, north) > (117.0, 38.3)
    assert one["extent"]["temporal"]["interval"] == [["2016-01-01T00:00:00+08:00", None]]
    assert one["itemType"] == "feature"
    assert one["itemCount"] == tiny.VALID_NOW
    assert one["storageCrs"] in one["crs"]
    assert one["storageCrs"].endswith("/EPSG/0/4490")
    rels = {link["rel"] for link in one["links"]}
    assert {"self", "alternate", "items", OGC + "queryables", OGC + "sortables", OGC + "schema"} <= rels
    assert {link["type"] for link in one["links"] if link["rel"] == "items"} > {"application/geo+json", "text/html"}


def test_what_holds_no_features_links_to_none(client: Client) -> None:
    image = client.get("/collections/imagery").json()
    assert image["itemType"] == "coverage"
    assert image["layerDataType"] == "Coverage"  # GDAL 3.6 knows only this word
    assert not [link for link in image["links"] if link["rel"] == "items"]
    for name in ("items", "schema", "queryables", "sortables"):
        assert client.get(f"/collections/imagery/{name}").status_code == 404


def test_the_temporal_extent_can_be_asked_for_as_it_stands(client: Client) -> None:
    (start, _), *_ = client.get("/collections/parcels").json()["extent"]["temporal"]["interval"]
    for asked in (start, quote(start), f"{start}/.."):
        assert client.get(f"/collections/parcels/items?datetime={asked}").json()["numberReturned"] > 0


def test_every_document_about_data_says_that_they_are_synthetic(client: Client, tmp_path: Path) -> None:
    for path in ("/collections", *(f"/collections/{id}" for id in tiny.LAYERS)):
        assert client.get(path).json()["notice"] == "数据为模拟"
        assert client.get(path, headers={"accept-language": "en"}).json()["notice"] == "The data are synthetic"
    for path in ("/collections/parcels/items", "/collections/parcels/items/P003", "/collections/empty/items"):
        tags = set()
        for language, text in (("zh", "数据为模拟"), ("en", "The data are synthetic")):
            answer = client.get(path, headers={"accept-language": language})
            assert answer.json()["notice"] == text
            assert answer.headers["content-language"] == language
            assert "Accept-Language" in answer.headers["vary"]
            again = client.get(path, headers={"accept-language": language, "if-none-match": answer.headers["etag"]})
            assert again.status_code == 304
            assert again.headers["vary"] == answer.headers["vary"]
            tags.add(answer.headers["etag"])
        assert len(tags) == 2
    silent = tiny.settings(tmp_path).node.model_dump(exclude={"notice"})
    node = make_node(tmp_path, node=silent)
    with Client(create_app(node)) as other:
        for path in ("/", "/collections", "/collections/parcels", "/collections/parcels/items"):
            assert "notice" not in other.get(path).json()
        plain = other.get("/collections/parcels/items")
        assert "content-language" not in plain.headers
        assert "Accept-Language" not in plain.headers["vary"]
    node.close()


def test_a_collection_says_its_core_metadata_and_the_list_stays_small(client: Client) -> None:
    chinese = client.get("/collections/parcels").json()["coreMetadata"]
    english = client.get("/collections/parcels?lang=en").json()["coreMetadata"]
    assert len(chinese) == len(english) == 13
    assert chinese["provider"] == {"title": "信息资源提供方", "value": "自然资源局"}
    assert english["provider"] == {"title": "Provider", "value": "Resources"}
    assert english["informationItems"]["value"].startswith("Identifier, Name")
    assert english["published"]["value"] == "2016-01-01"
    page = client.get("/collections/parcels?f=html&lang=en").text
    for one in english.values():
        assert not one["value"] or one["title"] in page
    for one in client.get("/collections").json()["collections"]:
        assert not {"coreMetadata", "source"} & set(one)


def test_what_the_node_only_describes_says_where_its_data_are(tmp_path: Path) -> None:
    source = {"type": "feed", "format": "CSV", "holder": {"zh": "运营商", "en": "Carriers"}, "path": "a/b.csv"}
    feed = replace(tiny.IMAGE, id="feed", kind=Kind.EXTERNAL, source=source)
    records = replace(feed, id="records", source={"type": "records"})
    layers = {one.id: one for one in (feed, records, tiny.TABLE)}
    node = Node(tiny.settings(tmp_path), tiny.registry(), layers, FakeStore({"statistics": tiny.TABLE}))
    with Client(create_app(node)) as client:
        one = client.get("/collections/feed?lang=en").json()
        assert one["source"] == {"type": "feed", "format": "CSV", "holder": "Carriers"}
        assert one["itemType"] == "external"
        assert client.get("/collections/records").json()["itemType"] == "record"
        table = client.get("/collections/statistics?lang=en").json()
        assert table["itemType"] == "feature"
        assert table["source"] == {"type": "table", "access": "Kept by this node, read as items"}
    node.close()


def test_an_empty_collection_has_no_extent(client: Client) -> None:
    empty = client.get("/collections/empty").json()
    assert empty["itemCount"] == 0
    assert "extent" not in empty
    assert empty["crs"]


@pytest.mark.parametrize("name", ["schema", "queryables", "sortables"])
def test_schemas_are_json_schema(client: Client, name: str) -> None:
    address = f"/collections/parcels/{name}"
    answer = client.get(address)
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == BASE + address
    assert client.get(f"{address}?f=json&lang=en").json()["$id"] == schema["$id"]
    assert schema["additionalProperties"] is False
    sequence = [one["x-ogc-propertySeq"] for one in schema["properties"].values()]
    assert sequence == list(range(1, len(sequence) + 1))


def test_the_schema_says_what_each_property_is(client: Client) -> None:
    properties = client.get("/collections/parcels/schema?lang=en").json()["properties"]
    assert properties["identifier"] | {"x-ogc-role": "id"} == properties["identifier"]
    assert properties["area"]["x-ogc-unit"] == "m2"
    assert properties["area"]["minimum"] == 0
    assert properties["floors"]["type"] == "integer"
    assert properties["approval_date"]["format"] == "date"
    assert properties["land_use_code"]["oneOf"][0] == {"const": "01", "title": "Cropland"}
    assert properties["valid_from"]["x-ogc-role"] == "primary-interval-start"
    assert properties["valid_to"]["readOnly"] is True
    geometry = properties["geometry"]
    assert (geometry["format"], geometry["x-ogc-role"]) == ("geometry-multipolygon", "primary-geometry")
    assert "type" not in geometry
    assert client.get("/collections/parcels/schema").json()["required"] == ["land_use_code"]


def test_features_satisfy_their_schema(client: Client) -> None:
    schema = client.get("/collections/parcels/schema").json()
    del schema["properties"]["geometry"]
    validator = jsonschema.Draft202012Validator(schema)
    for feature in client.get("/collections/parcels/items?limit=100").json()["features"]:
        given = {name: value for name, value in feature["properties"].items() if value is not None}
        assert validator.is_valid(given), list(validator.iter_errors(given))


def test_queryables_are_the_parameters_that_items_take(client: Client) -> None:
    properties = client.get("/collections/parcels/queryables").json()["properties"]
    examples = {"string": "x", "integer": "1", "number": "1.5", "boolean": "true"}
    for name, one in properties.items():
        if name == "geometry":
            continue
        value = "2016-01-01" if one.get("format") == "date" else examples[one["type"]]
        assert client.get(f"/collections/parcels/items?{name}={value}").status_code == 200, name


def test_sortables_are_what_items_sort_by(client: Client) -> None:
    properties = client.get("/collections/parcels/sortables").json()["properties"]
    assert "geometry" not in properties
    for name in properties:
        assert client.get(f"/collections/parcels/items?sortby=-{name}").status_code == 200, name


def test_a_table_has_no_geometry_in_its_schema(client: Client) -> None:
    assert "geometry" not in client.get("/collections/statistics/schema").json()["properties"]
    assert client.get("/collections/statistics").json()["crs"] == ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]


def test_code_lists_stand_where_the_schema_says(client: Client) -> None:
    uri = client.get("/collections/parcels/schema").json()["properties"]["land_use_code"]["x-ogc-codelistUri"]
    found = client.get(uri).json()
    assert [one["code"] for one in found["codes"]] == ["01", "07", "10"]
    assert found["codes"][1]["title"] == "居住用地"
    listed = client.get("/codelists?lang=en").json()["codelists"]
    assert [(one["id"], one["title"]) for one in listed] == [("land-use", "Land-use classification")]


def test_documents_follow_the_store_within_a_second(
    client: Client, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/collections/parcels").json()["itemCount"] == tiny.VALID_NOW
    before = client.get("/collections").headers["etag"]
    node.store.rows["parcels"].pop(5)  # type: ignore[attr-defined]
    node.store.touch("parcels")  # type: ignore[attr-defined]
    monkeypatch.setattr("server.node.FRESH_SECONDS", -1.0)
    assert client.get("/collections/parcels").json()["itemCount"] == tiny.VALID_NOW - 1
    assert client.get("/collections").headers["etag"] != before
