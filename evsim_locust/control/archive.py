"""What the REST API needs of the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct


class SessionFilter(Struct, frozen=True):
    """Which sessions; empty is all. `since` and `until` are seconds since the epoch, by the session's start."""

    limit: int = 200
    station_id: str = ""
    run_id: str = ""
    since_s: float | None = None
    until_s: float | None = None


class Archive(Protocol):
    """Reads; whoever asks waits, the hub does not. All newest first, rows as the contract has them.

    All methods raise `control.errors.Refused`: 404 for an unknown run, 503 when the database cannot be read.
    """

    def station(self, station_id: str, limit_logs: int, limit_snapshots: int) -> Mapping[str, Any]:
        """`{station_id, logs: [{timestamp, station_id, message}], energy_snapshots: [{timestamp, station_id,
        energy_delivered_kwh}]}`."""

    def sessions(self, wanted: SessionFilter) -> Sequence[Mapping[str, Any]]:
        """`{session_id, station_id, start_time, stop_time, energy_kwh, id_tag, profile, reason, cost}` each."""

    def every_session(self, wanted: SessionFilter) -> Iterator[Mapping[str, Any]]:
        """The same without holding all in memory; `limit` 0 is no limit."""

    def runs(self) -> Sequence[Mapping[str, Any]]:
        """`{id, started_at, stopped_at, sessions}` each."""
