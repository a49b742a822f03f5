"""ChangeAvailability (OCPP 1.6, section 5.2), kept until it is changed back, whatever happens in between."""

from __future__ import annotations

from typing import Literal

from evsim_locust.station import reporting
from evsim_locust.station.connector import Connector
from evsim_locust.station.connector_table import Input
from evsim_locust.station.core import Core

Change = Literal["Inoperative", "Operative"]
Outcome = Literal["Accepted", "Scheduled"]


def change(core: Core, connector_id: int, to: Change) -> Outcome:
    """Change one connector, or all of them and the station for connector 0."""
    connectors = core.connectors if connector_id == 0 else (core.connectors[connector_id],)
    outcomes = [_change_one(core, connector, to) for connector in connectors]
    return "Scheduled" if "Scheduled" in outcomes else "Accepted"


def apply_scheduled(core: Core, connector: Connector) -> None:
    """The transaction is over: do now what had to wait for it."""
    if connector.scheduled_inoperative and not _busy(connector):
        connector.scheduled_inoperative = False
        reporting.step(core, connector, Input.MAKE_INOPERATIVE)


def _change_one(core: Core, connector: Connector, to: Change) -> Outcome:
    if to == "Operative":
        connector.scheduled_inoperative = False
        plugged = connector.plugged and connector.id > 0
        reporting.step(core, connector, Input.MAKE_OPERATIVE_PLUGGED if plugged else Input.MAKE_OPERATIVE)
        return "Accepted"
    if connector.state == "Unavailable":
        return "Accepted"
    if _busy(connector):
        connector.scheduled_inoperative = True
        return "Scheduled"
    reporting.step(core, connector, Input.MAKE_INOPERATIVE)
    return "Accepted"


def _busy(connector: Connector) -> bool:
    """A transaction runs, or somebody is about to start one."""
    return connector.transaction is not None or connector.authorizing or connector.state == "Preparing"
