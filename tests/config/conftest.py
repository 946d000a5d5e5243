"""The definitions of the checkout, read once, and a copy that a test may spoil."""

import re
import shutil
from pathlib import Path

import pytest

from config.registry import Registry, load

COLLECTIONS = Path(__file__).resolve().parents[2] / "collections"


@pytest.fixture(scope="session")
def registry() -> Registry:
    return load(COLLECTIONS)


_SMALL = ("planning/plan-green-line.yaml", "planning/plan-blue-line.yaml")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Two layers that relate to each other, and what they and the shared attributes need."""
    folder = tmp_path / "collections"
    texts = {name: (COLLECTIONS / name).read_text("utf-8") for name in ("attributes.yaml", *_SMALL)}
    for name in _SMALL:
        related = "plan-blue-line" if "green" in name else "plan-green-line"
        texts[name] = re.sub(r"related: \[.*\]", f"related: [{related}]", texts[name])
    lists = set(re.findall(r"codelist: ([a-z0-9-]+)", "".join(texts.values()))) - {"divisions"}
    copied = [*(f"codelists/{name}.yaml" for name in lists), "divisions/hebei.yaml", "divisions/nation.yaml"]
    copied += ["divisions/statistics.yaml"]
    for name in (*copied, *texts):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(texts.get(name) or (COLLECTIONS / name).read_text("utf-8"), "utf-8")
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the definitions."""
    return Path(shutil.copytree(COLLECTIONS, tmp_path / "collections"))
