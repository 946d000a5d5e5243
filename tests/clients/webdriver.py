"""A small client of the W3C WebDriver protocol, as chromedriver speaks it over plain HTTP: one headless Chromium."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.peers import free_port

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--force-prefers-reduced-motion",  # else the page still scrolls when the click comes
)  # fmt: skip


def missing() -> str:
    """Which program is not installed; empty when both are."""
    driver = shutil.which("chromedriver")
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return "" if driver and browser else "chromedriver" if browser else "Chromium"


class Browser:
    """One session. Scripts run in the page; their `return` value comes back as JSON."""

    def __init__(self, address: str) -> None:
        self._address = address
        options: dict[str, Any] = {"args": list(_ARGUMENTS)}
        found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        options["binary"] = found
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        made = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{made['sessionId']}"
        self.post("/timeouts", {"pageLoad": 20_000, "script": 10_000})

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {json.load(error)['value']['message'][:400]}") from None

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._call("POST", self._session + path, body)

    def command(self, name: str, **parameters: Any) -> Any:
        """A command of Chromium's own DevTools protocol."""
        return self.post("/goog/cdp/execute", {"cmd": name, "params": parameters})

    def resize(self, width: int, height: int) -> None:
        """The size of the viewport in CSS pixels, which may be narrower than any window."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )

    def languages(self, value: str) -> None:
        """What `Accept-Language` says from now on."""
        self.command("Network.setExtraHTTPHeaders", headers={"Accept-Language": value})

    def open(self, address: str) -> None:
        """Returns when the page and all that it names has been loaded."""
        self.post("/url", {"url": address})

    def run(self, script: str, *arguments: object) -> Any:
        return self.post("/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script: str, seconds: float = 10) -> Any:
        """What the script returns as soon as that is true."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                value = self.run(script)
            except RuntimeError:  # the page is being left
                value = None
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {script}")

    def click(self, selector: str) -> None:
        """A real click, at the element's place on the screen: refused when something lies over it."""
        found = self.post("/element", {"using": "css selector", "value": selector})
        self.post(f"/element/{found[_ELEMENT]}/click", {})

    def follow(self, selector: str) -> None:
        """A click that leads to another page, which is waited for."""
        self.run("window.left = true")
        self.click(selector)
        self.wait("return !window.left && document.readyState === 'complete'")

    def type(self, selector: str, text: str) -> None:
        """Keys pressed one after the other in a field; special keys by their code points."""
        found = self.post("/element", {"using": "css selector", "value": selector})
        self.post(f"/element/{found[_ELEMENT]}/value", {"text": text})

    def press(self, key: str) -> None:
        """One key, down and up."""
        strokes = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.post("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def log(self, kind: str) -> list[dict[str, Any]]:
        """What was written to `browser` (the console) or `performance` since the last call."""
        entries: list[dict[str, Any]] = self.post("/se/log", {"type": kind})
        return entries

    def requests(self) -> list[str]:
        """Addresses that were asked for since the last call."""
        found = [json.loads(one["message"])["message"] for one in self.log("performance")]
        return [one["params"]["request"]["url"] for one in found if one["method"] == "Network.requestWillBeSent"]

    def screenshot(self, path: Path) -> None:
        """The viewport as PNG."""
        taken = self.command("Page.captureScreenshot", format="png")
        path.write_bytes(b64decode(taken["data"]))

    def close(self) -> None:
        self._call("DELETE", self._session)


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser from its start until the block ends; the driver writes its log below `folder`."""
    port = free_port()
    with (folder / "chromedriver.log").open("wb") as log:
        driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}")
        made = Browser(f"http://127.0.0.1:{port}")
        try:
            yield made
        finally:
            made.close()
    finally:
        driver.terminate()
        driver.wait(10)


def _wait_for(address: str) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"{address}/status", timeout=5):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
