"""What a filter may cost to parse: looked at by one linear scan before any parser sees it.

The parser of CQL2 text recurses: 2,000 nested parentheses or 100,000 operators in a row end the process, which no
`except` can catch. So size, depth and number of operators are counted here, at every door, and refused with the limit.
"""

import re
from typing import Any

import numpy as np
import orjson

from config.errors import ParameterError

MOST_TEXT = 16 * 1024  # bytes of CQL2 text
MOST_JSON = 2 * 1024 * 1024  # bytes of CQL2 JSON, whose polygons may be large
MOST_DEPTH = 100
MOST_OPERATORS = 1_000
MOST_LEVELS = 16  # conditions and calls inside each other: SQLite's parser has room for about twice as many

# Quoted text runs to its end or, where none comes, to the end of all: each character is looked at once.
_TEXT_TOKEN = re.compile(
    r"""(?P<literal>'(?:[^'\\]|''|\\.)*+(?:'|\\?\Z))
      | (?P<name>"(?:[^"]|"")*+(?:"|\Z))
      | (?P<word>[^\W\d][\w.:]*+)
      | (?P<point>(?<![\w.])\.(?=\d))
      | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)
      | (?P<operator><=|>=|<>|!=|[-+*/^%=<>])
      | (?P<open>\()
      | (?P<close>\))
    """,
    re.VERBOSE | re.DOTALL,
)
_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_OPENING = np.frombuffer(b"[{", dtype=np.uint8)
_CLOSING = np.frombuffer(b"]}", dtype=np.uint8)
_SIGNS = frozenset("+-*/%^") | {"div"}
_WORDS = frozenset({"and", "or", "not", "like", "between", "in", "is", "div"})


def text(source: str, parameter: str) -> str:
    r"""CQL2 text that is safe to parse. `\'` becomes `''` and `.5` becomes `0.5`, which the parser does not know.

    Raises:
        ParameterError: too long, too deep, too many operators, a quote without end, a NUL.
    """
    if len(source) > MOST_TEXT or len(source.encode(errors="replace")) > MOST_TEXT:
        remedy = f"write at most {MOST_TEXT} bytes, or send a large geometry or list as CQL2 JSON by POST"
        raise ParameterError(parameter, "the filter is too long", remedy)
    _check_characters(source, parameter)
    depth, deepest, operators = 0, 0, 0
    parts: list[str] = []
    end = 0
    for token in _TEXT_TOKEN.finditer(source):
        kind, found = token.lastgroup, token.group()
        if kind == "open":
            depth += 1
            deepest = max(deepest, depth)
        elif kind == "close":
            depth -= 1
        elif kind == "operator" or (kind == "word" and found.lower() in _WORDS):
            operators += 1
        elif kind in ("literal", "name"):
            _check_closed(found, parameter)
        parts += [source[end : token.start()], _rewritten(kind, found)]
        end = token.end()
    _check_shape(deepest, operators, parameter)
    return "".join(parts) + source[end:]


def _rewritten(kind: str | None, found: str) -> str:
    if kind == "point":
        return "0."
    if kind == "literal" and "\\'" in found:
        return "'" + re.sub(r"\\(.)", lambda one: "''" if one[1] == "'" else one[0], found[1:-1], flags=re.DOTALL) + "'"
    return found


def _check_closed(found: str, parameter: str) -> None:
    quote = found[0]
    inside = found[1:].replace(quote * 2, "")
    if quote == "'":
        inside = re.sub(r"\\.", "", inside, flags=re.DOTALL)
    if not inside.endswith(quote):
        remedy = "a text stands in 'single quotes', a name may stand in \"double quotes\"; double a quote inside"
        raise ParameterError(parameter, f"the quote in {found[:40]} is not closed", remedy)


def json(source: str | bytes, parameter: str) -> Any:
    """CQL2 JSON as plain objects. The number of operators is counted while it is read.

    Raises:
        ParameterError: too long, too deep, no JSON.
    """
    raw = source.encode(errors="replace") if isinstance(source, str) else source
    if len(raw) > MOST_JSON:
        raise ParameterError(parameter, "the filter is too long", f"send at most {MOST_JSON} bytes")
    bare = np.frombuffer(_JSON_STRING.sub(b"", raw), dtype=np.uint8)
    steps = np.isin(bare, _OPENING).astype(np.int8) - np.isin(bare, _CLOSING).astype(np.int8)
    deepest = int(np.cumsum(steps, dtype=np.int64).max(initial=0))
    # Each operator opens an object and its list of arguments.
    _check_shape((deepest + 1) // 2, 0, parameter)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ParameterError(parameter, f"it is not JSON: {str(error)[:200]}", "send CQL2 JSON") from error


def _check_shape(depth: int, operators: int, parameter: str) -> None:
    if depth > MOST_DEPTH:
        raise ParameterError(parameter, "the filter is nested too deep", f"nest at most {MOST_DEPTH} levels")
    if operators > MOST_OPERATORS:
        what = f"the filter has more than {MOST_OPERATORS} operators"
        raise ParameterError(parameter, what, "use fewer, or IN with a list")


def _check_characters(source: str, parameter: str) -> None:
    if "\0" in source:
        raise ParameterError(parameter, "it contains a NUL character", "texts have no character U+0000")
    if any("\ud800" <= one <= "\udfff" for one in source):
        raise ParameterError(parameter, "it contains half of a surrogate pair", "send UTF-8")


def levels(parsed: Any, parameter: str) -> None:
    """Refuse a tree of operators that is deep though its text is not: a + a + a ... has a level for each sign.

    Raises:
        ParameterError: more than MOST_DEPTH operators inside each other, or MOST_LEVELS that are no arithmetic.
    """
    rank: list[tuple[Any, int]] = [(parsed, 0)]
    for _ in range(MOST_DEPTH + 1):
        rank = [found for item, level in rank for found in _inside(item, level)]
        if not rank:
            return
        if max(level for _, level in rank) > MOST_LEVELS:
            break
    remedy = f"nest at most {MOST_LEVELS} conditions and {MOST_DEPTH} sums"
    raise ParameterError(parameter, "the filter is nested too deep", remedy)


def _inside(item: Any, level: int) -> list[tuple[Any, int]]:
    """The operators and lists that are arguments of one, with the number of conditions around them."""
    if isinstance(item, dict):
        level += item.get("op") not in _SIGNS
        args = item.get("args")
        item = args if isinstance(args, list) else []
    if not isinstance(item, list):
        return []
    return [(one, level) for one in item if isinstance(one, list) or (isinstance(one, dict) and "op" in one)]
