"""TriggerMessage (OCPP 1.6, section 5.17): the central system asks for a message out of turn."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET

from evsim_locust.ocppj.v16 import messages as v16
from evsim_locust.station import charging, heartbeat, registration, reporting
from evsim_locust.station.connector import Connector
from evsim_locust.station.core import Core
from evsim_locust.station.replies import Reply

Trigger = Callable[[Core, tuple[Connector, ...]], None]


def trigger(core: Core, request: v16.TriggerMessage) -> Reply:
    """Accepted: the message follows the answer."""
    connectors = _connectors(core, request)
    if connectors is None:
        return Reply(v16.TriggerMessageResponse(status="Rejected"))
    send = _TRIGGERS[request.requested_message]
    return Reply(v16.TriggerMessageResponse(status="Accepted"), lambda: send(core, connectors))


def _connectors(core: Core, request: v16.TriggerMessage) -> tuple[Connector, ...] | None:
    """Those that the message is about; None when there is no such connector, or none with a meter."""
    wanted = request.connector_id
    if wanted is UNSET:
        return core.connectors
    lowest = 1 if request.requested_message == "MeterValues" else 0
    return (core.connectors[wanted],) if lowest <= wanted < len(core.connectors) else None


def _boot(core: Core, _connectors: tuple[Connector, ...]) -> None:
    registration.boot(core)


def _heartbeat(core: Core, _connectors: tuple[Connector, ...]) -> None:
    heartbeat.send(core)


def _status(core: Core, connectors: tuple[Connector, ...]) -> None:
    for connector in connectors:
        reporting.send(core, connector)


def _meter_values(core: Core, connectors: tuple[Connector, ...]) -> None:
    measurands = core.configuration.words("MeterValuesSampledData")
    for connector in connectors:
        if connector.id > 0:
            charging.send_meter_values(core, connector, measurands, "Trigger")


def _diagnostics(core: Core, _connectors: tuple[Connector, ...]) -> None:
    core.call(v16.DiagnosticsStatusNotification(status="Idle"))


def _firmware(core: Core, _connectors: tuple[Connector, ...]) -> None:
    core.call(v16.FirmwareStatusNotification(status="Idle"))


_TRIGGERS: dict[str, Trigger] = {
    "BootNotification": _boot,
    "DiagnosticsStatusNotification": _diagnostics,
    "FirmwareStatusNotification": _firmware,
    "Heartbeat": _heartbeat,
    "MeterValues": _meter_values,
    "StatusNotification": _status,
}
