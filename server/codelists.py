"""Code lists as resources: their codes with titles, parents and days of validity; JSON, a page, and SKOS for others.

The schemas of the layers name them (`x-ogc-codelistUri`). `datetime` gives what is in force on a day or within an
interval: a code of a list that is not in force then is not either.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from config.errors import Fault, NotFoundError
from config.layers import Code, CodeList
from server import params
from server.block import Block, route
from server.documents import Kind, document
from server.http.answer import Answer
from server.http.call import Call
from server.http.links import link, own
from server.http.negotiate import HTML, JSON, Format
from server.http.query import build as query_text
from store.criteria import ValidTime

SKOS = Format("jsonld", "application/ld+json")
LISTS, LIST = (JSON, HTML), (JSON, HTML, SKOS)
_CONTEXT = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_ALL = {"zh": "全部代码表", "en": "All code lists"}


async def get_codelists(call: Call) -> Answer:
    """The code lists of this node."""
    wanted = _wanted(call)

    def build(form: Format) -> dict[str, Any]:
        known = call.node.registry.codelists
        lists = [_summary(call, known[name]) for name in sorted(known) if _in_force(known[name], wanted)]
        return {"codelists": lists, "links": own(call, "/codelists", LISTS, form, _query(call))}

    return await document(call, _about(call, "codelists", LISTS), call.node.registry.digest, build)


async def get_codelist(call: Call) -> Answer:
    """One code list.

    Raises:
        NotFoundError: no such list.
    """
    name = call.path_params["codelistId"]
    found = call.node.registry.codelists.get(name)
    if found is None:
        raise NotFoundError(f"No code list '{name[:80]}'", Fault("codelistId", f"'{name[:80]}'", "see /codelists"))
    wanted = _wanted(call)

    def build(form: Format) -> dict[str, Any]:
        links = own(call, f"/codelists/{name}", LIST, form, _query(call))
        links.append(link(f"{call.base}/codelists", "collection", JSON.media, _ALL[call.language], call.language))
        if form is SKOS:
            return _skos(call, found, wanted)
        return _described(call, found, wanted) | {"links": links}

    return await document(call, _about(call, f"codelist {name}", LIST), call.node.registry.digest, build)


def _about(call: Call, name: str, offered: tuple[Format, ...]) -> Kind:
    return Kind(name, offered, takes=("datetime",), variant=(call.asked("datetime") or "",))


def _query(call: Call) -> str:
    return query_text(pair for pair in call.pairs if pair[0] == "datetime")


def _wanted(call: Call) -> ValidTime | None:
    text = call.asked("datetime")
    return None if text is None else params.moment(text, call.node.zone)


def _in_force(one: Code | CodeList, wanted: ValidTime | None) -> bool:
    """Whether a code or list is in force on some day of the interval; days of validity are half-open."""
    if wanted is None:
        return True
    begins = one.valid_from is None or wanted.end is None or one.valid_from <= wanted.end
    return begins and (one.valid_to is None or wanted.start is None or wanted.start < one.valid_to)


def _codes(found: CodeList, wanted: ValidTime | None) -> Iterator[Code]:
    return (one for one in found.codes.values() if _in_force(found, wanted) and _in_force(one, wanted))


def _validity(one: Code | CodeList) -> dict[str, str]:
    days: dict[str, date | None] = {"validFrom": one.valid_from, "validTo": one.valid_to}
    return {name: day.isoformat() for name, day in days.items() if day is not None}


def _summary(call: Call, found: CodeList) -> dict[str, Any]:
    made = {"id": found.id, "title": found.title[call.language], "codes": len(found.codes)} | _validity(found)
    return made | {"links": own(call, f"/codelists/{found.id}", LIST, JSON)}


def _described(call: Call, found: CodeList, wanted: ValidTime | None) -> dict[str, Any]:
    language = call.language
    made: dict[str, Any] = {"id": found.id, "title": found.title[language], "source": found.source}
    made |= {"reliability": found.reliability, "extensible": found.fallback} | _validity(found)
    made["codes"] = [
        {"code": one.code, "title": one.title[language]}
        | ({"parent": one.parent} if one.parent else {})
        | _validity(one)
        | ({"properties": dict(one.properties)} if one.properties else {})
        for one in _codes(found, wanted)
    ]
    made["usedBy"] = [
        {"collection": layer.id, "property": one.name}
        for layer in call.node.layers.values()
        for one in layer.attributes
        if one.codelist == found.id
    ]
    return made


def _skos(call: Call, found: CodeList, wanted: ValidTime | None) -> dict[str, Any]:
    """The list as a SKOS concept scheme in JSON-LD, its titles in both languages."""
    place = f"{call.base}/codelists/{found.id}"
    shown = list(_codes(found, wanted))
    here = {one.code for one in shown}
    scheme = {"@id": place, "@type": "skos:ConceptScheme", "dct:title": _both(found), "dct:source": found.source}
    concepts = []
    for one in shown:
        concept: dict[str, Any] = {"@id": f"{place}#{one.code}", "@type": "skos:Concept", "skos:notation": one.code}
        concept |= {"skos:prefLabel": _both(one), "skos:inScheme": {"@id": place}} | _dated(one)
        if one.parent in here:
            concept["skos:broader"] = {"@id": f"{place}#{one.parent}"}
        else:
            concept["skos:topConceptOf"] = {"@id": place}
        concepts.append(concept)
    return {"@context": _CONTEXT, "@graph": [scheme | _dated(found), *concepts]}


def _both(one: Code | CodeList) -> list[dict[str, str]]:
    return [{"@language": "zh", "@value": one.title.zh}, {"@language": "en", "@value": one.title.en}]


def _dated(one: Code | CodeList) -> dict[str, Any]:
    """The days as dct:valid, start/end, the end exclusive as everywhere here."""
    days = _validity(one)
    if not days:
        return {}
    return {"dct:valid": f"{days.get('validFrom', '..')}/{days.get('validTo', '..')}"}


BLOCK = Block(
    "codelists",
    routes=(
        route("/codelists", get_codelists, operation="getCodelists"),
        route("/codelists/{codelistId}", get_codelist, operation="getCodelist"),
    ),
)
