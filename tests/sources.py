"""The messages of Duogui's errors, read out of the sources: what a catalogue of translations must hold.

A message is a text, or an f-string with `GAP` in the place of each value, that reaches an error: as an argument of
`Fault` or of an error class, by way of a name of the same function, or as the argument of a function of the same
module that hands its parameter on.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("config", "store", "tiles", "processes", "server")
LEFT_OUT = ("server/demo/", "config/chinese/")
"""The demo's maker meets no caller; the catalogue itself says nothing."""
GAP = "\ufffc"
_FOREIGN = {"ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError", "OSError", "NotImplementedError"} | {
    "AssertionError", "RefusedError", "OverflowError", "ArgumentTypeError", "StopIteration", "DBAPIError",
    "LookupError", "ValidationError",
}  # fmt: skip


@dataclass
class _Module:
    """One source file: its functions by name, and which of their parameters reach an error."""

    tree: ast.Module
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=dict)
    speaking: dict[str, set[str]] = field(default_factory=dict)


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _is_error(name: str) -> bool:
    return name in ("Fault", "fault", "_fault", "Failure", "refuse") or (
        name.endswith("Error") and name not in _FOREIGN
    )


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts that an expression can be, as far as it is written out."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(one.value if isinstance(one, ast.Constant) else GAP for one in values)  # type: ignore[misc]
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body)
            yield from _texts(other)
        case ast.BoolOp(values=values):
            for one in values:
                yield from _texts(one)
        case ast.Tuple(elts=values) | ast.List(elts=values):
            for one in values:
                yield from _texts(one)
        case ast.Dict(values=values):
            for one in values:
                yield from _texts(one)


def _assigned(scope: ast.AST, name: str) -> Iterator[ast.expr]:
    """What is assigned to a name anywhere in a function or module, alone or as one of several."""
    for node in ast.walk(scope):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            if node.value is not None:
                yield node.value
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    yield node.value
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = zip(target.elts, node.value.elts, strict=False)
                    yield from (value for one, value in pairs if isinstance(one, ast.Name) and one.id == name)


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args)]
    return names + ([given.vararg.arg] if given.vararg else [])


def _arguments(
    call: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef, wanted: set[str]
) -> Iterator[ast.expr]:
    names = [one for one in _parameters(function) if one not in ("self", "cls")]
    for place, one in enumerate(call.args):
        if names and names[min(place, len(names) - 1)] in wanted:
            yield one
    yield from (one.value for one in call.keywords if one.arg in wanted)


def _spoken(module: _Module, scope: ast.AST) -> Iterator[ast.expr]:
    """The expressions of a function or module that reach an error."""
    for node in ast.walk(scope):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node)
        if _is_error(name):
            yield from (one.value if isinstance(one, ast.Starred) else one for one in node.args)
            yield from (one.value for one in node.keywords if one.arg in ("what", "remedy", "message"))
        elif name in module.speaking:
            yield from _arguments(node, module.functions[name], module.speaking[name])


def _learn(module: _Module) -> bool:
    """Find functions that hand a parameter on to an error; true where one more was found."""
    found = False
    for name, function in module.functions.items():
        own = set(_parameters(function))
        reached = {one.id for one in _spoken(module, function) if isinstance(one, ast.Name)} & own
        if reached - module.speaking.get(name, set()):
            module.speaking.setdefault(name, set()).update(reached)
            found = True
    return found


def _read(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf8"))
    module = _Module(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            module.functions[node.name] = node
    while _learn(module):
        pass
    for scope in (tree, *module.functions.values()):
        for one in _spoken(module, scope):
            yield from _texts(one)
            if isinstance(one, ast.Name):
                for value in (*_assigned(scope, one.id), *(_assigned(tree, one.id) if one.id.isupper() else ())):
                    yield from _texts(value)
            elif isinstance(one, ast.Call) and _name(one) in module.functions:
                yield from _returned(module.functions[_name(one)])


def _returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """What a function that makes texts can return."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _texts(node.value)


def _says_something(text: str) -> bool:
    """Whether there are words to translate: neither a name, a path, an example nor a lone value."""
    words = text.replace(GAP, " ").split()
    return sum(word.strip("':;,.()").isalpha() for word in words) >= 2


@cache
def messages() -> dict[str, set[str]]:
    """Every message, with the files that say it."""
    found: dict[str, set[str]] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            if not place.startswith(LEFT_OUT):
                for text in _read(path):
                    if _says_something(text):
                        found.setdefault(text, set()).add(place)
    return found
