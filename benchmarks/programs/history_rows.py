"""Makes a history of one run with as many sessions as are asked for, to measure the analysis and to look at its plots.

`python -m benchmarks.programs.history_rows example.db --sessions 1000000`
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count, islice
from operator import itemgetter
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Table, create_engine, insert

from benchmarks.programs.tables import for_many_rows
from benchmarks.programs.usage import report
from evsim_locust.history import schema
from evsim_locust.history.database import open_database
from evsim_locust.history.versions import upgrade

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
_RAMP_S = 900
_PIECE = 50_000
_INTERVAL_S = 10.0
_CALLS = {  # of a session, and how long one takes on an ordinary day, in ms
    "StatusNotification": (4, 4.0),
    "Authorize": (1, 12.0),
    "StartTransaction": (1, 25.0),
    "MeterValues": (_SAMPLES, 6.0),
    "StopTransaction": (1, 30.0),
}
_TIMES = {"p50": 1.0, "p95": 2.5, "p99": 5.0, "max": 12.0}

Row = tuple[Any, dict[str, Any]]
Timed = tuple[float, Row]


def text(at_s: float) -> str:
    """A time as the history has it."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")


def price_at(at_s: float) -> float:
    """The price of that hour of the run."""
    return PRICES[min(int((at_s - START_S) // 3600), len(PRICES) - 1)]


def rows(sessions: int, stations: int, random: Random) -> Iterator[Row]:
    """Tables and their rows, in order of time as a swarm writes them."""
    yield _run(sessions)
    for hour, price in enumerate(PRICES):
        yield schema.price_changes, {"run_id": RUN_ID, "timestamp": text(START_S + hour * 3600), "price": price}
    yield from _latencies(sessions, Random(RUN_ID))
    for number in range(stations):
        yield _line(START_S + _RAMP_S * number / stations, number, "BootNotification accepted")[1]
    pending: list[tuple[float, int, Row]] = []
    order = count()  # rows of the same moment cannot be compared
    for number, at_s in enumerate(_arrivals(sessions)):
        for row_s, row in _visit(at_s, number, random.randrange(stations), random):
            heappush(pending, (row_s, next(order), row))
        while pending[0][0] < at_s - 2:
            yield heappop(pending)[2]
    while pending:
        yield heappop(pending)[2]
    for number in range(stations):
        yield _line(START_S + SPAN_S - 60 + 50 * number / stations, number, "Station shutting down")[1]


def _run(sessions: int) -> Row:
    times = {"started_at": text(START_S), "stopped_at": text(START_S + SPAN_S)}
    return schema.runs, {"id": RUN_ID, **times, "config_json": json.dumps(CONFIG), "sessions": sessions}


def _latencies(sessions: int, random: Random) -> Iterator[Row]:
    """Of each action and interval; the central system is slower when there is more to do."""
    calls_per_interval = sessions / (SPAN_S / _INTERVAL_S)
    for interval in range(int(SPAN_S / _INTERVAL_S)):
        at_s = START_S + (interval + 1) * _INTERVAL_S
        for action, (in_a_session, usual_ms) in _CALLS.items():
            calls = round(in_a_session * calls_per_interval * _share(at_s) * random.uniform(0.8, 1.2))
            if calls:
                typical_ms = usual_ms * (0.5 + _share(at_s)) * random.uniform(0.9, 1.1)
                yield schema.call_latencies, _latency(at_s, action, calls, typical_ms)


def _latency(at_s: float, action: str, calls: int, typical_ms: float) -> dict[str, Any]:
    times = {f"{name}_ms": round(typical_ms * times, 3) for name, times in _TIMES.items()}
    told = {"action": action, "direction": "sent", "calls": calls, "failures": 0}
    return {"run_id": RUN_ID, "timestamp": text(at_s), "interval_s": _INTERVAL_S, **told, **times}


def _arrivals(sessions: int) -> Iterator[float]:
    """When sessions begin: as many drivers come each minute, and the policy sends some away."""
    minutes = [START_S + _RAMP_S + 60 * minute for minute in range(420)]
    shares = [_share(at_s) for at_s in minutes]
    before = 0.0
    for at_s, share in zip(minutes, shares, strict=True):
        first, last = (round(sessions * part / sum(shares)) for part in (before, before + share))
        before += share
        yield from (at_s + 60 * n / (last - first) for n in range(last - first))


def _share(at_s: float) -> float:
    """The share of drivers that may charge at this time."""
    allowed = [
        weight for profile, weight in zip(CONFIG["profiles"], _WEIGHTS, strict=True) if not refusal(at_s, profile)
    ]
    return sum(allowed) / sum(_WEIGHTS)


def refusal(at_s: float, profile: str) -> str:
    """Why this profile does not charge at this time, or nothing."""
    limits, price, hour = CONFIG["profiles"][profile], price_at(at_s), int(at_s // 3600 + 1) % 24
    if price > limits["charge_if_price_below"]:
        return f"Price too high (₹{price:.2f} > ₹{limits['charge_if_price_below']:.2f})"
    if hour in CONFIG["peak_hours"] and not limits["allow_peak"]:
        return f"Peak hour block (hour {hour})"
    return ""


def _visit(at_s: float, number: int, station: int, random: Random) -> Iterator[Timed]:
    """Those who are sent away before, and the session of the one who may charge."""
    while True:
        (profile,) = random.choices(tuple(CONFIG["profiles"]), _WEIGHTS)
        reason = refusal(at_s, profile)
        if not reason:
            break
        yield _line(at_s, station, f"{reason} — waiting")
    cap_wh = round(CONFIG["profiles"][profile]["max_energy_kwh"] * 1000)
    power_kw, stay_s = random.choice((7.4, 11.0, 22.0)), random.uniform(600, 7200)
    energy_wh = min(int(power_kw * stay_s / 3.6), cap_wh)
    stop_s = min(at_s + energy_wh * 3.6 / power_kw, START_S + SPAN_S - 30)
    id_tag = random.choice(("ABC123", "TAG001", "USER42"))
    yield _line(at_s - 1, station, f"Authorization successful - {id_tag}")
    yield _line(at_s, station, f"Charging started (price: ₹{price_at(at_s):.2f}, id_tag: {id_tag})")
    for sample in range(1, _SAMPLES + 1):
        yield _sample(at_s + (stop_s - at_s) * sample / _SAMPLES, station, energy_wh * sample / _SAMPLES / 1000)
    if energy_wh == cap_wh:
        cap = f"{cap_wh / 1000:.1f}"
        yield _line(stop_s, station, f"Energy cap reached ({cap}/{cap} kWh) — stopping")
    yield _line(stop_s, station, f"Charging stopped ({energy_wh / 1000:.2f} kWh delivered)")
    reason = "Other" if energy_wh == cap_wh else "Local"
    yield _ended(at_s, stop_s, number, station, energy_wh, {"id_tag": id_tag, "profile": profile, "reason": reason})


def _ended(at_s: float, stop_s: float, number: int, station: int, energy_wh: int, told: dict[str, str]) -> Timed:
    price = price_at(at_s)
    return stop_s, (
        schema.session_history,
        {
            "session_id": f"{RUN_ID}-{number}",
            "station_id": _name(station),
            "start_time": text(at_s),
            "stop_time": text(stop_s),
            "energy_kwh": energy_wh / 1000,
            "run_id": RUN_ID,
            "connector_id": 1,
            "meter_start_wh": 0,
            "meter_stop_wh": energy_wh,
            "price_at_start": price,
            "cost": round(energy_wh * price / 1000, 4),
            **told,
        },
    )


def _sample(at_s: float, station: int, kwh: float) -> Timed:
    sample = {"station_id": _name(station), "timestamp": text(at_s), "energy_delivered_kwh": kwh, "run_id": RUN_ID}
    return at_s, (schema.energy_snapshots, sample)


def _line(at_s: float, station: int, message: str) -> Timed:
    line = {"timestamp": text(at_s), "station_id": _name(station), "message": message, "run_id": RUN_ID}
    return at_s, (schema.station_logs, line)


def _name(station: int) -> str:
    return f"PY-SIM-{station + 1:04}"


def fill(connection: Connection, sessions: int, stations: int, seed: int, tell: Callable[[int], None]) -> None:
    """Make the tables and write the rows; `tell` learns how many are written."""
    upgrade(connection)
    connection.commit()
    found, written = rows(sessions, stations, Random(seed)), 0
    while piece := list(islice(found, _PIECE)):
        by_table: dict[Any, list[dict[str, Any]]] = {}
        for table, row in piece:
            by_table.setdefault(table, []).append(row)
        for table, values in by_table.items():
            _put(connection, table, values)
        connection.commit()
        written += len(piece)
        tell(written)


def _put(connection: Connection, table: Table, values: list[dict[str, Any]]) -> None:
    """Rows that all have the same columns, past SQLAlchemy, whose look at each row takes as long as to write it."""
    statement = insert(table).compile(dialect=connection.dialect, column_keys=list(values[0]))
    names = statement.positiontup
    connection.exec_driver_sql(str(statement), values if names is None else list(map(itemgetter(*names), values)))


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
    began = monotonic()
    open_database(str(options.file)).close()
    engine = create_engine(f"sqlite:///{options.file}")
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        with for_many_rows(driver):
            fill(connection, options.sessions, options.stations, options.seed, _tell)
    engine.dispose()
    report({"fill_s": monotonic() - began, "mib": options.file.stat().st_size / 2**20})


def _tell(rows: int) -> None:
    print(f"{rows:,} rows", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
