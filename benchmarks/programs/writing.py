"""How many rows a second the shipped writer gets into SQLite, from the first one until the file has all of them."""

from __future__ import annotations

import argparse
import time
from itertools import count
from pathlib import Path
from typing import NamedTuple

import gevent
from locust import events  # noqa: F401  # patches the standard library, as in every process that writes a history

from benchmarks.programs.recording import LINES, SAMPLES
from benchmarks.programs.tables import rows_of
from benchmarks.programs.usage import cpu_s, report
from evsim_locust.history.database import open_database
from evsim_locust.history.records import Batch, LogRecord, SessionRecord, SnapshotRecord
from evsim_locust.history.writer import Writer

ROWS_PER_SESSION = len(LINES) + SAMPLES + 1
_STATIONS = 5_000
_SESSIONS_AT_ONCE = 50  # in a worker's message
_MOST_WAITING = 100_000  # rows; half of what the writer holds before it drops any
_TICK_S = 0.005
_CLOSE_S = 120.0


class Written(NamedTuple):
    """What it took; `late_s` is by how much the hub was late at worst, which stations would feel."""

    rows: int
    wall_s: float
    cpu_s: float
    late_s: float


def batch_of(first: int, sessions: int, now_s: float) -> Batch:
    """The rows of some sessions, each of another station."""
    numbers = range(first, first + sessions)
    stations = [(number, f"PY-SIM-{number % _STATIONS + 1:04}") for number in numbers]
    return Batch(
        [LogRecord(now_s, station_id, text) for _, station_id in stations for text in LINES],
        [
            SessionRecord(
                f"{station_id}/1/{number}",
                station_id,
                1,
                "ABC123",
                "default",
                now_s - 600,
                now_s,
                0,
                30_000,
                "Local",
                18.5,
                555.0,
            )
            for number, station_id in stations
        ],
        [
            SnapshotRecord(now_s, station_id, 7_500 * part)
            for _, station_id in stations
            for part in range(1, SAMPLES + 1)
        ],
    )


def write(file: str, sessions: int) -> Written:
    """Keep the writer busy without making it drop anything; raises RuntimeError when rows are missing."""
    writer = Writer(open_database(file))
    writer.begin("bench", time.time(), {})
    began, cpu, late, put = time.monotonic(), cpu_s(), 0.0, 0
    for first in count(0, _SESSIONS_AT_ONCE):
        if first >= sessions:
            break
        batch = batch_of(first, min(_SESSIONS_AT_ONCE, sessions - first), time.time())
        writer.put(batch)
        put += len(batch.logs) + len(batch.sessions) + len(batch.snapshots)
        late = max(late, _wait_for_room(writer, put))
    if not writer.close(_CLOSE_S):
        raise RuntimeError(f"{writer.written} of {put} rows were written in {_CLOSE_S:g} s")
    took = Written(put, time.monotonic() - began, cpu_s() - cpu, late)
    found = sum(rows_of(file).values())
    if not found == put == sessions * ROWS_PER_SESSION or any(writer.dropped):
        raise RuntimeError(f"{found} of {put} rows are in the file; {writer.dropped}")
    return took


def _wait_for_room(writer: Writer, put: int) -> float:
    """At least one turn of the hub; gives by how much it was late at worst."""
    late = 0.0
    while True:
        began = time.monotonic()
        gevent.sleep(_TICK_S)
        late = max(late, time.monotonic() - began - _TICK_S)
        if put - writer.written <= _MOST_WAITING:
            return late


def main() -> None:
    """Write a new file in this folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=50_000, help=f"of {ROWS_PER_SESSION} rows each")
    parser.add_argument("--file", type=Path, default=Path("history.db"))
    options = parser.parse_args()
    took = write(str(options.file), options.sessions)
    report(
        {
            "us_per_row": took.wall_s / took.rows * 1e6,
            "cpu_us_per_row": took.cpu_s / took.rows * 1e6,
            "hub_late_ms": took.late_s * 1000,
            "rows": took.rows,
        }
    )


if __name__ == "__main__":
    main()
