"""Both stores give the very same bytes for the same questions: those of the golden files.

`DUOGUI_WRITE_GOLDEN=1` writes the files anew from the embedded store; read the difference before you keep it.
"""

import json
import os
from pathlib import Path

import pytest

from store.interface import Page
from store.sql import SqlStore
from tests.store import sample
from tests.store.cases import CASES

GOLDEN = Path(__file__).parent / "golden"


def _written(page: Page, count: int) -> str:
    features = "".join(f"  {text},\n" for text in page.features).removesuffix(",\n")
    return f'{{"count":{count},"next":{json.dumps(page.cursor is not None)},"features":[\n{features}\n]}}\n'


@pytest.mark.parametrize("name", CASES)
def test_the_answer_is_the_golden_one(sample_store: SqlStore, name: str) -> None:
    layer, criteria = CASES[name]
    found = _written(sample_store.page(layer, criteria), sample_store.count(layer, criteria))
    file = GOLDEN / f"{name}.json"
    if os.environ.get("DUOGUI_WRITE_GOLDEN") and sample_store.database.sqlite:
        file.write_text(found, encoding="utf8")
    assert json.loads(found)
    assert found == file.read_text(encoding="utf8")


@pytest.mark.parametrize("name", CASES)
def test_the_golden_files_hold_what_the_model_picks(name: str) -> None:
    layer, criteria = CASES[name]
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf8"))
    picked = sample.expected(layer, criteria)
    end = criteria.offset + (criteria.limit or 0)
    assert [one["id"] for one in golden["features"]] == [one.name for one in picked[criteria.offset : end]]
    assert golden["count"] == len(picked)
    assert golden["next"] == (end < len(picked))


def test_there_is_no_golden_file_without_a_question() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(CASES)
