"""An operator's day: stations that find energy too dear, a lower price, and a bill that equals the central system's."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.dashboard import Dashboard
from tests.browser.swarms import swarm_of
from tests.browser.visits import Visits
from tests.e2e.processes import Bench, Csms, until


@pytest.mark.timeout(180)
def test_too_dear_then_charging_up_to_the_cap_and_every_kwh_is_in_the_books(bench: Bench, visits: Visits) -> None:
    csms = bench.csms()
    page = visits.dashboard(swarm_of(bench, csms, "--time-scale", "240"))
    expect(page.figure("total-stations")).to_have_text("0")
    ten_idle_stations_at(page, 25)
    log = page.open_log("PY-SIM-0001")
    log.expect_live()
    expect(log.line("Price too high (₹25.00 > ₹18.00) — waiting")).to_be_visible()
    assert page.number("charging") == 0
    assert page.number("total-energy") == 0
    assert csms.transactions() == []

    page.set_price(15)
    expect(page.figure("price")).to_have_text("₹15.00")
    expect(log.line("Charging started (price: ₹15.00")).to_be_visible()
    expect(page.figure("charging")).not_to_have_text("0")
    expect(page.figure("total-energy")).not_to_have_text("0.000 kWh")
    before = page.number("total-energy"), page.number("total-earnings")
    a_cap_is_reached(page)
    assert page.number("total-energy") > before[0]
    assert page.number("total-earnings") > before[1]

    page.scale(0)
    expect(page.figure("running")).to_have_text("0", timeout=30_000)
    booked_kwh = settled(csms)
    expect(page.figure("total-energy")).to_contain_text(f"{booked_kwh:,.3f}")
    assert abs(page.number("total-earnings") - booked_kwh * 15) < 0.01
    expect(page.figure("failures")).to_have_text("0")


def ten_idle_stations_at(page: Dashboard, price: float) -> None:
    page.set_price(price)
    page.expect_good(f"{price:g}")
    expect(page.figure("price")).to_have_text(f"₹{price:.2f}")
    page.scale(10, "idle")
    page.expect_good("10")
    expect(page.figure("running")).to_have_text("10")
    expect(page.figure("booted")).to_have_text("10")
    expect(page.rows).to_have_count(10)
    expect(page.cell("PY-SIM-0010", "profile")).to_have_text("idle")
    expect(page.cell("PY-SIM-0010", "smart")).to_contain_text("Price: ₹18 ✗ No Peak")


def a_cap_is_reached(page: Dashboard) -> None:
    """At 22 kW and 240 times the speed that takes 15 s for 20 kWh, unless the driver leaves earlier."""
    full = page.page.locator("tr[data-station]:has([role=progressbar][aria-valuenow='100'])").first
    expect(full).to_be_visible(timeout=60_000)
    station_id = full.get_attribute("data-station")
    assert station_id is not None
    log = page.open_log(station_id)
    expect(log.line("Energy cap reached (20.0/20.0 kWh) — stopping")).to_be_visible()


def settled(csms: Csms) -> float:
    """The energy of all transactions, in kWh, once each is closed."""
    until(lambda: csms.get("/healthz")["transactions_open"] == 0, "all transactions are closed")
    assert csms.assert_all_closed() > 5
    energy_wh: int = sum(row["meter_stop"] - row["meter_start"] for row in csms.transactions())
    return energy_wh / 1000
