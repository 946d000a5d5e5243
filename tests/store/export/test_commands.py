"""The two commands as an operator types them, on a small node of its own."""

import json
import shutil
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from server.cli.main import main
from tests.store.ingest.support import square, write

ROOT = Path(__file__).parents[3]
NODE = """
node: {{id: test, division: "130900", level: city, title: {{zh: 测试, en: Test}}}}
store: {{url: "sqlite:///store"}}
collections: {{path: {collections}, include: [plan-land-use, base-admin-area]}}
data_dir: data
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("node")
    shutil.copytree(ROOT / "collections", made / "collections")
    (made / "node.yaml").write_text(NODE.format(collections=made / "collections"), encoding="utf-8")
    assert main(["migrate", "--config", str(made / "node.yaml")]) == 0
    return made


def upload(path: Path, count: int = 4, **changed: list[Any]) -> str:
    columns = {
        "BSM": [f"A{n}" for n in range(count)],
        "XZQDM": ["130902"] * count,
        "YDDM": ["R2"] * count,
        "YDYHFLDM": ["0701"] * count,
        "MJ": [9712.0] * count,
    }
    return write(path, [square(n) for n in range(count)], columns | changed)


def test_load_and_export(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = upload(tmp_path / "a.gpkg")
    node = ["--layer", "plan-land-use", "--data", str(folder)]
    assert main(["load", file, *node, "--dry-run", "--lang", "zh"]) == 0
    assert "检查通过" in capsys.readouterr().out

    report = tmp_path / "report.json"
    assert main(["load", file, *node, "--valid-from", "2026-01-01", "--json", "--report", str(report)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads(report.read_text("utf-8"))
    assert printed["result"]["added"] == 4 and printed["valid_from"] == "2026-01-01"

    assert main(["load", file, *node, "--lang", "en"]) == 1
    assert "id-exists: 4" in capsys.readouterr().out

    out = tmp_path / "out.parquet"
    assert (
        main(["export", str(out), *node, "--crs", "EPSG:4527", "--where", "BSM=A2", "--names", "title", "--lang", "zh"])
        == 0
    )
    assert "已写出 1 个要素" in capsys.readouterr().out
    frame = geopandas.read_parquet(out)
    assert frame["标识码"].tolist() == ["A2"] and frame.crs.to_epsg() == 4527

    west, south, east, north = square(1).buffer(-1e-5).bounds
    box = f"{west},{south},{east},{north}"
    assert main(["export", str(tmp_path / "b.geojson"), *node, "--bbox", box, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 1
    assert main(["export", str(tmp_path / "c.gpkg"), *node, "--datetime", "2025-12-31", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 0


def test_faults_and_exit_codes(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node = ["--config", str(folder / "node.yaml")]
    wrong = upload(tmp_path / "a.gpkg", YDDM=["R2", "R2", "R2", "X9"], BSM=["B0", "B1", "B2", "B3"])
    assert main(["load", wrong, "--layer", "plan-land-use", *node, "--lang", "en"]) == 1
    assert "X9" in capsys.readouterr().out
    assert main(["load", wrong, "--layer", "plan-land-use", *node, "--accept", "code-not-in-list"]) == 2
    assert "cannot be accepted" in capsys.readouterr().err
    (tmp_path / "m.yaml").write_text("column: {}\n")
    assert main(["load", wrong, "--layer", "plan-land-use", *node, "--mapping", str(tmp_path / "m.yaml")]) == 2


def test_wrong_usage_is_told_from_faults_in_the_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = ["--config", str(folder / "node.yaml")]
    target = ["--layer", "plan-land-use", *node]
    (tmp_path / "there.gpkg").write_bytes(b"x")
    for command, said in (
        (["load", upload(tmp_path / "a.gpkg"), "--layer", "plan-land-us", *node], "near: plan-land-use; `duogui info"),
        (["load", str(tmp_path / "none.shp"), *target], "none.shp: not found"),
        (["load", "https://example.org/a.gpkg", *target], "name a file on this machine"),
        (["export", str(tmp_path / "x.gpkg"), "--layer", "nope", *node], "`duogui info"),
        (["export", str(tmp_path / "x.docx"), *target], "--format"),
        (["export", str(tmp_path / "x.gpkg"), *target, "--where", "colour=red"], "--where: 'colour=red' is"),
        (["export", str(tmp_path / "x.gpkg"), *target, "--where", "area=red"], "number"),
        (["export", str(tmp_path / "x.gpkg"), *target, "--bbox", "a,b,c,d"], "bbox"),
        (["export", str(tmp_path / "x.gpkg"), *target, "--datetime", "soon"], "datetime"),
        (["export", str(tmp_path / "x.gpkg"), *target, "--crs", "EPSG:2363"], "--crs: Xian 1980"),
        (["export", str(tmp_path / "there.gpkg"), *target], "--overwrite"),
        (["export", str(tmp_path / "no" / "x.gpkg"), *target], "no such folder"),
    ):
        assert main(command) == 2, command
        error = capsys.readouterr().err
        assert said in error and "see /" not in error
    assert not list(tmp_path.glob("x.*"))
    (tmp_path / "empty.gpkg").write_bytes(b"")
    (tmp_path / "broken.zip").write_bytes(b"PK no")
    for name in ("empty.gpkg", "broken.zip"):
        assert main(["load", str(tmp_path / name), *target]) == 1


def test_mapping_file_gives_what_the_command_line_may_say(folder: Path, tmp_path: Path) -> None:
    """A GBK Shapefile without declared datum: encoding, datum and columns by the mapping file alone."""
    columns = {"图斑号": ["C0"], "地类": ["住宅"]}
    path = Path(write(tmp_path / "a.shp", [square(20)], columns, crs=None, encoding="GBK"))
    path.with_suffix(".cpg").unlink()
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "columns: {图斑号: identifier, 地类: land_use_code}\nvalues: {land_use_code: {住宅: R2}}\n"
        "constants: {division_code: '130902', territorial_use_code: '0701', area: 9712}\n"
        "encoding: GBK\ndatum: cgcs2000\n",
        encoding="utf-8",
    )
    node = ["--layer", "plan-land-use", "--data", str(folder)]
    assert main(["load", str(path), *node]) == 1
    assert main(["load", str(path), *node, "--mapping", str(mapping)]) == 0
    assert main(["export", str(tmp_path / "o.gpkg"), *node, "--where", "identifier=C0"]) == 0
    assert shapely.hausdorff_distance(geopandas.read_file(tmp_path / "o.gpkg").geometry[0], square(20)) < 2e-9
