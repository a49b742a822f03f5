"""How long calls took is kept by action and interval; a run knows the number of its sessions."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Integer, String

revision = "0002"
down_revision = "0001"

_Id = BigInteger().with_variant(Integer, "sqlite")
_COUNT = "UPDATE runs SET sessions = (SELECT count(*) FROM session_history WHERE session_history.run_id = runs.id)"


def upgrade() -> None:
    """The table, then the column, which is counted once."""
    op.create_table(
        "call_latencies",
        Column("id", _Id, primary_key=True, autoincrement=True),
        Column("run_id", String(36)),
        Column("timestamp", String(32), nullable=False),
        Column("interval_s", Float(53), nullable=False),
        Column("action", String(64), nullable=False),
        Column("direction", String(16), nullable=False),
        Column("calls", BigInteger, nullable=False),
        Column("failures", BigInteger, nullable=False),
        Column("p50_ms", Float(53)),
        Column("p95_ms", Float(53)),
        Column("p99_ms", Float(53)),
        Column("max_ms", Float(53)),
    )
    op.create_index("ix_call_latencies_run", "call_latencies", ["run_id", "timestamp"])
    op.add_column("runs", Column("sessions", BigInteger, nullable=False, server_default="0"))
    op.execute(_COUNT)
