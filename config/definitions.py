"""Layer files as plain data: attributes taken whole from the dictionary, and everything cross-checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.documents import Document, Where
from config.errors import Fault
from config.layers import Kind, Role, Theme
from config.schemas import suggest

_STORE_NAMES = {"fid", "id", "version", "valid_from", "valid_to", "tx_from", "tx_to", "digest", "author", "json"}
_STORE_NAMES |= {"geom", "geom_3857", "row_id"}
_FEATURE_NAMES = {"bbox", "geometry", "type", "properties", "links"}
_PARAMETER_NAMES = {"limit", "offset", "datetime", "crs", "f", "filter", "sortby", "profile", "q", "lang", "cursor"}
RESERVED = frozenset(_STORE_NAMES | _FEATURE_NAMES | _PARAMETER_NAMES)
"""Names that the store, a GeoJSON Feature or the query parameters of the interfaces use."""


_SINGLE_ROLES = (Role.ID.value, Role.TYPE.value, Role.TITLE.value, Role.INSTANT.value)

_TEXT, _NUMBERS = ("string",), ("integer", "number")
_KEYS_OF_TYPES: dict[str, tuple[str, ...]] = {"codelist": _TEXT, "length": _TEXT, "searchable": _TEXT}
_KEYS_OF_TYPES |= {"minimum": _NUMBERS, "maximum": _NUMBERS, "unit": _NUMBERS}


@dataclass(frozen=True, slots=True)
class Context:
    """What layer files may refer to: plain code lists by id, the dictionary of attributes, ids of all layers, and ids
    of those that come with the program."""

    codelists: Mapping[str, Mapping[str, Any]]
    attributes: Mapping[str, Mapping[str, Any]]
    layers: frozenset[str]
    shipped: frozenset[str] = frozenset()

    def codes(self, codelist: str) -> Mapping[str, Mapping[str, Any]]:
        return {entry["code"]: entry for entry in self.codelists.get(codelist, {}).get("codes", ())}


def resolve(document: Document, theme: Theme, stem: str, context: Context) -> tuple[dict[str, Any], list[Fault]]:
    """One layer as plain data with whole attributes, and every fault that a schema cannot see."""
    data = document.data
    faults: list[Fault] = []
    if data["id"] != stem:
        faults.append(
            document.fault(("id",), f"the id '{data['id']}' is not the file's name", f"{stem}, or rename the file")
        )
    attributes, wrong = _attributes(document, context)
    faults += wrong
    faults += _check_kind(document)
    faults += _check_codes(document, context)
    faults += _check_style(document, attributes, context)
    faults += _check_source(document, attributes, context)
    faults += _check_tiles(document, attributes)
    plain = {
        **{key: data[key] for key in ("id", "title", "description", "order", "group", "kind", "levels", "provider")},
        **{key: data[key] for key in ("sharing", "public", "keywords")},
        "theme": theme.value,
        "geometry": data.get("geometry"),
        "partners": data.get("partners", []),
        "attributes": attributes,
        "source": data.get("source", {}),
        "style": data.get("style", {}),
        "tiles": data.get("tiles", {}),
    }
    plain["metadata"] = data["metadata"] | {
        "path": _path(data["metadata"]["classification"], context),
        "open": context.codes("openness")
        .get(data["metadata"]["openness"], {})
        .get("properties", {})
        .get("open", False),
    }
    return plain, faults


def _path(code: str, context: Context) -> list[str]:
    classes = context.codes("catalogue-classes")
    path: list[str] = []
    at: str | None = code
    while at is not None and at in classes and at not in path:
        path.insert(0, at)
        at = classes[at]["parent"]
    return path


def _attributes(document: Document, context: Context) -> tuple[list[dict[str, Any]], list[Fault]]:
    """The layer's attributes, each whole, and what is wrong with them."""
    faults: list[Fault] = []
    result: list[dict[str, Any]] = []
    names: set[str] = set()
    codes: set[str] = set()
    for n, entry in enumerate(document.data.get("attributes", ())):
        where = ("attributes", n)
        one = _attribute(document, where, entry, context, faults)
        if one is None:
            continue
        for kind, value, seen in (("name", one["name"], names), ("field code", one["code"], codes)):
            if value in seen:
                faults.append(document.fault(where, f"the {kind} '{value}' stands twice", "each once per layer"))
            seen.add(value)
        if not isinstance(entry, str):
            faults += check_attribute(document, where, one, context)
        faults += _check_target(document, where, one, context)
        faults += _check_role(document, where, one, result)
        result.append(one)
    return result, faults


