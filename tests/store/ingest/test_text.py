"""Text encodings: declared, found, guessed, and the one value that does not decode."""

import csv
from pathlib import Path

import pytest

from store.ingest.dbase import detect, guess, named
from store.ingest.mapping import MappingFile
from store.ingest.problems import RefusedError
from store.ingest.source import ReadOptions
from tests.store.ingest import fake
from tests.store.ingest.support import codes, load, square, write

SQUARES = [square(n) for n in range(3)]
NAMES = ["沧州市新华区", "运河", "沧县"]


def shapefile(tmp_path: Path, encoding: str, cpg: str | None, names: list[str] = NAMES) -> Path:
    path = tmp_path / "a.shp"
    columns = {"BSM": ["A", "B", "C"], "YDYHFLDM": ["07"] * 3, "名称": names}
    write(path, SQUARES, columns, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    return path


@pytest.mark.parametrize(
    ("encoding", "cpg", "guessed"),
    [
        ("GBK", None, True),
        ("GBK", "GBK", False),
        ("GBK", "936", False),
        ("GBK", "GB2312\r\n", False),
        ("UTF-8", None, True),
        ("UTF-8", "UTF-8", False),
        ("UTF-8", "65001", False),
    ],
)
def test_shapefiles(tmp_path: Path, encoding: str, cpg: str | None, guessed: bool) -> None:
    store = fake.FakeStore()
    outcome = load(shapefile(tmp_path, encoding, cpg), store)
    assert outcome.passed, outcome.as_text("en")
    assert codes(outcome) == ({"encoding-guessed"} if guessed else set())
    assert [values["name"] for _, values in store.rows.values()] == NAMES
    assert outcome.about.encoding == encoding


def test_wrong_declaration_is_found_per_feature(tmp_path: Path) -> None:
    """A .cpg that says UTF-8 over GBK text: each value that is not UTF-8 is named, and the operator may overrule."""
    path = shapefile(tmp_path, "GBK", "UTF-8", ["沧州市新华区", "plain", "沧县"])
    outcome = load(path)
    assert "text-undecodable" in codes(outcome)
    assert [one.params["value"] for one in outcome.log.kept["text-undecodable"]] == ["c3 fb b3 c6"]  # 名称
    mapped = load(path, mapping=MappingFile(columns={"Ãû³Æ": "name"}))
    assert [one.row for one in mapped.log.kept["text-undecodable"]] == [None, 1, 3]
    assert load(path, read=ReadOptions(encoding="GBK")).passed


def test_one_broken_value(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "GBK", "GBK")
    dbf = path.with_suffix(".dbf")
    broken = dbf.read_bytes().replace("运河".encode("gbk"), b"\xd4\xff\xff\xd3")
    dbf.write_bytes(broken)
    outcome = load(path)
    assert codes(outcome) == {"text-undecodable"}
    found = outcome.log.kept["text-undecodable"][0]
    assert (found.row, found.feature, found.attribute) == (2, "B", "名称")
    assert found.place is not None


def test_value_cut_in_the_middle_of_a_character(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "GBK", "GBK")
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace("运河".encode("gbk"), "运".encode("gbk") + b"\xba "))
    store = fake.FakeStore()
    outcome = load(path, store)
    assert outcome.passed and codes(outcome) == {"text-truncated"}
    assert store.rows["B"][1]["name"] == "运"


def test_broken_text_that_nobody_loads_does_not_matter(tmp_path: Path) -> None:
    columns = {"BSM": ["A"], "YDYHFLDM": ["07"], "OBJECTID": ["运河"]}
    path = tmp_path / "a.shp"
    write(path, SQUARES[:1], columns, encoding="GBK")
    path.with_suffix(".cpg").write_text("UTF-8")
    assert load(path).passed


def test_csv_with_a_broken_value_and_too_many_values(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [["BSM", "YDYHFLDM", "MC", "WKT"], ["A", "07", "甲", SQUARES[0].wkt], ["B", "07", "乙", SQUARES[1].wkt]]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*rows, ["C", "07", "丙", "POINT (", "extra"]])
    path.write_bytes(path.read_bytes().replace("乙".encode(), b"\xff\xfe"))
    outcome = load(path, crs="EPSG:4490", read=ReadOptions(encoding="UTF-8"))
    assert codes(outcome) == {"text-undecodable", "record-broken", "geometry-unreadable"}
    assert outcome.log.kept["text-undecodable"][0].feature == "B"
    assert outcome.log.kept["record-broken"][0].row == 3


def test_detection() -> None:
    assert guess(b"plain").title == "UTF-8" and not guess(b"plain").guessed
    assert guess("新华".encode()[:-1]).title == "UTF-8"
    assert guess("新华区".encode("gbk")).title == "GBK"
    assert named("936").codec == "gb18030" and named("OEM 936").title == "GBK"
    header = bytearray(b"\x03" + b"\0" * 7 + (65).to_bytes(2, "little") + b"\0" * 55) + "新华".encode("gbk")
    assert detect(None, bytes(header)).guessed
    header[29] = 0x4D
    assert detect(None, bytes(header)).title == "GBK" and not detect(None, bytes(header)).guessed
    with pytest.raises(RefusedError):
        named("klingon")
