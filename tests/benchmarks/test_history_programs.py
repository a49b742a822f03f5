"""The programs of the history's rows as processes, small: what they measure is there, and was checked by them."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks import history_probes
from benchmarks.processes import ProbeFailed, Unavailable, python
from benchmarks.programs.analysed import analyse
from benchmarks.programs.archive_pages import Asker
from benchmarks.programs.many_rows import RUN_ID
from benchmarks.programs.tables import rows_of
from benchmarks.sides import client, master, responder
from evsim_locust.history.database import open_database

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(120)]  # each begins with imports of some seconds
ROOT = Path(__file__).parent.parent.parent


def run(program: str, folder: Path, *options: object) -> dict[str, Any]:
    command = python(f"benchmarks.programs.{program}", *options)
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """3,000 lines of 10 stations."""
    file = tmp_path / "many.db"
    run("many_rows", tmp_path, file, "--lines", 3000, "--stations", 10)
    return file


def test_stations_keep_the_rate_and_the_history_has_what_they_did():
    without, kept = (history_probes.rated(kept, 30, 200.0) for kept in (False, True))
    for figures in (without, kept):
        assert figures["calls"] >= 11 * 30
        assert figures["calls"] <= 200 * figures["seconds"] * 1.3 + 64  # and what Locust heard of late
        assert 0 < figures["p50_s"] <= figures["p99_s"]
        assert figures["s_per_call"] == pytest.approx(figures["seconds"] / figures["calls"])
    assert "rows" not in without
    assert kept["rows"] >= kept["mix"]["MeterValues"] + kept["mix"]["StopTransaction"]


def test_a_history_with_other_rows_than_the_stations_gives_no_figure(many: Path):
    with (
        responder() as other,
        pytest.raises(ProbeFailed, match=r"history: .*'energy_snapshots': 15\d\d, .* instead of"),
    ):
        client("rated", other, 5, "--rate", 100, "--history", many)


def test_every_event_is_noted_and_costs_something(tmp_path: Path):
    figures = run("recording", tmp_path, "--events", 90, "--runs", 3)
    assert set(figures) == {"line_us", "snapshot_us", "ended_us", "us_per_event"}
    assert min(figures.values()) > 0
    assert figures["us_per_event"] < figures["ended_us"]  # the rarest kind is the dearest


def test_the_writer_writes_all_that_it_is_given(tmp_path: Path):
    figures = run("writing", tmp_path, "--sessions", 120)
    assert figures["rows"] == 120 * 9
    assert figures["us_per_row"] > 0
    assert rows_of(str(tmp_path / "history.db")) == {
        "station_logs": 480,
        "energy_snapshots": 480,
        "session_history": 120,
    }


def test_many_rows_are_those_of_the_shipped_tables_with_their_indexes(many: Path, tmp_path: Path):
    assert rows_of(str(many)) == {"station_logs": 3000, "energy_snapshots": 1500, "session_history": 300}
    open_database(str(tmp_path / "new.db")).close()
    indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name"
    with closing(sqlite3.connect(many)) as filled, closing(sqlite3.connect(tmp_path / "new.db")) as new:
        assert filled.execute(indexes).fetchall() == new.execute(indexes).fetchall()
        assert filled.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert filled.execute("SELECT id, sessions FROM runs").fetchall() == [(RUN_ID, 300)]
        first = filled.execute("SELECT timestamp, station_id FROM station_logs ORDER BY id LIMIT 1").fetchone()
        assert first == ("2026-11-22T05:00:00.000+00:00", "PY-SIM-0001")
        counts = "SELECT count(*) FROM {} GROUP BY station_id"
        for table, each in (("station_logs", 300), ("energy_snapshots", 150), ("session_history", 30)):
            assert filled.execute(counts.format(table)).fetchall() == [(each,)] * 10


def test_the_history_is_asked_over_http_and_a_wrong_answer_is_found_out(many: Path):
    with master(10, str(many)) as other:
        figures = client("archive_pages", other, 10, "--lines", 3000, "--seconds", 0.5)
        with pytest.raises(ProbeFailed, match="150 rows instead of 200"):
            client("archive_pages", other, 10, "--lines", 6000, "--seconds", 0.1)
    kinds = [kind for kind in vars(Asker) if not kind.startswith("_")]
    assert sorted(kinds) == ["all_filters", "history", "newest", "of_period", "of_run", "of_station", "runs"]
    for kind in kinds:
        assert figures[f"{kind}_questions"] >= 20
        assert 0 < figures[f"{kind}_ms"] <= figures[f"{kind}_p99_ms"] <= figures["slowest_p99_ms"]


def test_the_analysis_is_run_and_its_report_looked_at(tmp_path: Path):
    file = tmp_path / "history.db"
    run("history_rows", tmp_path, file, "--sessions", 50, "--stations", 10)
    figures = run("analysed", tmp_path, file, "--sessions", 50)
    assert figures["cpu_s"] > 0
    assert figures["wall_s"] > 0
    assert figures["peak_mib"] > 30  # numpy and matplotlib alone
    with pytest.raises(RuntimeError, match="50 sessions"):
        analyse(str(file), 51, tmp_path / "other")


def test_the_probe_of_the_endpoints_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    figures = history_probes.pages(1000, 5, seconds=0.1)
    assert figures["mib"] > 0
    assert figures["slowest_p99_ms"] > 0
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_told_before_anything_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(Unavailable, match=r"GiB left, \d+\.\d GiB are needed"):
        history_probes.pages(10**13, 5)
    assert list(tmp_path.iterdir()) == []
