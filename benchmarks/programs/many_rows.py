"""Fills a new history of SQLite with as many log lines as are asked for, fast: its rows are made inside of SQLite.

For each ten lines there are five energy snapshots and one session; stations take turns, a line comes each 10 ms, and
the tables and their indexes are the shipped ones. Other than those of `history_rows`, its sessions have no story.
"""

from __future__ import annotations

import argparse
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from benchmarks.programs.tables import for_many_rows
from benchmarks.programs.usage import report
from evsim_locust.history.database import open_database

RUN_ID = "00000000-0000-4000-8000-000000000001"
START_S = 1_795_323_600  # 2026-11-22 05:00 UTC
BETWEEN_S = 0.01
LINES_PER_SNAPSHOT, LINES_PER_SESSION = 2, 10
_FROM_TO = "2026-11-22T05:00:00.000+00:00", "2026-11-24T09:00:00.000+00:00"
_TIME = f"strftime('%Y-%m-%dT%H:%M:%f', {START_S} + n * {BETWEEN_S}, 'unixepoch') || '+00:00'"
_STATION = "printf('PY-SIM-%04d', n % :stations + 1)"
_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + :step FROM numbers WHERE n + :step < :lines)"
_ROWS = {
    "station_logs": (
        1,
        "timestamp, station_id, message, run_id",
        f"{_TIME}, {_STATION}, printf('Charging stopped (%.2f kWh delivered)', n % 3000 / 100.0), :run",
    ),
    "energy_snapshots": (
        LINES_PER_SNAPSHOT,
        "station_id, timestamp, energy_delivered_kwh, run_id",
        f"{_STATION.replace('n %', f'n / {LINES_PER_SNAPSHOT} %')}, {_TIME}, n % 3000 / 100.0, :run",
    ),
    "session_history": (
        LINES_PER_SESSION,
        "session_id, station_id, start_time, stop_time, energy_kwh, run_id, connector_id, id_tag, profile,"
        " meter_start_wh, meter_stop_wh, reason, price_at_start, cost",
        f"'session/' || n, {_STATION.replace('n %', f'n / {LINES_PER_SESSION} %')}, {_TIME}, {_TIME}, 30.0, :run, 1,"
        " 'ABC123', 'default', 0, 30000, 'Local', 20.0, 600.0",
    ),
}


def fill(file: Path, lines: int, stations: int) -> None:
    """Make the file with all its rows, of one run."""
    open_database(str(file)).close()
    with closing(sqlite3.connect(file, isolation_level=None)) as database, for_many_rows(database):
        database.execute(
            "INSERT INTO runs (id, started_at, stopped_at, config_json, sessions) VALUES (?, ?, ?, '{}', ?)",
            (RUN_ID, *_FROM_TO, -(-lines // LINES_PER_SESSION)),
        )
        given = {"lines": lines, "stations": stations, "run": RUN_ID}
        for table, (step, columns, values) in _ROWS.items():
            into = f"INSERT INTO {table} ({columns}) {_NUMBERS} SELECT {values} FROM numbers"
            database.execute(into, {**given, "step": step})


def main() -> None:
    """Fill it, and say what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--lines", type=int, required=True)
    parser.add_argument("--stations", type=int, required=True)
    options = parser.parse_args()
    if options.file.exists():
        parser.error(f"{options.file} is there already")
    began = time.monotonic()
    fill(options.file, options.lines, options.stations)
    report({"fill_s": time.monotonic() - began, "mib": options.file.stat().st_size / 2**20})


if __name__ == "__main__":
    main()
