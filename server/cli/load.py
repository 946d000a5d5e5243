"""`duogui load`: read a file, check every feature, and load all of it or nothing.

Reads Shapefile (also zipped, in GBK or UTF-8), GeoPackage, file geodatabase, GeoJSON, GML, DXF, FlatGeobuf, MapInfo,
KML, GeoParquet, CSV, XLSX and the 勘测定界 coordinate list (TXT). docs/loading.md explains mapping files, reports and
coordinate systems.
"""

import argparse
import sys
import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.errors import DefinitionError, Fault, NotFoundError
from server.cli.place import add_place, config_file, stored_layer

if TYPE_CHECKING:
    from config.layers import Layer
    from server.node import Node
    from store.ingest.loader import Options
    from store.ingest.report import Outcome

NAME = "load"
HELP = "load a file into a layer, checked, all or nothing"

EXAMPLES = """examples:
  duogui load parcels.shp --layer plan-land-use --config node.yaml --dry-run
  duogui load parcels.zip --layer plan-land-use --config node.yaml --encoding GBK --crs EPSG:4527
  duogui load 红线.txt --layer approval-land-redline --config node.yaml --datum-declared cgcs2000
  duogui load upload.gpkg --source-layer DLTB --layer current-land-use --mapping dltb.yaml --mode replace \\
      --valid-from 2026-01-01 --data DIR --report report.json

Nothing is loaded while there is an error; warnings pass.
exit codes: 0 loaded (or, with --dry-run, it would be); 1 the file has errors; 2 wrong usage or configuration (no such
file or layer, say); 3 the store refuses
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    parser.add_argument("file", metavar="FILE", help="file, zip archive or .gdb folder on this machine")
    parser.add_argument("--layer", required=True, metavar="ID", help="the collection to load into")
    add_place(parser)
    parser.add_argument(
        "--mode",
        choices=("append", "upsert", "replace"),
        default="append",
        help="append: refuse identifiers that exist; upsert: new versions of them; replace: also end all others",
    )
    parser.add_argument(
        "--valid-from", type=_day, metavar="DATE", help="day from which it is in force (default: today)"
    )
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="mapping file (YAML): columns, constants, values")
    _configure_reading(parser)
    parser.add_argument("--accept", action="append", default=[], metavar="CODE", help="let an error of this code pass")
    parser.add_argument("--author", default="load", help="who loads, for the history")
    parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report (JSON) to this file too")
    parser.add_argument("--examples", type=int, default=20, metavar="N", help="examples per problem in the report")


def _configure_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source-layer", metavar="NAME", help="layer or sheet of the file, where it has several")
    parser.add_argument("--crs", metavar="EPSG:n", help="declare the coordinate system, instead of the file's own")
    parser.add_argument(
        "--datum-declared",
        choices=("cgcs2000", "wgs84", "xian80", "beijing54"),
        help="declare the datum of coordinates whose file does not say it",
    )
    parser.add_argument("--swap-xy", action="store_true", help="the file has X and Y exchanged")
    parser.add_argument("--encoding", metavar="NAME", help="text encoding of a Shapefile, CSV or TXT: GBK, UTF-8, ...")
    parser.add_argument("--geometry", metavar="COL[,COL]", help="columns of a table with WKT, or with x and y")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is no day; write 2026-01-01") from error


def run(args: argparse.Namespace) -> int:
    from config.settings import load
    from server.node import open_node
    from store.ingest.context import node_of
    from store.ingest.loader import load_file

    if not Path(args.file).exists():
        raise NotFoundError("There is no such file", Fault(args.file, "not found", "name a file on this machine"))
    node = open_node(load(config_file(args)))
    try:
        layer = stored_layer(node, args.layer)
        options = _options(args, layer, node)
        settings, registry = node.settings, node.registry
        own = registry.divisions.within(settings.node.division)
        brought = node_of(node.store, registry.codelists, settings.datums, own, node.zone)
        progress = Progress(args.json)
        outcome = load_file(node.store, layer, args.file, brought, replace(options, progress=progress.show))
        progress.end()
    finally:
        node.close()
    _print(outcome, args)
    return 0 if outcome.passed else 1


def _options(args: argparse.Namespace, layer: "Layer", node: "Node") -> "Options":
    """Command line before mapping file.

    Raises:
        DefinitionError: the mapping file is wrong, or an error code that cannot be accepted.
    """
    from store.criteria import LoadMode
    from store.ingest.catalogue import KINDS
    from store.ingest.frame import Claim
    from store.ingest.loader import Options
    from store.ingest.mapping import MappingFile, read_mapping
    from store.ingest.source import ReadOptions

    mapping = read_mapping(args.mapping, layer) if args.mapping else MappingFile()
    said: dict[str, Any] = dict(mapping.options)
    strange = [code for code in args.accept if code not in KINDS or not KINDS[code].acceptable]
    if strange:
        known = ", ".join(sorted(code for code, kind in KINDS.items() if kind.acceptable))
        raise DefinitionError("--accept", *(Fault(code, "cannot be accepted", f"one of {known}") for code in strange))
    geometry = args.geometry.split(",") if args.geometry else said.get("geometry", ())
    return Options(
        mode=LoadMode(args.mode),
        valid_from=args.valid_from or datetime.now(node.zone).date(),
        author=args.author,
        dry_run=args.dry_run,
        read=ReadOptions(
            args.source_layer or said.get("source-layer"), args.encoding or said.get("encoding"), tuple(geometry)
        ),
        claim=Claim(
            declared=args.crs or said.get("crs"),
            datum=args.datum_declared or said.get("datum"),
            swap=args.swap_xy or bool(said.get("swap-xy")),
        ),
        mapping=mapping,
        accepted=frozenset(args.accept),
        examples=max(args.examples, 1),
    )


class Progress:
    """Rows and rows a second on stderr: one living line on a terminal, else a line every ten seconds."""

    def __init__(self, quiet: bool) -> None:
        self._terminal = sys.stderr.isatty()
        self._quiet = quiet and not self._terminal
        self._began = self._shown = time.monotonic()

    def show(self, rows: int) -> None:
        now = time.monotonic()
        if self._quiet or now - self._shown < (0.2 if self._terminal else 10):
            return
        self._shown = now
        line = f"{rows:,} rows, {rows / max(now - self._began, 1e-9):,.0f}/s"
        print(
            f"\r{line}\x1b[K" if self._terminal else line,
            end="" if self._terminal else "\n",
            file=sys.stderr,
            flush=True,
        )

    def end(self) -> None:
        if self._terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _print(outcome: "Outcome", args: argparse.Namespace) -> None:
    import orjson

    report = orjson.dumps(outcome.as_json(), option=orjson.OPT_INDENT_2, default=str) + b"\n"
    if args.report:
        args.report.write_bytes(report)
    if args.json:
        sys.stdout.buffer.write(report)
    else:
        print(outcome.as_text(args.lang))
