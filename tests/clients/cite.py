"""OGC's executable test suites against a running server: `python -m tests.clients.cite features http://localhost:8080`.

Needs Java 17 and the all-in-one jar: in the folder that CITE_JARS names (default: `cite` in the user's cache), else
Maven is asked for it. Prints a line for each test; exit status 0 all passed, 1 a test failed, 2 the suite did not run.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

SUITES = {
    "features": ("ets-ogcapi-features10", "1.9", {"noofcollections": "3"}),
    "processes": ("ets-ogcapi-processes10", "1.3", {"echoprocessid": "echo"}),
    "tiles": ("ets-ogcapi-tiles10", "1.2", {}),
}


class SuiteError(Exception):
    """The suite could not be run, so nothing is known of the server."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test method: PASS, FAIL or SKIP, what it was given, and why it did not pass."""

    name: str
    status: str
    argument: str
    message: str


def jar(suite: str) -> Path:
    """The suite's jar.

    Raises:
        SuiteError: neither in the folder nor to be had from Maven.
    """
    artifact, version, _ = SUITES[suite]
    folder = Path(os.environ.get("CITE_JARS", Path.home() / ".cache" / "cite"))
    path = folder / f"{artifact}-{version}-aio.jar"
    if path.is_file():
        return path
    if shutil.which("mvn") and shutil.which("java"):
        plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
        coordinates = f"-Dartifact=org.opengis.cite:{artifact}:{version}:jar:aio"
        subprocess.run(["mvn", "-B", "-q", plugin, coordinates, f"-DoutputDirectory={folder}"], capture_output=True)
    if not path.is_file():
        raise SuiteError(f"{path.name} is not at hand: put it into {folder}, or name its folder in CITE_JARS")
    return path


def tile_parameters(base: str, tms: str = "WebMercatorQuad") -> dict[str, str]:
    """What the Tiles suite must be told: the template of the dataset's tiles, and one of them that is not empty.

    Raises:
        SuiteError: the server has no tiles, or none with content where its data are.
    """
    place = f"{base.rstrip('/')}/tiles/{tms}"
    try:
        with urllib.request.urlopen(f"{place}?f=json") as answer:
            about = json.load(answer)
        matrix = about["centerPoint"]["tileMatrix"]
        limits = next(one for one in about["tileMatrixSetLimits"] if one["tileMatrix"] == matrix)
        for row in range(limits["minTileRow"], limits["maxTileRow"] + 1):
            for col in range(limits["minTileCol"], limits["maxTileCol"] + 1):
                with urllib.request.urlopen(f"{place}/{matrix}/{row}/{col}?f=mvt") as answer:
                    if answer.status == 200:
                        rows = {"mintilerow": str(row), "maxtilerow": str(row)}
                        cols = {"mintilecol": str(col), "maxtilecol": str(col)}
                        template = f"{place}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt"
                        uri = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{tms}"
                        told = {"tilematrixsetdefinitionuri": uri, "urltemplatefortiles": template}
                        return told | {"tilematrix": matrix} | rows | cols
    except (OSError, KeyError, StopIteration) as error:
        raise SuiteError(f"{place} says nothing of its tiles: {error!r}") from error
    raise SuiteError(f"{place} has no tile with content in matrix {matrix}")


def outcomes(results: Path) -> list[Outcome]:
    found = []
    for cls in ElementTree.parse(results).getroot().iter("class"):
        for method in cls.iter("test-method"):
            status = method.get("status", "")
            if method.get("is-config") == "true" and status != "FAIL":
                continue
            name = f"{cls.get('name', '').rpartition('.')[2]}.{method.get('name')}"
            argument = " ".join((value.text or "").strip() for value in method.findall("./params/param/value"))
            found.append(
                Outcome(name, status, argument, " ".join((method.findtext("./exception/message") or "").split()))
            )
    return found


def run(suite: str, base: str, parameters: dict[str, str] | None = None, seconds: float = 900) -> list[Outcome]:
    """Every test's outcome.

    Raises:
        SuiteError: no jar, no Java, no end, or no result.
    """
    program = jar(suite)
    told = tile_parameters(base) if suite == "tiles" else {}
    entries = {"iut": base.rstrip("/"), **SUITES[suite][2], **told, **(parameters or {})}
    with tempfile.TemporaryDirectory(prefix="cite-") as folder:
        # No DOCTYPE: the runner would try to fetch it.
        rows = "".join(f'<entry key="{escape(key)}">{escape(value)}</entry>' for key, value in entries.items())
        properties = Path(folder) / "run.xml"
        properties.write_text(f'<?xml version="1.0" encoding="UTF-8"?><properties version="1.0">{rows}</properties>')
        command = ["java", "-jar", str(program), "-o", folder, str(properties)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SuiteError(f"the suite did not run to its end: {error}") from error
        results = sorted(Path(folder).glob("testng/*/testng-results.xml"))
        if not results:
            raise SuiteError(f"the suite left no result: {done.stdout[-500:]}{done.stderr[-500:]}")
        return outcomes(results[-1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", choices=SUITES)
    parser.add_argument("base", help="landing page of the server under test")
    parser.add_argument("-p", "--parameter", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    try:
        found = run(options.suite, options.base, dict(pair.split("=", 1) for pair in options.parameter))
    except SuiteError as error:
        print(f"ERROR {error}", file=sys.stderr)
        return 2
    for one in found:
        print(f"{one.status:5} {one.name} {one.argument[:90]}".rstrip())
        if one.message and one.status != "PASS":
            print(f"      {one.message[:600]}")
    count = {status: sum(one.status == status for one in found) for status in ("PASS", "FAIL", "SKIP")}
    print(f"{options.suite}: {count['PASS']} passed, {count['FAIL']} failed, {count['SKIP']} skipped")
    return 1 if count["FAIL"] or not count["PASS"] else 0


if __name__ == "__main__":
    sys.exit(main())
