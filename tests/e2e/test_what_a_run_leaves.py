"""History, totals, metrics and the central system's book agree, and a killed master leaves what was flushed."""

from __future__ import annotations

import re
import signal
import sqlite3

import pytest

from .processes import Bench, Csms, Locust, free_port, http, until

RUN = ("--station-profile", "busy:2,default:1", "--time-scale", "60", "--peak-hours", "none")
_SENT = re.compile(r'^evsim_ocpp_calls_total\{[^}]*direction="sent"[^}]*\} (\S+)$', re.MULTILINE)
_ENERGY = re.compile(r'^evsim_energy_watthours_total\{profile="(\w+)"\} (\S+)$', re.MULTILINE)


def in_one_process(bench: Bench, csms: Csms, *options: str) -> Locust:
    return bench.web(*RUN, "-H", csms.url, *options)


def on_two_workers(bench: Bench, csms: Csms, *options: str) -> Locust:
    port = str(free_port())
    ports = ("--master-port", port, "--master-bind-port", port)
    swarm = bench.web(*RUN, "-H", csms.url, *options, "--processes", "2", *ports)
    until(lambda: len(swarm.get("/api/v1/summary")["workers"]) == 2, "two workers are there")
    return swarm


def metric(swarm: Locust, name: str) -> float:
    status, text = swarm.http("GET", "/metrics")
    assert status == 200, text
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    assert found, name
    return float(found[1])


def book_wh(csms: Csms) -> int:
    return sum(row["meter_stop"] - row["meter_start"] for row in csms.transactions())


@pytest.mark.parametrize("start", [in_one_process, on_two_workers])
def test_all_books_agree_to_the_watt_hour(bench: Bench, start: object) -> None:
    csms, port = bench.csms(), str(free_port())
    swarm: Locust = start(bench, csms, "--history", "run.db", "--metrics-port", port)  # type: ignore[operator]
    swarm.post("/stations/scale", {"count": 40, "spawn_rate": 100})
    until(lambda: len(swarm.running()) == 40, "40 stations run")
    until(lambda: swarm.get("/totals")["total_energy_kwh"] > 50, "energy flows", 60)
    swarm.post("/pricing", {"price": 10})
    until(lambda: swarm.get("/totals")["total_energy_kwh"] > 100, "more energy flows", 60)
    assert swarm.http("POST", "/stop")[0] == 200
    until(lambda: swarm.stats()["state"] == "stopped", "the run is over")
    csms.assert_all_closed()
    expected_wh = book_wh(csms)
    assert expected_wh > 100_000
    until(lambda: round(swarm.get("/totals")["total_energy_kwh"] * 1000) == expected_wh, "the totals agree")
    wrote = until(lambda: _all_written(swarm, len(csms.transactions())), "all sessions are written")
    assert sum(round(row["energy_kwh"] * 1000) for row in wrote) == expected_wh
    assert sum(row["cost"] for row in wrote) == pytest.approx(swarm.get("/totals")["total_earnings"], abs=0.01)
    assert round(metric(swarm, "energy_dispensed_kwh_total") * 1000) == expected_wh
    text = http("GET", f"http://127.0.0.1:{port}/metrics")[1]
    assert sum(float(value) for _profile, value in _ENERGY.findall(text)) == expected_wh
    assert metric(swarm, "transactions_total") == len(csms.transactions()) == len(wrote)
    assert {row["profile"] for row in wrote} == {"busy", "default"}
    (run,) = swarm.get("/api/v1/runs")
    assert run["stopped_at"] is not None
    assert run["sessions"] == len(wrote)
    calls = sum(float(value) for value in _SENT.findall(swarm.http("GET", "/metrics")[1]))
    until(lambda: _timed_calls(bench) == calls, "the latencies of all calls are written")
    assert "Traceback" not in swarm.err


def _timed_calls(bench: Bench) -> int:
    with sqlite3.connect(bench.folder / "run.db") as database:
        return int(database.execute("SELECT sum(calls) FROM call_latencies WHERE direction = 'sent'").fetchone()[0])


def _all_written(swarm: Locust, count: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = swarm.get("/api/v1/sessions?limit=10000")["sessions"]
    return rows if len(rows) == count else []


def test_a_killed_master_leaves_what_was_flushed_and_the_next_run_starts(bench: Bench) -> None:
    csms = bench.csms()
    swarm = in_one_process(bench, csms, "--history", "run.db", "--metrics-port", "0")
    swarm.post("/stations/scale", {"count": 10, "spawn_rate": 100})
    until(lambda: swarm.get("/api/v1/sessions")["count"] > 3, "some sessions are written", 60)
    swarm.signal_group(signal.SIGKILL)
    swarm.exit_code()
    with sqlite3.connect(bench.folder / "run.db") as database:
        assert database.execute("SELECT count(*) FROM session_history").fetchone()[0] > 3
        assert database.execute("SELECT count(*) FROM station_logs").fetchone()[0] > 30
    again = in_one_process(bench, csms, "--history", "run.db", "--metrics-port", "0")
    again.post("/stations/scale", {"count": 2, "spawn_rate": 100})
    until(lambda: len(again.get("/api/v1/runs")) == 2, "a second run is in the book")


def test_a_second_run_on_the_same_file(bench: Bench) -> None:
    csms = bench.csms()
    in_one_process(bench, csms, "--history", "run.db", "--metrics-port", "0")
    second = bench.headless("-u", "1", "-t", "1s", "-H", csms.url, "--history", "run.db", "--metrics-port", "0")
    assert second.exit_code() == 2
    assert "--history" in second.err
    assert "Traceback" not in second.err


def test_a_busy_metrics_port(bench: Bench) -> None:
    csms, port = bench.csms(), str(free_port())
    in_one_process(bench, csms, "--history", "none", "--metrics-port", port)
    second = bench.headless("-u", "1", "-t", "1s", "-H", csms.url, "--history", "none", "--metrics-port", port)
    assert second.exit_code() == 2
    assert f"--metrics-port: cannot listen on 127.0.0.1:{port}" in second.err
