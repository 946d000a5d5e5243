"""`duogui backup`: copy a node's store, as of one moment, into a new folder, while the node runs.

An embedded store is copied by SQLite's online backup, a PostGIS store by pg_dump (PostgreSQL's client programs must
be installed). The folder's manifest.json holds the layers' revisions and the digest of each file.
"""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from server.cli.place import add_place, config_file

if TYPE_CHECKING:
    from store.backup import Manifest

NAME = "backup"
HELP = "copy the store into a folder, while the node runs"

EXAMPLES = """examples:
  duogui backup --config node.yaml backups/2026-03-01
  duogui backup --data data/demo backups/demo
  duogui backup --check backups/2026-03-01         only check that a backup is whole

Rasters and files in the node's data folder are not part of the store: copy them as files.
exit codes: 0 done; 2 wrong usage or configuration, or the folder exists already;
3 the store refuses, or a backup is damaged
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    add_place(parser).add_argument("--check", action="store_true", help="check the backup in DIRECTORY, make none")
    parser.add_argument("directory", type=Path, metavar="DIRECTORY", help="the backup's folder")


def run(args: argparse.Namespace) -> int:
    from config import settings
    from store import backup

    if args.check:
        manifest = backup.verify(args.directory)
    else:
        manifest = backup.backup(settings.load(config_file(args)).store.url, args.directory)
    report(manifest, args)
    return 0


def report(manifest: "Manifest", args: argparse.Namespace) -> None:
    """Say what a backup holds."""
    if args.json:
        sys.stdout.buffer.write(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2) + b"\n")
        return
    size = sum(one.bytes for one in manifest.files) / 1e6
    names = ", ".join(one.name for one in manifest.files)
    if args.lang == "zh":
        print(f"{args.directory}: {len(manifest.revisions)} 个图层, {size:.1f} MB ({names}), 备份于 {manifest.made_at}")
    else:
        print(f"{args.directory}: {len(manifest.revisions)} layers, {size:.1f} MB ({names}), made {manifest.made_at}")
