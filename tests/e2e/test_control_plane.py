"""The swarm under control, in three runners alike: ids without holes, single stations, prices, losses, a clean end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import psutil
import pytest

from .processes import Bench, Csms, Csv, Locust, free_port, until

SLOW = ("--station-profile", "busy", "--time-scale", "20", "--peak-hours", "none", "--price", "20")
Start = Callable[[Bench, Csms], Locust]


def ids(*numbers: int) -> set[str]:
    return {f"PY-SIM-{number:04d}" for number in numbers}


def in_one_process(bench: Bench, csms: Csms) -> Locust:
    return bench.web(*SLOW, "-H", csms.url)


def in_forked_processes(bench: Bench, csms: Csms) -> Locust:
    port = str(free_port())
    ports = ("--master-bind-port", port, "--master-port", port)
    master = bench.web(*SLOW, "-H", csms.url, "--processes", "2", *ports)
    return _with_workers(master, 2)


def on_two_workers(bench: Bench, csms: Csms) -> Locust:
    port = str(free_port())
    master = bench.web(*SLOW, "-H", csms.url, "--master", "--master-bind-port", port)
    master.master_port = port
    for _ in range(2):
        join(bench, master)
    return _with_workers(master, 2)


def join(bench: Bench, master: Locust) -> Locust:
    return bench.locust("--worker", "--master-host", "127.0.0.1", "--master-port", master.master_port)


def _with_workers(master: Locust, count: int) -> Locust:
    until(lambda: len(master.get("/api/v1/summary")["workers"]) == count, f"{count} workers are there")
    return master


def scale(swarm: Locust, count: int) -> None:
    swarm.post("/stations/scale", {"count": count, "spawn_rate": 100})
    until(lambda: len(swarm.running()) == count, f"{count} stations run")
    until(lambda: swarm.get("/api/v1/summary")["state"] == "running", "the ramp is over")
    assert swarm.user_count() == count
    assert swarm.stats()["user_count"] == count or until(lambda: swarm.stats()["user_count"] == count, "Locust's UI")


def charging(swarm: Locust) -> set[str]:
    return {station_id for station_id, row in swarm.running().items() if row["status"] == "Charging"}


@pytest.mark.parametrize("start", [in_one_process, in_forked_processes, on_two_workers])
def test_ids_single_stations_prices_and_counts(bench: Bench, start: Start) -> None:
    csms = bench.csms()
    swarm = start(bench, csms)
    scale(swarm, 100)
    assert set(swarm.running()) == ids(*range(1, 101))

    swarm.post("/stations/stop", {"station_id": "PY-SIM-0003"})
    assert swarm.user_count() == 99
    until(lambda: "PY-SIM-0003" not in swarm.running(), "0003 has stopped")
    assert swarm.post("/stations/stop", {"station_id": "PY-SIM-0003"}, 409)
    swarm.post("/stations/stop", {"station_id": "PY-SIM-0099"})
    until(lambda: "PY-SIM-0099" not in swarm.running(), "0099 has stopped")
    assert swarm.user_count() == 98
    swarm.post("/stations/start", {"station_id": "PY-SIM-0099", "profile": "idle"})
    swarm.post("/stations/start", {"station_id": "PY-SIM-0099"}, 409)
    until(lambda: "PY-SIM-0099" in swarm.running(), "0099 is back")
    assert swarm.running()["PY-SIM-0099"]["profile"] == "idle"
    assert swarm.user_count() == 99
    swarm.post("/stations/start", {"station_id": "DE*ABC*7"})
    until(lambda: swarm.running().get("DE*ABC*7", {}).get("status") not in (None, "connecting"), "a foreign id lives")
    assert swarm.user_count() == 100

    assert swarm.post("/pricing", {"price": 18.5}) == {"price": 18.5}
    some = sorted(swarm.running())[:30]
    until(lambda: "₹18.50" in str([swarm.get(f"/stations/{one}/logs")["logs"] for one in some]), "a new price", 60)
    assert swarm.get("/totals")["price_per_kwh"] == 18.5

    scale(swarm, 120)
    assert ids(3) <= set(swarm.running())  # the lowest free number went first
    scale(swarm, 50)
    scale(swarm, 60)
    assert swarm.http("POST", "/stop")[0] == 200
    until(lambda: not swarm.running(), "all have stopped", 40)
    until(lambda: swarm.stats()["state"] == "stopped", "the run is over")
    assert swarm.user_count() == 0
    assert csms.assert_all_closed() > 0
    assert swarm.samples("StartTransaction") == swarm.samples("StopTransaction")
    assert "Traceback" not in swarm.err


@pytest.mark.parametrize("start", [in_forked_processes, on_two_workers])
def test_a_killed_worker(bench: Bench, start: Start) -> None:
    csms = bench.csms()
    swarm = start(bench, csms)
    scale(swarm, 100)
    until(lambda: len(charging(swarm)) > 20, "sessions")
    rows = swarm.running()
    os.kill(worker_pids(bench, swarm)[0], signal.SIGKILL)
    # The rows turn false for a moment only, until the refill: what stays is that nobody runs on the lost worker.
    until(lambda: len({row["worker"] for row in swarm.running().values()}) == 1, "the loss is seen", 15)
    until(lambda: set(swarm.running()) == set(rows), "refilled with the same ids", 15)
    until(lambda: swarm.stats()["user_count"] == 100, "Locust's UI")
    (survivor,) = {row["worker"] for row in swarm.running().values()}
    lost = {station_id for station_id, row in rows.items() if row["worker"] != survivor}
    assert len(lost) == 50
    until(lambda: {connections(csms)[station_id] for station_id in lost} == {2}, "they connect again")
    assert {connections(csms)[station_id] for station_id in set(rows) - lost} == {1}  # they kept their sessions


def connections(csms: Csms) -> dict[str, int]:
    """How often each station has connected."""
    return {row["station_id"]: row["connections"] for row in csms.get("/api/v1/stations")}


def test_a_worker_that_joins_late_knows_the_price_and_gets_the_growth(bench: Bench) -> None:
    csms = bench.csms()
    swarm = on_two_workers(bench, csms)
    scale(swarm, 20)
    swarm.post("/pricing", {"price": 18.5})
    before = swarm.running()
    join(bench, swarm)
    _with_workers(swarm, 3)
    scale(swarm, 30)
    after = swarm.running()
    assert {station_id: row["worker"] for station_id, row in after.items() if station_id in before} == {
        station_id: row["worker"] for station_id, row in before.items()
    }
    newcomer = {row["worker"] for row in after.values()} - {row["worker"] for row in before.values()}
    grown = [station_id for station_id, row in after.items() if row["worker"] in newcomer]
    assert len(newcomer) == 1
    assert set(grown) == ids(*range(21, 31))
    until(lambda: "₹18.50" in str([swarm.get(f"/stations/{one}/logs")["logs"] for one in grown]), "its price", 60)


@pytest.mark.parametrize("together", [["--processes", "2"], ["--master", "--expect-workers", "2"]])
def test_a_headless_end_loses_no_transaction_and_no_statistics(bench: Bench, together: list[str]) -> None:
    csms, port = bench.csms(), str(free_port())
    ports = ("--master-port", port, "--master-bind-port", port)
    run = bench.headless(*SLOW, "-u", "60", "-r", "60", "-t", "12s", "-H", csms.url, *together, *ports, "--csv", "out")
    if "--master" in together:
        for _ in range(2):
            bench.locust("--worker", "--master-host", "127.0.0.1", "--master-port", port)
    assert run.exit_code(60) == 0, run.err
    csv = Csv(bench.folder / "out")
    transactions = csms.assert_all_closed()
    assert transactions > 30
    assert csv.count("StartTransaction") == csv.count("StopTransaction") == transactions
    assert {row["station_id"] for row in csms.get("/api/v1/stations")} == ids(*range(1, 61))


def worker_pids(bench: Bench, swarm: Locust) -> list[int]:
    """Of the processes that have stations."""
    if swarm.master_port:
        return [child.process.pid for child in bench.children if child.name != swarm.name and isinstance(child, Locust)]
    return [child.pid for child in psutil.Process(swarm.process.pid).children()]
