"""QGIS, headless, in the distribution's own Python."""

import json
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest

PYTHON = "/usr/bin/python3"
COLLECTION = "plan-green-line"


def test_qgis_opens_pages_and_places_a_layer(demo: str) -> None:
    there = (
        Path(PYTHON).exists()
        and subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True).returncode == 0
    )
    if not there:
        pytest.skip("QGIS is not installed (Debian: python3-qgis qgis-providers)")
    script = str(Path(__file__).with_name("qgis_session.py"))
    done = subprocess.run([PYTHON, script, demo, COLLECTION], capture_output=True, text=True, timeout=120)
    said = json.loads(done.stdout.strip().splitlines()[-1])
    with urlopen(f"{demo}/collections/{COLLECTION}/items?f=json&limit=1") as answer:
        matched = json.load(answer)["numberMatched"]
    assert said["valid"], done.stderr[-2000:]
    assert said["read"] == said["count"] == matched
    west, south, east, north = said["extent"]
    assert 113 < west < east < 120 and 36 < south < north < 43
    assert 0 < said["in_box"] <= matched and said["all_in_box"]
    assert "division_code" in said["fields"]
