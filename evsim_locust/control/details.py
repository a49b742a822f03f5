"""One station looked at closely: what GET /api/v1/stations/{id} shows beyond its row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from evsim_locust.control.actions import offered
from evsim_locust.control.frame_log import Direction
from evsim_locust.control.secret_keys import is_secret
from evsim_locust.station.connector import Connector
from evsim_locust.station.station import Station


def look(station: Station, frames: Iterable[tuple[Direction, str]], *, now: float) -> dict[str, Any]:
    """The station as it is at `now` (monotonic seconds); `frames` are its last ones, oldest first.

    `connectors` are those from 1; `connector_0` is the station as a whole, which has no meter. The value of a secret
    configuration key is null.
    """
    return {
        "connected": station.linked,
        "connector_0": _shown(station.connectors[0]),
        "connectors": [_connector(connector, now) for connector in station.own_connectors],
        "configuration": readable((key, station.configuration.text(key)) for key in station.configuration),
        "queue_length": station.undelivered,
        "last_frames": [{"direction": direction, "frame": frame} for direction, frame in frames],
        "actions": offered(),
    }


def readable(values: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """Configuration as it may be shown: keys and values, null for the value of a secret one."""
    return {key: None if is_secret(key) else value for key, value in values}


def _shown(connector: Connector) -> dict[str, Any]:
    status, error_code = connector.shown
    return {"id": connector.id, "status": status, "error_code": error_code}


def _connector(connector: Connector, now: float) -> dict[str, Any]:
    register_wh = connector.meter.read_wh(now)
    return {
        **_shown(connector),
        "plugged": connector.plugged,
        "power_w": connector.meter.power_w,
        "meter_wh": register_wh,
        "limit_w": None,  # there is no smart charging to limit it
        "transaction": _transaction(connector, register_wh),
    }


def _transaction(connector: Connector, register_wh: int) -> dict[str, Any] | None:
    transaction = connector.transaction
    if transaction is None:
        return None
    return {
        "transaction_id": transaction.transaction_id,
        "id_tag": transaction.id_tag,
        "meter_start": transaction.meter_start_wh,
        "energy_wh": register_wh - transaction.meter_start_wh,
    }
