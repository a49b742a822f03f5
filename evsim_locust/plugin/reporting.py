"""Turns what a station and its link tell into Locust's statistics: one sample each.

What the master's table shows, and log lines, go to the worker's side of the control plane.

Rows: `OCPP` are the station's CALLs by action, `CSMS` the central system's as the station handled them, `WS` the
connection. Failure texts are OCPP error codes, `Timeout`, close codes and a few constants, so their number is bounded.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from evsim_locust.metrics.labels import Kind
from evsim_locust.ocppj import events as protocol_events
from evsim_locust.station import events as station_events
from evsim_locust.transport import events as link_events

if TYPE_CHECKING:
    from evsim_locust.plugin.users import StationUser

_NORMAL = 1000
_ABORTED = "aborted"


def report(user: StationUser, event: object) -> None:
    """Everything a station and its connection tell comes here; Locust and the control plane hear what is for them."""
    tell = _REPORTS.get(type(event))
    if tell is not None:
        tell(user, event)


def _sample(user: StationUser, kind: Kind, name: str, milliseconds: float, size: int, failure: str | None) -> None:
    user.worker.samples.add((user, kind, name, milliseconds, size, failure))


def _call_ended(user: StationUser, event: protocol_events.CallEnded) -> None:
    if event.latency_s is not None:  # else it was never sent
        user.worker.samples.add((user, "OCPP", event.action, event.latency_s * 1000.0, event.size, event.error))


def _call_handled(user: StationUser, event: station_events.CallHandled) -> None:
    _sample(user, "CSMS", event.action, 0.0, 0, event.error)


def _frame_ignored(user: StationUser, event: protocol_events.FrameIgnored) -> None:
    _sample(user, "OCPP", event.kind, 0.0, 0, event.kind)


def _message_dropped(user: StationUser, event: station_events.MessageDropped) -> None:
    _sample(user, "OCPP", "MessageDropped", 0.0, 0, f"{event.action}: {event.why}")


def _configuration_changed(user: StationUser, event: station_events.ConfigurationChanged) -> None:
    if event.key == "WebSocketPingInterval":
        user.ping_every(int(event.value))


def _log_line(user: StationUser, event: station_events.LogLine) -> None:
    line = f"[{_time_of_day(int(time.time()))}] {event.text}"
    user.lines.append(line)
    user.worker.spoke(user.station_id, event.text, line)


def _changed(user: StationUser, event: object) -> None:
    user.worker.note(user, event)


def _started(user: StationUser, event: station_events.TransactionStarted) -> None:
    user.worker.note(user, event)
    user.worker.counts.transaction_started()


def _metered(user: StationUser, event: station_events.MeterSampled) -> None:
    user.worker.note(user, event)
    user.worker.metered(user.station_id, event.energy_wh)


def _stopped(user: StationUser, event: station_events.TransactionStopped) -> None:
    user.worker.note(user, event)
    if not event.served:  # nothing told of its start, and the central system has it in its book
        user.worker.counts.transaction_started()
    user.worker.counts.transaction_ended(event.reason)


@lru_cache(maxsize=4)
def _time_of_day(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


def _open_ended(user: StationUser, event: link_events.OpenEnded) -> None:
    user.worker.note(user, event)
    counts = user.worker.counts
    counts.opened(event.phases, event.error)
    if user.last_end:
        counts.reconnected(user.last_end)
    user.last_end = event.error or ""
    if event.error != _ABORTED:  # by us, since the run is over
        _sample(user, "WS", "connect", event.duration_s * 1000.0, 0, event.error)


def _link_closed(user: StationUser, event: link_events.LinkClosed) -> None:
    """A connection that the station did not want to lose is a failure, with its close code."""
    user.worker.note(user, event)
    user.last_end = str(event.code)
    user.worker.counts.closed(event.code)
    wanted = event.by_us and event.code == _NORMAL
    _sample(user, "WS", "close", 0.0, 0, None if wanted else str(event.code))


_REPORTS: dict[type, Callable[[StationUser, Any], None]] = {
    protocol_events.CallEnded: _call_ended,
    station_events.CallHandled: _call_handled,
    protocol_events.FrameIgnored: _frame_ignored,
    station_events.MessageDropped: _message_dropped,
    station_events.ConfigurationChanged: _configuration_changed,
    station_events.LogLine: _log_line,
    station_events.MeterSampled: _metered,
    station_events.RegistrationChanged: _changed,
    station_events.StatusChanged: _changed,
    station_events.TransactionStarted: _started,
    station_events.TransactionStopped: _stopped,
    link_events.OpenEnded: _open_ended,
    link_events.LinkClosed: _link_closed,
}
