"""The page as its user sees it: regions, labels and names, as assistive technology reads them."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

PATIENCE_MS = 20_000.0  # the machine may be busy with other things: only what fails takes so long


def figure_of(text: str) -> float:
    """The first number in a text such as `₹1,234.50` or `12.5 kWh`."""
    found = re.search(r"-?\d[\d,]*(\.\d+)?", text)
    assert found is not None, text
    return float(found[0].replace(",", ""))


class LogPanel:
    """The open log of one station."""

    def __init__(self, page: Page, station_id: str) -> None:
        self.region = page.get_by_role("region", name=f"Log of {station_id}", exact=True)
        self.lines = self.region.locator("[data-log] > li")
        self.state = self.region.locator('[data-figure="log-state"]')

    def button(self, name: str) -> Locator:
        return self.region.get_by_role("button", name=name)

    @property
    def filter(self) -> Locator:
        return self.region.get_by_label("Filter")

    def line(self, text: str) -> Locator:
        return self.lines.filter(has_text=text).first

    def expect_live(self) -> None:
        expect(self.state).to_have_text("live")

    def texts(self) -> list[str]:
        """Of the lines that are shown, newest first."""
        return self.lines.filter(visible=True).all_inner_texts()


class Dashboard:
    """One tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def open(self) -> None:
        """Until the first figures are there."""
        self.page.goto(self.url)
        expect(self.figure("state")).not_to_have_text("–")

    def region(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name, exact=True)

    def figure(self, name: str) -> Locator:
        return self.page.locator(f'[data-figure="{name}"]')

    def number(self, name: str) -> float:
        return figure_of(self.figure(name).inner_text())

    def form(self, name: str) -> Locator:
        return self.page.get_by_role("form", name=name, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    # Controls

    def scale(self, count: int, profile: str = "", ramp_rate: float = 100) -> None:
        form = self.form("Scale")
        form.get_by_label("Stations").fill(str(count))
        form.get_by_label("Profile").select_option(profile)
        form.get_by_label("Ramp rate").fill(f"{ramp_rate:g}")
        form.get_by_role("button", name="Apply scaling").click()

    def set_price(self, price: float) -> None:
        group = self.page.get_by_role("group", name="Price", exact=True)
        group.get_by_role("spinbutton", name="New price").fill(f"{price:g}")
        group.get_by_role("button", name="Set price", exact=True).click()

    def expect_good(self, text: str | re.Pattern[str]) -> None:
        """A toast that tells of success."""
        expect(self.page.get_by_role("status").filter(has_text=text).first).to_be_visible()

    def expect_bad(self, text: str | re.Pattern[str]) -> None:
        """A toast with the server's reason."""
        expect(self.page.locator("#toasts").get_by_role("alert").filter(has_text=text).first).to_be_visible()

    # Stations

    @property
    def rows(self) -> Locator:
        return self.page.locator("tr[data-station]")

    def row(self, station_id: str) -> Locator:
        return self.page.locator(f'tr[data-station="{station_id}"]')

    def cell(self, station_id: str, column: str) -> Locator:
        return self.row(station_id).locator(f'td[data-column="{column}"]')

    def column(self, name: str) -> list[str]:
        """The texts of one column, from top to bottom, all of one moment; rows out of sight have no inner text."""
        return self.page.locator(f'tr[data-station] td[data-column="{name}"]').all_text_contents()

    def station_ids(self) -> list[str]:
        """From top to bottom."""
        found: list[str] = self.rows.evaluate_all("rows => rows.map((row) => row.dataset.station)")
        return found

    def choose(self, label: str, value: str) -> None:
        """By a filter above the table."""
        self.region("Stations").get_by_role("combobox", name=label, exact=True).select_option(value)

    @property
    def search_field(self) -> Locator:
        return self.region("Stations").get_by_role("searchbox", name="Search", exact=True)

    def search(self, text: str) -> None:
        self.search_field.fill(text)

    def show_only(self, station_id: str) -> None:
        """By the search."""
        self.search(station_id)
        expect(self.rows).to_have_count(1)
        expect(self.row(station_id)).to_be_visible()

    # What a row opens

    def open_log(self, station_id: str) -> LogPanel:
        self.button(f"Logs of {station_id}").click()
        panel = LogPanel(self.page, station_id)
        expect(panel.region).to_be_visible()
        return panel

    def open_menu(self, station_id: str) -> Locator:
        self.button(f"Actions of {station_id}").click()
        menu = self.page.get_by_role("menu")
        expect(menu).to_be_visible()
        return menu

    def act(self, station_id: str, action: str) -> None:
        """An action that needs no parameters."""
        self.open_menu(station_id).get_by_role("menuitem", name=action, exact=True).click()

    def open_drawer(self, station_id: str) -> Locator:
        self.row(station_id).get_by_role("button", name=station_id, exact=True).click()
        drawer = self.drawer(station_id)
        expect(drawer).to_be_visible()
        return drawer

    def drawer(self, station_id: str) -> Locator:
        return self.page.get_by_role("dialog", name=f"Station {station_id}", exact=True)

    def too_wide(self) -> list[str]:
        """What makes the page scroll sideways; empty when it does not."""
        found: list[str] = self.page.evaluate("""() => {
            const { scrollWidth, clientWidth } = document.documentElement;
            if (scrollWidth <= clientWidth) return [];
            const isOut = (node) => node.getBoundingClientRect().right > clientWidth + 0.5;
            const out = [...document.querySelectorAll("body *")].filter(isOut);
            return [`${scrollWidth} > ${clientWidth}`, ...out.map((node) => node.outerHTML.slice(0, 120))];
        }""")
        return found

    # Time

    def wait_for_polls(self, count: int = 1) -> None:
        """So many overviews have come and are shown."""
        for _ in range(count):
            with self.page.expect_response(is_overview):
                pass


def is_overview(of: Any) -> bool:
    """Whether a request or an answer is the page's poll."""
    return "/api/v1/overview" in of.url
