"""QGIS, headless: in the distribution's own Python, or by the command that DUOGUI_QGIS names.

QGIS pushes filters down to OGC API Features from 3.32 on (CQL2 text, where the node declares the classes for it; its
spatial functions from 3.44 on, under their present name). An older one reads every feature and filters by itself: the
test says which of the two it saw.
"""

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import urlopen

import pytest

from tests.clients.recorder import recording

COLLECTION = "plan-green-line"
COMMAND = shlex.split(os.environ.get("DUOGUI_QGIS", "/usr/bin/python3"))
PUSHES = 33200
"""The first version that sends filters."""
FILTERS = {
    "\"green_type\" = 'protective'": "green_type = 'protective'",
    '"area" > 20000 AND "division_code" LIKE \'13092%\'': "area > 20000 AND division_code LIKE '13092%'",
}
"""Expressions of QGIS, and the same in CQL2."""


def session(base: str, *filters: str) -> dict[str, Any]:
    """What a session of QGIS saw."""
    there = subprocess.run([*COMMAND, "-c", "import qgis.core"], capture_output=True).returncode == 0
    if not there:
        pytest.skip("QGIS is not installed (Debian: python3-qgis qgis-providers; or DUOGUI_QGIS, a Python that has it)")
    script = Path(__file__).with_name("qgis_session.py").read_text(encoding="utf8")
    command = [*COMMAND, "-", base, COLLECTION, *filters]
    done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip(), done.stderr[-2000:]
    said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return said


def matched(demo: str, filter: str = "true") -> int:
    query = f"f=json&limit=1&numberMatched=true&filter={quote(filter)}"
    with urlopen(f"{demo}/collections/{COLLECTION}/items?{query}") as answer:
        return int(json.load(answer)["numberMatched"])


def test_qgis_opens_pages_and_places_a_layer(demo: str) -> None:
    said = session(demo)
    assert said["valid"]
    assert said["read"] == said["count"] == matched(demo)
    west, south, east, north = said["extent"]
    assert 113 < west < east < 120 and 36 < south < north < 43
    assert 0 < said["in_box"] <= said["read"] and said["all_in_box"]
    assert "division_code" in said["fields"]


def test_qgis_filters_at_the_node_where_it_can(demo: str) -> None:
    with recording(demo) as (base, asked):
        said = session(base, *FILTERS)
    expected = [matched(demo, filter) for filter in FILTERS.values()]
    assert all(0 < one < said["read"] for one in expected)
    assert said["filtered"] == expected
    sent = [parse_qs(urlsplit(one).query).get("filter") for one in asked if f"/{COLLECTION}/items?" in one]
    found = {one[0] for one in sent if one}
    if said["version"] >= PUSHES:
        assert said["subset"] == expected
        assert any(one.endswith("/queryables") or "/queryables?" in one for one in asked)
        for name in ("green_type", "area"):
            assert any(name in one for one in found), found
    else:
        # It knows of no CQL2: the counts above are its own work on all features.
        assert not found
