"""`duogui COMMAND`: finds the command's module, teaches by `--help`, turns errors into exit codes.

Exit codes: 0 done, 1 the input has faults, 2 wrong usage or configuration, 3 the store refuses, 130 interrupted;
`EXIT_CODES` says which error is which.
"""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Protocol, cast

from config.chinese import faults, said
from config.errors import (
    AccessError,
    ConflictError,
    DefinitionError,
    DuoguiError,
    Fault,
    NotFoundError,
    ParameterError,
    StoreError,
)
from config.layers import Language

COMMANDS = ("demo", "serve", "load", "export", "validate", "info", "migrate", "backup", "restore", "pygeoapi_config")
"""Modules of `server.cli`, in the order in which the help lists them. A new command is a new module and a name here."""

EXIT_CODES: tuple[tuple[type[DuoguiError], int], ...] = (
    (StoreError, 3),
    (DefinitionError, 2),
    (ParameterError, 2),
    (NotFoundError, 2),
    (ConflictError, 2),
    (AccessError, 2),
)
"""The first row whose class fits decides; what no row names is a fault in the input: 1."""

EPILOG = """exit codes:
  0    done
  1    the input has faults: what is in a file cannot be loaded or written (the faults are printed)
  2    wrong usage or configuration: no such file, layer or property, an unknown format, an output that exists
  3    the store refuses: it does not fit, is in use or not reachable (what to run is printed)
  130  interrupted

first steps:
  ./duogui demo              make a demo province and serve it on this machine
  ./duogui test              run the tests
  ./duogui COMMAND --help    what a command does, with examples
"""


class Command(Protocol):
    """What a module of `server.cli` offers."""

    NAME: str
    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


def load_command(name: str) -> Command:
    module: ModuleType = importlib.import_module(f"server.cli.{name}")
    return cast(Command, module)


def preferred_language() -> Language:
    """zh or en, from the environment's locale."""
    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if named.startswith("zh") else "en"


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """The parser. With `only`, just that command's module is imported: the others' libraries stay out."""
    parser = argparse.ArgumentParser(
        prog="duogui",
        description="Duogui (多规): one map for many plans, on OGC standards.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        spoken = name.replace("_", "-")
        if only is not None and spoken != only:
            continue
        command = load_command(name)
        sub = commands.add_parser(
            command.NAME,
            help=command.HELP,
            description=command.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.add_argument("--json", action="store_true", help="print the result as JSON")
        sub.add_argument("--lang", choices=("zh", "en"), default=preferred_language(), help="language of texts")
        command.configure(sub)
        sub.set_defaults(run=command.run)
    return parser


def exit_code(error: DuoguiError) -> int:
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)


def report(error: DuoguiError, as_json: bool, language: Language = "en") -> None:
    """Print a refusal in a language: for people on standard error, or as JSON on standard output."""
    message, found = said(error.message, language), faults(error.faults, language)
    if as_json:
        listed = [{"where": one.where, "what": one.what, "remedy": one.remedy} for one in found]
        print(json.dumps({"error": message, "faults": listed}, ensure_ascii=False))
    else:
        print(f"duogui: {DuoguiError(message, *found)}", file=sys.stderr)


def as_typed(error: DuoguiError, args: argparse.Namespace) -> DuoguiError:
    """A fault of a parameter, said of the option of that name if the command has one."""
    if isinstance(error, ParameterError) and hasattr(args, error.parameter):
        (fault,) = error.faults
        return DuoguiError("Wrong usage", Fault(f"--{error.parameter}", fault.what, fault.remedy))
    return error


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    known = {name.replace("_", "-") for name in COMMANDS}
    only = given[0] if given and given[0] in known else None
    args = build_parser(only).parse_args(given)
    try:
        return int(args.run(args))
    except DuoguiError as error:
        report(as_typed(error, args), args.json, args.lang)
        return exit_code(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    sys.exit(main())
