"""Code lists: `collections/codelists/*.yaml` as `CodeList`, with what an entry inherits from the classes above it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from config.canonical import digest_of
from config.documents import Document
from config.errors import Fault
from config.layers import Code, CodeList, Text
from config.schemas import suggest

_OWN = ("code", "parent", "zh", "en", "valid_from", "valid_to")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "color": (str,),
    "text": (dict,),
}


def resolve(document: Document) -> tuple[dict[str, Any], list[Fault]]:
    """The list as plain data: every entry with its own and its inherited properties.

    Checks what a schema cannot: codes unique, parents known and free of cycles, properties declared and of their type.
    """
    data = document.data
    declared: dict[str, Any] = data.get("properties", {})
    faults: list[Fault] = []
    entries: dict[str, dict[str, Any]] = {}
    for n, entry in enumerate(data["codes"]):
        code = entry["code"]
        where = ("codes", n)
        if code in entries:
            faults.append(document.fault((*where, "code"), f"the code '{code}' stands twice", "keep one of them"))
            continue
        faults += _check_properties(document, n, entry, declared)
        entries[code] = entry
    faults += _check_parents(document, entries)
    if faults:
        return {}, faults
    codes = []
    for n, (code, entry) in enumerate(entries.items()):
        properties = _properties(code, entries, declared)
        missing = [key for key, rule in declared.items() if rule.get("required") and key not in properties]
        remedy = "give it to the entry or to a class above it"
        faults += [document.fault(("codes", n), f"'{code}' has no {key}", remedy) for key in missing]
        codes.append({key: entry.get(key) for key in _OWN} | {"properties": properties})
    return {key: data.get(key) for key in ("id", "title", "source", "reliability", "note")} | {
        "fallback": data.get("fallback", False),
        "codes": codes,
        "valid_from": data.get("valid_from"),
        "valid_to": data.get("valid_to"),
    }, faults


def _check_properties(document: Document, n: int, entry: dict[str, Any], declared: dict[str, Any]) -> list[Fault]:
    faults = []
    for key, value in entry.items():
        if key in _OWN:
            continue
        where = ("codes", n, key)
        rule = declared.get(key)
        if rule is None:
            known = [*_OWN, *declared]
            faults.append(document.fault(where, f"'{key}' is not a known key", suggest(key, known)))
        elif not isinstance(value, _TYPES[rule["type"]]) or (isinstance(value, bool) and rule["type"] != "boolean"):
            faults.append(document.fault(where, f"'{key}' is {value!r}", f"write a value of type {rule['type']}"))
        elif rule.get("values") and value not in rule["values"]:
            faults.append(document.fault(where, f"'{key}' is {value!r}", suggest(str(value), rule["values"])))
        elif rule["type"] == "color" and not _is_color(value):
            faults.append(document.fault(where, f"'{key}' is {value!r}", 'a colour as "#rrggbb" in quotes'))
    return faults


def _is_color(value: Any) -> bool:
    return len(value) == 7 and value[0] == "#" and all(one in "0123456789abcdef" for one in value[1:])


def _check_parents(document: Document, entries: dict[str, dict[str, Any]]) -> list[Fault]:
    faults = []
    for n, entry in enumerate(document.data["codes"]):
        parent = entry.get("parent")
        where = ("codes", n, "parent")
        if parent is not None and parent not in entries:
            faults.append(document.fault(where, f"no entry has the parent code '{parent}'", suggest(parent, entries)))
        elif _in_cycle(entry["code"], entries):
            faults.append(document.fault(where, f"'{entry['code']}' is its own ancestor", "name the class above it"))
    return faults


def _in_cycle(code: str, entries: dict[str, dict[str, Any]]) -> bool:
    seen: set[str] = set()
    at: str | None = code
    while at is not None and at in entries and at not in seen:
        seen.add(at)
        at = entries[at].get("parent")
    return at == code


def _properties(code: str, entries: dict[str, dict[str, Any]], declared: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, rule in declared.items():
        at: str | None = code
        while at is not None and key not in entries[at]:
            at = entries[at].get("parent") if rule.get("inherit") else None
        if at is not None:
            result[key] = entries[at][key]
    return result


def build(plain: Mapping[str, Any]) -> CodeList:
    """The typed list of what `resolve` gave."""
    codes = {
        entry["code"]: Code(
            code=entry["code"],
            title=Text(entry["zh"], entry["en"]),
            parent=entry["parent"],
            valid_from=_day(entry["valid_from"]),
            valid_to=_day(entry["valid_to"]),
            properties=entry["properties"],
        )
        for entry in plain["codes"]
    }
    return CodeList(
        id=plain["id"],
        title=Text(**plain["title"]),
        source=plain["source"],
        codes=codes,
        fallback=plain["fallback"],
        reliability=plain["reliability"],
        valid_from=_day(plain["valid_from"]),
        valid_to=_day(plain["valid_to"]),
        digest=plain.get("digest") or digest_of(plain),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
