from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from benchmarks.programs.history_rows import RUN_ID, SPAN_S, START_S
from benchmarks.programs.history_rows import text as time_text
from evsim_locust.analysis import queries
from evsim_locust.analysis.errors import NothingThere, Unreadable
from evsim_locust.analysis.rows import DecisionRow, PresenceRow, PriceRow, RunRow, SampledRow
from evsim_locust.analysis.source import opened
from evsim_locust.history import schema

Fill = Callable[..., Path]


def run_row(run_id: str, started_s: float, stopped_s: float | None = None, config: str = "{}") -> tuple[Any, Any]:
    stopped = None if stopped_s is None else time_text(stopped_s)
    return schema.runs, {
        "id": run_id,
        "started_at": time_text(started_s),
        "stopped_at": stopped,
        "config_json": config,
    }


def line(at_s: float, message: str, station_id: str = "A", run_id: str = "r") -> tuple[Any, Any]:
    values = {"timestamp": time_text(at_s), "station_id": station_id, "message": message, "run_id": run_id}
    return schema.station_logs, values


def session(**values: Any) -> tuple[Any, Any]:
    whole = {
        "session_id": "1",
        "station_id": "A",
        "start_time": time_text(100),
        "stop_time": time_text(200),
        "energy_kwh": 1.0,
        "run_id": "r",
    }
    return schema.session_history, whole | values


def quiet(work: str, done: int, of: int) -> None:
    assert 0 <= done <= of, work


def test_the_last_run_is_the_default(make: Fill) -> None:
    file = make(run_row("old", 100, 200), run_row("new", 300), run_row("mid", 200, 250), session(run_id="mid"))
    with opened(str(file)) as connection:
        assert queries.find_run(connection, "") == RunRow("new", 300, None, "{}")
        assert queries.find_run(connection, "old").stopped_s == 200
        assert [(run.run_id, sessions) for run, sessions in queries.list_runs(connection)] == [
            ("new", 0),
            ("mid", 1),
            ("old", 0),
        ]
        with pytest.raises(NothingThere, match=r"'other'.*--list"):
            queries.find_run(connection, "other")


def test_no_run_is_told(make: Fill) -> None:
    with opened(str(make())) as connection, pytest.raises(NothingThere, match="no run yet"):
        queries.find_run(connection, "")


def test_a_run_that_was_not_ended_reaches_to_its_last_row(make: Fill) -> None:
    file = make(run_row("r", 100), line(150, "x"), line(999, "x", run_id="other"), session(), run_row("empty", 50))
    with opened(str(file)) as connection:
        assert queries.last_seen_s(connection, queries.find_run(connection, "r")) == 200
        assert queries.last_seen_s(connection, queries.find_run(connection, "empty")) == 50


def test_sessions_of_one_run_are_read(example_connection: Connection) -> None:
    found = list(queries.sessions(example_connection, RUN_ID))
    statement = text("SELECT sum(meter_stop_wh), sum(cost) FROM session_history")
    energy_wh, cost = example_connection.execute(statement).one()
    rows = [row for row in found if row is not None]
    assert len(rows) == len(found) == 400
    assert sum(row.energy_wh for row in rows) == energy_wh
    assert sum(row.cost for row in rows) == pytest.approx(cost)
    assert all(row.stop_s is not None and START_S <= row.start_s < row.stop_s <= START_S + SPAN_S for row in rows)
    assert list(queries.sessions(example_connection, "other")) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_time": "yesterday"},
        {"start_time": "13:00"},
        {"stop_time": "2026-13-01T00:00:00+00:00"},
        {"energy_kwh": -0.5},
        {"energy_kwh": float("inf")},
        {"cost": float("inf")},
        {"price_at_start": float("-inf")},
    ],
)
def test_a_session_that_cannot_be_read_is_none(make: Fill, wrong: dict[str, Any]) -> None:
    with opened(str(make(session(), session(**wrong)))) as connection:
        first, second = sorted(queries.sessions(connection, "r"), key=lambda row: row is None)
    assert first is not None
    assert second is None


def test_what_the_original_wrote_has_gaps(make: Fill) -> None:
    file = make(session(stop_time=None), session(start_time="1970-01-01T00:01:40", stop_time="1970-01-01T00:01:30"))
    with opened(str(file)) as connection:
        rows = [row for row in queries.sessions(connection, "r") if row is not None]
    going, naive = sorted(rows, key=lambda row: row.stop_s is not None)
    assert (going.profile, going.stop_s, going.price, going.cost, going.reason) == ("(none)", None, None, 0.0, "(none)")
    assert (naive.start_s, naive.stop_s) == (100, 100)  # never ends before it begins


