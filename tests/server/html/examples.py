"""Documents as the server answers them, and a view, for pages without a store. Names and places are made up."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from config.registry import Registry, load
from server.html import View
from tests.server.html.history_examples import history_documents
from tests.server.html.tile_examples import tile_documents

BASE = "http://localhost:8080"
ROOT = Path(__file__).parents[3]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'</script>"
LAYER = "plan-land-use"


@cache
def registry() -> Registry:
    return load(ROOT / "collections")


def view(language: str = "zh", path: str = "/", query: tuple[tuple[str, str], ...] = (), **changes: Any) -> View:
    layers = registry().layers
    made: dict[str, Any] = {
        "language": language,
        "base_url": BASE,
        "node_title": "河北省多规合一平台" if language == "zh" else "One map of Hebei province",
        "node_description": "全省规划、审批和现状图层,按 OGC 标准发布。"
        if language == "zh"
        else "Every planning, approval and current-status layer of the province, by OGC standards.",
        "notice": "演示数据:除行政区划外,全部几何和数值均为模拟。"
        if language == "zh"
        else "Demo: but for the divisions, all geometry and figures are synthetic (模拟).",
        "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        "path": path,
        "query": query,
        "registry": registry(),
        "layers": layers,
        "counts": {id: 137 * (n + 3) % 9000 for n, id in enumerate(layers) if layers[id].stored},
    }
    return View(**made | changes)


def links(path: str, *more: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"href": f"{BASE}{path}?f=html", "rel": "self", "type": "text/html"},
        {"href": f"{BASE}{path}?f=json", "rel": "alternate", "type": "application/json"},
        *more,
    ]


def ring(column: int, row: int) -> list[list[float]]:
    west, south, size = 116.83 + column * 0.0061, 38.29 + row * 0.0047, 0.0055
    return [
        [west, south],
        [west + size, south + 0.0003],
        [west + size * 0.93, south + size * 0.71],
        [west + 0.0004, south + size * 0.74],
        [west, south],
    ]


def features(count: int = 10) -> Iterator[dict[str, Any]]:
    """Made-up plots near Cangzhou with every attribute of the layer."""
    codes = ("R2", "A33", "B1", "G1", "M1", "S1", "U12", "W1", "H14", "E2")
    for n in range(count):
        given = {
            "identifier": f"130902-GH-{n:05d}",
            "division_code": "130902",
            "division_name": "新华区",
            "land_use_code": codes[n % len(codes)],
            "area": 31_415.926 + n * 1000.5,
            "floor_area_ratio": 1.8 if n % 3 else None,
            "plan_name": "沧州市城市总体规划(模拟)",
            "target_year": 2030,
            "approval_number": f"冀规模〔2016〕{n}号",
            "approval_date": "2016-08-15",
        }
        names = [one.name for one in registry().layers[LAYER].attributes]
        properties = {name: given.get(name) for name in names} | {"valid_from": "2016-09-01", "valid_to": None}
        yield {
            "type": "Feature",
            "id": given["identifier"],
            "geometry": {"type": "Polygon", "coordinates": [ring(n % 4, n // 4)]},
            "properties": properties,
        }


def collection_document(language: str) -> dict[str, Any]:
    layer = registry().layers[LAYER]
    rel = "http://www.opengis.net/def/rel/ogc/1.0/"
    path = f"/collections/{LAYER}"
    more = [
        {"href": f"{BASE}{path}/items?f=json", "rel": "items", "type": "application/geo+json", "title": "GeoJSON"},
        {"href": f"{BASE}{path}/schema?f=json", "rel": rel + "schema", "type": "application/schema+json"},
        {"href": f"{BASE}{path}/queryables?f=json", "rel": rel + "queryables", "type": "application/schema+json"},
    ]
    return {
        "id": layer.id,
        "title": layer.title[language],
        "description": layer.description[language],
        "keywords": [one[language] for one in layer.keywords],
        "itemType": "feature",
        "itemCount": 9000,
        "extent": {
            "spatial": {"bbox": [[116.35, 37.9, 117.85, 38.75]], "crs": CRS84},
            "temporal": {"interval": [["2012-01-01T00:00:00Z", None]]},
        },
        "crs": [CRS84, *(f"http://www.opengis.net/def/crs/EPSG/0/{code}" for code in (4326, 4490, 3857, 4527, 4548))],
        "storageCrs": "http://www.opengis.net/def/crs/EPSG/0/4490",
        "links": links(path, *more),
    }


def conflicts() -> dict[str, Any]:
    """A result as the page of results is given it: the first pieces, and how many more there are."""
    properties = {"left_id": "a", "area_m2": 1234.567, "suspected": True, "more": {}, "sentence_zh": "重叠"}
    piece = {"type": "Feature", "id": "a~b", "properties": properties,
             "geometry": {"type": "Polygon", "coordinates": [ring(0, 0)]}}  # fmt: skip
    summary = {"sentence": {"zh": "一处重叠", "en": "one overlap"}}
    return {"value": {"type": "FeatureCollection", "features": [piece, "+ 12"], "summary": summary}}


def documents(language: str = "zh") -> dict[str, dict[str, Any]]:
    """A document for every page, by the page's name."""
    layer = registry().layers[LAYER]
    items = f"/collections/{LAYER}/items"
    shown = list(features())
    known = registry().layers
    following = {"href": f"{BASE}{items}?cursor=abc&f=html", "rel": "next", "type": "text/html"}
    schema = {
        "$id": f"{BASE}/collections/{LAYER}/schema",
        "title": layer.title[language],
        "properties": {
            "geometry": {"format": "geometry-multipolygon", "x-ogc-role": "primary-geometry"},
            **{
                one.name: {"title": one.title[language], "type": "string", "x-ogc-unit": one.unit}
                for one in layer.attributes
            },
        },
    }
    process = {
        "id": "conflict-detection",
        "version": "1.0.0",
        "title": "冲突检测" if language == "zh" else "Conflict detection",
        "description": "两个图层不应重叠之处。" if language == "zh" else "Where two layers overlap that must not.",
        "jobControlOptions": ["sync-execute", "async-execute"],
        "inputs": {"first": {"title": "first", "schema": {"type": "string", "enum": ["a", "b"]}, "minOccurs": 1}},
        "outputs": {"pieces": {"title": "pieces", "schema": {"type": "object"}}},
        "links": [],
    }
    job = {
        "jobID": "0193-aa",
        "processID": process["id"],
        "status": "running",
        "progress": 40,
        "links": [],
        "created": "2026-01-02T03:04:05Z",
    }
    return {
        "landing": {"title": view(language).node_title, "description": view(language).node_description,
                    "links": links("/")},
        "conformance": {"conformsTo": [
            "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
            "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html",
        ], "links": links("/conformance")},
        "functions": {"functions": [{
            "name": "in_class", "description": "属于该类" if language == "zh" else "is of the class",
            "arguments": [{"title": "attribute", "description": "属性", "type": ["string"], "optional": True}],
            "returns": ["boolean"]}], "links": links("/functions")},
        "collections": {"collections": [{"id": id, "title": one.title[language]} for id, one in known.items()],
                        "links": links("/collections")},
        "collection": collection_document(language),
        "codelists": {"codelists": [{"id": "uses", "title": "用途", "codes": 3, "validTo": "2020-01-01"}],
                      "links": links("/codelists")},
        "codelist": {"id": "uses", "title": "用途", "source": "GB/T 1", "extensible": True, "codes": [
            {"code": "01", "title": "耕地", "properties": {"color": "#f5f0a3"}},
            {"code": "0101", "title": "水田", "parent": "01", "validFrom": "2020-01-01"},
        ], "usedBy": [{"collection": LAYER, "property": "land_use_code"}], "links": links("/codelists/uses")},
        "items": {"type": "FeatureCollection", "features": shown, "numberMatched": 12345, "numberReturned": 10,
                  "links": links(items, following)},
        "item": {**shown[0], "links": links(f"{items}/{shown[0]['id']}")},
        "queryables": schema,
        "schema": schema,
        "sortables": schema,
        **tile_documents(BASE, layer.title[language], links),
        **history_documents(BASE, LAYER, links),
        "processes": {"processes": [process], "links": links("/processes")},
        "process": process | {"example": {"inputs": {"first": "a"}}},
        "jobs": {"jobs": [job], "links": links("/jobs")},
        "job": job,
        "results": {"job": {"id": "0193-aa"}, "result": {"pieces": 3, "conflicts": conflicts()}, "links": []},
        "problem": {"status": 400, "title": "Bad Request", "detail": "Parameter 'bbox': south is above north",
                    "faults": [{"where": "bbox", "what": "38.9 > 38.1", "remedy": "west,south,east,north"}],
                    "instance": "urn:request:1"},
        "openapi": {"openapi": "3.0.3", "info": {"title": "API", "version": "1"}, "tags": [{"name": "features"}],
                    "paths": {"/collections": {"get": {
                        "tags": ["features"], "summary": "List", "parameters": [{"$ref": "#/components/parameters/f"}],
                        "responses": {"200": {"description": "ok", "content": {"application/json": {}}}}}}},
                    "components": {"parameters": {"f": {"name": "f", "in": "query", "schema": {
                        "type": "string", "enum": ["json", "html"]}}}}},
    }  # fmt: skip


def page_view(name: str, language: str = "zh", **changes: Any) -> View:
    """The view with which the server shows the page."""
    about = name in ("collection", "items", "item", "versions", "changes", "queryables", "schema", "sortables")
    return view(language, layer=registry().layers[LAYER] if about else None, **changes)
