"""Reset (OCPP 1.6, section 5.14): transactions are stopped and told first, then the station restarts."""

from __future__ import annotations

from evsim_locust.station import charging, reporting
from evsim_locust.station.connector import Connector
from evsim_locust.station.core import Core, Timer
from evsim_locust.station.words import StopReason

_PATIENCE_S = 30.0  # for StopTransactions that nobody answers; they are kept and delivered after the restart
_DARK_S = 2.0  # from power off to the new connection


def begin(core: Core, reason: StopReason) -> None:
    """Stop all transactions with `reason`, then restart when everything is answered."""
    if core.resetting:
        return
    core.resetting = True
    for connector in core.own_connectors:
        if connector.transaction is not None:
            charging.stop(core, connector, reason)
    core.set_timer(Timer.RESET, _PATIENCE_S)


def go_on(core: Core) -> None:
    """Restart if nothing is left to wait for."""
    if core.resetting and core.powered and core.delivery.empty and core.endpoint.idle:
        power_off(core)


def power_off(core: Core, _connector_id: int = 0) -> None:
    """Everything volatile is lost; availability, faults, transaction messages and the cable stay."""
    core.powered = False
    core.registration = None
    core.boot_failures = 0
    core.clear_timers()
    core.set_timer(Timer.POWER_ON, _DARK_S)


def power_on(core: Core, _connector_id: int = 0) -> None:
    """The station is up again and wants a connection."""
    core.powered, core.resetting = True, False
    for connector in core.own_connectors:
        _restart(connector)
        reporting.show(core, connector)
    reporting.forget_all(core)


def _restart(connector: Connector) -> None:
    connector.authorization, connector.authorizing = None, False
    if connector.scheduled_inoperative:
        connector.scheduled_inoperative, connector.state = False, "Unavailable"
    elif connector.state != "Unavailable":
        connector.state = "Preparing" if connector.plugged else "Available"
