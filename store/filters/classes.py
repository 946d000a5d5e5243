"""What lies below a division or a class of a code list, as conditions that an index serves."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from config.divisions import LIST_ID
from config.layers import Attribute, CodeList

if TYPE_CHECKING:
    from store.filters.functions import Call


def within_division(call: "Call") -> Any:
    """The feature's division, by any code it has or had, is the one given or lies below it."""
    (code,) = call.arguments
    attribute = _division(call)
    divisions = call.vocabulary.divisions
    if code not in divisions:
        what = f"no division has the code '{code[:40]}'"
        raise call.refuse(what, _near(code, (one.code for one in divisions)))
    call.names.add(attribute.name)
    return _begins_with(attribute.name, division_prefixes(divisions.within(code), {one.code for one in divisions}))


def _division(call: "Call") -> Attribute:
    found = [one for one in call.layer.attributes if one.codelist == LIST_ID or one.name == "division_code"]
    if not found:
        raise call.refuse(f"{call.layer.id} has no division code", f"{call.name} asks for the division of a feature")
    return next((one for one in found if one.name == "division_code"), found[0])


def division_prefixes(chosen: Collection[str], known: Collection[str]) -> list[str]:
    """Beginnings of codes: each chosen one and what lies below it begins with one of them, no other known one does."""
    others = sorted(set(known) - set(chosen))
    found = set()
    for code in chosen:
        short = _significant(code)
        found.add(code if any(one.startswith(short) for one in others) else short)
    return _shortest(found)


def _significant(code: str) -> str:
    """A division's code without the pairs of zeros at its end: 130100 is 1301, and so begin all codes in it."""
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def in_class(call: "Call") -> Any:
    """An attribute's code is the one given or lies below it in its list."""
    from pygeofilter import ast

    from store.filters import tree

    node, code = call.arguments
    attribute = call.layer.attribute(node.name)
    codelist = call.vocabulary.codelists.get(attribute.codelist or "") if attribute is not None else None
    if codelist is None:
        listed = [one.name for one in call.layer.attributes if one.codelist in call.vocabulary.codelists]
        remedy = "use one of: " + ", ".join(listed) if listed else "use IN with a list"
        raise call.refuse(f"'{node.name}' has no code list", remedy)
    if code not in codelist.codes:
        raise call.refuse(f"'{code[:40]}' is not a code of {codelist.id}", _near(code, codelist.codes))
    below = _below(codelist, code)
    if not codelist.fallback:
        return ast.In(node, sorted(below), not_=False) if len(below) > 1 else ast.Equal(node, code)
    # Longer codes belong to the longest code of the list that they begin with.
    others = [one for one in codelist.codes if one not in below]
    apart = {one: _shortest(other for other in others if other.startswith(one)) for one in below}
    whole = _shortest(one for one in below if not apart[one])
    conditions = [_begins_with(node.name, whole)] if whole else []
    conditions += [
        ast.And(_begins_with(node.name, [one]), ast.Not(_begins_with(node.name, apart[one])))
        for one in sorted(below)
        if apart[one]
    ]
    return tree.balanced(ast.Or, conditions)


def _shortest(codes: Iterable[str]) -> list[str]:
    """The codes that begin with no other of them."""
    found: list[str] = []
    for one in sorted(set(codes)):
        if not found or not one.startswith(found[-1]):
            found.append(one)
    return found


def _below(codelist: CodeList, code: str) -> set[str]:
    children: dict[str, list[str]] = {}
    for one in codelist.codes.values():
        if one.parent is not None:
            children.setdefault(one.parent, []).append(one.code)
    found, queue = set(), [code]
    while queue:
        at = queue.pop()
        if at not in found:
            found.add(at)
            queue += children.get(at, ())
    return found


def _begins_with(name: str, starts: Iterable[str]) -> Any:
    from pygeofilter import ast

    from store.filters import tree
    from store.filters.texts import starting

    return tree.balanced(ast.Or, [starting(ast.Attribute(name), one) for one in starts])


def _near(code: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(code, list(known), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else "take it from the code list"