def _check_role(document: Document, where: Where, one: Mapping[str, Any], before: list[dict[str, Any]]) -> list[Fault]:
    role = one.get("role")
    holder = next((other["name"] for other in before if other.get("role") == role), None)
    if role not in _SINGLE_ROLES or holder is None:
        return []
    what = f"'{one['name']}' has the role {role}, and so has '{holder}'"
    return [document.fault((*where, "role"), what, "one attribute at most; `role: null` takes it away")]


def _attribute(
    document: Document, where: Where, entry: Any, context: Context, faults: list[Fault]
) -> dict[str, Any] | None:
    """One attribute whole: by name from the dictionary, from it with changes, or as it stands."""
    used = entry if isinstance(entry, str) else entry.get("use")
    if used is None:
        return dict(entry)
    known = context.attributes.get(used)
    if known is None:
        faults.append(document.fault(where, f"attributes.yaml has no '{used}'", suggest(used, context.attributes)))
        return None
    changes = {} if isinstance(entry, str) else {key: value for key, value in entry.items() if key != "use"}
    return {"name": used, **known, **changes}


def check_attribute(document: Document, where: Where, one: Mapping[str, Any], context: Context) -> list[Fault]:
    """What is wrong with one whole attribute in itself and in what it refers to."""
    name, codelist = one["name"], one.get("codelist")
    wrong = _check_type(one)
    if name in RESERVED:
        wrong.append(("name", "is reserved", "choose another name"))
    if codelist is not None and codelist not in context.codelists:
        wrong.append(("codelist", f"there is no code list '{codelist}'", suggest(codelist, context.codelists)))
    return [document.fault((*where, key), f"'{name}': {what}", remedy) for key, what, remedy in wrong]


def _check_target(document: Document, where: Where, one: Mapping[str, Any], context: Context) -> list[Fault]:
    """A reference to a collection that nobody defines. A locality may leave out what the program's own layers refer
    to: a node tells a reference only where it publishes the target."""
    name, reference = one["name"], one.get("reference")
    if reference is None or reference in context.layers | context.shipped:
        return []
    what = f"there is no collection '{reference}'"
    return [document.fault((*where, "reference"), f"'{name}': {what}", suggest(reference, context.layers))]


