"""A browser that looks at the dashboard: how soon it shows something, and what a second of looking costs both sides."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.programs.usage import Window, arguments, report
from benchmarks.programs.wire import HOST
from scripts import chromium

_ROWS = 50  # of the page that is shown first
_WARM_UP_TICKS = 3
_LONGEST_IDLE_S = 30.0
_PATIENCE_MS = 20_000
_WORK = {"tick_ms": "TaskDuration", "tick_script_ms": "ScriptDuration", "tick_layout_ms": "LayoutDuration"}
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_FILLED = f"document.querySelectorAll('tr[data-station]').length >= {_ROWS} && performance.now()"


class Tab:
    """The page, and what Chromium's DevTools know of it."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(error.message))
        self._tools = self.page.context.new_cdp_session(self.page)
        # CPU time of the thread: the machine's other work does not count.
        self._tools.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.page.goto(url)
        self.rows_ms = self._moment(_FILLED)
        self.paint_ms = self._moment(_PAINTED)

    def worked_s(self) -> dict[str, float]:
        """CPU seconds of the main thread so far, of all tasks and of some kinds."""
        metrics = {row["name"]: row["value"] for row in self._tools.send("Performance.getMetrics")["metrics"]}
        return {figure: float(metrics[metric]) for figure, metric in _WORK.items()}

    def heap_bytes(self) -> float:
        """Of JavaScript, without what is garbage."""
        self._tools.send("HeapProfiler.collectGarbage")
        return float(self._tools.send("Runtime.getHeapUsage")["usedSize"])

    def tick(self) -> None:
        """Wait for the next refresh."""
        with self.page.expect_response(lambda answer: "/api/v1/overview" in answer.url, timeout=_PATIENCE_MS) as found:
            pass
        if found.value.status != 200:
            raise RuntimeError(f"{found.value.url}: {found.value.status}")

    def _moment(self, expression: str) -> float:
        """Milliseconds from the navigation on."""
        found: float = self.page.wait_for_function(expression, timeout=_PATIENCE_MS).json_value()
        return found


def load(browser: Browser, url: str, loads: int) -> dict[str, float]:
    """The medians of several first visits."""
    painted, filled = [], []
    for _ in range(loads):
        tab = Tab(browser, url)
        painted.append(tab.paint_ms)
        filled.append(tab.rows_ms)
        tab.page.close()
    return {"paint_ms": median(painted), "rows_ms": median(filled)}


def look(browser: Browser, url: str, seconds: float, other_pid: int) -> dict[str, Any]:
    """One tab for so long."""
    tab = Tab(browser, url)
    changed = _usage(tab.page)
    for _ in range(_WARM_UP_TICKS):
        tab.tick()
    heap, worked_s, window, ticks = tab.heap_bytes(), tab.worked_s(), Window(other_pid), 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        tab.tick()
        ticks += 1
    spent = {figure: (end_s - worked_s[figure]) / ticks * 1000 for figure, end_s in tab.worked_s().items()}
    figures = window.figures(ticks)
    if tab.errors or changed == _usage(tab.page):
        raise RuntimeError(f"the page stands still: {tab.errors}")
    growth_mib = (tab.heap_bytes() - heap) / 2**20
    return spent | {"ticks": ticks, "heap_growth_mib": growth_mib, "server_busy": figures["other_busy"]}


def _usage(page: Page) -> list[str]:
    return page.locator('td[data-column="energy_kwh"]').all_text_contents()


def idle_busy(other_pid: int, seconds: float) -> float:
    """How busy the server's core is while nobody looks."""
    window = Window(other_pid)
    time.sleep(seconds)
    return window.figures(1)["other_busy"]


def main() -> None:
    """Nobody looks, then several first visits, then one long one."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--loads", type=int, default=5, help="first visits")
    options = parser.parse_args()
    url = f"http://{HOST}:{options.port}/dashboard"
    alone = idle_busy(options.other_pid, min(options.seconds, _LONGEST_IDLE_S))
    with chromium.running() as browser:
        found = load(browser, url, options.loads) | look(browser, url, options.seconds, options.other_pid)
    report(found | {"server_percent": max(0.0, found["server_busy"] - alone) * 100, "alone_busy": alone})


if __name__ == "__main__":
    main()
