"""The pictures of docs/images, taken anew from a demo that runs: python -m tests.clients.pictures [ADDRESS]."""

import sys
import tempfile
import time
from pathlib import Path

from tests.clients.webdriver import browser

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
PICTURES = {
    "landing.png": ("/", 1010),
    "items.png": ("/collections/plan-land-use/items?f=html&limit=500&bbox=116.833,38.296,116.887,38.312", 960),
}
WIDTH = 1280


def main(address: str) -> None:
    with tempfile.TemporaryDirectory() as folder, browser(Path(folder)) as window:
        window.languages("en")
        for name, (path, height) in PICTURES.items():
            window.resize(WIDTH, height)
            window.open(address + path)
            window.run("for (const one of document.querySelectorAll('details')) one.open = false")
            time.sleep(1)  # the outline behind the map comes after the page
            window.screenshot(FOLDER / name)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080")
