"""The tabs of one test."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as BrowserError

from tests.browser.complaints import Complaints
from tests.browser.dashboard import PATIENCE_MS, Dashboard
from tests.e2e.processes import Locust


class Visits:
    """Opens dashboards, each in a browser context of its own, and watches them."""

    def __init__(self, browser: Browser) -> None:
        self.complaints = Complaints()
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def page(self, **options: Any) -> Page:
        """An empty tab; `options` are Playwright's of a browser context, such as `viewport`."""
        context = self._browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        page = context.new_page()
        self.complaints.watch(page)
        return page

    def dashboard(self, swarm: Locust, base: str = "", **options: Any) -> Dashboard:
        """The dashboard in a tab of its own."""
        found = Dashboard(self.page(**options), f"http://127.0.0.1:{swarm.web_port}{base}/dashboard")
        found.open()
        return found

    def end(self, picture: Path) -> list[str]:
        """Close all; gives the complaints."""
        picture.parent.mkdir(parents=True, exist_ok=True)
        pages = [page for context in self._contexts for page in context.pages]
        for number, page in enumerate(pages, 1):
            with suppress(BrowserError):  # one that a test has broken on purpose
                page.screenshot(path=picture.with_name(f"{picture.name}-{number}.png"), timeout=5000)
        for context in self._contexts:
            context.close()
        return self.complaints.left()
