"""YAML as plain data that remembers its lines.

Scalars follow JSON: only `true` and `false` are booleans (`no` is a word), `0101` is text (not octal 65), and so are
days.
Anchors, aliases and tags are refused: a definition says what it says where one reads it.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from config.errors import Fault

Where = tuple[str | int, ...]
"""A place in a document: the keys and positions that lead to it."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)$")
_NUMBER = re.compile(
    r"[-+]?(0|[1-9][0-9]*)?\.[0-9]+([eE][-+]?[0-9]+)?$|[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?[eE][-+]?[0-9]+$"
)
_QUOTED = ("'", '"', "|", ">")
_WORDS: dict[str, Any] = {"null": None, "~": None, "": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Document:
    """One file as plain JSON data (days are ISO text), with the line of every key and value."""

    name: str
    data: Any
    lines: dict[Where, int] = field(default_factory=dict)

    def place(self, *where: str | int) -> str:
        """`file:line` of a key or value; of the nearest thing around it where it does not exist."""
        while where and where not in self.lines:
            where = where[:-1]
        return f"{self.name}:{self.lines.get(where, 1)}"

    def fault(self, where: Where, what: str, remedy: str = "") -> Fault:
        return Fault(self.place(*where), what, remedy)


def read(name: str, content: bytes) -> tuple[Document | None, list[Fault]]:
    """Parse one file. `name` stands for it in faults. The document is None where it cannot be parsed at all."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return None, [Fault(f"{name}:{line}", "is not UTF-8 text", "save the file as UTF-8")]
    reader = _Reader(name)
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        data = None if node is None else reader.value(node, ())
    except yaml.MarkedYAMLError as error:
        return None, [_syntax(name, text, error)]
    except yaml.YAMLError as error:
        return None, [Fault(f"{name}:1", f"is not YAML: {error}", "remove control characters")]
    except RecursionError:
        return None, [Fault(f"{name}:1", "is nested too deep", "a definition has a few levels only")]
    if node is None:
        return None, [Fault(f"{name}:1", "is empty", "write a definition, or delete the file")]
    return Document(name, data, reader.lines), reader.faults


def _syntax(name: str, text: str, error: yaml.MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    number = mark.line if mark else 0
    lines = text.splitlines()
    before = lines[: number + 1]
    tab = next((n for n in range(len(before) - 1, -1, -1) if "\t" in before[n][: _indent(before[n])]), None)
    if tab is not None:
        return Fault(f"{name}:{tab + 1}", "a tab indents the line", "indent with two spaces")
    remedy = "quote text that holds ': ' or ' #', or begins with one of @ ` % & * ! | > { [" if mark else ""
    return Fault(f"{name}:{number + 1}", f"is not YAML: {error.problem or error.context}", remedy)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


class _Reader:
    """Turns a node graph into plain data, noting lines and what is not allowed."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Where, int] = {}
        self.faults: list[Fault] = []
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, where: Where) -> Any:
        self.lines.setdefault(where, node.start_mark.line + 1)
        if id(node) in self._seen:
            self._fault(node, "an alias (*name) repeats another part", "write the part out")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(one, (*where, n)) for n, one in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(key_node, "a key is not a word", "write `key: value`")
                continue
            key = str(key_node.value)
            if key in result:
                self._fault(key_node, f"the key '{key}' stands twice", "keep one of them")
            self.lines[(*where, key)] = key_node.start_mark.line + 1
            result[key] = self.value(value_node, (*where, key))
        return result

    def _scalar(self, node: Any) -> Any:
        text = str(node.value)
        if node.style in _QUOTED:
            return text
        if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.startswith("tag:yaml.org,2002:python"):
            self._fault(node, f"the tag {node.tag} is not known", "write plain values")
            return None
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.match(text):
            return int(text)
        if _NUMBER.match(text):
            return float(text)
        return text

    def _fault(self, node: yaml.Node, what: str, remedy: str) -> None:
        self.faults.append(Fault(f"{self.name}:{node.start_mark.line + 1}", what, remedy))
