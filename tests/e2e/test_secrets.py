"""A password opens the CSMS's door and is seen nowhere else."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from .processes import Bench, Csms, free_port, until

SECRET = "planted-secret"
SWARM = ("-u", "2", "-r", "2", "--time-scale", "60", "--station-profile", "busy", "--loglevel", "DEBUG")
PAGES = ("/", "/stats/requests", "/stats/report", "/exceptions", "/logs", "/tasks", "/stats/requests/csv")


@pytest.fixture
def guarded(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Csms:
    """A CSMS that asks for the password; its file is not among what the test looks through."""
    users = tmp_path_factory.mktemp("csms") / "users.csv"
    ids = (f"PY-SIM-{number:04d}" for number in (1, 2, 10_001, 10_002))
    users.write_text("station_id,password\n" + "".join(f"{name},{SECRET}\n" for name in ids))
    return bench.csms("--users", str(users))


def _written(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(errors="replace") for file in folder.rglob("*") if file.is_file()}


def _assert_unseen(shown: dict[str, str]) -> None:
    assert [name for name, text in shown.items() if SECRET in text] == []


def test_reports_and_the_logs_of_workers_do_not_show_it(bench: Bench, guarded: Csms) -> None:
    reports, port = ("--csv", "out", "--html", "out.html"), str(free_port())
    together = (
        "--processes",
        "2",
        "--master-port",
        port,
        "--master-bind-host",
        "127.0.0.1",
        "--master-bind-port",
        port,
    )
    run = bench.headless(*SWARM, *reports, *together, "-t", "5s", "-H", guarded.url, "--basic-auth-key", SECRET)
    assert run.exit_code(60) == 0, run.err
    assert len(guarded.get("/api/v1/stations")) == 2  # both workers' stations had it
    shown = _written(bench.folder)
    assert {"out_stats.csv", "out_failures.csv", "out.html", "locust2.out", "locust2.err"} <= set(shown)
    assert "worker" in shown["locust2.err"]
    _assert_unseen(shown)


def test_the_web_ui_does_not_show_it(bench: Bench, guarded: Csms) -> None:
    run = bench.web(*SWARM, "-H", guarded.url, "--basic-auth-key", SECRET)
    refused, body = run.http("POST", "/swarm", {"user_count": 1, "spawn_rate": 1, "basic_auth_key": "other"})
    assert refused == 400
    assert json.loads(body)["message"].startswith("--basic-auth-key: cannot be changed here")
    run.http("POST", "/swarm", {"user_count": 2, "spawn_rate": 2})
    until(lambda: run.samples("BootNotification") == 2, "both stations have booted")
    pages = {page: run.http("GET", page) for page in PAGES}
    assert {page: status for page, (status, _body) in pages.items()} == dict.fromkeys(PAGES, 200)
    _assert_unseen({page: body for page, (_status, body) in pages.items()})
    run.signal(signal.SIGTERM)
    assert run.exit_code() == 0, run.err
    _assert_unseen(_written(bench.folder))
