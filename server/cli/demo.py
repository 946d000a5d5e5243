"""Make the demo province if it is not there, and serve it."""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import DefinitionError, Fault

if TYPE_CHECKING:
    from config.settings import Settings

NAME = "demo"
HELP = "make a demo province and serve it on this machine"
WRITER = "DUOGUI_WRITER"
DEFAULT = Path(__file__).parents[2] / "data" / "demo"
LARGEST = 1_000_000

EXAMPLES = """examples:
  duogui demo                              make it (under half a minute) and serve it on http://127.0.0.1:8080/
  duogui demo --port 9000 --data /srv/demo
  duogui demo --size 200000 --data big --no-serve
  duogui info --data big                   what is in it
  duogui demo --editable                   serve it for edits too: docs/editing.md

Everything in it but the division boundaries is synthetic, and says so. truth/ in the data folder lists what is planted.
Ctrl-C stops the server. A making that was interrupted leaves nothing behind that is served: run the command again.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    parser.add_argument("--port", type=int, help="port to listen on (default: 8080)")
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--data", type=Path, default=DEFAULT, metavar="DIR", help="folder of the demo (default: data/demo)"
    )
    parser.add_argument(
        "--size",
        type=int,
        default=0,
        metavar="N",
        help="about so many features: more fields, villages and houses (to 1000000)",
    )
    parser.add_argument("--seed", type=int, default=2017, help="another seed makes another province (default: 2017)")
    parser.add_argument("--no-serve", action="store_true", help="only make it")
    parser.add_argument(
        "--editable",
        action="store_true",
        help="take edits of every collection, with the token in DUOGUI_WRITER (unset: one is made and shown)",
    )


def run(args: argparse.Namespace) -> int:
    from server.demo.make import Order, ensure

    if not 0 <= args.size <= LARGEST:
        raise DefinitionError("The size is not right", Fault("--size", str(args.size), f"0 to {LARGEST}"))
    started = time.monotonic()
    made = ensure(args.data, Order(args.size, args.seed), _progress(args.json, args.lang, started))
    if args.json:
        print(json.dumps({"data": str(args.data), **made}, ensure_ascii=False))
    else:
        print(file=sys.stderr)
        text = "演示省在 {0}：{1} 条记录" if args.lang == "zh" else "the demo province is in {0}: {1} rows"
        print(text.format(args.data, made["features"]))
    return 0 if args.no_serve else _serve(args)


def _progress(quiet: bool, language: str, started: float) -> Callable[[str], None]:
    def say(what: str) -> None:
        if not quiet:
            head = "制作演示省" if language == "zh" else "making the demo province"
            print(f"\r\x1b[K{head} {time.monotonic() - started:5.1f} s  {what}", end="", file=sys.stderr, flush=True)

    return say


def _serve(args: argparse.Namespace) -> int:
    from config.settings import load
    from server.cli.serve import serve_node

    settings = load(args.data / "node.yaml")
    changes = {name: value for name in ("host", "port") if (value := getattr(args, name)) is not None}
    server = settings.server.model_copy(update=changes)
    settings = settings.model_copy(update={"server": server})
    return serve_node(_editable(settings, args.lang) if args.editable else settings)


def _editable(settings: "Settings", language: str) -> "Settings":
    """The same with a writer of everything, whose token the environment has or gets."""
    from config.layers import Theme
    from config.settings import EditingSettings, Writer

    if not os.environ.get(WRITER):  # a token that somebody set is shown to nobody
        os.environ[WRITER] = token = secrets.token_hex(24)
        text = "编辑令牌" if language == "zh" else "token for edits"
        print(f"{text}: Authorization: Bearer {token}", file=sys.stderr)
    writer = Writer(name="demo", token_env=WRITER, themes=tuple(Theme), reads_closed=True)
    return settings.model_copy(update={"editing": EditingSettings(writers=(writer,))})
