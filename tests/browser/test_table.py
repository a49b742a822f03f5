"""The table of 200 stations: pages, order, search and filters by the server; nothing the operator does is disturbed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.dashboard import Dashboard, figure_of, is_overview
from tests.browser.visits import Visits
from tests.e2e.processes import Locust


def expect_first(page: Dashboard, station_id: str) -> None:
    expect(page.rows.first).to_have_attribute("data-station", station_id)


def test_pages(fleet: Locust, visits: Visits) -> None:
    page = visits.dashboard(fleet)
    page.search("PY-SIM-")
    expect(page.figure("range")).to_have_text("1–50 of 200")
    expect_first(page, "PY-SIM-0001")
    expect(page.button("Previous page")).to_be_disabled()
    page.button("Next page").click()
    expect(page.figure("range")).to_have_text("51–100 of 200")
    expect_first(page, "PY-SIM-0051")
    expect(page.rows).to_have_count(50)
    page.button("Previous page").click()
    expect_first(page, "PY-SIM-0001")
    page.choose("Rows", "100")
    expect(page.rows).to_have_count(100)
    page.button("Next page").click()
    expect(page.figure("range")).to_have_text("101–200 of 200")
    expect(page.button("Next page")).to_be_disabled()


def test_search_and_filters_are_the_servers(fleet: Locust, visits: Visits) -> None:
    page = visits.dashboard(fleet)
    page.button("Next page").click()
    page.search("sim-015")
    expect(page.figure("range")).to_have_text("1–10 of 10")  # from the first page again
    assert page.station_ids() == [f"PY-SIM-015{digit}" for digit in range(10)]
    page.search("")
    page.choose("Profile", "manual")
    manual = fleet.get("/api/v1/overview?profile=manual")["total"]
    expect(page.figure("range")).to_have_text(f"1–{min(50, manual)} of {manual}")
    assert set(page.column("profile")) == {"manual"}
    page.choose("Profile", "busy")
    page.choose("Status", "Charging")
    page.wait_for_polls(2)
    assert set(page.column("status")) <= {"Charging"}
    page.search("nobody has this id")
    expect(page.rows).to_have_count(0)
    expect(page.figure("range")).to_contain_text("0")


def test_the_worker_filter(fleet: Locust, visits: Visits) -> None:
    page = visits.dashboard(fleet)
    (worker,) = {row["worker"] for row in fleet.running().values()}
    page.choose("Worker", worker)
    page.wait_for_polls(2)
    expect(page.rows).to_have_count(50)
    assert set(page.column("worker")) == {worker}


def test_order(fleet: Locust, visits: Visits) -> None:
    page = visits.dashboard(fleet)
    page.search("PY-SIM-")
    by_id = page.region("Stations").get_by_role("columnheader", name="Station ID")
    expect_first(page, "PY-SIM-0001")
    by_id.get_by_role("button").click()
    if by_id.get_attribute("aria-sort") == "ascending":  # it was in that order already
        by_id.get_by_role("button").click()
    expect(by_id).to_have_attribute("aria-sort", "descending")
    expect_first(page, "PY-SIM-0200")
    energy = page.region("Stations").get_by_role("columnheader", name="Energy")
    energy.get_by_role("button").click()
    if energy.get_attribute("aria-sort") == "ascending":
        energy.get_by_role("button").click()
    expect(energy).to_have_attribute("aria-sort", "descending")
    expect(by_id).not_to_have_attribute("aria-sort", "descending")
    page.wait_for_polls(2)
    shown = [figure_of(text) for text in page.column("energy_kwh")]
    assert shown == sorted(shown, reverse=True)
    assert shown[0] > 0


def test_a_row_shows_what_the_api_says(fleet: Locust, visits: Visits, station: str) -> None:
    fleet.post(f"/api/v1/stations/{station}/actions/plug_in")
    fleet.post(f"/api/v1/stations/{station}/actions/meter", {"energy_wh": 0, "power_w": 0})
    fleet.post(f"/api/v1/stations/{station}/actions/swipe", {"id_tag": "TAG001"})
    page = visits.dashboard(fleet)
    page.show_only(station)
    expect(page.cell(station, "status")).to_have_text("Charging")
    fleet.post(f"/api/v1/stations/{station}/actions/meter", {"energy_wh": 12_500, "power_w": 0})
    expect(page.cell(station, "energy_kwh")).to_have_text("12.50")
    smart = page.cell(station, "smart")
    expect(smart).to_contain_text("12.5/30 kWh")
    expect(smart).to_contain_text("Price: ₹100 ✓ Peak")
    expect(smart.get_by_role("progressbar")).to_have_attribute("aria-valuenow", re.compile(r"^(41\.7|42)$"))
    fleet.post(f"/api/v1/stations/{station}/actions/meter", {"power_w": 7400})
    expect(page.cell(station, "usage_kw")).to_have_text("7.40")
    expect(page.cell(station, "worker")).to_have_text(fleet.running()[station]["worker"])


def test_a_refresh_disturbs_nothing(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet, viewport={"width": 1280, "height": 500})
    log = page.open_log("PY-SIM-0001")
    page.open_drawer("PY-SIM-0002")
    half_typed = page.page.get_by_role("spinbutton", name="New price")
    half_typed.fill("17")
    page.rows.nth(3).evaluate("row => { row.isTheSame = true; }")
    page.page.evaluate("window.scrollTo(0, 333)")
    page.wait_for_polls(1)
    scrolled = page.page.evaluate("window.scrollY")
    assert scrolled > 100
    half_typed.evaluate("input => input.focus({ preventScroll: true })")
    elapsed = page.figure("elapsed").inner_text()
    page.wait_for_polls(3)
    expect(page.figure("elapsed")).not_to_have_text(elapsed)
    assert page.page.evaluate("window.scrollY") == scrolled
    expect(half_typed).to_be_focused()
    expect(half_typed).to_have_value("17")
    assert page.rows.nth(3).evaluate("row => row.isTheSame")  # rows are changed, not made again
    log.expect_live()
    expect(page.drawer("PY-SIM-0002")).to_be_visible()


def test_the_page_asks_for_one_thing_a_second_and_for_no_row(fleet: Locust, visits: Visits) -> None:
    page = visits.dashboard(fleet)
    page.choose("Rows", "100")
    expect(page.rows).to_have_count(100)
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    with page.page.expect_request(is_overview) as first:
        pass
    page.wait_for_polls(4)
    took_s = page.page.evaluate("began => performance.timeOrigin + performance.now() - began", start_ms(first.value))
    assert set(asked) == {"/api/v1/overview"}
    assert len(asked) <= took_s / 1000 + 2


def start_ms(request: object) -> float:
    """When a request began, in milliseconds of Unix time."""
    found: float = request.timing["startTime"]  # type: ignore[attr-defined]
    return found
