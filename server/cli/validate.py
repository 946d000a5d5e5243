"""Check definitions: layers, attributes, code lists, divisions.

Reads a folder of definitions as the server would, and prints every fault as FILE:LINE with what is wrong and what
would be right. Nothing is loaded or changed. Without PATH it checks the definitions that came with the program;
the name of one file checks its whole folder and prints that file's faults.

examples:
  duogui validate                                        the definitions of this checkout
  duogui validate local/collections                      a locality's own
  duogui validate collections/planning/plan-green-line.yaml
  duogui validate --json | python -m json.tool           for scripts

exit codes: 0 no faults; 1 faults were printed; 2 no such folder.
How a layer file is written: docs/layers.md
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from config import matrixsets
from config.chinese import faults
from config.errors import DefinitionError, Fault
from config.registry import Registry, check

NAME = "validate"
HELP = "check layer definitions, code lists and divisions"

_OWN = Path(__file__).resolve().parents[2] / "collections"

_SOUND = {
    "zh": "{layers}个图层、{codelists}个代码表、{divisions}个行政区划代码，没有错误",
    "en": "{layers} layers, {codelists} code lists, {divisions} division codes: no faults",
}
_FAULTY = {"zh": "{count}处错误", "en": "{count} fault(s)"}
_HIDDEN = {
    "zh": "该文件本身没有错误；其他文件有{count}处错误，改正后才能检查相互引用",
    "en": "no faults in the file itself; {count} fault(s) in other files keep references from being checked",
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", type=Path, default=_OWN, help="a folder of definitions, or a file in one")


def run(args: argparse.Namespace) -> int:
    folder, only = _folder(args.path)
    registry, found = check(folder)
    if wrong := matrixsets.check(folder)[1]:
        registry, found = None, found + wrong
    shown = faults((one for one in found if only in (None, one.where, one.where.rpartition(":")[0])), args.lang)
    if args.json:
        print(json.dumps(_as_json(folder, registry, shown), ensure_ascii=False))
    else:
        for fault in shown:
            print(fault)
        print(_summary(args.lang, registry, len(shown), len(found)))
    return 1 if found else 0


def _folder(path: Path) -> tuple[Path, str | None]:
    """The folder of definitions, and the file in it that was asked for.

    Raises:
        DefinitionError: there is no such folder, or the file lies in none.
    """
    if path.is_dir():
        return path, None
    if path.is_file():
        for folder in path.resolve().parents:
            if (folder / "attributes.yaml").is_file():
                return folder, path.resolve().relative_to(folder).as_posix()
    raise DefinitionError(f"{path} is no folder of definitions, nor a file in one (which holds attributes.yaml)")


def _summary(language: str, registry: Registry | None, shown: int, found: int) -> str:
    if registry is None:
        return _FAULTY[language].format(count=shown) if shown else _HIDDEN[language].format(count=found)
    layers, codelists, divisions = len(registry.layers), len(registry.codelists), len(registry.divisions)
    return _SOUND[language].format(layers=layers, codelists=codelists, divisions=divisions)


def _as_json(folder: Path, registry: Registry | None, faults: Sequence[Fault]) -> dict[str, object]:
    """`{"folder", "valid", "faults": [{"file", "line", "what", "remedy"}], "layers", "codelists", "divisions"}`."""
    listed = []
    for fault in faults:
        file, _, line = fault.where.rpartition(":")
        place = {"file": file, "line": int(line)} if line.isdigit() else {"file": fault.where, "line": None}
        listed.append(place | {"what": fault.what, "remedy": fault.remedy})
    result: dict[str, object] = {"folder": str(folder), "valid": registry is not None, "faults": listed}
    if registry is not None:
        result |= {"layers": len(registry.layers), "codelists": len(registry.codelists)}
        result |= {"divisions": len(registry.divisions), "digest": registry.digest}
    return result
