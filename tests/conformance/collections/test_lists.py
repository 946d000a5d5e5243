"""Annex A: conformance classes `sortable-collections`, `filterable-collections` and `hierarchical-collections`."""

from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from tests.conformance.collections import ALL, BRANCHES, CRS84, LAYERS, REL, STANDARDS, found, refused
from tests.server.client import BASE, Client

__all__ = ["STANDARDS"]

CHILDREN = ("http://www.opengis.net/def/rel/ogc/1.0/children", "[ogc-rel:children]")
NATION, PROVINCE, CITY, THEME = BRANCHES


def check_schema(client: Client, name: str) -> dict[str, dict[str, object]]:
    """The schema to which the list links, with its properties."""
    links = client.get("/collections").json()["links"]
    (link,) = [one for one in links if one["rel"] == REL + name]
    answer = client.get(link["href"], headers={"accept": "application/schema+json"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")
    Draft202012Validator.check_schema(answer.json())
    assert answer.json()["$id"] == link["href"]
    assert client.get(f"{link['href']}?f=html").status_code == 200
    properties: dict[str, dict[str, object]] = answer.json()["properties"]
    return properties


def test_sortable_collections_sortby_param(iut: Client) -> None:
    """/conf/sortable-collections/sortby-param"""
    for name in check_schema(iut, "sortables"):
        assert len(found(iut, sortby=name)) == len(ALL)
    assert found(iut, sortby="id") == sorted(ALL)
    assert refused(iut, sortby="colour") == "sortby"
    assert refused(iut, sortby="id,id") == "sortby"


def test_sortable_collections_sortby_response(iut: Client) -> None:
    """/conf/sortable-collections/sortby-response"""
    assert found(iut, sortby="+id") == sorted(ALL)
    assert found(iut, sortby="-id") == sorted(ALL, reverse=True)
    titles = [one["title"] for one in iut.get("/collections?sortby=title&lang=en").json()["collections"]]
    assert titles == sorted(titles)
    mixed = iut.get("/collections?sortby=-kind,id").json()["collections"]
    keys = [(one["kind"], one["id"]) for one in mixed]
    assert keys == sorted(sorted(keys, key=lambda one: one[1]), key=lambda one: one[0], reverse=True)
    counted = iut.get("/collections?sortby=itemCount").json()["collections"]
    assert [one.get("itemCount") for one in counted] == [0, 23, 23, *([None] * (len(ALL) - 3))]


FILTERS = {
    "id = 'parcels'": ["parcels"],
    "title LIKE '%受限%'": ["secret"],
    "CASEI(id) = CASEI('PARCELS')": ["parcels"],
    "itemCount > 3": ["parcels", "statistics"],
    "itemCount + 2 = 25 AND kind <> 'table'": ["parcels"],
    "itemCount IS NULL AND NOT kind = 'collection'": ["secret", "imagery"],
    "NOT itemCount > 3": ["empty"],
    "kind IN ('raster', 'table')": ["statistics", "imagery"],
    "itemCount BETWEEN 1 AND 100 OR sharing = 'conditional'": ["parcels", "secret", "statistics"],
    "levels LIKE '%province%'": [PROVINCE],
    "keywords LIKE '%规划%' AND parent IS NULL": [],
    "parent IS NULL": [NATION],
    "S_INTERSECTS(geometry, BBOX(116, 38, 116.9, 39))": ["parcels", *BRANCHES],
    "S_WITHIN(geometry, BBOX(116, 38, 116.9, 39))": [],
    "S_DISJOINT(geometry, POINT(0 0))": ["parcels", *BRANCHES],
    "valid_from = DATE('2016-01-01') AND updated < TIMESTAMP('2999-01-01T00:00:00Z')": ["parcels", "statistics"],
    "T_INTERSECTS(INTERVAL(valid_from, valid_to), INTERVAL('2010-01-01', '2015-12-31'))": [],
    "area() > 1000000": ["parcels", *BRANCHES],
    "true": list(ALL),
    "false": [],
}


@pytest.mark.parametrize("text", FILTERS)
def test_filterable_collections_filter_parameter(iut: Client, text: str) -> None:
    """/conf/filterable-collections/filter-parameter"""
    assert found(iut, filter=text) == FILTERS[text]


def test_filterable_collections_filter_parameter_queryables(iut: Client) -> None:
    """/conf/filterable-collections/filter-parameter: each queryable can be used, no other name can."""
    for name, schema in check_schema(iut, "queryables").items():
        assert set(found(iut, filter=f'"{name}" IS NULL OR NOT "{name}" IS NULL')) == set(ALL), schema
    for wrong in ("colour = 'red'", "id = ", "id = 5", "title", "S_INTERSECTS(geometry, POINT(90 180))"):
        assert refused(iut, filter=wrong) == "filter"
    assert refused(iut, filter="(" * 5_000) == "filter"


def test_filterable_collections_filter_lang_parameter(iut: Client) -> None:
    """/conf/filterable-collections/filter-lang-parameter"""
    json = '{"op":"=","args":[{"property":"id"},"parcels"]}'
    assert found(iut, **{"filter": json, "filter-lang": "cql2-json"}) == ["parcels"]
    assert found(iut, **{"filter": "id = 'parcels'", "filter-lang": "cql2-text"}) == ["parcels"]
    assert refused(iut, **{"filter": json, "filter-lang": "cql2-text"}) == "filter"
    assert refused(iut, **{"filter": json, "filter-lang": "ecql"}) == "filter-lang"


def test_filterable_collections_filter_crs(iut: Client) -> None:
    """/conf/filterable-collections/filter-crs"""
    box = "S_INTERSECTS(geometry, BBOX(116, 38, 118, 39))"
    assert found(iut, **{"filter": box, "filter-crs": CRS84}) == ["parcels", *BRANCHES]
    swapped = "S_INTERSECTS(geometry, BBOX(38, 116, 39, 118))"
    assert found(iut, **{"filter": swapped, "filter-crs": "[EPSG:4490]"}) == ["parcels"]
    assert refused(iut, **{"filter": box, "filter-crs": "[EPSG:4513]"}) == "filter-crs"


def test_hierarchical_collections_parent_property(iut: Client) -> None:
    """/conf/hierarchical-collections/parent-property: nation, province, city, theme, layer."""
    parents = {one["id"]: one.get("parent") for one in iut.get("/collections").json()["collections"]}
    assert parents == {
        NATION: None,
        PROVINCE: NATION,
        CITY: PROVINCE,
        THEME: CITY,
        **dict.fromkeys(LAYERS, THEME),
    }
    for id, parent in parents.items():
        alone = iut.get(f"/collections/{id}").json()
        assert alone.get("parent") == parent
        linked = [one["href"] for one in alone["links"] if one["rel"] == "parent"]
        assert linked == ([f"{BASE}/collections/{parent}"] if parent else [])


def test_hierarchical_collections_children_links(iut: Client) -> None:
    """/conf/hierarchical-collections/children-links: where there are children, alone and in the list."""
    for id in ALL:
        links = [one for one in iut.get(f"/collections/{id}").json()["links"] if one["rel"] in CHILDREN]
        assert len(links) == (id in BRANCHES)
        if links:
            assert "descendants=immediate" in links[0]["href"] and f"parent={quote(id)}" in links[0]["href"]
            children = [one["id"] for one in iut.get(links[0]["href"]).json()["collections"]]
            assert children == found(iut, parent=id, descendants="immediate") != []
    for parent in BRANCHES[:-1]:
        (listed,) = iut.get(f"/collections?descendants=immediate&parent={parent}").json()["collections"]
        assert any(one["rel"] in CHILDREN for one in listed["links"])


def test_hierarchical_collections_parent_parameter(iut: Client) -> None:
    """/conf/hierarchical-collections/parent-parameter: what is below it, nearest first, without itself."""
    assert found(iut) == list(ALL)
    assert found(iut, parent=NATION) == [PROVINCE, CITY, THEME, *LAYERS]
    assert found(iut, parent=THEME) == list(LAYERS)
    assert found(iut, parent="parcels") == []
    assert refused(iut, parent="no-such") == "parent"
    assert found(iut, parent=PROVINCE, q="restricted") == ["secret"]


def test_hierarchical_collections_descendants_parameter(iut: Client) -> None:
    """/conf/hierarchical-collections/descendants-parameter"""
    assert found(iut, descendants="immediate") == [NATION]
    assert found(iut, descendants="immediate", parent=NATION) == [PROVINCE]
    assert found(iut, descendants="all") == list(ALL)
    assert found(iut, descendants="all", parent=CITY) == [THEME, *LAYERS]
    assert refused(iut, descendants="some") == "descendants"


def test_hierarchical_collections_branches_hold_no_data(iut: Client) -> None:
    """What is no layer has no items, so that clients of features pass over it; its extent is that of all below it."""
    for id in BRANCHES:
        document = iut.get(f"/collections/{id}").json()
        assert document["itemType"] == "collection"
        assert not [one for one in document["links"] if one["rel"] == "items"]
        assert document["extent"] == iut.get("/collections/parcels").json()["extent"]
        assert iut.get(f"/collections/{id}/items").status_code == 404
        assert iut.get(f"/collections/{id}?f=html").status_code == 200
