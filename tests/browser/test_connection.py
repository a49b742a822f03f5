"""The server goes, sleeps, refuses, comes back: the page says so, keeps quiet and recovers by itself."""

from __future__ import annotations

import signal

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.dashboard import Dashboard, is_overview
from tests.browser.swarms import scale, swarm_on
from tests.browser.visits import Visits
from tests.e2e.processes import Bench, Csms, Locust, free_port

LOST = "Connection lost"
REFUSED = ("ERR_CONNECTION_(REFUSED|RESET)", "ERR_EMPTY_RESPONSE", "WebSocket connection to .* failed")


@pytest.fixture(scope="module")
def csms(bench: Bench) -> Csms:
    return bench.csms()


def overviews(page: Page) -> list[Request]:
    """Those that the page will have asked for."""
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if is_overview(request) else None)
    return asked


def expect_lost(page: Dashboard) -> None:
    expect(page.figure("connection")).to_be_visible()
    expect(page.figure("connection")).to_contain_text(LOST)


def expect_back(page: Dashboard) -> None:
    """Within the longest wait between two attempts, and an attempt."""
    expect(page.figure("connection")).to_be_hidden(timeout=30_000)


def test_a_killed_server_that_comes_back_on_the_same_port(bench: Bench, csms: Csms, visits: Visits) -> None:
    port = free_port()
    first = swarm_on(bench, port, csms, "--station-profile", "manual")
    scale(first, 3)
    page = visits.dashboard(first)
    visits.complaints.allow(*REFUSED, "status of 404 .*/logs")  # the new server knows no station yet
    page.open_log("PY-SIM-0001").expect_live()
    page.page.evaluate("window.isTheSamePage = true")
    asked = overviews(page.page)
    first.end()
    expect_lost(page)
    expect(page.rows).to_have_count(3)  # what was last known stays
    second = swarm_on(bench, port, csms, "--station-profile", "manual")
    expect_back(page)
    expect(page.figure("running")).to_have_text("0")
    scale(second, 2)
    expect(page.figure("running")).to_have_text("2")
    expect(page.rows).to_have_count(2)
    assert page.page.evaluate("window.isTheSamePage")
    assert len(asked) < 20
    expect(page.page.locator("#toasts").get_by_role("button")).to_have_count(0)


def test_a_server_that_stands_still_is_not_asked_twice_at_a_time(bench: Bench, csms: Csms, visits: Visits) -> None:
    swarm = swarm_on(bench, free_port(), csms)
    page = visits.dashboard(swarm)
    swarm.signal(signal.SIGSTOP)
    try:
        asked = overviews(page.page)
        expect_lost(page)
        assert len(asked) <= 2
    finally:
        swarm.signal(signal.SIGCONT)
    expect_back(page)


@pytest.mark.parametrize(
    ("status", "body"),
    [(429, '{"detail": "more than 200 changes a second"}'), (502, "<h1>Bad gateway</h1>"), (200, '{"run": {"sta')],
)
def test_answers_that_are_none(fleet: Locust, visits: Visits, status: int, body: str) -> None:
    """As a proxy in between may give them."""
    page = visits.dashboard(fleet)
    visits.complaints.allow("status of 429", "status of 502")

    def answer(route: Route) -> None:
        route.fulfill(status=status, body=body, content_type="application/json")

    page.page.route("**/api/v1/overview*", answer)
    expect_lost(page)
    expect(page.rows).to_have_count(50)
    assert page.page.locator("h1").count() == 1
    page.page.unroute("**/api/v1/overview*", answer)
    expect_back(page)


def test_a_hidden_tab_asks_nothing_for_an_hour_and_wakes_at_once(fleet: Locust, visits: Visits) -> None:
    page = visits.page()
    page.clock.install()
    page.add_init_script("""
        let state = "visible";
        Object.defineProperty(document, "visibilityState", { get: () => state });
        Object.defineProperty(document, "hidden", { get: () => state === "hidden" });
        window.become = (next) => { state = next; document.dispatchEvent(new Event("visibilitychange")); };
    """)
    dashboard = Dashboard(page, f"http://127.0.0.1:{fleet.web_port}/dashboard")
    dashboard.open()
    asked = overviews(page)
    with page.expect_response(is_overview):
        page.clock.run_for(1100)
    assert asked
    page.evaluate("become('hidden')")
    page.wait_for_load_state("networkidle")  # one may have been on its way
    before = len(asked)
    page.clock.run_for("10:00")
    page.clock.fast_forward("50:00")
    assert len(asked) == before
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)  # from here on no timer fires
    before = len(asked)
    with page.expect_response(is_overview):
        page.evaluate("become('visible')")
    assert len(asked) == before + 1
    expect(dashboard.figure("connection")).to_be_hidden()


USER, PASSWORD = "operator", "correct horse"


def log_in(page: Page) -> None:
    """By the form that the page has led to."""
    page.locator("input[name=username]").fill(USER)
    page.locator("input[name=password]").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("button[type=submit]").click()


def test_a_login_and_a_base_path(bench: Bench, csms: Csms, visits: Visits) -> None:
    swarm = swarm_on(
        bench,
        free_port(),
        csms,
        *("--web-login", "--web-base-path", "/ops", "--station-profile", "manual"),
        EVSIM_WEB_USER=USER,
        EVSIM_WEB_PASSWORD=PASSWORD,
    )
    tab = visits.page()
    url = f"http://127.0.0.1:{swarm.web_port}/ops"
    tab.goto(f"{url}/dashboard")
    expect(tab).to_have_url(f"{url}/login")
    log_in(tab)
    page = Dashboard(tab, f"{url}/dashboard")
    page.open()
    page.scale(2)
    expect(page.figure("running")).to_have_text("2")
    page.open_log("PY-SIM-0002").expect_live()
    page.open_drawer("PY-SIM-0001")
    tab.keyboard.press("Escape")

    visits.complaints.allow("status of 401", "WebSocket connection to .* failed")
    tab.context.clear_cookies()
    expect_lost(page)
    link = page.figure("connection").get_by_role("link", name="Log in")
    expect(link).to_have_attribute("href", "/ops/login")
    other = tab.context.new_page()
    other.goto(f"{url}/login")
    log_in(other)
    expect_back(page)
    page.button("Log out").click()
    expect(tab).to_have_url(f"{url}/login")
    tab.goto(f"{url}/dashboard")
    expect(tab).to_have_url(f"{url}/login")


def test_without_a_login_there_is_no_button_to_log_out(fleet: Locust, visits: Visits) -> None:
    expect(visits.dashboard(fleet).button("Log out")).to_be_hidden()