def _check_type(one: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What does not go with the attribute's type: the key, what is wrong and what would be right."""
    kind, role, low, high = one["type"], one.get("role"), one.get("minimum"), one.get("maximum")
    wrong = [
        (key, f"has {key} and the type {kind}", f"{key} goes with {' or '.join(types)}; leave it out")
        for key, types in _KEYS_OF_TYPES.items()
        if one.get(key) not in (None, False) and kind not in types
    ]
    if role == Role.ID.value and (kind != "string" or not one.get("required")):
        wrong.append(("role", "has the role id", "type: string and required: true go with it"))
    if role == Role.INSTANT.value and kind not in ("date", "datetime"):
        wrong.append(("role", f"has the role {role} and the type {kind}", "type: date or datetime goes with it"))
    if low is not None and high is not None and low > high:
        wrong.append(("minimum", f"the minimum {low} is above the maximum {high}", "exchange them"))
    return wrong + _check_reference(one)


def _check_reference(one: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Common Part 3, /req/references/role-reference: a text or a whole number, and one target."""
    kind, local, remote = one["type"], one.get("reference"), one.get("uri_template")
    wrong = []
    if local is not None and remote is not None:
        wrong.append(("uri_template", "has a reference and a uri_template", "leave one of them out"))
    if (local is not None or remote is not None) and kind not in ("string", "integer"):
        wrong.append(("type", f"refers to something and has the type {kind}", "a key is a string or an integer"))
    if one.get("role") == Role.REFERENCE.value and local is None and remote is None:
        wrong.append(("role", "has the role reference", "say to what: reference or uri_template"))
    texts = [value for value in one.get("null_values", ()) if isinstance(value, str) != (kind == "string")]
    if texts:
        wrong.append(("null_values", f"{texts[0]!r} is no {kind}", "values of the attribute's own type"))
    return wrong


def _check_kind(document: Document) -> list[Fault]:
    data = document.data
    if data["kind"] != Kind.VECTOR.value and "geometry" in data:
        what = f"a collection of kind {data['kind']} has no geometry"
        return [document.fault(("geometry",), what, "leave geometry out, or kind: vector")]
    return []


def _check_codes(document: Document, context: Context) -> list[Fault]:
    """Departments, groups, classes and the other codes outside the attributes."""
    data, metadata = document.data, document.data["metadata"]
    asked: list[tuple[Where, str, str]] = [
        (("provider",), data["provider"], "departments"),
        (("group",), data["group"], "layer-groups"),
        *((("partners", n), one, "departments") for n, one in enumerate(data.get("partners", ()))),
        *((("metadata", "industries", n), one, "industries") for n, one in enumerate(metadata["industries"])),
        (("metadata", "classification"), metadata["classification"], "catalogue-classes"),
        (("metadata", "openness"), metadata["openness"], "openness"),
        (("metadata", "sharing_mode"), metadata["sharing_mode"], "sharing-modes"),
        (("metadata", "update_cycle"), metadata["update_cycle"], "update-cycles"),
    ]
    faults = []
    for where, code, codelist in asked:
        codes = context.codes(codelist)
        if code not in codes:
            what = f"codelists/{codelist}.yaml has no '{code}'"
            faults.append(document.fault(where, what, suggest(code, codes)))
    for n, one in enumerate(metadata.get("related", ())):
        if one not in context.layers:
            what = f"there is no collection '{one}'"
            faults.append(document.fault(("metadata", "related", n), what, suggest(one, context.layers)))
    if not metadata["code"].startswith(metadata["classification"] + "/"):
        remedy = f"{metadata['classification']}/ and six digits"
        faults.append(document.fault(("metadata", "code"), "the code does not begin with the classification", remedy))
    return faults


def _check_style(document: Document, attributes: list[dict[str, Any]], context: Context) -> list[Fault]:
    style, by_name = document.data.get("style", {}), {one["name"]: one for one in attributes}
    faults = [
        document.fault(("style", key), f"the layer has no attribute '{style[key]}'", suggest(style[key], by_name))
        for key in ("by", "label")
        if key in style and style[key] not in by_name
    ]
    if "by" in style and style["by"] in by_name:
        codelist = by_name[style["by"]].get("codelist")
        if not any("color" in entry["properties"] for entry in context.codes(codelist or "").values()):
            what = f"the code list of '{style['by']}' has no colours"
            faults.append(document.fault(("style", "by"), what, "give its entries a color, or leave 'by' out"))
    return faults


def _check_source(document: Document, attributes: list[dict[str, Any]], context: Context) -> list[Fault]:
    source = document.data.get("source", {})
    faults = []
    if "collection" in source and source["collection"] not in context.layers:
        what = f"there is no collection '{source['collection']}'"
        remedy = suggest(source["collection"], context.layers)
        faults.append(document.fault(("source", "collection"), what, remedy))
    names = [one["name"] for one in attributes]
    if "key" in source and source["key"] not in names:
        what = f"the layer has no attribute '{source['key']}'"
        faults.append(document.fault(("source", "key"), what, suggest(source["key"], names)))
    return faults


def _check_tiles(document: Document, attributes: list[dict[str, Any]]) -> list[Fault]:
    tiles, names = document.data.get("tiles", {}), [one["name"] for one in attributes]
    faults = [
        document.fault(("tiles", "attributes", name), f"the layer has no attribute '{name}'", suggest(name, names))
        for name in tiles.get("attributes", {})
        if name not in names
    ]
    if tiles and document.data["kind"] != Kind.VECTOR.value:
        faults.append(document.fault(("tiles",), "only a vector collection has vector tiles", "leave tiles out"))
    return faults
