"""`duogui migrate`: bring a node's store up to the program and to its layer files.

Makes an empty store ready, adds tables for new layers, columns for new attributes and indexes that are missing, and
tidies up after interrupted bulk loads. Forward only; an interrupted run goes on where it stopped. No data are ever
dropped: an attribute that a layer file no longer names stays hidden in the store.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from server.cli.place import add_place, config_file

if TYPE_CHECKING:
    from store.engine import Database

NAME = "migrate"
HELP = "bring the store up to the program and the layer files"

EXAMPLES = """examples:
  duogui migrate --config node.yaml --dry-run     say what would be done
  duogui migrate --config node.yaml               do it (or --data DIR, a folder that holds its node.yaml)
  duogui migrate --config node.yaml --verify      then check that rows, indexes, counts and change log agree

Back up first: duogui backup --config node.yaml DIRECTORY
exit codes: 0 done, or nothing to do; 1 --verify found faults; 2 wrong usage or configuration; 3 the store refuses
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    add_place(parser)
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
    parser.add_argument("--verify", action="store_true", help="afterwards read every row and check that all agrees")


def run(args: argparse.Namespace) -> int:
    from store import migrate, sweep, verify

    database = _open_database(config_file(args))
    try:
        steps = migrate.migrate(database, _silent if args.json else _say, dry_run=args.dry_run)
        if not args.dry_run:
            sweep.sweep_all(database)
        faults = verify.verify(database) if args.verify and not (args.dry_run and steps) else []
    finally:
        database.close()
    if args.json:
        result = {"dry_run": args.dry_run, "steps": steps, "faults": faults}
        sys.stdout.buffer.write(orjson.dumps(result, option=orjson.OPT_INDENT_2) + b"\n")
        return 1 if faults else 0
    chinese = args.lang == "zh"
    if not steps:
        print(
            "库与程序及图层文件相符, 无需改动"
            if chinese
            else "The store fits the program and the layer files: nothing to do"
        )
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _silent(_what: str) -> None:
    """For --json: all of it is said at the end."""


def _say(what: str) -> None:
    print(what, flush=True)


def _open_database(config: Path) -> "Database":
    """The database of a node's configuration, whether or not it fits.

    Raises:
        DefinitionError: the configuration or a definition is wrong. StoreError: not a store's URL.
    """
    from config import registry, settings
    from server.node import published
    from store.engine import Options, connect

    node = settings.load(config)
    layers = published(node, registry.load(node.collections.path, node.data_dir / "definitions"))
    return connect(node.store.url, layers, Options(timezone=node.node.timezone))
