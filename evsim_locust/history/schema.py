"""The tables. Times are text in UTC with offset (`2026-11-22T13:00:00.123+00:00`), so that they sort and read anywhere.

The first columns of the first three tables are those of the simulator that this one follows; its users' queries go on
working.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()
_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only what is called INTEGER

runs = Table(
    "runs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("started_at", String(32), nullable=False),
    Column("stopped_at", String(32)),
    Column("config_json", Text, nullable=False),
    Column("sessions", BigInteger, nullable=False, server_default="0"),  # to count a million takes 0.1 s
)

station_logs = Table(
    "station_logs",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("timestamp", String(32), nullable=False),
    Column("station_id", String(48), nullable=False),
    Column("message", Text, nullable=False),
    Column("run_id", String(36)),
    Index("ix_station_logs_station", "station_id", "timestamp"),
    Index("ix_station_logs_run", "run_id"),
)

session_history = Table(
    "session_history",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("session_id", String(64), nullable=False),
    Column("station_id", String(48), nullable=False),
    Column("start_time", String(32), nullable=False),
    Column("stop_time", String(32)),
    Column("energy_kwh", Float(53), nullable=False),
    Column("run_id", String(36)),
    Column("connector_id", Integer),
    Column("id_tag", String(20)),
    Column("profile", String(64)),
    Column("meter_start_wh", BigInteger),
    Column("meter_stop_wh", BigInteger),
    Column("reason", String(20)),
    Column("price_at_start", Float(53)),
    Column("cost", Float(53)),
    Index("ix_session_history_station", "station_id", "start_time"),
    Index("ix_session_history_run", "run_id", "start_time"),  # the newest of a run, without sorting them all
    Index("ix_session_history_start", "start_time"),
)

energy_snapshots = Table(
    "energy_snapshots",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("station_id", String(48), nullable=False),
    Column("timestamp", String(32), nullable=False),
    Column("energy_delivered_kwh", Float(53), nullable=False),
    Column("run_id", String(36)),
    Index("ix_energy_snapshots_station", "station_id", "timestamp"),
    Index("ix_energy_snapshots_run", "run_id"),
)

charging_profiles = Table(
    "charging_profiles",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("station_id", String(48), nullable=False),
    Column("profile_id", Integer, nullable=False),
    Column("profile_json", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Index("ix_charging_profiles_station", "station_id", "created_at"),
)

price_changes = Table(
    "price_changes",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("run_id", String(36)),
    Column("timestamp", String(32), nullable=False),
    Column("price", Float(53), nullable=False),
    Index("ix_price_changes_run", "run_id", "timestamp"),
)

call_latencies = Table(
    "call_latencies",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("run_id", String(36)),
    Column("timestamp", String(32), nullable=False),  # the end of the interval
    Column("interval_s", Float(53), nullable=False),
    Column("action", String(64), nullable=False),
    Column("direction", String(16), nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
    Column("p50_ms", Float(53)),
    Column("p95_ms", Float(53)),
    Column("p99_ms", Float(53)),
    Column("max_ms", Float(53)),
    Index("ix_call_latencies_run", "run_id", "timestamp"),
)
