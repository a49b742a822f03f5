from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from benchmarks.programs.history_rows import CONFIG, SPAN_S, START_S
from benchmarks.programs.history_rows import text as time_text
from evsim_locust.analysis.queries import list_runs
from evsim_locust.analysis.source import opened
from evsim_locust.analysis.study import Study, study_run
from evsim_locust.history import schema
from tests.history.making import TO_VERSION_1

Fill = Callable[..., Path]


def quiet(work: str, done: int, of: int) -> None:
    assert 0 <= done <= of, work


@pytest.fixture
def study(example_connection: Connection) -> Study:
    return study_run(example_connection, "", quiet)


def test_sums_are_those_of_the_database(study: Study, example_connection: Connection) -> None:
    statement = text("SELECT count(*), sum(energy_kwh), sum(cost) FROM session_history")
    count, energy_kwh, cost = example_connection.execute(statement).one()
    assert study.sessions == count
    assert study.energy_kwh == pytest.approx(energy_kwh)
    assert study.cost == pytest.approx(cost)
    assert sum(study.reasons.values()) == sum(row.sessions for row in study.profiles) == count
    assert sum(row.energy_kwh for row in study.profiles) == pytest.approx(energy_kwh)
    assert sum(level.sessions for level in study.price_impact.levels) == count
    assert sum(row.peak.sessions + row.off_peak.sessions for row in study.peak_by_profile) == count
    assert sum(sum(bins.counts) for bins in study.energy_bins) == count


def test_the_profiles_in_sql_are_the_same(study: Study, example_connection: Connection) -> None:
    statement = text("SELECT profile, count(*), sum(energy_kwh), max(energy_kwh) FROM session_history GROUP BY profile")
    for name, count, energy_kwh, most_kwh in example_connection.execute(statement):
        row = next(row for row in study.profiles if row.name == name)
        assert (row.sessions, row.energy_kwh) == (count, pytest.approx(energy_kwh))
        assert row.energy_spread_kwh is not None
        assert row.energy_spread_kwh.p90 <= most_kwh <= CONFIG["profiles"][name]["max_energy_kwh"] == row.cap_kwh


def test_decisions_are_those_of_the_log(study: Study, example_connection: Connection) -> None:
    started = text("SELECT count(*) FROM station_logs WHERE message LIKE 'Charging started (%'")
    waiting = text("SELECT count(*) FROM station_logs WHERE message LIKE 'Price too high (%) — waiting'")
    totals = study.decisions.totals
    assert totals["Charging started"] == example_connection.scalar(started) == study.sessions
    assert totals["Price too high — waiting"] == example_connection.scalar(waiting) > 0
    assert study.decisions.thresholds == {
        name: limits["charge_if_price_below"] for name, limits in CONFIG["profiles"].items()
    }


def test_stations_come_stay_and_go(study: Study) -> None:
    assert study.connected.lines == 80
    assert max(study.connected.by_log) == 40
    assert study.connected.by_log[-1] == 0
    assert 0 < max(count for _, count in study.connected.by_samples) <= 40


def test_the_run_is_its_own(study: Study) -> None:
    assert (study.axis.start_s, study.axis.span_s) == (START_S, SPAN_S)
    assert (study.zone, study.peak_hours) == ("Europe/Berlin", set(CONFIG["peak_hours"]))
    assert study.notes == []


def test_latencies_are_those_of_the_table(study: Study, example_connection: Connection) -> None:
    statement = text(
        "SELECT action, direction, sum(calls), sum(failures), max(max_ms), count(*) FROM call_latencies"
        " GROUP BY action, direction"
    )
    rows = example_connection.execute(statement).all()
    names = {f"{row.action} (received)" if row.direction == "received" else row.action: row for row in rows}
    assert names.keys() == {row.name for row in study.latencies.actions} >= {"Heartbeat", "Reset (received)"}
    for found in study.latencies.actions:
        assert (found.calls, found.failures, found.max_ms) == tuple(names[found.name])[2:5]
    assert study.latencies.calls == sum(row[2] for row in rows)
    assert study.latencies.intervals == sum(row[5] for row in rows)


def test_a_history_of_version_1_has_no_latencies(example: Path, tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    file.write_bytes(example.read_bytes())
    with closing(sqlite3.connect(file)) as database:
        database.executescript(";".join(TO_VERSION_1))
    with opened(str(file)) as connection:
        study = study_run(connection, "", quiet)
        assert [(run.run_id, count) for run, count in list_runs(connection)] == [("example", 400)]
    assert study.sessions == 400
    assert (study.latencies.lines, study.latencies.actions) == ([], [])
    assert study.notes == ["The run has no latencies of calls: there were none, or it is from before they were kept."]


def test_an_empty_run_says_what_is_missing(make: Fill) -> None:
    row = {"id": "r", "started_at": time_text(100), "config_json": "{"}
    with opened(str(make((schema.runs, row)))) as connection:
        study = study_run(connection, "r", quiet)
    assert study.sessions == 0
    told = " ".join(study.notes)
    for words in (
        "not ended",
        "No session",
        "cannot be read",
        "no peak hours",
        "no price changes",
        "no log lines",
        "no latencies",
    ):
        assert words in told


def test_sessions_left_out_are_told(make: Fill) -> None:
    row = {
        "id": "r",
        "started_at": time_text(100),
        "stopped_at": time_text(500),
        "config_json": json.dumps({"timezone": "Mars/Base", "time_scale": 10}),
    }
    session = {
        "session_id": "1",
        "station_id": "A",
        "start_time": "never",
        "energy_kwh": 1.0,
        "run_id": "r",
    }
    with opened(str(make((schema.runs, row), (schema.session_history, session)))) as connection:
        notes = study_run(connection, "", quiet).notes
    assert any(note.startswith("1 sessions have times") for note in notes)
    assert any("'Mars/Base'" in note for note in notes)
    assert any(note.startswith("At time scale 10 ") for note in notes)
