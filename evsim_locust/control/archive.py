"""What the REST API needs of the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from evsim_locust.control.errors import Refused


class SessionFilter(Struct, frozen=True):
    """Which sessions, by station, run and start; empty and None are all.

    Times are seconds since the epoch: from `since_s` on, before `until_s`.
    """

    limit: int = 200
    station_id: str = ""
    run_id: str = ""
    since_s: float | None = None
    until_s: float | None = None


class Archive(Protocol):
    """Reads; whoever asks waits, the hub does not. All newest first, rows as the contract has them.

    All methods raise `control.errors.Refused`: 404 for an unknown run, 504 when the database cannot be read.
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


def kept(archive: Archive | None) -> Archive:
    """The archive; refused when there is none."""
    if archive is None:
        raise Refused(404, "history is off: start with --history")
    return archive