def test_prices_come_in_order_of_time(make: Fill) -> None:
    rows = [(30, 3.0, "r"), (10, 1.0, "r"), (20, 2.0, "other")]
    file = make(
        *(
            (schema.price_changes, {"timestamp": time_text(at), "price": price, "run_id": run})
            for at, price, run in rows
        )
    )
    with opened(str(file)) as connection:
        assert queries.prices(connection, "r") == [PriceRow(10, 1.0), PriceRow(30, 3.0)]


def test_log_lines_are_counted_by_reason(make: Fill) -> None:
    file = make(
        line(100, "BootNotification accepted"),
        line(100.2, "Price too high (₹24.50 > ₹20.00) — waiting"),
        line(100.4, "Price too high (₹26.00 > ₹20.00) — waiting"),
        line(101, "Price too high (₹26.00 > ₹20.00) — stopping", "B"),
        line(102, "Demand response event — waiting"),
        line(103, "Charging started (price: ₹18.50, id_tag: A — waiting)"),
        line(103, "Charging started (price: ₹19.50, id_tag: B)"),
        line(104, "charging STARTED, nearly"),
        line(104, "Heartbeat sent"),
        line(105, "Station shutting down"),
        line(100, "Demand response event — waiting", run_id="other"),
    )
    with opened(str(file)) as connection:
        found = list(queries.log_lines(connection, "r", 60, quiet))
    assert [row for row in found if isinstance(row, PresenceRow)] == [
        PresenceRow(100, "A", True),
        PresenceRow(105, "A", False),
    ]
    counts: dict[DecisionRow, int] = {}
    for row in found:
        if isinstance(row, DecisionRow):
            counts[row._replace(lines=0)] = counts.get(row._replace(lines=0), 0) + row.lines
    assert counts == {
        DecisionRow(100, "waiting", "Price too high", 0): 2,
        DecisionRow(101, "stopping", "Price too high", 0): 1,
        DecisionRow(102, "waiting", "Demand response event", 0): 1,
        DecisionRow(103, "started", "Charging started", 0): 2,
    }


@pytest.mark.parametrize(
    ("span_s", "begins"), [(60, 3725), (4 * 3600, 3720), (86_400, 3720), (7 * 86_400, 3600), (90 * 86_400, 3600)]
)
def test_slots_grow_with_the_run(make: Fill, span_s: float, begins: float) -> None:
    with opened(str(make(line(3725.6, "Demand response event — waiting")))) as connection:
        (row,) = queries.log_lines(connection, "r", span_s, quiet)
    assert row.at_s == begins


def test_samples_name_their_stations(make: Fill) -> None:
    samples = [(61, "A", "r"), (119, "A", "r"), (119, "B", "r"), (120, "B", "r"), (61, "C", "other")]
    file = make(
        *(
            (
                schema.energy_snapshots,
                {"timestamp": time_text(at), "station_id": station, "energy_delivered_kwh": 1.0, "run_id": run},
            )
            for at, station, run in samples
        )
    )
    with opened(str(file)) as connection:
        found = set(queries.sampled(connection, "r", 600, quiet))
    assert found == {SampledRow(60, "A"), SampledRow(60, "B"), SampledRow(120, "B")}
    assert queries.sample_slot_s(600) == 60


def test_a_time_that_is_none_is_told(make: Fill) -> None:
    _, values = line(1, "BootNotification accepted")
    file = make((schema.station_logs, {**values, "timestamp": "soon"}))
    with opened(str(file)) as connection, pytest.raises(Unreadable, match="'soon'"):
        list(queries.log_lines(connection, "r", 60, quiet))


@pytest.mark.parametrize("table", ["station_logs", "energy_snapshots"])
def test_other_runs_are_not_scanned(example_connection: Connection, table: str) -> None:
    """The ids of a run are found by its index, also beside the rows of a thousand others."""
    statement = text(f"EXPLAIN QUERY PLAN SELECT id FROM {table} WHERE run_id = 'x' ORDER BY id DESC LIMIT 1")
    plan = [step.detail for step in example_connection.execute(statement)]
    assert len(plan) == 1, plan
    assert f"ix_{table}_run (run_id=?)" in plan[0]
