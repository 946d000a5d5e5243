"""The pages of code lists: all of them, and one with its codes as a tree."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from server.html.view import View

type Document = Mapping[str, Any]
type Extra = dict[str, Any]

_WORDS = {
    "zh": {
        "all": "代码表",
        "lead": "各图层属性取值所用的代码表，附有效期，可按日期筛选。",
        "list": "代码表",
        "codes": "代码数",
        "valid": "有效期",
        "code": "代码",
        "title": "名称",
        "source": "来源",
        "used": "使用的图层",
        "day": "有效日期",
        "show": "显示",
        "open": "可按本表细分更长的代码",
        "none": "该日期没有有效的代码。",
        "since": "自 {} 起",
        "until": "至 {}（不含）",
    },
    "en": {
        "all": "Code lists",
        "lead": "What the attributes of the collections may hold, with days of validity; a day shows what holds on it.",
        "list": "Code list",
        "codes": "Codes",
        "valid": "In force",
        "code": "Code",
        "title": "Title",
        "source": "Source",
        "used": "Used by",
        "day": "In force on",
        "show": "Show",
        "open": "Longer codes that begin with one of these are allowed",
        "none": "No code is in force on that day.",
        "since": "from {}",
        "until": "before {}",
    },
}


def codelists(document: Document, view: View) -> Extra:
    """Every list with its number of codes."""
    rows = [
        {
            "id": one["id"],
            "title": one["title"],
            "href": view.page(f"/codelists/{quote(one['id'])}"),
            "codes": one["codes"],
            "valid": _valid(one, view),
        }
        for one in document["codelists"]
    ]
    return {"section": "collections", "words": _WORDS[view.language], "rows": rows, "day": _day(view)}


def codelist(document: Document, view: View) -> Extra:
    """One list, each code below its parent."""
    used = [
        {"title": view.layers[one["collection"]].title[view.language], "href": view.page(f"/collections/{quote(id)}")}
        for one in document["usedBy"]
        if (id := one["collection"]) in view.layers
    ]
    rows = [
        {"code": one["code"], "title": one["title"], "depth": depth, "valid": _valid(one, view)}
        | {"color": one.get("properties", {}).get("color")}
        for depth, one in _tree(document["codes"])
    ]
    return {
        "section": "collections",
        "words": _WORDS[view.language],
        "valid": _valid(document, view),
        "lists": view.page("/codelists"),
        "rows": rows,
        "used": used,
        "day": _day(view),
    }


def _day(view: View) -> str:
    return next((value for name, value in view.query if name == "datetime"), "")


def _valid(one: Document, view: View) -> str:
    words = _WORDS[view.language]
    days = [
        words[word].format(one[name]) for name, word in (("validFrom", "since"), ("validTo", "until")) if one.get(name)
    ]
    return " ".join(days)


def _tree(codes: list[Document]) -> Iterator[tuple[int, Document]]:
    """Codes with their depth, children behind their parents; a child whose parent does not stand before it at the
    top."""
    below: defaultdict[str | None, list[Document]] = defaultdict(list)
    shown: set[str] = set()
    for one in codes:
        below[one["parent"] if one.get("parent") in shown else None].append(one)
        shown.add(one["code"])
    waiting = [(0, one) for one in reversed(below[None])]
    while waiting:
        depth, one = waiting.pop()
        yield depth, one
        waiting += [(depth + 1, child) for child in reversed(below.pop(one["code"], ()))]
