"""OGC API Common Part 1 and the entry of Features Part 1: landing page, conformance, API definition."""

from typing import Any

from server.block import Block, LandingLink, route
from server.documents import Kind, document
from server.http.answer import Answer
from server.http.call import Call
from server.http.links import link, own
from server.http.negotiate import DEFINITIONS, HTML, OPENAPI, PAGES, Format

CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/{one}"
    for one in ("core", "landing-page", "json", "html", "oas30")
)


async def get_landing(call: Call) -> Answer:
    """The landing page (/req/landing-page/root-success, /req/core/root-success); as a page it shows counts."""
    token = (await call.node.snapshot()).token if call.format(PAGES) is HTML else ""

    def build(form: Format) -> dict[str, Any]:
        settings = call.node.settings.node
        language = call.language
        made: dict[str, Any] = {"title": settings.title[language]}
        if settings.description:
            made["description"] = settings.description[language]
        if settings.notice:
            made["notice"] = settings.notice[language]
        made["division"] = settings.division
        made["level"] = settings.level
        made["links"] = own(call, "/", PAGES, form) + _entries(call)
        return made

    return await document(call, Kind("landing", PAGES), token, build)


def _entries(call: Call) -> list[dict[str, Any]]:
    english = call.language == "en"
    entries = [one for block in call.node.blocks for one in block.links]
    return [link(f"{call.base}{one.path}", one.rel, one.media, one.en if english else one.zh) for one in entries]


async def get_conformance(call: Call) -> Answer:
    """What every block declares, beside the routes that earn it (/req/core/conformance-success)."""

    def build(form: Format) -> dict[str, Any]:
        declared = dict.fromkeys(uri for block in call.node.blocks for uri in block.conformance)
        return {"conformsTo": list(declared), "links": own(call, "/conformance", PAGES, form)}

    return await document(call, Kind("conformance", PAGES), "", build)


async def get_api(call: Call) -> Answer:
    """The API definition, OpenAPI 3.0 (/req/oas30/oas-definition-1), made when it is first asked for."""

    def build(form: Format) -> dict[str, Any]:
        from server.openapi import definition

        made = definition(call.node, call.base, call.language)
        return made if form is OPENAPI else {**made, "links": own(call, "/api", DEFINITIONS, form)}

    return await document(call, Kind("openapi", DEFINITIONS), "", build)


BLOCK = Block(
    "common",
    conformance=CONFORMANCE,
    routes=(
        route("/", get_landing, operation="getLandingPage"),
        route("/conformance", get_conformance, operation="getConformance"),
        route("/api", get_api, operation="getApi"),
        route("/openapi", get_api, operation="getApi"),
    ),
    links=(
        LandingLink(
            "service-desc", "/api?f=json", OPENAPI.media, "接口定义 (OpenAPI 3.0)", "API definition (OpenAPI 3.0)"
        ),
        LandingLink("service-doc", "/api?f=html", "text/html", "接口说明", "API documentation"),
        LandingLink("conformance", "/conformance", "application/json", "符合的标准", "Conformance classes"),
    ),
)
