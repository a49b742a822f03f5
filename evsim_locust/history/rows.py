"""Records as rows of the tables: text times, kWh, and nothing that one of the databases would choke on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from evsim_locust.history.records import LatencyRecord, LogRecord, SessionRecord, SnapshotRecord

Row = dict[str, Any]
_LAST_S = 253_402_300_799.0  # the end of the year 9999


def stamp(at_s: float) -> str:
    """Seconds since the epoch as `2026-11-22T13:00:00.123+00:00`; ValueError or OverflowError when there is none."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")


def bound(at_s: float) -> str:
    """The same for a search, which may begin before all and end after all times."""
    return stamp(min(max(at_s, 0.0), _LAST_S))


def log_row(record: LogRecord, run_id: str | None) -> Row:
    """A row of `station_logs`."""
    return {
        "timestamp": stamp(record.at_s),
        "station_id": record.station_id,
        "message": _text(record.message, 10_000),
        "run_id": run_id,
    }


def snapshot_row(record: SnapshotRecord, run_id: str | None) -> Row:
    """A row of `energy_snapshots`."""
    return {
        "station_id": record.station_id,
        "timestamp": stamp(record.at_s),
        "energy_delivered_kwh": record.energy_wh / 1000,
        "run_id": run_id,
    }


def session_row(record: SessionRecord, run_id: str | None) -> Row:
    """A row of `session_history`."""
    return {
        "session_id": _text(record.session_id, 64),
        "station_id": record.station_id,
        "start_time": stamp(record.start_s),
        "stop_time": stamp(record.stop_s),
        "energy_kwh": (record.meter_stop_wh - record.meter_start_wh) / 1000,
        "run_id": run_id,
        "connector_id": record.connector_id,
        "id_tag": _text(record.id_tag, 20),
        "profile": _text(record.profile, 64),
        "meter_start_wh": record.meter_start_wh,
        "meter_stop_wh": record.meter_stop_wh,
        "reason": _text(record.reason, 20),
        "price_at_start": record.price_at_start,
        "cost": record.cost,
    }


def price_row(change: tuple[float, float], run_id: str | None) -> Row:
    """A row of `price_changes`, of a time and the price from then on."""
    return {"run_id": run_id, "timestamp": stamp(change[0]), "price": change[1]}


def latency_row(record: LatencyRecord, run_id: str | None) -> Row:
    """A row of `call_latencies`."""
    return {
        "run_id": run_id,
        "timestamp": stamp(record.at_s),
        "interval_s": round(record.interval_s, 3),
        "action": _text(record.action, 64),
        "direction": _text(record.direction, 16),
        "calls": record.calls,
        "failures": record.failures,
        "p50_ms": _milliseconds(record.p50_ms),
        "p95_ms": _milliseconds(record.p95_ms),
        "p99_ms": _milliseconds(record.p99_ms),
        "max_ms": _milliseconds(record.max_ms),
    }


def _milliseconds(measured: float | None) -> float | None:
    """To a microsecond: no time is told finer."""
    return None if measured is None else round(measured, 3)


def _text(text: str, longest: int) -> str:
    """PostgreSQL refuses NUL and texts longer than the column; a session is worth more than the end of a name."""
    return text[:longest].replace("\0", "\N{REPLACEMENT CHARACTER}")
