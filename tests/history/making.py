"""Records and batches for the tests of this room."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from evsim_locust.history.records import Batch, LatencyRecord, LogRecord, SessionRecord, SnapshotRecord

NOON_S = 1_795_348_800.0  # 2026-11-22T12:00:00Z
TO_VERSION_1 = (  # takes away what later versions have added
    "DROP TABLE call_latencies",
    "ALTER TABLE runs DROP COLUMN sessions",
    "UPDATE history_version SET version_num = '0001'",
)


def log(text: str, at_s: float = NOON_S, station_id: str = "CP1") -> LogRecord:
    return LogRecord(at_s, station_id, text)


def snapshot(energy_wh: int, at_s: float = NOON_S, station_id: str = "CP1") -> SnapshotRecord:
    return SnapshotRecord(at_s, station_id, energy_wh)


def session(name: str, start_s: float = NOON_S, station_id: str = "CP1", energy_wh: int = 1500) -> SessionRecord:
    return SessionRecord(
        name, station_id, 1, "TAG001", "default", start_s, start_s + 60, 1000, 1000 + energy_wh, "Local", 20.0, 30.0
    )


def latency(action: str, at_s: float = NOON_S) -> LatencyRecord:
    return LatencyRecord(at_s, 10.0, action, "sent", 10, 1, 3.25, 20.5, 30.0, 31.0)


def batch_of(number: int, start: int = 0) -> Batch:
    """So many of each kind."""
    numbers = range(start, start + number)
    return Batch(
        [log(f"line {index}", NOON_S + index) for index in numbers],
        [session(f"s{index}", NOON_S + index) for index in numbers],
        [snapshot(index, NOON_S + index) for index in numbers],
    )


def rows(path: Path, query: str, *values: Any) -> list[Any]:
    """What a stranger sees in the file; single columns as plain values."""
    with closing(sqlite3.connect(path)) as database:
        found = database.execute(query, values).fetchall()
    return [row[0] if len(row) == 1 else row for row in found]
