"""The tables of the simulator that this one follows; in its own databases they are there already."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Integer, String, Text

revision = "0000"
down_revision = None

_Id = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Make those that are missing."""
    op.create_table(
        "station_logs",
        Column("id", _Id, primary_key=True, autoincrement=True),
        Column("timestamp", String(32), nullable=False),
        Column("station_id", String(48), nullable=False),
        Column("message", Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "session_history",
        Column("id", _Id, primary_key=True, autoincrement=True),
        Column("session_id", String(64), nullable=False),
        Column("station_id", String(48), nullable=False),
        Column("start_time", String(32), nullable=False),
        Column("stop_time", String(32)),
        Column("energy_kwh", Float(53), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "energy_snapshots",
        Column("id", _Id, primary_key=True, autoincrement=True),
        Column("station_id", String(48), nullable=False),
        Column("timestamp", String(32), nullable=False),
        Column("energy_delivered_kwh", Float(53), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "charging_profiles",
        Column("id", _Id, primary_key=True, autoincrement=True),
        Column("station_id", String(48), nullable=False),
        Column("profile_id", Integer, nullable=False),
        Column("profile_json", Text, nullable=False),
        Column("created_at", String(32), nullable=False),
        if_not_exists=True,
    )
