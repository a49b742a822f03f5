"""Usable by all: axe-core's rules in both themes, every width, and less motion for who asked for it."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OUTPUT
from tests.browser.dashboard import Dashboard
from tests.browser.visits import Visits
from tests.e2e.processes import Locust

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
GRAVE = ("serious", "critical")


def findings(page: Dashboard) -> list[str]:
    """What axe-core finds grave, with the elements; a table that is out of date is dimmed, and not judged."""
    expect(page.figure("connection")).to_be_hidden()
    page.page.evaluate(AXE)
    violations: list[dict[str, Any]] = page.page.evaluate("axe.run(document).then(({ violations }) => violations)")
    return [
        f"{found['impact']} {found['id']}: {node['html'][:200]} {node['failureSummary']}"
        for found in violations
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_grave(fleet: Locust, visits: Visits, station: str, theme: str) -> None:
    page = visits.dashboard(fleet, color_scheme=theme)
    page.choose("Rows", "25")
    page.open_log("PY-SIM-0001").expect_live()
    page.set_price(20)
    page.expect_good("20")
    page.open_menu("PY-SIM-0002")
    expect(page.page.get_by_role("menuitem").first).to_be_focused()
    assert findings(page) == []
    page.page.keyboard.press("Escape")
    drawer = page.open_drawer("PY-SIM-0001")
    expect(drawer).to_contain_text("MeterValueSampleInterval")
    assert findings(page) == []
    page.page.keyboard.press("Escape")
    page.open_menu("PY-SIM-0002").get_by_role("menuitem", name="meter", exact=True).click()
    expect(page.page.locator("dialog[open]")).to_be_visible()
    assert findings(page) == []


def test_axe_would_find_what_is_wrong(fleet: Locust, visits: Visits) -> None:
    """Lest the tests above be green because nothing was looked at."""
    page = visits.dashboard(fleet)
    page.choose("Rows", "25")
    page.page.locator("h1").evaluate("title => { title.innerHTML = '<button></button>'; }")
    assert [text.split(":")[0] for text in findings(page)] == ["critical button-name"]


def test_both_themes_are_there(fleet: Locust, visits: Visits) -> None:
    brightness = (
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)"
    )
    assert visits.dashboard(fleet, color_scheme="light").page.evaluate(brightness) > 3 * 200
    assert visits.dashboard(fleet, color_scheme="dark").page.evaluate(brightness) < 3 * 60


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 900), (2560, 1440)])
def test_no_width_scrolls_the_page_sideways(fleet: Locust, visits: Visits, width: int, height: int) -> None:
    page = visits.dashboard(fleet, viewport={"width": width, "height": height})
    page.choose("Rows", "25")
    expect(page.rows).to_have_count(25)
    assert not page.too_wide(), page.too_wide()
    picture(page, f"width-{width}")
    page.open_log("PY-SIM-0001").expect_live()
    assert not page.too_wide(), page.too_wide()
    picture(page, f"width-{width}-log")
    page.open_menu("PY-SIM-0003")
    assert page.page.get_by_role("menu").evaluate(
        "menu => { const { left, right } = menu.getBoundingClientRect(); return left >= 0 && right <= innerWidth; }"
    )
    page.page.keyboard.press("Escape")
    drawer = page.open_drawer("PY-SIM-0002")
    expect(drawer).to_contain_text("MeterValueSampleInterval")
    assert not page.too_wide(), page.too_wide()
    page.page.screenshot(path=OUTPUT / f"width-{width}-drawer.png")


def picture(page: Dashboard, name: str) -> None:
    page.page.evaluate("window.scrollTo(0, 0)")
    page.page.screenshot(path=OUTPUT / f"{name}.png", full_page=True)


def test_less_motion_for_who_asked_for_it(fleet: Locust, visits: Visits) -> None:
    page = visits.dashboard(fleet, reduced_motion="reduce")
    page.open_drawer("PY-SIM-0001")
    assert page.page.evaluate("document.getAnimations().length") == 0
    moving = page.page.evaluate("""[...document.querySelectorAll("*")].filter((node) => {
        const { transitionDuration, animationDuration } = getComputedStyle(node);
        return `${transitionDuration}, ${animationDuration}`.split(",").some((seconds) => parseFloat(seconds) > 0.01);
    }).map((node) => node.outerHTML.slice(0, 100))""")
    assert moving == []


def test_the_figures_are_those_of_the_api(fleet: Locust, visits: Visits) -> None:
    page = visits.dashboard(fleet)
    stations = fleet.get("/api/v1/overview")["run"]["stations"]
    expect(page.figure("wanted")).to_have_text(str(stations["running"]))
    for figure, name in (
        ("running", "running"),
        ("connected", "connected"),
        ("booted", "booted"),
        ("total-stations", "total"),
    ):
        expect(page.figure(figure)).to_have_text(str(stations[name]))
    for series in ("power", "calls", "p95", "connected"):
        line = page.region("Totals").locator(f'svg[data-series="{series}"]')
        expect(line).to_have_attribute("role", "img")
        expect(line).to_have_attribute("aria-label", re.compile(r"\d"))
    expect(page.region("Totals").locator('svg[data-series="connected"]')).to_have_attribute(
        "aria-label", re.compile(str(stations["connected"]))
    )
