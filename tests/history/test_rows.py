from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.history.records import LatencyRecord, LogRecord, SessionRecord, SnapshotRecord
from evsim_locust.history.rows import bound, latency_row, log_row, price_row, session_row, snapshot_row, stamp
from evsim_locust.history.schema import (
    call_latencies,
    energy_snapshots,
    metadata,
    price_changes,
    session_history,
    station_logs,
)

TIMES = st.floats(0.0, 253_402_300_799.0)
TEXTS = st.text(max_size=100)


def test_a_time_as_the_contract_has_it():
    assert stamp(1_795_352_400.1239) == "2026-11-22T13:00:00.123+00:00"


@given(TIMES, TIMES)
def test_texts_of_times_sort_as_the_times_do_and_read_back(one, other):
    assert (stamp(one) <= stamp(other)) or one > other
    assert datetime.fromisoformat(stamp(one)).tzinfo == UTC
    assert abs(datetime.fromisoformat(stamp(one)).timestamp() - one) < 0.0011


@pytest.mark.parametrize("at_s", [float("nan"), float("inf"), 1e300])
def test_no_time_raises(at_s):
    with pytest.raises((ValueError, OverflowError)):
        stamp(at_s)


@pytest.mark.parametrize(("at_s", "year"), [(-1e300, "1970"), (1e300, "9999"), (float("inf"), "9999")])
def test_a_search_may_begin_and_end_anywhere(at_s, year):
    assert bound(at_s).startswith(year)


def fits(table, row) -> None:
    """Every column is of the table, no text is longer than its column, and none holds a NUL."""
    for name, value in row.items():
        length = getattr(table.c[name].type, "length", None)
        if isinstance(value, str):
            assert "\0" not in value
            assert length is None or len(value) <= length


@given(TEXTS, TEXTS, TEXTS, TEXTS, st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_session_fits_its_table_and_its_energy_is_in_kwh(session_id, tag, profile, reason, start, energy):
    record = SessionRecord(session_id, "CP1", 2, tag, profile, 0.0, 1.5, start, start + energy, reason, 20.0, 3.5)
    row = session_row(record, "run")
    fits(session_history, row)
    assert row.keys() == {column.name for column in session_history.columns} - {"id"}
    assert row["energy_kwh"] == energy / 1000
    assert (row["start_time"], row["stop_time"]) == (stamp(0.0), stamp(1.5))


@given(TEXTS, TIMES)
def test_the_other_rows_fit_their_tables(text, at_s):
    for table, row in (
        (station_logs, log_row(LogRecord(at_s, "CP1", text), "run")),
        (energy_snapshots, snapshot_row(SnapshotRecord(at_s, "CP1", 1234), None)),
        (price_changes, price_row((at_s, 20.0), "run")),
        (call_latencies, latency_row(LatencyRecord(at_s, 10.0, text, text, 1, 0, *[None] * 4), "run")),
    ):
        fits(table, row)
        assert row.keys() == {column.name for column in table.columns} - {"id"}
        assert row["timestamp"] == stamp(at_s)


def test_a_snapshot_is_in_kwh():
    assert snapshot_row(SnapshotRecord(0.0, "CP1", 19_999), None)["energy_delivered_kwh"] == 19.999


def test_latencies_are_told_to_a_microsecond_and_none_where_none_was_timed():
    row = latency_row(LatencyRecord(0.0, 9.9994, "Heartbeat", "sent", 7, 2, 0.12345, 1.0, 2.0, None), "run")
    assert (row["interval_s"], row["p50_ms"], row["p95_ms"], row["max_ms"]) == (9.999, 0.123, 1.0, None)
    assert (row["calls"], row["failures"]) == (7, 2)


def test_every_table_is_there():
    assert set(metadata.tables) == {
        "station_logs", "session_history", "energy_snapshots", "charging_profiles", "price_changes", "runs",
        "call_latencies",
    }  # fmt: skip
