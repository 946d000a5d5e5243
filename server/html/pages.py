"""From a document and a view to a page: what each kind of page shows beside its document.

A template sees `data`, the document as pygeoapi's own handlers would give it, and in `data.duogui` what only this
server knows (titles, code lists, counts). Under a stock pygeoapi that key is missing and the templates do without.
"""

from collections.abc import Callable, Mapping
from typing import Any

from server.html import catalogue, codelists, features, history, jobs, reference, tiles
from server.html.assets import digest
from server.html.view import View

type Document = Mapping[str, Any]
type Extra = dict[str, Any]


def _plain(_document: Document, _view: View) -> Extra:
    return {}


def _processes(_document: Document, _view: View) -> Extra:
    return {"section": "processes"}


PAGES: Mapping[str, tuple[str, Callable[[Document, View], Extra]]] = {
    "landing": ("landing_page.html", catalogue.landing),
    "functions": ("functions.html", reference.functions),
    "conformance": ("conformance.html", reference.conformance),
    "collections": ("collections/index.html", catalogue.collections),
    "collection": ("collections/collection.html", catalogue.collection),
    "items": ("collections/items/index.html", features.items),
    "item": ("collections/items/item.html", features.item),
    "versions": ("collections/items/versions.html", history.versions),
    "changes": ("collections/changes.html", history.changes),
    "queryables": ("collections/queryables.html", reference.schema),
    "sortables": ("collections/queryables.html", reference.sortables),
    "schema": ("collections/schema.html", reference.schema),
    "codelists": ("codelists/index.html", codelists.codelists),
    "codelist": ("codelists/codelist.html", codelists.codelist),
    "tilesets": ("tiles/tilesets.html", tiles.tilesets),
    "tileset": ("tiles/tileset.html", tiles.tileset),
    "tilematrixsets": ("tiles/sets.html", tiles.matrix_sets),
    "tilematrixset": ("tiles/set.html", tiles.matrix_set),
    "processes": ("processes/index.html", _processes),
    "process": ("processes/process.html", _processes),
    "jobs": ("jobs/index.html", jobs.jobs),
    "job": ("jobs/job.html", jobs.jobs),
    "results": ("jobs/results/index.html", jobs.results),
    "problem": ("exception.html", reference.problem),
    "openapi": ("openapi/swagger.html", reference.openapi),
}
"""Page name to template and what it is told."""


def render(name: str, document: Document, view: View) -> bytes:
    """One page as UTF-8 HTML. `name` is a key of `PAGES`; `document` is what the same resource answers as JSON."""
    from server.shell import render_template

    template, config, data = page_data(name, document, view)
    return render_template(config, template, data, view.language).encode()


def page_data(name: str, document: Document, view: View) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Template, configuration and data of one page, as pygeoapi's `render_j2_template` takes them."""
    template, extra = PAGES[name]
    data = _as_pygeoapi(name, document)
    data["duogui"] = _common(view) | extra(document, view)
    return template, _config(view), data


def _as_pygeoapi(name: str, document: Document) -> dict[str, Any]:
    """The document in the shape in which pygeoapi's handlers hand it to their templates."""
    if name in ("jobs", "job"):
        return {"jobs": document, "links": document.get("links", [])}
    return {"links": [], **document}


def _common(view: View) -> Extra:
    return {
        "notice": view.notice,
        "assets": digest(),
        "home": f"{view.base_url}/?lang={view.language}" if view.more else f"{view.base_url}/",
        "more": view.more,
        "suffix": f"?f=html{view.more}",
        "api_path": f"api?f=html{view.more}",
        "switch": {language: view.address(lang=language) for language in ("zh", "en")},
    }


def _config(view: View) -> dict[str, Any]:
    """What of a pygeoapi configuration the templates read, in the page's language."""
    return {
        "server": {
            "url": view.base_url,
            "encoding": "utf-8",
            "language": view.language,
            "limits": {"default_items": 10},
            "map": {"url": "", "attribution": ""},
        },
        "metadata": {
            "identification": {
                "title": view.node_title,
                "description": view.node_description,
                "keywords": [],
                "url": view.base_url,
            },
            "license": view.license,
            "provider": {"name": view.node_title, "url": view.base_url},
            "contact": {},
        },
        "resources": {},
    }
