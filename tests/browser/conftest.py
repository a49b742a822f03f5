"""Real processes, a real Chromium and a page for each test; a complaint of a page fails the test."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from scripts.chromium import NoBrowser, running
from tests.browser.dashboard import PATIENCE_MS
from tests.browser.swarms import scale, start, swarm_of
from tests.browser.visits import Visits
from tests.e2e.processes import ROOT, Bench, Locust

OUTPUT = ROOT / "test-output" / "browser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(120))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Closed before other tests of the interpreter come: Playwright keeps an event loop running in it."""
    expect.set_options(timeout=PATIENCE_MS)
    try:
        with running() as browser:
            yield browser
    except NoBrowser as reason:
        if os.environ.get("EVSIM_BROWSER_REQUIRED") == "1":
            pytest.fail(str(reason))
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def bench(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Of the module's own processes; without a browser nothing is started."""
    made = Bench(tmp_path_factory.mktemp("swarm"))
    yield made
    made.end()


@pytest.fixture(scope="package")
def fleet(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locust]:
    """200 stations that live their lives; who needs a station of its own starts one, and stops it."""
    made = Bench(tmp_path_factory.mktemp("fleet"))
    swarm = swarm_of(made, made.csms(), "--station-profile", "busy:2,default:1,manual:1", "--time-scale", "10")
    scale(swarm, 200)
    yield swarm
    made.end()


@pytest.fixture
def station(fleet: Locust, request: pytest.FixtureRequest) -> Iterator[str]:
    """A station of the fleet that does only what it is told."""
    station_id = start(fleet, f"OWN-{zlib.crc32(request.node.nodeid.encode()):08X}")
    yield station_id
    if station_id in fleet.running():
        fleet.post("/stations/stop", {"station_id": station_id})


@pytest.fixture
def visits(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Visits]:
    """Opens dashboards; a picture of each page that is open at the end stays in test-output/."""
    made = Visits(chromium)
    yield made
    complaints = made.end(OUTPUT / re.sub(r"\W+", "-", request.node.name))
    if complaints:
        pytest.fail("the page complains:\n" + "\n".join(complaints))
