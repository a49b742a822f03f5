"""The program behind the dashboard's figures, small: they are there, and a page that stands still has none."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from benchmarks.dashboard_probes import dashboard
from benchmarks.processes import ProbeFailed
from benchmarks.sides import client, master


@pytest.mark.usefixtures("chromium")  # it starts one of its own, but only where there is one
def test_the_figures_of_a_page_that_lives() -> None:
    figures = dashboard(200, 2.0, 1)
    assert 0 < figures["paint_ms"] <= figures["rows_ms"]
    assert figures["ticks"] >= 1
    assert 0 < figures["tick_script_ms"] < figures["tick_ms"] < 1000
    assert abs(figures["heap_growth_mib"]) < 50
    assert (
        0 <= figures["server_busy"] < 1
    )  # of another process the system tells hundredths of a second, and here are two


def test_a_page_that_stands_still_has_no_figures(chromium: Browser) -> None:
    with master(60) as other, pytest.raises(ProbeFailed, match="the page stands still"):
        client("dashboard", other, 60, "--seconds", 1.0, "--loads", 1)
