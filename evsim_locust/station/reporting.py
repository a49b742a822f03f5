"""StatusNotification: tells the central system what each connector shows, once a change (OCPP 1.6, section 4.9)."""

from __future__ import annotations

from evsim_locust.ocppj.v16.messages import StatusNotification
from evsim_locust.station.connector import Connector
from evsim_locust.station.connector_table import Input
from evsim_locust.station.core import Core
from evsim_locust.station.events import StatusChanged

_MOST_UNANSWERED = 8  # a central system that does not answer is told the last status only


def step(core: Core, connector: Connector, event: Input) -> None:
    """Take an input through the connector's table and show what follows."""
    connector.step(event)
    show(core, connector)


def show(core: Core, connector: Connector) -> None:
    """Make the connector's status, its power and the central system's knowledge agree."""
    connector.update_power(core.now)
    shown = connector.status()
    if shown == connector.shown:
        return
    connector.shown = shown
    core.events.append(StatusChanged(connector.id, *shown))
    report(core, connector)


def report(core: Core, connector: Connector) -> None:
    """Send the status if the central system does not know it and may be told."""
    if core.ready and connector.reported != connector.shown and connector.unanswered < _MOST_UNANSWERED:
        send(core, connector)


def send(core: Core, connector: Connector) -> None:
    """Send the status, known or not (TriggerMessage asks for that)."""
    status, error_code = connector.reported = connector.shown
    connector.unanswered += 1
    if status == "Available" and connector.id > 0:
        core.log("Connector available")
    request = StatusNotification(
        connector_id=connector.id, error_code=error_code, status=status, timestamp=core.timestamp()
    )
    core.endpoint.call(request, core.now, connector)


def answered(core: Core, connector: Connector, lost: bool) -> None:
    """A StatusNotification ended; if the last one was lost, the status is told again with the next connection."""
    connector.unanswered -= 1
    if not lost:
        report(core, connector)
    elif connector.unanswered == 0:
        connector.reported = None


def report_all(core: Core) -> None:
    """All that the central system does not know, connector 0 first (after BootNotification or a reconnection)."""
    for connector in core.connectors:
        report(core, connector)


def forget_all(core: Core) -> None:
    """The central system is to be told everything anew; what waits to be sent is told anyway."""
    for connector in core.connectors:
        if connector.unanswered == 0:
            connector.reported = None
