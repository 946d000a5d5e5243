"""Strict decoding of paths and query strings: what is not valid percent-encoded UTF-8 is refused, never guessed."""

import difflib
import re
from collections.abc import Callable, Collection, Iterable
from urllib.parse import quote, unquote_to_bytes

from config.errors import Fault, ParameterError, RequestError

_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")


def decode(text: str, where: str) -> str:
    """One percent-encoded path segment, parameter name or value.

    Raises:
        RequestError: broken percent-encoding, bytes that are no UTF-8, or a NUL.
    """
    if text.isascii() and "%" not in text:
        if text.isprintable():
            return text
    elif _BROKEN.search(text):
        raise RequestError("The address is wrongly encoded", Fault(where, "'%' without two hexadecimal digits", "%25"))
    try:
        plain = unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError as err:
        raise RequestError(
            "The address is wrongly encoded", Fault(where, "no valid UTF-8", "encode it as UTF-8")
        ) from err
    if "\x00" in plain:
        raise RequestError("The address holds a NUL character", Fault(where, "NUL is in no text of this node"))
    return plain


def pairs(query: str) -> list[tuple[str, str]]:
    """Names and values of a query string, in order; `&` separates, `+` is a space."""
    found = []
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            if "+" in part:
                name, value = name.replace("+", " "), value.replace("+", " ")
            found.append((decode(name, "query"), decode(value, name[:40])))
    return found


def known_only(given: list[tuple[str, str]], known: Collection[str]) -> dict[str, str]:
    """The parameters by name; of a repeated one the last counts (/req/core/query-param-unknown); see `given_once`.

    Raises:
        ParameterError: a parameter that the resource does not know.
    """
    found = dict(given)
    for name in found:
        if name not in known:
            raise unknown(name, known)
    return found


def given_once(given: list[tuple[str, str]], names: Callable[[str], bool]) -> None:
    """Refuse a condition that is given several times with different values: to drop one would widen what is found.

    Of every other repeated parameter the last counts, since OGC's own test suite sends `limit` twice.

    Raises:
        ParameterError: names the parameter.
    """
    first: dict[str, str] = {}
    for name, value in given:
        if first.setdefault(name, value) != value and names(name):
            what = f"given twice, as '{first[name][:40]}' and as '{value[:40]}'"
            raise ParameterError(name[:60], what, "give it once: a condition has one value")


def unknown(name: str, known: Collection[str], kind: str = "parameter") -> ParameterError:
    """The refusal of an unknown name, with what is known and what was probably meant."""
    names = sorted(known)
    near = difflib.get_close_matches(name[:60], names, 1, 0.6)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return ParameterError(name[:60], f"no such {kind} here", f"{hint}known: {', '.join(names)}")


def build(given: Iterable[tuple[str, str]]) -> str:
    """The text of names and values as a query string, without its question mark; empty for none."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in given)


def _quoted(text: str) -> str:
    return text if _SAFE.fullmatch(text) else quote(text, safe=_PLAIN)


_PLAIN = ",:/-_.~*"
_SAFE = re.compile(r"[A-Za-z0-9,:/_.~*-]*")
