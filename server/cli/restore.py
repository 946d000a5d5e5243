"""`duogui restore`: put a backup in the place of a node's store.

The backup's digests are checked first. A place that holds a store already is refused, unless it is to be replaced;
the node must not run meanwhile.
"""

import argparse
from pathlib import Path

from server.cli.backup import report
from server.cli.place import add_place, config_file

NAME = "restore"
HELP = "put a backup in the place of the store"

EXAMPLES = """examples:
  duogui restore --config node.yaml backups/2026-03-01
  duogui restore --config node.yaml backups/2026-03-01 --replace     what the store holds now is lost

Run `duogui migrate` afterwards if the program is newer than the backup.
exit codes: 0 done; 2 wrong usage or configuration, or the place holds a store and --replace is not given;
3 the store is in use or refuses, or the backup is damaged
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    add_place(parser)
    parser.add_argument("--replace", action="store_true", help="replace the store that is there; its data are lost")
    parser.add_argument("directory", type=Path, metavar="DIRECTORY", help="the backup's folder")


def run(args: argparse.Namespace) -> int:
    from config import settings
    from store import backup

    report(backup.restore(args.directory, settings.load(config_file(args)).store.url, replace=args.replace), args)
    return 0
