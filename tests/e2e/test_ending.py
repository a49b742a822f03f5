"""However a run is ended, every transaction gets its stop and every stop its sample."""

from __future__ import annotations

import json
import signal

import pytest

from .processes import Bench, Csms, Csv, Locust, free_port, until
from .test_headless_runs import BUSY

RUSH = ("-u", "100", "-r", "100", "--time-scale", "600", "--station-profile", "busy")
STOP_TIMEOUTS = pytest.mark.parametrize("stop_timeout", [(), ("--stop-timeout", "10")], ids=["default", "stop-timeout"])


@STOP_TIMEOUTS
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_in_mid_transaction_loses_nothing(
    bench: Bench, number: signal.Signals, stop_timeout: tuple[str, ...]
) -> None:
    csms = bench.csms()
    run = bench.headless(*BUSY, *stop_timeout, "-H", csms.url, "--csv", "out", "--html", "out.html")
    csms.wait_for_open_transactions(10)
    run.signal(number)
    assert run.exit_code() == 0, run.err
    _nothing_lost(csms, Csv(bench.folder / "out"))
    assert "StopTransaction" in (bench.folder / "out.html").read_text()


def test_ctrl_c_hits_no_station_of_a_swarm_that_is_never_idle(bench: Bench) -> None:
    csms = bench.csms()
    run = bench.headless(*RUSH, "-H", csms.url, "--csv", "out")
    csms.wait_for_open_transactions(50)
    run.signal(signal.SIGINT)
    assert run.exit_code() == 0, run.err
    assert "Traceback" not in run.err
    _nothing_lost(csms, Csv(bench.folder / "out"))


@pytest.mark.parametrize("way", ["SIGTERM to the master", "Ctrl-C"])
def test_workers_leave_no_transaction_open(bench: Bench, way: str) -> None:
    csms, port = bench.csms(), str(free_port())
    bound = ("--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port)
    run = bench.headless(*BUSY, "--processes", "2", *bound, "-H", csms.url)
    csms.wait_for_open_transactions(10)
    if way == "Ctrl-C":
        run.signal_group(signal.SIGINT)
    else:
        run.signal(signal.SIGTERM)
    assert run.exit_code() == 0, run.err
    assert csms.assert_all_closed() >= 10
    assert "Traceback" not in run.err


@STOP_TIMEOUTS
def test_stop_in_the_web_ui_loses_nothing(bench: Bench, stop_timeout: tuple[str, ...]) -> None:
    csms = bench.csms()
    run = bench.web(*BUSY, *stop_timeout, "-H", csms.url, "--csv", "out", "--autostart")
    csms.wait_for_open_transactions(10)
    status, body = run.http("POST", "/stop")
    assert (status, json.loads(body)["success"]) == (200, True)
    until(lambda: run.stats()["state"] == "stopped", "the web UI shows the run stopped")
    transactions = csms.assert_all_closed()
    assert run.samples("StopTransaction") == run.samples("StartTransaction") == transactions
    _ended(run)
    _nothing_lost(csms, Csv(bench.folder / "out"))


def test_a_csms_that_hangs_does_not_hold_up_the_end_and_the_loss_is_told(bench: Bench) -> None:
    csms = bench.csms()
    run = bench.headless(*BUSY, "--drain-timeout", "1", "-H", csms.url, "--csv", "out")
    csms.wait_for_open_transactions(10)
    csms.signal(signal.SIGSTOP)
    run.signal(signal.SIGTERM)
    assert run.exit_code(20) == 1  # what failed while it ended counts
    lost = Csv(bench.folder / "out").failures()[
        "OCPP", "MessageDropped", "StopTransaction: not answered before the end"
    ]
    assert lost >= 10
    assert "Traceback" not in run.err


def _nothing_lost(csms: Csms, table: Csv) -> None:
    transactions = csms.assert_all_closed()
    assert transactions >= 10
    assert table.count("StartTransaction") == table.count("StopTransaction") == transactions
    assert table.failures() == {}


def _ended(run: Locust) -> None:
    run.signal(signal.SIGTERM)
    assert run.exit_code() == 0, run.err
