"""What others wrote is text, whatever it looks like: no element is made of it, nothing of it runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.dashboard import Dashboard
from tests.browser.hostile_csms import MARKUP, TAG
from tests.browser.swarms import start, swarm_of, swarm_on
from tests.browser.visits import Visits
from tests.e2e.processes import Bench, Locust, free_port


@pytest.fixture(scope="module")
def swarm(bench: Bench) -> Locust:
    """A vendor with markup in it, too; its stations go to a central system that means harm."""
    csms = bench.central_system(str(Path(__file__).with_name("hostile_csms.py")))
    return swarm_of(bench, csms, "--vendor", TAG, "--currency", "<i>€</i>", "--time-scale", "5")


def expect_only_text(page: Dashboard) -> None:
    """A dialog, an image that is not found or a broken policy is a complaint of the page, which fails the test too."""
    assert (
        page.page.locator("main img, aside img, #toasts img, main script, aside script, [onclick], [onerror]").count()
        == 0
    )
    assert page.too_wide() == []


def is_isolated(text: Locator) -> bool:
    """Marks of direction in it turn nothing outside of it."""
    found: bool = text.evaluate(
        "node => getComputedStyle(node.closest('bdi, [dir=auto], pre, li')).unicodeBidi !== 'normal'"
    )
    return found


def test_the_texts_of_a_central_system(swarm: Locust, visits: Visits) -> None:
    station = start(swarm, "ONE")
    page = visits.dashboard(swarm)
    log = page.open_log(station)
    log.expect_live()
    drawer = page.open_drawer(station)
    swarm.post(f"/api/v1/stations/{station}/actions/plug_in")
    swarm.post(f"/api/v1/stations/{station}/actions/swipe", {"id_tag": TAG})
    expect(log.line(TAG)).to_be_visible()
    expect(drawer).to_contain_text(TAG)
    swarm.post(f"/api/v1/stations/{station}/actions/data_transfer", {"vendor_id": MARKUP, "data": MARKUP})
    for frame in ("→ sent DataTransfer", "← received DataTransfer answered", "← received MeterValues refused"):
        of_that_name = page.page.locator("summary", has_text=re.compile(f"^{frame}(: InternalError)?$"))
        shown = drawer.locator("details").filter(has=of_that_name).last  # others come in before it
        shown.locator("summary").click()
        expect(shown.get_by_text(MARKUP)).to_be_visible()
        assert is_isolated(shown.get_by_text(MARKUP))
    expect(drawer).to_contain_text("turned round")
    expect_only_text(page)
    swarm.post(f"/api/v1/stations/{station}/actions/fault", {"error_code": "GroundFailure"})
    expect(page.cell(station, "status")).to_have_text("Faulted")  # the page lives on
    expect_only_text(page)


def test_what_an_operator_typed_comes_back_as_text(swarm: Locust, visits: Visits) -> None:
    page = visits.dashboard(swarm)
    visits.complaints.allow("status of 4")
    page.search(MARKUP)
    expect(page.rows).to_have_count(0)
    form = page.form("One station")
    form.get_by_label("Station ID").evaluate(
        "(input, value) => { input.removeAttribute('pattern'); input.value = value; }", MARKUP
    )
    form.get_by_role("button", name="Stop", exact=True).click()
    page.expect_bad(MARKUP)
    page.set_price(17)
    expect(page.figure("price")).to_have_text("<i>€</i>17.00")
    expect_only_text(page)


def test_ids_with_all_their_characters(swarm: Locust, visits: Visits) -> None:
    station = start(swarm, "A*+=:|@._-b" + "0" * 37)
    page = visits.dashboard(swarm)
    log = page.open_log(station)
    log.expect_live()
    drawer = page.open_drawer(station)
    expect(drawer.get_by_text("MeterValueSampleInterval")).to_be_visible()
    page.page.keyboard.press("Escape")
    page.act(station, "plug in")
    expect(page.cell(station, "status")).to_have_text("Preparing")
    expect_only_text(page)


def test_a_central_system_that_refuses_everything(bench: Bench, visits: Visits) -> None:
    """Its 10 kB of description reach no figure."""
    csms = bench.central_system(str(Path(__file__).with_name("hostile_csms.py")))
    swarm = swarm_on(bench, free_port(), csms, "--station-profile", "busy", "--time-scale", "600")
    swarm.post("/stations/scale", {"count": 1, "spawn_rate": 10})
    page = visits.dashboard(swarm)
    expect(page.figure("failures")).not_to_have_text("0")  # MeterValues, by a CALLERROR
    expect_only_text(page)
