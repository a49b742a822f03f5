"""The drawer: one station looked at closely."""

from __future__ import annotations

from playwright.sync_api import Request, expect

from tests.browser.visits import Visits
from tests.e2e.processes import Locust

HEADINGS = ("Connectors", "Energy", "Configuration", "Frames", "Sessions", "Charging profiles")


def test_it_shows_the_station_as_the_api_does(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet)
    page.show_only(station)
    drawer = page.open_drawer(station)
    for heading in HEADINGS:
        expect(drawer.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(drawer).to_contain_text("MeterValueSampleInterval")
    expect(drawer).to_contain_text("Available")
    fleet.post(f"/api/v1/stations/{station}/actions/plug_in")
    fleet.post(f"/api/v1/stations/{station}/actions/swipe", {"id_tag": "USER42"})
    expect(drawer).to_contain_text("Charging")
    expect(drawer).to_contain_text("USER42")
    expect(drawer.get_by_text("StartTransaction").first).to_be_visible()
    fleet.post(f"/api/v1/stations/{station}/actions/meter", {"energy_wh": 3000, "power_w": 7000})
    expect(drawer).to_contain_text("7.0")


def test_it_asks_only_while_it_is_open_and_escape_closes_it(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet)
    page.show_only(station)
    path = f"/api/v1/stations/{station}"
    asked: list[Request] = []
    page.page.on("request", lambda request: asked.append(request) if request.url.endswith(path) else None)
    drawer = page.open_drawer(station)
    with page.page.expect_response(lambda response: response.url.endswith(path)):
        pass
    page.page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(page.row(station).get_by_role("button", name=station, exact=True)).to_be_focused()
    page.wait_for_polls(1)  # one may have been on its way
    before = len(asked)
    page.wait_for_polls(3)
    assert len(asked) == before > 0


def test_another_station_takes_its_place(fleet: Locust, visits: Visits) -> None:
    page = visits.dashboard(fleet, viewport={"width": 1900, "height": 900})
    page.search("PY-SIM-000")
    page.open_drawer("PY-SIM-0001")
    page.page.keyboard.press("Escape")
    page.open_drawer("PY-SIM-0002")
    expect(page.drawer("PY-SIM-0001")).to_be_hidden()
