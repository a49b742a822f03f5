"""Runs can be told apart; sessions say who charged, why they ended and what they cost; prices are kept."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Integer, String, Text

revision = "0001"
down_revision = "0000"

_Id = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Tables, then columns, then indexes."""
    op.create_table(
        "runs",
        Column("id", String(36), primary_key=True),
        Column("started_at", String(32), nullable=False),
        Column("stopped_at", String(32)),
        Column("config_json", Text, nullable=False),
    )
    op.create_table(
        "price_changes",
        Column("id", _Id, primary_key=True, autoincrement=True),
        Column("run_id", String(36)),
        Column("timestamp", String(32), nullable=False),
        Column("price", Float(53), nullable=False),
    )
    for table in ("station_logs", "session_history", "energy_snapshots"):
        op.add_column(table, Column("run_id", String(36)))
    for column in _session_columns():
        op.add_column("session_history", column)
    _indexes()


def _session_columns() -> list[Column[object]]:
    return [
        Column("connector_id", Integer),
        Column("id_tag", String(20)),
        Column("profile", String(64)),
        Column("meter_start_wh", BigInteger),
        Column("meter_stop_wh", BigInteger),
        Column("reason", String(20)),
        Column("price_at_start", Float(53)),
        Column("cost", Float(53)),
    ]


def _indexes() -> None:
    for table, time in (
        ("station_logs", "timestamp"),
        ("session_history", "start_time"),
        ("energy_snapshots", "timestamp"),
        ("charging_profiles", "created_at"),
    ):
        op.create_index(f"ix_{table}_station", table, ["station_id", time])
    op.create_index("ix_station_logs_run", "station_logs", ["run_id"])
    op.create_index("ix_energy_snapshots_run", "energy_snapshots", ["run_id"])
    op.create_index("ix_session_history_run", "session_history", ["run_id", "start_time"])
    op.create_index("ix_session_history_start", "session_history", ["start_time"])
    op.create_index("ix_price_changes_run", "price_changes", ["run_id", "timestamp"])
