"""Log panels: the last lines at once, each new one as it comes, one connection per panel."""

from __future__ import annotations

from playwright.sync_api import WebSocket, expect

from tests.browser.visits import Visits
from tests.e2e.processes import Locust, until


def tell(fleet: Locust, station: str, action: str, **parameters: str) -> None:
    fleet.post(f"/api/v1/stations/{station}/actions/{action}", parameters)


def charge(fleet: Locust, station: str, tag: str = "TAG001") -> None:
    """A session begins, and has begun."""
    tell(fleet, station, "plug_in")
    tell(fleet, station, "swipe", id_tag=tag)
    until(lambda: fleet.running()[station]["status"] == "Charging", "it charges")


def lines_of(fleet: Locust, station: str) -> list[str]:
    """As the API tells them, newest last."""
    found: list[str] = fleet.get(f"/stations/{station}/logs")["logs"]
    return found


def test_what_was_and_what_comes_newest_first(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet)
    page.show_only(station)
    log = page.open_log(station)
    log.expect_live()
    expect(log.line("BootNotification accepted")).to_be_visible()
    charge(fleet, station)
    expect(log.lines.first).to_contain_text("Authorization successful - TAG001")
    expect(log.lines.last).to_contain_text("Station initialized")
    assert log.texts()[::-1] == lines_of(fleet, station)
    tell(fleet, station, "plug_out")
    expect(log.line("Charging stopped")).to_be_visible()
    expect(log.lines).to_have_count(len(lines_of(fleet, station)))


def test_pause_counts_and_resume_shows_what_came_meanwhile(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet)
    page.show_only(station)
    log = page.open_log(station)
    log.expect_live()
    shown = lines_of(fleet, station)
    expect(log.lines).to_have_count(len(shown))
    log.button("Pause").click()
    expect(log.state).to_have_text("paused (0 new)")
    charge(fleet, station)
    new = len(lines_of(fleet, station)) - len(shown)
    assert new > 0
    expect(log.state).to_have_text(f"paused ({new} new)")
    assert log.texts()[::-1] == shown
    log.button("Resume").click()
    log.expect_live()
    expect(log.line("Authorization successful")).to_be_visible()
    assert len(log.texts()) == len(shown) + new


def test_filter_and_copy(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet, permissions=["clipboard-read", "clipboard-write"])
    page.show_only(station)
    log = page.open_log(station)
    for tag in ("TAG001", "USER42"):
        charge(fleet, station, tag)
        tell(fleet, station, "plug_out")
    expect(log.lines.filter(has_text="Charging stopped")).to_have_count(2)
    log.filter.fill("AUTHORIZATION succ")
    expect(log.lines.filter(visible=True)).to_have_count(2)
    shown = log.texts()
    assert [tag in line for tag, line in zip(("USER42", "TAG001"), shown, strict=True)] == [True, True]
    log.button("Copy").click()
    page.page.wait_for_function("async () => (await navigator.clipboard.readText()).includes('Authorization')")
    assert page.page.evaluate("navigator.clipboard.readText()").splitlines() == shown[::-1]  # as it happened
    log.filter.fill("")
    expect(log.line("Station initialized")).to_be_visible()


def test_each_panel_has_one_connection_and_gives_it_back(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet)
    sockets: list[WebSocket] = []
    page.page.on("websocket", lambda socket: sockets.append(socket))
    page.search("PY-SIM-000")
    first, second = page.open_log("PY-SIM-0001"), page.open_log("PY-SIM-0002")
    first.expect_live()
    second.expect_live()
    page.open_log("PY-SIM-0001").expect_live()  # it is open already
    page.wait_for_polls(2)
    assert len(sockets) == 2
    assert all(f"/stations/PY-SIM-000{number}/logs/live" in socket.url for number, socket in enumerate(sockets, 1))
    with sockets[0].expect_event("close"):
        first.button("Close").click()
    expect(first.region).to_be_hidden()
    assert [socket.is_closed() for socket in sockets] == [True, False]
    second.expect_live()


def test_a_station_that_stops_and_starts_again(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet)
    page.show_only(station)
    visits.complaints.allow("WebSocket connection to .* failed", "status of (404|409)")
    log = page.open_log(station)
    log.expect_live()
    page.button(f"Stop {station}").click()
    expect(log.line("Station shutting down")).to_be_visible()
    expect(page.button(f"Start {station}")).to_be_visible()
    page.button(f"Start {station}").click()
    expect(log.lines.filter(has_text="BootNotification accepted").first).to_be_visible()
    log.expect_live()
