"""The stations against a central system that shares no code with them."""

from __future__ import annotations

from pathlib import Path

from .processes import Bench, Csv
from .test_headless_runs import BUSY


def test_a_busy_run_against_the_ocpp_package(bench: Bench) -> None:
    csms = bench.central_system(str(Path(__file__).with_name("ocpp_central_system.py")))
    run = bench.headless(*BUSY, "-t", "8s", "-H", csms.url, "--csv", "out")
    assert run.exit_code(60) == 0, run.err
    table = Csv(bench.folder / "out")
    assert table.failures() == {}
    assert table.count("StopTransaction") == table.count("StartTransaction") >= 10
    assert table.count("MeterValues") > 20
    assert table.count("BootNotification") == 20
    assert csms.err == ""  # it found nothing to complain of
