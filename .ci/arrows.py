"""Arrows between rooms only point down: a room may import the rooms before it, never one after it.

Also keeps files and functions to a readable size.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("config", "store", "tiles", "processes", "server")
LONGEST_FILE = 500
LONGEST_FUNCTION = 75


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and first name of every absolute import, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.split(".")[0]


def faults(path: Path) -> Iterator[str]:
    relative = path.relative_to(ROOT)
    floor = FLOORS.index(relative.parts[0])
    source = path.read_text(encoding="utf8")
    tree = ast.parse(source)
    for line, name in imported(tree):
        if name == "tests" or (name in FLOORS and FLOORS.index(name) > floor):
            yield f"{relative}:{line}: {FLOORS[floor]} imports {name}: an arrow that points up"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{relative}:{node.lineno}: {node.name} has {length} lines (at most {LONGEST_FUNCTION})"
    lines = source.count("\n")
    if lines > LONGEST_FILE:
        yield f"{relative}: {lines} lines (at most {LONGEST_FILE}): more than one subject?"


def main() -> int:
    found = [fault for room in FLOORS for path in sorted((ROOT / room).rglob("*.py")) for fault in faults(path)]
    print("\n".join(found) if found else "arrows point down")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
