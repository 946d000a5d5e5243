"""GDAL: Debian's programs (OAPIF driver) and the GDAL inside pyogrio, which knows `CRS`."""

import json
import re
import shutil
import subprocess
from urllib.parse import quote
from urllib.request import urlopen

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

COLLECTION = "plan-ecological-redline"


def matched(demo: str, query: str = "") -> int:
    with urlopen(f"{demo}/collections/{COLLECTION}/items?f=json&limit=1&numberMatched=true{query}") as answer:
        return int(json.load(answer)["numberMatched"])


def program(*command: str) -> subprocess.CompletedProcess[str]:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed (Debian: gdal-bin)")
    done = subprocess.run(
        command, capture_output=True, text=True, env={"CPL_DEBUG": "OAPIF,HTTP", "PATH": "/usr/bin:/bin"}
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def test_ogrinfo_opens_and_counts(demo: str) -> None:
    said = program("ogrinfo", "-ro", "-so", "-al", f"OAPIF:{demo}/collections/{COLLECTION}").stdout
    count = re.search(r"Feature Count: (\d+)", said)
    assert count and int(count[1]) == matched(demo)
    west, south, east, north = map(
        float, re.findall(r"Extent: \(([-\d.]+), ([-\d.]+)\) - \(([-\d.]+), ([-\d.]+)\)", said)[0]
    )
    assert 113 < west <= east < 120 and 36 < south <= north < 43
    assert "division_code" in said


def test_ogr2ogr_pages_through_every_feature_once(demo: str) -> None:
    source = f"OAPIF:{demo}/collections/plan-land-use"
    done = program(
        "ogr2ogr", "-f", "GeoJSON", "/vsistdout/", source, "plan-land-use", "-oo", "PAGE_SIZE=1000", "-limit", "3500"
    )
    features = json.loads(done.stdout)["features"]
    assert len(features) == 3500
    assert len({json.dumps(one["properties"]["identifier"]) for one in features}) == 3500


def test_ogr2ogr_sends_the_box_to_the_server(demo: str) -> None:
    box = ("116.5", "38.0", "117.2", "38.6")
    done = program(
        "ogr2ogr", "-f", "GeoJSON", "/vsistdout/", f"OAPIF:{demo}/collections/{COLLECTION}", COLLECTION, "-spat", *box
    )
    assert "bbox=" in done.stderr
    assert len(json.loads(done.stdout)["features"]) == matched(demo, f"&bbox={','.join(box)}")


def test_ogr2ogr_sends_comparisons_as_parameters_and_does_the_rest_itself(demo: str) -> None:
    """GDAL knows no CQL2: of a WHERE it sends what the API definition lists as parameters, here one equality."""
    layer, where = "plan-green-line", "green_type = 'protective' AND area > 20000"
    done = program(
        "ogr2ogr", "-f", "GeoJSON", "/vsistdout/", f"OAPIF:{demo}/collections/{layer}", layer, "-where", where
    )
    assert "green_type=protective" in done.stderr
    assert "Only part of the filter will be evaluated on server side" in done.stderr
    query = f"f=json&limit=1&numberMatched=true&filter={quote(where)}"
    with urlopen(f"{demo}/collections/{layer}/items?{query}") as answer:
        assert len(json.loads(done.stdout)["features"]) == json.load(answer)["numberMatched"] > 0


def _operation(crs: pyproj.CRS) -> list[float] | None:
    return [one.value for one in crs.coordinate_operation.params] if crs.coordinate_operation else None


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4548", "EPSG:4527"])
def test_gdal_reads_each_crs_in_the_right_place(demo: str, crs: str) -> None:
    source = f"OAPIF:{demo}/collections/{COLLECTION}"
    plain = pyogrio.read_dataframe(source, layer=COLLECTION, max_features=20).set_index("identifier")
    other = pyogrio.read_dataframe(source, layer=COLLECTION, max_features=20, CRS=crs).set_index("identifier")
    # The 6 degree zone of the same meridian has another code and the same meaning.
    assert _operation(other.crs) == _operation(pyproj.CRS(crs))
    back = other.to_crs(4490).geometry.reindex(plain.index)
    ours, theirs = (shapely.get_coordinates(one.values) for one in (plain.geometry, back))
    np.testing.assert_allclose(ours, theirs, atol=2e-8)
