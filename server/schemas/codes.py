"""The keywords of a property whose values come from a code list (Common Part 3, profile-codelists).

A list that may be refined locally (`fallback`) also allows longer codes that begin with one of its own. Inline, they
are one more alternative; by reference the property then has no `enum`, which would refuse them.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from config.layers import Code, CodeList
from server.profiles import INLINE

if TYPE_CHECKING:
    from server.schemas.logical import Context

_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}/]")

type Lists = Mapping[str, CodeList]
_FINER = {"zh": "细分代码(以上列代码开头)", "en": "A finer code, which begins with one of the others"}


def keywords(found: CodeList, context: "Context", used: Sequence[str] | None) -> dict[str, Any]:
    """`oneOf` or `enum`, and the list's address. `used`: the codes that occur; None: all that may."""
    address = {"x-ogc-codelistUri": f"{context.base}/codelists/{found.id}"}
    if context.profile != INLINE:
        if used is None and found.fallback:
            return address | {"pattern": _longer(found, "*")}
        return address | {"enum": list(found.codes) if used is None else _some(used)}
    if used is not None:
        titled = [_const(code, found.find(code or ""), context.language) for code in _some(used)]
        return address | {"oneOf": titled}
    choices: list[dict[str, Any]] = [_const(code, one, context.language) for code, one in found.codes.items()]
    if found.fallback:
        finer = {"pattern": _longer(found, "+"), "not": {"enum": list(found.codes)}}
        choices.append({"title": _FINER[context.language]} | finer)
    return address | {"oneOf": choices}


def _some(used: Sequence[str]) -> list[str | None]:
    """No list of values is empty in JSON Schema's `oneOf`: where nothing occurs, only null does."""
    return list(used) or [None]


def _const(code: str | None, found: Code | None, language: str) -> dict[str, Any]:
    return {"const": code} | ({"title": found.title[language]} if found else {})


def _longer(found: CodeList, times: str) -> str:
    """A pattern of the codes with that many more characters behind them."""
    shortest = [one for one in found.codes if not any(one != two and one.startswith(two) for two in found.codes)]
    return f"^({'|'.join(_SPECIAL.sub(r'\\\g<0>', one) for one in shortest)}).{times}$"
