"""Without --host, Locust has a mock CSMS of its own on port 9000."""

from __future__ import annotations

import json
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from .processes import Bench, Csv, Locust, free_port, http, is_taken, until
from .test_headless_runs import BUSY

PORT = 9000


@pytest.fixture
def free_9000() -> Iterator[None]:
    """The port is fixed; another program on this machine may have it, for a while or for good."""
    with suppress(AssertionError):
        until(lambda: not is_taken(PORT), "port 9000 is free", 10)
    if is_taken(PORT):
        pytest.skip("port 9000, the embedded CSMS's, is taken by another program")
    yield
    until(lambda: not is_taken(PORT), "port 9000 is free again")


def _wait_for_open_transactions(least: int) -> None:
    def there() -> bool:
        if not is_taken(PORT):
            return False
        status, body = http("GET", f"http://127.0.0.1:{PORT}/healthz")
        return status == 200 and json.loads(body)["transactions_open"] >= least

    until(there, f"{least} transactions are open at the embedded CSMS")


def _csms_of(run: Locust) -> psutil.Process:
    children = psutil.Process(run.process.pid).children()
    assert len(children) == 1
    assert "csms" in children[0].cmdline()
    return children[0]


@pytest.mark.usefixtures("free_9000")
def test_it_starts_by_itself_and_ctrl_c_ends_both_after_the_drain(bench: Bench) -> None:
    run = bench.headless(*BUSY, "--csv", "out")
    run.wrote("No --host given: the runner started the embedded mock CSMS at ws://127.0.0.1:9000/ocpp")
    _wait_for_open_transactions(10)
    csms = _csms_of(run)
    run.signal_group(signal.SIGINT)
    assert run.exit_code() == 0, run.err
    assert not csms.is_running()
    assert not is_taken(PORT)
    table = Csv(bench.folder / "out")
    assert table.failures() == {}
    assert table.count("StopTransaction") == table.count("StartTransaction") >= 10


@pytest.mark.usefixtures("free_9000")
def test_it_does_not_outlive_a_killed_locust(bench: Bench) -> None:
    run = bench.headless(*BUSY)
    _wait_for_open_transactions(1)
    csms = _csms_of(run)
    run.signal(signal.SIGKILL)
    run.exit_code()
    try:
        until(lambda: not csms.is_running() and not is_taken(PORT), "the embedded CSMS ends with its parent", 5)
        assert not csms.is_running()
    finally:
        with suppress(psutil.NoSuchProcess):
            csms.kill()


@pytest.mark.usefixtures("free_9000")
def test_its_port_being_taken_is_a_clear_error(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", PORT)):
        run = bench.headless("-u", "1", "-t", "2s", "--loglevel", "WARNING")
        assert run.exit_code() == 2
    lines = run.err.splitlines()
    assert len(lines) == 1, run.err
    assert lines[0].startswith("--host: none was given, and the embedded CSMS did not start: csms: port 9000 ")
    assert "taken" in lines[0]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no loopback addresses besides 127.0.0.1")
@pytest.mark.usefixtures("free_9000")
def test_a_worker_that_cannot_reach_it_says_so(bench: Bench) -> None:
    port, elsewhere = str(free_port()), "127.0.0.2"  # an address that the embedded CSMS does not listen on
    worker = bench.locust("--worker", "--master-host", elsewhere, "--master-port", port)
    swarm = ("-u", "1", "-t", "3s", "--master", "--expect-workers", "1")
    master = bench.headless(*swarm, "--master-bind-host", elsewhere, "--master-bind-port", port)
    assert worker.exit_code() == 2
    assert "--host: the master uses its embedded CSMS, which this worker cannot reach: give it -H" in worker.err
    master.exit_code()
