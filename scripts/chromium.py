"""A headless Chromium for the tests of the dashboard, its screenshots and its benchmarks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

_FINDER = Path(__file__).with_name("browser.sh")


class NoBrowser(Exception):
    """There is no Chromium on this machine; the text says what would help."""


def find() -> str:
    """The path of a Chromium that runs; raises `NoBrowser`."""
    found = subprocess.run([str(_FINDER)], capture_output=True, text=True)
    if found.returncode != 0:
        raise NoBrowser(found.stderr.strip())
    return found.stdout.strip()


@contextmanager
def running() -> Iterator[Browser]:
    """A headless one, closed at the end; raises `NoBrowser`."""
    path = find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        try:
            yield browser
        finally:
            browser.close()
