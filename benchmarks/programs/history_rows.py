"""Makes a history of one run with as many sessions as are asked for, to measure the analysis and to look at its plots.

`python -m benchmarks.programs.history_rows example.db --sessions 1000000`
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, create_engine, insert

from evsim_locust.history import schema

RUN_ID = "example"
START_S = 1_795_323_600.0  # 2026-11-22 05:00 UTC
SPAN_S = 8 * 3600.0
CONFIG: dict[str, Any] = {
    "profiles": {
        "default": {"max_energy_kwh": 30.0, "charge_if_price_below": 25.0, "allow_peak": True},
        "busy": {"max_energy_kwh": 40.0, "charge_if_price_below": 30.0, "allow_peak": True},
        "idle": {"max_energy_kwh": 20.0, "charge_if_price_below": 18.0, "allow_peak": False},
        "flaky": {"max_energy_kwh": 25.0, "charge_if_price_below": 20.0, "allow_peak": True},
    },
    "peak_hours": [8, 9, 10, 17, 18, 19],
    "timezone": "Europe/Berlin",
    "currency": "₹",
}
PRICES = (20.0, 16.0, 17.0, 27.5, 24.0, 18.0, 20.0, 15.0)  # one an hour
_WEIGHTS = (6, 3, 2, 1)
_SAMPLES = 5
_PIECE = 50_000

Row = tuple[Any, dict[str, Any]]


def text(at_s: float) -> str:
    """A time as the history has it."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")


def price_at(at_s: float) -> float:
    """The price of that hour of the run."""
    return PRICES[min(int((at_s - START_S) // 3600), len(PRICES) - 1)]


def rows(sessions: int, stations: int, random: Random) -> Iterator[Row]:
    """Tables and their rows, roughly in order of time: who may not charge waits, who may draws 11 kW."""
    yield (
        schema.runs,
        {
            "id": RUN_ID,
            "started_at": text(START_S),
            "stopped_at": text(START_S + SPAN_S),
            "config_json": json.dumps(CONFIG),
        },
    )
    for hour, price in enumerate(PRICES):
        yield schema.price_changes, {"run_id": RUN_ID, "timestamp": text(START_S + hour * 3600), "price": price}
    for number in range(stations):
        yield _line(START_S + 900 * number / stations, number, "BootNotification accepted")
    made = tries = 0
    while made < sessions:
        at_s = START_S + 900 + (SPAN_S - 3600) * random.random() ** 1.2
        refusal, profile = _asked(at_s, random)
        tries += 1
        if refusal and made * 20 > tries:  # an idle hour must not go on for ever
            yield _line(at_s, tries % stations, f"{refusal} — waiting")
        else:
            made += 1
            yield from _session(at_s, made, tries % stations, profile, random)
    for number in range(stations):
        yield _line(START_S + SPAN_S - 60 + 50 * number / stations, number, "Station shutting down")


def _asked(at_s: float, random: Random) -> tuple[str, str]:
    """Why not, and whose profile."""
    (profile,) = random.choices(tuple(CONFIG["profiles"]), _WEIGHTS)
    limits, price, hour = CONFIG["profiles"][profile], price_at(at_s), int(at_s // 3600 + 1) % 24
    if price > limits["charge_if_price_below"]:
        return f"Price too high (₹{price:.2f} > ₹{limits['charge_if_price_below']:.2f})", profile
    if hour in CONFIG["peak_hours"] and not limits["allow_peak"]:
        return f"Peak hour block (hour {hour})", profile
    return "", profile


def _session(at_s: float, number: int, station: int, profile: str, random: Random) -> Iterator[Row]:
    cap_kwh, price = CONFIG["profiles"][profile]["max_energy_kwh"], price_at(at_s)
    power_kw, stay_s = random.choice((7.4, 11.0, 22.0)), random.uniform(600, 7200)
    energy_wh = min(int(power_kw * stay_s / 3.6), int(cap_kwh * 1000))
    stop_s = min(at_s + energy_wh * 3.6 / power_kw, START_S + SPAN_S - 30)
    capped = energy_wh == cap_kwh * 1000
    tag = random.choice(("ABC123", "TAG001", "USER42"))
    yield _line(at_s - 2, station, f"Authorization successful - {tag}")
    yield _line(at_s, station, f"Charging started (price: ₹{price:.2f}, id_tag: {tag})")
    for sample in range(1, _SAMPLES + 1):
        at = text(at_s + (stop_s - at_s) * sample / _SAMPLES)
        kwh = energy_wh * sample / _SAMPLES / 1000
        yield schema.energy_snapshots, {
            "station_id": _name(station), "timestamp": at, "energy_delivered_kwh": kwh, "run_id": RUN_ID
        }  # fmt: skip
    if capped:
        yield _line(stop_s, station, f"Energy cap reached ({cap_kwh:.1f}/{cap_kwh:.1f} kWh) — stopping")
    yield _line(stop_s, station, f"Charging stopped ({energy_wh / 1000:.2f} kWh delivered)")
    yield (
        schema.session_history,
        {
            "session_id": f"{RUN_ID}-{number}",
            "station_id": _name(station),
            "start_time": text(at_s),
            "stop_time": text(stop_s),
            "energy_kwh": energy_wh / 1000,
            "run_id": RUN_ID,
            "connector_id": 1,
            "id_tag": tag,
            "profile": profile,
            "meter_start_wh": 0,
            "meter_stop_wh": energy_wh,
            "reason": "Other" if capped else "Local",
            "price_at_start": price,
            "cost": round(energy_wh * price / 1000, 4),
        },
    )


def _line(at_s: float, station: int, message: str) -> Row:
    line = {"timestamp": text(at_s), "station_id": _name(station), "message": message, "run_id": RUN_ID}
    return schema.station_logs, line


def _name(station: int) -> str:
    return f"PY-SIM-{station + 1:04}"


def fill(connection: Connection, sessions: int, stations: int, seed: int, tell: Callable[[int], None]) -> None:
    """Make the tables and write the rows; `tell` learns how many are written."""
    schema.metadata.create_all(connection)
    found, written = rows(sessions, stations, Random(seed)), 0
    while piece := list(islice(found, _PIECE)):
        by_table: dict[Any, list[dict[str, Any]]] = {}
        for table, row in piece:
            by_table.setdefault(table, []).append(row)
        for table, values in by_table.items():
            connection.execute(insert(table), values)
        connection.commit()
        written += len(piece)
        tell(written)


def main() -> None:
    """Fill a new SQLite file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--stations", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.file.exists():
        parser.error(f"{options.file} is there already")
    with create_engine(f"sqlite:///{options.file}").connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        fill(connection, options.sessions, options.stations, options.seed, lambda n: print(f"{n:,} rows", flush=True))


if __name__ == "__main__":
    main()
