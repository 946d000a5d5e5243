"""`duogui export`: write a layer, or part of it, to a file that GIS and spreadsheets read.

Rows are streamed, so a layer of any size needs little memory, and the file appears under its name when it is complete.
Coordinates in files are always x, y (longitude, latitude; east, north), with the CRS stated.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import ParameterError
from server.cli.load import Progress
from server.cli.place import add_place, config_file, stored_layer

if TYPE_CHECKING:
    from config.layers import Layer
    from server.node import Node
    from store.criteria import Criteria
    from store.export.exporter import Exported
    from store.filters import Filter

NAME = "export"
HELP = "write a layer to GeoPackage, FlatGeobuf, GeoParquet, GeoJSON, CSV or Shapefile"

EXAMPLES = """examples:
  duogui export --layer plan-land-use --config node.yaml land-use.gpkg
  duogui export --layer plan-land-use --config node.yaml --crs EPSG:4548 --format shp --encoding GBK land-use.zip
  duogui export --layer plan-green-line --data DIR --where division_code=130902 --datetime 2016-12-31 green.parquet
  duogui export --layer plan-land-use --data DIR --filter "land_use_code LIKE 'A%' AND area > 5000" schools.gpkg
  duogui export --layer plan-green-line --data DIR --bbox 116.7,38.2,117.0,38.4 --names title green.csv

A Shapefile's columns are the exchange codes (BSM, XZQDM, ...); with an OUTPUT that ends in .zip it is packed.
CSV has the geometry as WKT in its last column.
exit codes: 0 written; 1 a text does not fit --encoding; 2 wrong usage or configuration (no such layer or property, a
format that cannot hold the layer, OUTPUT exists); 3 the store refuses
"""

SUFFIXES = {".gpkg": "gpkg", ".fgb": "fgb", ".parquet": "parquet", ".geoparquet": "parquet", ".geojson": "geojson",
            ".json": "geojson", ".csv": "csv", ".shp": "shp", ".zip": "shp"}  # fmt: skip


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="file to write")
    parser.add_argument("--layer", required=True, metavar="ID", help="the collection to export")
    add_place(parser)
    kinds = sorted(set(SUFFIXES.values()))
    parser.add_argument("--format", choices=kinds, help="format (default: by the ending of OUTPUT)")
    parser.add_argument("--crs", metavar="EPSG:n", help="coordinate system (default EPSG:4490; CRS84 in GeoJSON)")
    parser.add_argument(
        "--where", action="append", default=[], metavar="PROPERTY=VALUE", help="only features with this value"
    )
    parser.add_argument(
        "--filter", metavar="CQL2", help="only features for which this CQL2 text is true; @FILE reads it from a file"
    )
    parser.add_argument("--bbox", metavar="W,S,E,N", help="only features that meet this box (degrees, lon, lat)")
    parser.add_argument("--datetime", metavar="DAY", help="the state of a day, or of an interval (default: today)")
    parser.add_argument(
        "--names",
        choices=("identifier", "code", "title"),
        default="identifier",
        help="column names: land_use_code, YDYHFLDM or 用地用海分类代码 (a Shapefile has codes)",
    )
    parser.add_argument("--encoding", choices=("UTF-8", "GBK"), default="UTF-8", help="text of Shapefile and CSV")
    parser.add_argument("--overwrite", action="store_true", help="replace OUTPUT where it exists")


def run(args: argparse.Namespace) -> int:
    from config.settings import load
    from server.node import open_node
    from store.export.exporter import ExportOptions, export_layer

    kind = args.format or SUFFIXES.get(args.output.suffix.lower())
    if kind is None:
        raise ParameterError("format", f"the ending of {args.output.name} tells none", "give --format")
    node = open_node(load(config_file(args)))
    try:
        layer = stored_layer(node, args.layer)
        progress = Progress(args.json)
        options = ExportOptions(
            format=kind,
            crs=args.crs,
            criteria=_criteria(args, node),
            names=args.names,
            language=args.lang,
            encoding=args.encoding,
            overwrite=args.overwrite,
            progress=progress.show,
        )
        done = export_layer(node.store, layer, args.output, options)
        progress.end()
    finally:
        node.close()
    _print(done, args)
    return 0


def _criteria(args: argparse.Namespace, node: "Node") -> "Criteria":
    """The filters of the command line, read as the query parameters of the same names are."""
    from server import params
    from store.criteria import CRS84, Criteria
    from store.crs import resolve

    layer = stored_layer(node, args.layer)
    pairs = []
    for text in args.where:
        name, sign, value = text.partition("=")
        attribute = next((one for one in layer.attributes if name in (one.name, one.code)), None)
        if not sign or attribute is None:
            known = ", ".join(one.name for one in layer.attributes)
            raise ParameterError("where", f"'{text}' is not PROPERTY=VALUE of this layer", f"its properties: {known}")
        pairs.append((attribute.name, params.equals(layer, attribute.name, value)))
    box = params.bbox(args.bbox, resolve(CRS84)) if args.bbox else None
    if args.bbox and box is None:
        raise ParameterError("bbox", f"nothing can lie in {args.bbox}", "give degrees: west,south,east,north")
    valid = params.moment(args.datetime, node.zone) if args.datetime else None
    return Criteria(equals=tuple(pairs), box=box, valid=valid, filter=_filter(args.filter, layer, node))


def _filter(given: str | None, layer: "Layer", node: "Node") -> "Filter | None":
    """The filter of the command line: CQL2 text, or JSON where it begins with a brace."""
    if given is None:
        return None
    from store.filters import read

    if given.startswith("@"):
        try:
            given = Path(given[1:]).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as err:
            raise ParameterError("filter", f"{given[1:]} cannot be read: {err}", "name a text file in UTF-8") from err
    language = "cql2-json" if given.lstrip().startswith("{") else "cql2-text"
    return read(given, language, layer, vocabulary=node.registry)


def _print(done: "Exported", args: argparse.Namespace) -> None:
    import orjson

    if args.json:
        sys.stdout.buffer.write(orjson.dumps(done.as_json(), option=orjson.OPT_INDENT_2) + b"\n")
        return
    words = {
        "zh": (
            "已写出 {rows:,} 个要素到 {path}（{crs}，{bytes:,} 字节）",
            "{name} 有 {count} 个值超过 254 字节，已截断",
        ),
        "en": (
            "{rows:,} features written to {path} ({crs}, {bytes:,} bytes)",
            "{count} values of {name} cut at 254 bytes",
        ),
    }[args.lang]
    print(words[0].format(rows=done.rows, path=done.path, crs=done.crs or "-", bytes=done.bytes))
    for name, count in done.cut.items():
        print(words[1].format(name=name, count=count), file=sys.stderr)
