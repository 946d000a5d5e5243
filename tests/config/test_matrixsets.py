"""Tile matrix sets: the shipped ones are sound, and every fault of a file is told."""

import json
from pathlib import Path

import pytest

from config import matrixsets
from config.errors import DefinitionError


def test_shipped():
    sets = matrixsets.load()
    assert {"WebMercatorQuad", "WorldCRS84Quad", "CGCS2000Quad", "TiandituC", "CGCS2000GK3CM117E"} <= set(sets)
    for one in sets.values():
        for matrix in one.matrices.values():
            assert matrix.scale * 0.00028 == pytest.approx(matrix.cell * _metres(one.crs), rel=1e-9)


def _metres(crs: str) -> float:
    return 111319.49079327358 if crs.endswith(("CRS84", "/4490")) else 1.0


def test_a_new_set_is_a_new_file(tmp_path: Path):
    made = json.loads((matrixsets._SHIPPED / "CGCS2000GK3CM117E.json").read_text())
    made |= {"id": "Mine", "tileMatrices": made["tileMatrices"][:3]}
    _write(tmp_path, "Mine", made)
    sets = matrixsets.load(tmp_path)
    assert len(sets["Mine"].matrices) == 3
    assert "WebMercatorQuad" in sets


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"id": "Other"}, "is not the file's name"),
        ({"crs": 4490}, "crs is no URI"),
        ({"tileMatrices": []}, "has no tileMatrices"),
        ({"tileMatrices": [{"id": 0}]}, "id is no text"),
        ({"tileMatrices": [1]}, "is no object"),
    ],
)
def test_faults(tmp_path: Path, change: dict[str, object], what: str):
    made = json.loads((matrixsets._SHIPPED / "CGCS2000Quad.json").read_text())
    _write(tmp_path, "Mine", made | {"id": "Mine"} | change)
    with pytest.raises(DefinitionError, match=what):
        matrixsets.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"cellSize": 0}, "cellSize is no positive number"),
        ({"scaleDenominator": "1"}, "scaleDenominator is no positive number"),
        ({"pointOfOrigin": [1]}, "no pair of numbers"),
        ({"matrixWidth": 0}, "matrixWidth"),
        ({"cornerOfOrigin": "bottomLeft"}, "cornerOfOrigin"),
        ({"variableMatrixWidths": [{"coalesce": 2}]}, "variableMatrixWidths"),
    ],
)
def test_faults_of_a_matrix(tmp_path: Path, change: dict[str, object], what: str):
    made = json.loads((matrixsets._SHIPPED / "CGCS2000Quad.json").read_text())
    made["tileMatrices"][0] |= change
    _write(tmp_path, "Mine", made | {"id": "Mine"})
    with pytest.raises(DefinitionError, match=what):
        matrixsets.load(tmp_path)


def test_no_json(tmp_path: Path):
    (tmp_path / matrixsets.FOLDER).mkdir()
    (tmp_path / matrixsets.FOLDER / "Mine.json").write_text("{")
    with pytest.raises(DefinitionError, match="is no JSON"):
        matrixsets.load(tmp_path)


def _write(folder: Path, id: str, data: object) -> None:
    (folder / matrixsets.FOLDER).mkdir()
    (folder / matrixsets.FOLDER / f"{id}.json").write_text(json.dumps(data))
