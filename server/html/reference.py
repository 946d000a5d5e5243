"""Pages about the interface itself: schemas, conformance, the API document, problems."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from server.html.catalogue import heading
from server.html.view import View

type Document = Mapping[str, Any]
type Extra = dict[str, Any]

_STANDARD = re.compile(r"/spec/([^/]+)/([^/]+)/")
_NAMES = {
    "ogcapi-common-1": "OGC API – Common – Part 1: Core",
    "ogcapi-common-2": "OGC API – Common – Part 2: Geospatial Data",
    "ogcapi-common-3": "OGC API – Common – Part 3: Schemas",
    "ogcapi-common-4": "OGC API – Common – Part 4: Discovery within many collections",
    "ogcapi-features-1": "OGC API – Features – Part 1: Core",
    "ogcapi-features-2": "OGC API – Features – Part 2: Coordinate Reference Systems by Reference",
    "ogcapi-features-3": "OGC API – Features – Part 3: Filtering",
    "ogcapi-features-4": "OGC API – Features – Part 4: Create, Replace, Update and Delete",
    "ogcapi-features-5": "OGC API – Features – Part 5: Schemas",
    "ogcapi-features-6": "OGC API – Features – Part 6: Property Selection",
    "ogcapi-features-8": "OGC API – Features – Part 8: Sorting",
    "ogcapi-processes-1": "OGC API – Processes – Part 1: Core",
    "ogcapi-coverages-1": "OGC API – Coverages – Part 1: Core",
    "ogcapi-records-1": "OGC API – Records – Part 1: Core",
    "ogcapi-tiles-1": "OGC API – Tiles – Part 1: Core",
    "cql2": "Common Query Language (CQL2)",
}
_METHODS = ("get", "post", "put", "patch", "delete")


def schema(document: Document, view: View) -> Extra:
    """A schema or the queryables of a collection."""
    return heading(view.layer, view) | {"title": view.layer.title[view.language] if view.layer else document["title"]}


def sortables(document: Document, view: View) -> Extra:
    """The sortables of a collection, on the page of the queryables."""
    return schema(document, view) | {"heading": "可排序的字段" if view.language == "zh" else "What can be sorted by"}


_OPERATORS = (
    ("比较", "Comparison", "= <> < <= > >=|LIKE '…%'|IN (…)|BETWEEN … AND …|IS NULL|CASEI(…)|ACCENTI(…)"),
    ("逻辑", "Logic", "AND|OR|NOT"),
    ("算术", "Arithmetic", "+ - * / ^|div|%"),
    (
        "空间",
        "Space",
        "S_INTERSECTS|S_DISJOINT|S_EQUALS|S_TOUCHES|S_WITHIN|S_CONTAINS|S_OVERLAPS|S_CROSSES|BBOX(…)|POINT(…)|POLYGON((…))",
    ),
    (
        "时间",
        "Time",
        "DATE('…')|TIMESTAMP('…')|INTERVAL('…', '…')|T_AFTER|T_BEFORE|T_CONTAINS|T_DISJOINT|T_DURING|T_EQUALS|"
        "T_FINISHEDBY|T_FINISHES|T_INTERSECTS|T_MEETS|T_METBY|T_OVERLAPPEDBY|T_OVERLAPS|T_STARTEDBY|T_STARTS",
    ),
)


def functions(_document: Document, view: View) -> Extra:
    """The functions of filters, and beside them what CQL2 itself has."""
    shown = [(zh if view.language == "zh" else en, words.split("|")) for zh, en, words in _OPERATORS]
    return {"section": "api", "operators": shown}


def conformance(document: Document, _view: View) -> Extra:
    """The classes grouped by their standards."""
    grouped: defaultdict[str, list[str]] = defaultdict(list)
    for uri in document.get("conformsTo", ()):
        match = _STANDARD.search(uri)
        grouped[match[1] if match else ""].append(uri)
    return {"standards": [{"title": _NAMES.get(key, key), "classes": sorted(grouped[key])} for key in sorted(grouped)]}


def problem(_document: Document, _view: View) -> Extra:
    """Nothing beside the problem document, which is in the page's language already."""
    return {}


def openapi(document: Document, view: View) -> Extra:
    """The operations of the API document by tag, with references resolved."""
    about = {tag["name"]: tag.get("description", "") for tag in document.get("tags", ())}
    grouped: defaultdict[str, list[Extra]] = defaultdict(list)
    for path, methods in document.get("paths", {}).items():
        shared = methods.get("parameters", [])
        for method in _METHODS:
            if method in methods:
                one = methods[method]
                tag = next(iter(one.get("tags", ())), "API")
                grouped[tag].append(_operation(document, view, path, method, one, shared))
    order = [*(name for name in about if name in grouped), *(name for name in grouped if name not in about)]
    groups = [{"title": name, "description": about.get(name, ""), "operations": grouped[name]} for name in order]
    return {"section": "api", "groups": groups, "document": f"{view.base_url}/api?f=json"}


def _operation(  # noqa: PLR0913  the parts of one operation
    document: Document, view: View, path: str, method: str, one: Document, shared: list[Document]
) -> Extra:
    parameters = [resolve(document, parameter) for parameter in [*shared, *one.get("parameters", ())]]
    body = resolve(document, one.get("requestBody", {})).get("content", {})
    responses = [(code, resolve(document, answer)) for code, answer in one.get("responses", {}).items()]
    return {
        "path": path,
        "method": method,
        "summary": one.get("summary", ""),
        "description": one.get("description", ""),
        "parameters": [
            parameter | {"schema": resolve(document, parameter.get("schema", {}))} for parameter in parameters
        ],
        "body": list(body),
        "responses": responses,
        "href": f"{view.base_url}{path}" if method == "get" and "{" not in path else None,
    }


def resolve(document: Document, part: Document) -> dict[str, Any]:
    """`part`, or what its local `$ref` points to; an address elsewhere or a loop is left as it is."""
    for _ in range(8):
        reference = part.get("$ref", "")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        target: Any = document
        for step in reference[2:].split("/"):
            target = target.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(target, Mapping) else {}
        part = target
    return dict(part)
