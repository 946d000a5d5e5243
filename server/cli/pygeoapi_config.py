"""`duogui pygeoapi-config`: write the node as a pygeoapi configuration, for a stock `pygeoapi serve`."""

import argparse
import os
import sys
from pathlib import Path

import yaml

from server.cli.place import add_place, config_file

NAME = "pygeoapi-config"
HELP = "write the node's configuration for a stock pygeoapi"

EXAMPLES = """examples:
  duogui pygeoapi-config --config node.yaml --output pygeoapi
  PYGEOAPI_CONFIG=pygeoapi/pygeoapi-config.yml PYGEOAPI_OPENAPI=pygeoapi/pygeoapi-openapi.json pygeoapi serve

The configuration holds the store's address, with its password if it has one: only its owner may read it.
"""
CONFIG = "pygeoapi-config.yml"
OPENAPI = "pygeoapi-openapi.json"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    add_place(parser)
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder for the two files")
    parser.add_argument("--url", help="the address by which clients will reach pygeoapi, instead of the node's own")


def run(args: argparse.Namespace) -> int:
    from config.settings import load
    from server.node import open_node
    from server.shell import check_configuration, node_configuration, openapi_document

    node = open_node(load(config_file(args)))
    try:
        made = node_configuration(node)
    finally:
        node.close()
    if args.url:
        made["server"]["url"] = args.url.rstrip("/")
    check_configuration(made)
    args.output.mkdir(parents=True, exist_ok=True)
    _write(args.output / CONFIG, yaml.safe_dump(made, allow_unicode=True, sort_keys=False))
    _write(args.output / OPENAPI, openapi_document(made))
    collections = sum(one["type"] == "collection" for one in made["resources"].values())
    result = {"config": str(args.output / CONFIG), "openapi": str(args.output / OPENAPI), "collections": collections}
    if getattr(args, "json", False):
        import orjson

        sys.stdout.buffer.write(orjson.dumps(result) + b"\n")
    else:
        print(f"{result['config']}: {collections} collections\n{result['openapi']}")
    return 0


def _write(path: Path, text: str) -> None:
    """The whole file at once, readable by its owner only."""
    draft = path.with_suffix(".part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
