"""What waits in one process to be written, bounded: log lines go first, then snapshots, the rest never.

Sessions are what a run is about, and latencies are but two rows a second.
"""

from __future__ import annotations

from collections import deque

from evsim_locust.history.records import Batch, LatencyRecord, LogRecord, SessionRecord, SnapshotRecord

_NOT_STORED = "Heartbeat sent"  # one a minute and station, and it tells nothing that a missing one would not


def is_stored(text: str) -> bool:
    """Whether a log line belongs into the history."""
    return text != _NOT_STORED


class Buffer:
    """Collects records until `take`; of more than `capacity` the oldest log lines are dropped, then snapshots."""

    def __init__(self, capacity: int = 40_000) -> None:
        self._capacity = self._room = capacity
        self._logs: deque[LogRecord] = deque()
        self._sessions: list[SessionRecord] = []
        self._snapshots: deque[SnapshotRecord] = deque()
        self._latencies: list[LatencyRecord] = []
        self.dropped_logs = self.dropped_snapshots = 0  # since the last `take`

    def log(self, record: LogRecord) -> None:
        """A line of a station's log."""
        self._logs.append(record)
        self._room -= 1
        if self._room < 0:
            self._drop()

    def session(self, record: SessionRecord) -> None:
        """A session that has ended."""
        self._sessions.append(record)
        self._room -= 1
        if self._room < 0:
            self._drop()

    def snapshot(self, record: SnapshotRecord) -> None:
        """A meter sample."""
        self._snapshots.append(record)
        self._room -= 1
        if self._room < 0:
            self._drop()

    def absorb(self, batch: Batch) -> None:
        """All of another process's batch, and what it had dropped."""
        self._logs.extend(batch.logs)
        self._sessions.extend(batch.sessions)
        self._snapshots.extend(batch.snapshots)
        self._latencies.extend(batch.latencies)
        self.dropped_logs += batch.dropped_logs
        self.dropped_snapshots += batch.dropped_snapshots
        self._room -= len(batch.logs) + len(batch.sessions) + len(batch.snapshots) + len(batch.latencies)
        while self._room < 0 and self._drop():
            pass

    def take(self) -> Batch | None:
        """Everything since the last time, None when there is nothing, not even a loss."""
        lost = self.dropped_logs or self.dropped_snapshots
        if self._room == self._capacity and not lost:
            return None
        batch = Batch(
            list(self._logs),
            self._sessions,
            list(self._snapshots),
            self.dropped_logs,
            self.dropped_snapshots,
            self._latencies,
        )
        self._logs.clear()
        self._sessions, self._latencies = [], []
        self._snapshots.clear()
        self._room = self._capacity
        self.dropped_logs = self.dropped_snapshots = 0
        return batch

    def _drop(self) -> bool:
        """Make room for one; False when only that is left which must not be lost."""
        if self._logs:
            self._logs.popleft()
            self.dropped_logs += 1
        elif self._snapshots:
            self._snapshots.popleft()
            self.dropped_snapshots += 1
        else:
            return False
        self._room += 1
        return True
