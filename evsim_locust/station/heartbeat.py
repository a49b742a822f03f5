"""Heartbeats, at the central system's interval, spread over it (OCPP 1.6, section 4.6)."""

from __future__ import annotations

from evsim_locust.ocppj.v16.messages import Heartbeat
from evsim_locust.station import pacing
from evsim_locust.station.core import Core, Timer


def start(core: Core) -> None:
    """Begin the series, or begin it anew with another interval; an interval of 0 means none."""
    interval_s = core.configuration.integer("HeartbeatInterval")
    if interval_s:
        core.set_timer(Timer.HEARTBEAT, pacing.first(core, interval_s))
    else:
        stop(core)


def stop(core: Core) -> None:
    """No heartbeats without a connection."""
    core.clear_timer(Timer.HEARTBEAT)


def beat(core: Core, _connector_id: int = 0) -> None:
    """It is time for one; a central system that has not answered the last is not asked again."""
    interval_s = core.configuration.integer("HeartbeatInterval")
    if not interval_s:
        return
    core.set_timer(Timer.HEARTBEAT, pacing.until_next(core, interval_s))
    if core.ready and not core.heartbeat_waiting:
        send(core)


def send(core: Core) -> None:
    """Send one now."""
    core.heartbeat_waiting = True
    core.log("Heartbeat sent")
    core.call(Heartbeat())


def answered(core: Core) -> None:
    """It came back, or was lost."""
    core.heartbeat_waiting = False
