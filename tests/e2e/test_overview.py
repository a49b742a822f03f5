"""What the dashboard asks for once a second, from real processes: a master with a worker, and a headless run."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from .processes import Bench, Csms, free_port, rest, until

STATIONS = 5
RUN = ("-u", str(STATIONS), "-r", "50", "--station-profile", "busy", "--time-scale", "60", "--peak-hours", "none")
Ask = Callable[[str], Any]


def headless(bench: Bench, csms: Csms) -> Ask:
    port = free_port()
    bench.headless(*RUN, "-t", "1m", "-H", csms.url, "--control-port", str(port))
    return lambda path: rest("GET", f"http://127.0.0.1:{port}{path}")[1]


def with_a_worker(bench: Bench, csms: Csms) -> Ask:
    port = str(free_port())
    master = bench.web(*RUN, "-H", csms.url, "--master", "--master-bind-port", port)
    bench.locust("--worker", "--master-host", "127.0.0.1", "--master-port", port)
    until(lambda: len(master.get("/api/v1/summary")["workers"]) == 1, "the worker is there")
    master.post("/stations/scale", {"count": STATIONS, "spawn_rate": 50})
    return master.get


def answered(ask: Ask, path: str) -> Any:
    try:
        return ask(path)
    except OSError:  # its port is not open yet
        return None


@pytest.mark.parametrize("start", [headless, with_a_worker])
def test_the_figures_of_a_run_fill(bench: Bench, start: Callable[[Bench, Csms], Ask]) -> None:
    ask = start(bench, bench.csms())
    until(lambda: answered(ask, "/stations"), "the API answers and has stations")

    def complete() -> Any:
        told = ask("/api/v1/overview?sort=-usage_kw")
        run, points = told["run"], told["series"]["points"]
        measured = run["p95_ms"] and run["workers"][0]["schedule_lag_s"] is not None
        return told if measured and run["stations"]["charging"] and len(points) > 3 and points[-1][1] else None

    told = until(complete, "stations charge, and the moment is measured")
    run, points = told["run"], told["series"]["points"]
    assert (run["wanted"], run["stations"]["connected"], run["stations"]["booted"]) == (STATIONS,) * 3
    assert 0 < run["p95_ms"] < 60_000
    assert 0 <= run["workers"][0]["schedule_lag_s"] < 60
    times = [point[0] for point in points]
    assert times[0] == 0
    assert all(earlier < later for earlier, later in pairwise(times))
    assert any(p95 is not None and math.isfinite(p95) for _, _, _, p95, _ in points)
    assert points[-1][4] == STATIONS
    after = ask(f"/api/v1/overview?after={told['series']['last'] - 1}")["series"]["points"]
    assert after[0] == points[-1]
