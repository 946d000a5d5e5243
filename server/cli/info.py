"""`duogui info`: what a node holds, without serving it."""

import argparse
import sys
from typing import Any

import orjson

from server.cli.place import add_place, config_file

NAME = "info"
HELP = "say what a node holds: layers, features, revisions, store"

EXAMPLES = """examples:
  duogui info --config config/nodes/city.yaml
  duogui info --data data/demo                 the demo, or any folder with a node.yaml
  duogui info --config node.yaml --empty       also layers without features
  duogui info --config node.yaml --json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    add_place(parser)
    parser.add_argument("--empty", action="store_true", help="also list layers without features")


def run(args: argparse.Namespace) -> int:
    from config.settings import load
    from server.node import open_node

    node = open_node(load(config_file(args)))
    try:
        language = getattr(args, "lang", None) or "zh"
        rows = [_row(node, id, language) for id in node.layers]
    finally:
        node.close()
    settings = node.settings
    head = {
        "node": settings.node.id,
        "division": settings.node.division,
        "store": _without_password(settings.store.url),
    }
    if getattr(args, "json", False):
        sys.stdout.buffer.write(orjson.dumps(head | {"layers": rows}, option=orjson.OPT_INDENT_2) + b"\n")
        return 0
    print("  ".join(f"{key}={value}" for key, value in head.items()))
    shown = [row for row in rows if row["count"] or args.empty]
    for row in shown:
        count = "-" if row["count"] is None else row["count"]
        print(f"{count:>9}  r{row['revision'] or 0:<8} {row['id']:<36} {row['title']}")
    print(f"{len(shown)} of {len(rows)} layers, {sum(row['count'] or 0 for row in rows)} features")
    return 0


def _row(node: Any, id: str, language: str) -> dict[str, Any]:
    layer = node.layers[id]
    state = node.store.state(id) if layer.stored else None
    return {
        "id": id,
        "title": layer.title[language],
        "kind": layer.kind,
        "sharing": layer.sharing,
        "count": state.count if state else None,
        "revision": state.revision if state else None,
        "updated": state.updated.isoformat() if state and state.updated else None,
    }


def _without_password(url: str) -> str:
    from sqlalchemy import make_url

    return make_url(url).render_as_string(hide_password=True)
