"""Which node a command works on: `--config FILE`, or `--data DIR` with a node.yaml in it; and which of its layers."""

import argparse
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import DefinitionError, Fault, NotFoundError

if TYPE_CHECKING:
    from config.layers import Layer
    from server.node import Node

FILE = "node.yaml"


def add_place(parser: argparse.ArgumentParser) -> "argparse._MutuallyExclusiveGroup":
    """Add the two arguments, one of which must be given, and return their group for further alternatives."""
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--config", type=Path, metavar="FILE", help="node configuration (YAML)")
    group.add_argument("--data", type=Path, metavar="DIR", help=f"a node's folder that holds its {FILE}")
    return group


def config_file(args: argparse.Namespace) -> Path:
    """The node configuration that --config or --data name."""
    return Path(args.config) if args.config else Path(args.data) / FILE


def stored_layer(node: "Node", id: str) -> "Layer":
    """A layer whose rows the store holds.

    Raises:
        NotFoundError: no such layer. DefinitionError: its rows are not in the store.
    """
    layer = node.layers.get(id)
    if layer is None:
        near = get_close_matches(id, node.layers, 3)
        hint = f"near: {', '.join(near)}; " if near else ""
        remedy = f"{hint}`duogui info --empty` lists this node's layers"
        raise NotFoundError("There is no such layer", Fault("--layer", f"'{id[:80]}' is not published here", remedy))
    if not layer.stored:
        raise DefinitionError(
            "Not a layer of the store", Fault(id, f"its kind is {layer.kind}", "vector or table only")
        )
    return layer
