"""What is written, as it comes from the workers; times are seconds since the epoch."""

from __future__ import annotations

from msgspec import Struct


class LogRecord(Struct, frozen=True, array_like=True, gc=False):
    """One line of a station's log."""

    at_s: float
    station_id: str
    message: str


class SessionRecord(Struct, frozen=True, array_like=True, gc=False):
    """A charging session that has ended; `cost` is its energy times the price when it was delivered."""

    session_id: str
    station_id: str
    connector_id: int
    id_tag: str
    profile: str
    start_s: float
    stop_s: float
    meter_start_wh: int
    meter_stop_wh: int
    reason: str
    price_at_start: float
    cost: float


class SnapshotRecord(Struct, frozen=True, array_like=True, gc=False):
    """Energy delivered so far in a running session, in Wh, at a meter sample."""

    at_s: float
    station_id: str
    energy_wh: int


class LatencyRecord(Struct, frozen=True, array_like=True, gc=False):
    """The calls of an action in the `interval_s` seconds before `at_s`, and how long they took in milliseconds.

    `direction` is `sent` by the station or `received`; the times are None when none of the calls was timed.
    """

    at_s: float
    interval_s: float
    action: str
    direction: str
    calls: int
    failures: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


class Batch(Struct, frozen=True):
    """What one process has to be written; `dropped_logs` and `dropped_snapshots` were lost since the last one."""

    logs: list[LogRecord] = []
    sessions: list[SessionRecord] = []
    snapshots: list[SnapshotRecord] = []
    dropped_logs: int = 0
    dropped_snapshots: int = 0
    latencies: list[LatencyRecord] = []
