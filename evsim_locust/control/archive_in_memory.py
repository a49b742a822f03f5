"""An archive without a database: for tests of whatever reads an `Archive`. It is written as the history is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evsim_locust.control.archive import Archive, SessionFilter
from evsim_locust.control.errors import Refused
from evsim_locust.history.records import Batch
from evsim_locust.history.rows import bound, log_row, session_row, snapshot_row, stamp

_LOG = ("timestamp", "station_id", "message")
_SNAPSHOT = ("timestamp", "station_id", "energy_delivered_kwh")
_SESSION = (
    "session_id",
    "station_id",
    "start_time",
    "stop_time",
    "energy_kwh",
    "id_tag",
    "profile",
    "reason",
    "cost",
)
Row = dict[str, Any]


class InMemoryArchive(Archive):
    """Set `broken` to have it fail as a database does that has gone away."""

    def __init__(self) -> None:
        self._logs: list[Row] = []
        self._snapshots: list[Row] = []
        self._sessions: list[Row] = []
        self._runs: dict[str, Row] = {}
        self._run_id: str | None = None
        self.broken = False

    # ---- written

    def begin(self, run_id: str, started_at_s: float) -> None:
        """A run begins; what is put belongs to it until the next one begins."""
        self._run_id = run_id
        self._runs[run_id] = {"id": run_id, "started_at": stamp(started_at_s), "stopped_at": None}

    def put(self, batch: Batch) -> None:
        """What a worker has collected."""
        self._logs += [log_row(record, self._run_id) for record in batch.logs]
        self._snapshots += [snapshot_row(record, self._run_id) for record in batch.snapshots]
        self._sessions += [session_row(record, self._run_id) for record in batch.sessions]

    def end(self, stopped_at_s: float) -> None:
        """The run is over."""
        if self._run_id is not None:
            self._runs[self._run_id]["stopped_at"] = stamp(stopped_at_s)

    # ---- read

    def station(self, station_id: str, limit_logs: int, limit_snapshots: int) -> Row:
        """Its newest lines and snapshots."""
        self._check("")
        return {
            "station_id": station_id,
            "logs": _newest(self._logs, "timestamp", station_id, _LOG)[:limit_logs],
            "energy_snapshots": _newest(self._snapshots, "timestamp", station_id, _SNAPSHOT)[:limit_snapshots],
        }

    def sessions(self, wanted: SessionFilter) -> list[Row]:
        """At most `limit`."""
        self._check(wanted.run_id)
        return self._wanted(wanted)[: wanted.limit]

    def every_session(self, wanted: SessionFilter) -> Iterator[Row]:
        """All of them for `limit` 0."""
        self._check(wanted.run_id)
        return self._one_by_one(self._wanted(wanted)[: wanted.limit or None])

    def runs(self) -> list[Row]:
        """All, also those without a session."""
        self._check("")
        counted = [
            {**run, "sessions": sum(session["run_id"] == run["id"] for session in self._sessions)}
            for run in self._runs.values()
        ]
        return sorted(counted, key=lambda run: (run["started_at"], run["id"]), reverse=True)

    def _check(self, run_id: str) -> None:
        if self.broken:
            raise Refused(504, "the history cannot be read: it is broken")
        if run_id and run_id not in self._runs:
            raise Refused(404, f"no run {run_id[:60]!r}")

    def _wanted(self, wanted: SessionFilter) -> list[Row]:
        since = "" if wanted.since_s is None else bound(wanted.since_s)
        until = "~" if wanted.until_s is None else bound(wanted.until_s)  # sorts behind every time
        fitting = [
            row for row in self._sessions if since <= row["start_time"] < until and wanted.run_id in ("", row["run_id"])
        ]
        return _newest(fitting, "start_time", wanted.station_id, _SESSION)

    def _one_by_one(self, rows: list[Row]) -> Iterator[Row]:
        """A database may go away between two of them."""
        for row in rows:
            self._check("")
            yield row


def _newest(rows: list[Row], time: str, station_id: str, columns: tuple[str, ...]) -> list[Row]:
    """Those of the station, of all for an empty one, newest first; of the same time, the last one written."""
    fitting = sorted((row for row in rows if station_id in ("", row["station_id"])), key=lambda row: row[time])
    return [{column: row[column] for column in columns} for row in reversed(fitting)]
