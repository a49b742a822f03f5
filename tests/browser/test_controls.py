"""Every control does what it says, and tells what the server made of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.dashboard import Dashboard
from tests.browser.swarms import scale, swarm_of
from tests.browser.visits import Visits
from tests.e2e.processes import Bench, Locust, until


@pytest.fixture(scope="module")
def swarm(bench: Bench) -> Locust:
    return swarm_of(bench, bench.csms(), "--station-profile", "no-transactions")


def control(page: Dashboard, form: str, label: str) -> Locator:
    return page.form(form).get_by_label(label)


def apply(page: Dashboard, form: str, button: str) -> None:
    page.form(form).get_by_role("button", name=button, exact=True).click()


def test_scaling_up_and_down_with_a_profile_for_the_new_ones(swarm: Locust, visits: Visits) -> None:
    page = visits.dashboard(swarm)
    page.scale(6)
    page.expect_good("6 stations")
    expect(page.figure("running")).to_have_text("6")
    expect(page.figure("state")).to_have_text("running")
    page.scale(9, "busy")
    expect(page.figure("running")).to_have_text("9")
    expect(page.cell("PY-SIM-0006", "profile")).to_have_text("no-transactions")
    expect(page.cell("PY-SIM-0009", "profile")).to_have_text("busy")
    page.scale(4)
    expect(page.figure("running")).to_have_text("4")
    expect(page.figure("wanted")).to_have_text("4")
    expect(page.figure("total-stations")).to_have_text("9")  # the others' rows stay until the next run
    assert set(swarm.running()) == {f"PY-SIM-{number:04d}" for number in range(1, 5)}


def test_one_station_starts_and_stops_by_its_id_and_refusals_are_told(swarm: Locust, visits: Visits) -> None:
    scale(swarm, 2)
    page = visits.dashboard(swarm)
    visits.complaints.allow("status of 409", "status of 404")
    control(page, "One station", "Station ID").fill("DE*ABC*7")
    control(page, "One station", "Profile").select_option("idle")
    apply(page, "One station", "Start")
    page.expect_good("DE*ABC*7")
    expect(page.cell("DE*ABC*7", "profile")).to_have_text("idle")
    until(lambda: "DE*ABC*7" in swarm.running(), "it runs")
    apply(page, "One station", "Start")
    page.expect_bad("DE*ABC*7")
    apply(page, "One station", "Stop")
    expect(page.button("Start DE*ABC*7")).to_be_visible()
    until(lambda: "DE*ABC*7" not in swarm.running(), "it has stopped")
    control(page, "One station", "Station ID").fill("NOBODY")
    apply(page, "One station", "Stop")
    page.expect_bad("no station 'NOBODY'")


def test_a_row_stops_and_starts_its_station(swarm: Locust, visits: Visits) -> None:
    scale(swarm, 2)
    page = visits.dashboard(swarm)
    page.button("Stop PY-SIM-0002").click()
    expect(page.button("Start PY-SIM-0002")).to_be_visible()
    expect(page.cell("PY-SIM-0002", "status")).to_contain_text("stopped")
    assert "PY-SIM-0002" not in swarm.running()
    page.button("Start PY-SIM-0002").click()
    expect(page.button("Stop PY-SIM-0002")).to_be_visible()
    expect(page.cell("PY-SIM-0002", "status")).to_contain_text("Available")


def test_the_price_by_steps_reset_and_direct_entry(swarm: Locust, visits: Visits) -> None:
    page = visits.dashboard(swarm)
    price = page.figure("price")
    page.set_price(18.5)
    expect(price).to_have_text("₹18.50")
    page.button("Raise price by 1").click()
    page.button("Raise price by 1").click()
    expect(price).to_have_text("₹20.50")
    page.button("Lower price by 1").click()
    expect(price).to_have_text("₹19.50")
    until(lambda: swarm.get("/pricing") == {"price": 19.5}, "the server has it")
    page.button("Reset price").click()
    expect(price).to_have_text("₹20.00")
    until(lambda: swarm.get("/pricing") == {"price": 20.0}, "the server has it")


def test_a_price_that_cannot_be_is_refused_with_the_servers_reason(swarm: Locust, visits: Visits) -> None:
    swarm.post("/pricing", {"price": 20})
    page = visits.dashboard(swarm)
    visits.complaints.allow("status of 400")
    page.set_price(-3)
    page.expect_bad("price: a finite number above 0, not -3")
    page.wait_for_polls()
    expect(page.figure("price")).to_have_text("₹20.00")
    assert swarm.get("/pricing") == {"price": 20.0}


def test_the_environment_is_set_shown_and_taken_back(swarm: Locust, visits: Visits) -> None:
    page = visits.dashboard(swarm)
    control(page, "Environment", "Grid load").fill("0.9")
    control(page, "Environment", "Carbon intensity").fill("420")
    control(page, "Environment", "Demand response").select_option(label="on")
    control(page, "Environment", "Charging slots free").fill("3")
    apply(page, "Environment", "Apply environment")
    told = {"grid_load": 0.9, "carbon_intensity": 420.0, "demand_response": True, "charging_slots_free": 3}
    until(lambda: swarm.get("/api/v1/environment") == told, "the server has it")
    page.expect_good("nvironment")
    other = visits.dashboard(swarm)
    expect(control(other, "Environment", "Grid load")).to_have_value("0.9")
    expect(control(other, "Environment", "Charging slots free")).to_have_value("3")
    for label in ("Grid load", "Carbon intensity", "Charging slots free"):
        control(page, "Environment", label).fill("")
    control(page, "Environment", "Demand response").select_option(label="not told")
    apply(page, "Environment", "Apply environment")
    until(lambda: set(swarm.get("/api/v1/environment").values()) == {None}, "the server has it")
    expect(control(other, "Environment", "Grid load")).to_have_value("")


def test_an_environment_that_cannot_be_is_refused_with_the_servers_reason(swarm: Locust, visits: Visits) -> None:
    page = visits.dashboard(swarm)
    visits.complaints.allow("status of 4(00|22)")
    before = swarm.get("/api/v1/environment")
    control(page, "Environment", "Charging slots free").fill("2000000000")
    apply(page, "Environment", "Apply environment")
    page.expect_bad("charging_slots_free")
    expect(control(page, "Environment", "Charging slots free")).to_have_value("2000000000")  # to be mended, not lost
    assert swarm.get("/api/v1/environment") == before


def test_the_last_price_of_two_tabs_wins_and_both_show_it(swarm: Locust, visits: Visits) -> None:
    one, other = visits.dashboard(swarm), visits.dashboard(swarm)
    one.set_price(21)
    expect(other.figure("price")).to_have_text("₹21.00")
    other.set_price(22)
    one.set_price(23)
    expect(one.figure("price")).to_have_text("₹23.00")
    expect(other.figure("price")).to_have_text("₹23.00")
    one.wait_for_polls(2)
    expect(one.figure("price")).to_have_text("₹23.00")
    assert swarm.get("/pricing") == {"price": 23.0}


def test_equal_news_are_counted_and_at_most_four_stand(swarm: Locust, visits: Visits) -> None:
    page = visits.dashboard(swarm)
    visits.complaints.allow("status of 400")
    for price in (-1, -1, -2, -3, -4, -5):
        page.set_price(price)
        page.expect_bad(f"not {price}")
    toasts = page.page.locator("#toasts").get_by_role("button")  # each has one that closes it
    expect(toasts).to_have_count(4)
    toasts.first.click()
    expect(toasts).to_have_count(3)
