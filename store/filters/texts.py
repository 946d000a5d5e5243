"""Text: CASEI, ACCENTI and LIKE, one rule for Python, SQLite and PostgreSQL.

CASEI and ACCENTI of literals are computed beforehand, those of patterns too.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pygeofilter import ast

from store.filters import scalar
from store.filters.functions import Kind
from store.filters.values import Refuse, Value, described

ESCAPE = "\\"


FOLDS: Mapping[str, Callable[[str], str]] = {"casei": scalar.casei, "accenti": scalar.accenti}
MOST_FOLDS = 4


def checked(text: str, refuse: Refuse) -> str:
    """A text that a database can hold."""
    if "\0" in text:
        raise refuse("a text contains a NUL character", "texts have no character U+0000")
    return text


def folded(name: str, value: Value, refuse: Refuse) -> Value:
    """CASEI or ACCENTI of an expression."""
    if value.kind is not Kind.TEXT:
        raise refuse(f"{described(value)} is no text", f"{name.upper()} takes text")
    if value.literal:
        return Value(FOLDS[name](value.node), Kind.TEXT)
    inside, depth = value.node, 1
    while isinstance(inside, ast.Function):
        if inside.name == name and depth == 1:
            return value
        inside, depth = inside.arguments[0], depth + 1
    if depth > MOST_FOLDS:
        raise refuse("CASEI and ACCENTI are nested too deep", "CASEI(ACCENTI(name)) is enough")
    return Value(ast.Function(name, [value.node]), Kind.TEXT)


def like(lhs: Value, pattern: Value, refuse: Refuse) -> Any:
    """The node of LIKE."""
    if lhs.kind is not Kind.TEXT:
        raise refuse(f"{described(lhs)} is no text", "LIKE takes text")
    if pattern.kind is not Kind.TEXT or not pattern.literal:
        raise refuse("the pattern of LIKE is not a text", "write LIKE 'abc%'")
    if lhs.literal:
        return matches(lhs.node, pattern.node)
    return ast.Like(lhs.node, pattern.node, nocase=False, wildcard="%", singlechar="_", escapechar=ESCAPE, not_=False)


def tokens(pattern: str) -> list[tuple[str, bool]]:
    r"""The characters of a pattern; True marks a wildcard. `\` takes the meaning off the next character; at the end
    it is itself."""
    found: list[tuple[str, bool]] = []
    characters = iter(pattern)
    for one in characters:
        if one == ESCAPE:
            found.append((next(characters, ESCAPE), False))
        elif one != "%" or not found or found[-1] != ("%", True):
            found.append((one, one in "%_"))
    return found


def matches(text: str, pattern: str) -> bool:
    """LIKE on one text, in time that is a product of the two lengths at most."""
    parts = tokens(pattern)
    at, part, star, mark = 0, 0, -1, 0
    while at < len(text):
        if part < len(parts) and (parts[part] == ("_", True) or parts[part] == (text[at], False)):
            at, part = at + 1, part + 1
        elif part < len(parts) and parts[part] == ("%", True):
            star, mark, part = part, at, part + 1
        elif star >= 0:
            mark += 1
            at, part = mark, star + 1
        else:
            return False
    return all(one == ("%", True) for one in parts[part:])


def prefix(pattern: str) -> tuple[str, list[tuple[str, bool]]]:
    """What a pattern begins with before its first wildcard, and the rest from there."""
    parts = tokens(pattern)
    end = next((index for index, (_, wild) in enumerate(parts) if wild), len(parts))
    return "".join(one for one, _ in parts[:end]), parts[end:]


def after(start: str) -> str | None:
    """The first text after all that begin with `start`, by code point; None where there is none."""
    while start:
        last = ord(start[-1])
        if last < 0x10FFFF:
            return start[:-1] + chr(0xE000 if last == 0xD7FF else last + 1)
        start = start[:-1]
    return None


def as_like(parts: list[tuple[str, bool]]) -> str:
    """A pattern for PostgreSQL's LIKE."""
    return "".join(one if wild or one not in "%_\\" else ESCAPE + one for one, wild in parts)


def as_glob(parts: list[tuple[str, bool]]) -> str:
    """A pattern for SQLite's GLOB, which tells capital letters apart as LIKE there does not."""
    wildcards = {"%": "*", "_": "?"}
    return "".join(wildcards[one] if wild else f"[{one}]" if one in "*?[" else one for one, wild in parts)


def starting(node: Any, start: str) -> Any:
    """The condition that a text begins with `start`, as a range that an index serves."""
    low, end = ast.GreaterEqual(node, start), after(start)
    return low if end is None else ast.And(low, ast.LessThan(node, end))
