"""A busy swarm against the mock CSMS: what Locust counted is what the central system holds."""

from __future__ import annotations

from .processes import Bench, Csv

BUSY = ("-u", "20", "-r", "20", "--time-scale", "60", "--station-profile", "busy")


def test_a_busy_run_completes_sessions_and_loses_none(bench: Bench) -> None:
    csms = bench.csms()
    run = bench.headless(*BUSY, "-t", "12s", "-H", csms.url, "--csv", "out", "--html", "out.html")
    assert run.exit_code(60) == 0, run.err
    table = Csv(bench.folder / "out")
    transactions = csms.assert_all_closed()
    assert transactions > 20  # some station has completed a session and begun another
    assert table.count("StartTransaction") == table.count("StopTransaction") == transactions
    assert table.failures() == {}
    assert table.count("BootNotification") == table.count("connect") == table.count("close") == 20
    assert table.count("MeterValues") > transactions
    assert "StopTransaction" in (bench.folder / "out.html").read_text()
    assert {row["station_id"] for row in csms.transactions()} == {f"PY-SIM-{n:04d}" for n in range(1, 21)}
    assert csms.get("/healthz")["stations_connected"] == 0
    assert [file.name for file in bench.folder.iterdir() if file.name.startswith(".")] == []
