"""Tile matrix sets (OGC 17-083r4) as data: one JSON file each in `collections/tilematrixsets/`, named after its id.

A folder of a locality may bring its own; those that come with the program are there besides. What is served is the
file itself, so it is the JSON encoding of the standard (/req/json-tilematrixset).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from config.errors import DefinitionError, Fault

FOLDER = "tilematrixsets"
_SHIPPED = Path(__file__).resolve().parents[1] / "collections" / FOLDER
_WHOLE = ("tileWidth", "tileHeight", "matrixWidth", "matrixHeight")
_MOST = 2**31


@dataclass(frozen=True, slots=True)
class Matrix:
    """One level. `origin` is the point of its top left corner in the order of the CRS's axes; lengths in CRS units."""

    id: str
    scale: float
    cell: float
    origin: tuple[float, float]
    tile_width: int
    tile_height: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class MatrixSet:
    """A tile matrix set. `uri` names it in a register, if it stands in one; `document` is the file."""

    id: str
    title: str
    uri: str | None
    crs: str
    matrices: Mapping[str, Matrix]
    document: Mapping[str, Any]
    digest: str


def load(directory: Path | None = None) -> Mapping[str, MatrixSet]:
    """All tile matrix sets by id: the shipped ones, then those of a folder of definitions, which go before.

    Raises:
        DefinitionError: with every fault found.
    """
    sets, faults = check(directory)
    if faults:
        raise DefinitionError("The tile matrix sets have faults", *faults)
    return sets


def check(directory: Path | None = None) -> tuple[Mapping[str, MatrixSet], list[Fault]]:
    """As `load`, but gives the faults back."""
    own = None if directory is None else directory / FOLDER
    files = {path.stem: path for path in sorted(_SHIPPED.glob("*.json"))}
    if own is not None and own.resolve() != _SHIPPED:
        files |= {path.stem: path for path in sorted(own.glob("*.json"))}
    found: dict[str, MatrixSet] = {}
    faults: list[Fault] = []
    for stem, path in files.items():
        made = _read(stem, f"{FOLDER}/{path.name}", path.read_bytes())
        if isinstance(made, MatrixSet):
            found[stem] = made
        else:
            faults += made
    return found, faults


@cache
def _read(stem: str, name: str, content: bytes) -> MatrixSet | list[Fault]:
    try:
        data = json.loads(content)
    except ValueError as err:
        return [Fault(name, f"is no JSON: {err}", "see the other files in the folder")]
    faults = _faults(stem, name, data)
    if faults:
        return faults
    matrices = {one["id"]: _matrix(one) for one in data["tileMatrices"]}
    title = data.get("title", stem)
    return MatrixSet(stem, title, data.get("uri"), data["crs"], matrices, data, sha256(content).hexdigest())


def _matrix(data: Mapping[str, Any]) -> Matrix:
    first, second = data["pointOfOrigin"]
    sizes = [data[key] for key in _WHOLE]
    return Matrix(data["id"], float(data["scaleDenominator"]), float(data["cellSize"]), (first, second), *sizes)


def _faults(stem: str, name: str, data: Any) -> list[Fault]:
    """What keeps a document from being a tile matrix set that this program can cut tiles by."""
    if not isinstance(data, dict):
        return [Fault(name, "is no object", "an object with id, crs and tileMatrices")]
    faults = []
    if data.get("id") != stem:
        faults.append(Fault(name, f"the id {data.get('id')!r} is not the file's name", stem))
    if not isinstance(data.get("crs"), str):
        faults.append(Fault(name, "crs is no URI", "http://www.opengis.net/def/crs/EPSG/0/4490"))
    matrices = data.get("tileMatrices")
    if not isinstance(matrices, list) or not matrices:
        return [*faults, Fault(name, "has no tileMatrices", "a list of at least one")]
    seen: set[object] = set()
    for number, one in enumerate(matrices):
        where = f"{name}: tileMatrices[{number}]"
        if not isinstance(one, dict):
            faults.append(Fault(where, "is no object"))
            continue
        faults += [Fault(where, what, remedy) for what, remedy in _matrix_faults(one)]
        if one.get("id") in seen:
            faults.append(Fault(where, f"the id {one.get('id')!r} stands twice", "each once"))
        seen.add(one.get("id"))
    return faults


def _matrix_faults(one: Mapping[str, Any]) -> list[tuple[str, str]]:
    faults = []
    if not isinstance(one.get("id"), str) or not one["id"]:
        faults.append(("id is no text", 'put it in quotes: "0"'))
    wrong = [key for key in ("scaleDenominator", "cellSize") if not _number(one.get(key)) or one[key] <= 0]
    faults += [(f"{key} is no positive number", "see TMS 2.0") for key in wrong]
    origin = one.get("pointOfOrigin")
    if not isinstance(origin, list) or len(origin) != 2 or not all(map(_number, origin)):
        faults.append(("pointOfOrigin is no pair of numbers", "in the order of the CRS's axes"))
    for key in _WHOLE:
        value = one.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _MOST:
            faults.append((f"{key} is no number of tiles or cells", f"an integer from 1 to {_MOST}"))
    if one.get("cornerOfOrigin", "topLeft") != "topLeft":
        faults.append(("cornerOfOrigin is another than topLeft", "topLeft is what this program cuts tiles by"))
    if one.get("variableMatrixWidths"):
        faults.append(("has variableMatrixWidths", "sets of rows of equal length are what this program knows"))
    return faults


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
