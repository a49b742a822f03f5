"""BootNotification and what follows from its answer (OCPP 1.6, section 4.2)."""

from __future__ import annotations

from enum import Enum

from evsim_locust.ocppj import timestamps
from evsim_locust.ocppj.events import CallEnded
from evsim_locust.ocppj.v16.messages import BootNotification, BootNotificationResponse
from evsim_locust.station import charging, heartbeat, reporting
from evsim_locust.station.core import Core, Timer
from evsim_locust.station.events import RegistrationChanged

_LONGEST_S = 86400  # an interval beyond a day is taken for a mistake
_RETRIES_S = (5.0, 10.0, 20.0, 40.0, 60.0)  # after no answer or a CALLERROR, where the specification names no time
_SPREAD = 0.2  # of a retry's wait, drawn, so that a fleet does not come back in step
_CLOCK_DRIFT_S = 60.0  # from here on the log says that the two clocks differ


class Asked(Enum):
    """The token of a BootNotification on its way."""

    BOOT = "boot"


def link_up(core: Core) -> None:
    """The connection is open: boot, or go on where it broke.

    Pending and Rejected: the central system named the time of the next BootNotification, it holds across connections.
    """
    if core.settings.boot_on_reconnect and core.registration == "Accepted":
        core.registration = None
    if core.registration == "Accepted":
        _go_on(core)
    elif (Timer.BOOT, 0) not in core.deadlines:
        boot(core)


def boot(core: Core, _connector_id: int = 0) -> None:
    """Send BootNotification, unless there is no connection; then it is sent when there is one."""
    core.clear_timer(Timer.BOOT)
    if not core.linked:
        return
    settings = core.settings
    core.log("BootNotification sent")
    request = BootNotification(
        charge_point_vendor=settings.vendor,
        charge_point_model=settings.model,
        charge_point_serial_number=core.identity.station_id[:25],
        firmware_version=settings.firmware_version,
    )
    core.call(request, Asked.BOOT)


def answered(core: Core, ended: CallEnded) -> None:
    """The BootNotification ended."""
    if ended.error is not None:
        _retry(core)
        return
    answer: BootNotificationResponse = ended.answer
    core.boot_failures = 0
    core.registration = answer.status
    core.emit(RegistrationChanged(answer.status))
    check_clock(core, answer.current_time)
    if answer.status == "Accepted":
        core.log("BootNotification accepted")
        core.configuration.set("HeartbeatInterval", sane_interval(core, answer.interval))
        reporting.forget_all(core)
        _go_on(core)
    else:
        core.log(f"BootNotification rejected: {answer.status}")
        heartbeat.stop(core)
        core.set_timer(Timer.BOOT, sane_interval(core, answer.interval))


def link_down(core: Core) -> None:
    """What only makes sense with a connection waits for the next one."""
    heartbeat.stop(core)
    core.clear_timer(Timer.DELIVER)
    charging.serve_offline(core)


def catch_up(core: Core) -> None:
    """Tell what could not be told for a while."""
    if core.ready:
        reporting.report_all(core)
        charging.deliver(core)


def sane_interval(core: Core, interval_s: int) -> int:
    """The central system's interval, or our own where that would flood it or never end."""
    return interval_s if 0 < interval_s <= _LONGEST_S else core.identity.heartbeat_s


def check_clock(core: Core, current_time: str) -> None:
    """Say so when the central system's clock is unreadable or far from ours; ours stays, it is the real one."""
    try:
        drift_s = timestamps.read(current_time).timestamp() - core.now - core.wall_offset
    except ValueError as error:
        core.log(f"currentTime of the central system: {error}")
        return
    if abs(drift_s) > _CLOCK_DRIFT_S:
        core.log(f"Clock of the central system differs by {drift_s:+.0f} s")


def _go_on(core: Core) -> None:
    reporting.report_all(core)
    heartbeat.start(core)
    charging.schedule_clock_aligned(core)
    if core.delivery.retry_at > core.now:
        core.set_timer_at(Timer.DELIVER, core.delivery.retry_at)
    charging.deliver(core)


def _retry(core: Core) -> None:
    wait_s = _RETRIES_S[min(core.boot_failures, len(_RETRIES_S) - 1)]
    core.boot_failures += 1
    if core.linked:
        core.set_timer(Timer.BOOT, wait_s * (1.0 + core.draws.uniform(0.0, _SPREAD)))
