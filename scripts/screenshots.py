"""Takes the dashboard's pictures for the README, in both themes, of a swarm that has charged for a while.

`make screenshots`, after a change of what the page looks like; it takes about two minutes and needs a Chromium.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page, ViewportSize

sys.path.insert(0, str(Path(__file__).parent.parent))

from scripts import chromium

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
THEMES: dict[str, Literal["light", "dark"]] = {"dashboard.png": "light", "dashboard-dark.png": "dark"}
SIZE: ViewportSize = {"width": 1280, "height": 1120}
STATIONS = 40
SWARM = (
    f"--autostart -u {STATIONS} -r 4 --seed 2026 --time-scale 20 --peak-hours none --price 22 "
    "--station-profile default:5,busy:3,idle:1,flaky:1 --history none --metrics-port 0"
).split()
LIVELY_S = 90  # at 20 times the speed half an hour of charging
_START_S = 30


def main() -> int:
    """Write the pictures; 1 without a browser."""
    try:
        chromium.find()
    except chromium.NoBrowser as reason:
        print(reason, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, swarm(Path(folder)) as url:
        wait_until_lively(url)
        take(url)
    return 0


@contextmanager
def swarm(folder: Path) -> Iterator[str]:
    """The URL of a Locust whose stations charge at a CSMS of its own; both end with it."""
    web, central = free_port(), free_port()
    bin_folder = Path(sys.executable).parent
    csms = [sys.executable, "-m", "csms", "--port", str(central)]
    listening = ["--web-host", "127.0.0.1", "--web-port", str(web), "-H", f"ws://127.0.0.1:{central}/ocpp"]
    locust = [str(bin_folder / "locust"), "-f", str(ROOT / "locustfile.py"), *listening, *SWARM]
    log = (folder / "log").open("wb")
    with log, child(csms, ROOT, log), child(locust, folder, log):
        yield f"http://127.0.0.1:{web}"


@contextmanager
def child(command: list[str], folder: Path, log: Any) -> Iterator[None]:
    """A process that ends with the block."""
    with subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def wait_until_lively(url: str) -> None:
    """All stations are there and a while has passed; raises TimeoutError."""
    began = time.monotonic()
    while running(url) < STATIONS:
        if time.monotonic() - began > _START_S:
            raise TimeoutError(f"the swarm has not started within {_START_S} s")
        time.sleep(0.5)
    time.sleep(LIVELY_S)


def running(url: str) -> int:
    """How many stations run; none while nobody answers."""
    try:
        with urllib.request.urlopen(f"{url}/api/v1/overview", timeout=5) as answer:
            found: int = json.load(answer)["run"]["stations"]["running"]
            return found
    except OSError:
        return 0


def take(url: str) -> None:
    """One picture per theme."""
    with chromium.running() as browser:
        for name, theme in THEMES.items():
            page = browser.new_page(viewport=SIZE, color_scheme=theme, reduced_motion="reduce")
            page.goto(f"{url}/dashboard")
            arrange(page)
            page.screenshot(path=IMAGES / name)
            page.close()
            print(f"docs/images/{name}")


def arrange(page: Page) -> None:
    """All is there, and what the browser's own start cost the stations is over."""
    page.locator("tr[data-station]").nth(STATIONS - 1).wait_for(state="attached")
    page.locator("#verdict[data-level=good]").wait_for(timeout=60_000)
    page.evaluate("document.fonts.ready")


def free_port() -> int:
    """One that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
