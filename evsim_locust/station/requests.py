"""What the central system may ask of a station, as a table: action -> what to do and when it may be done.

A handler gives the answer, and what to do after the answer is on its way (OCPP 1.6, section 5, speaks of the answer
first). An action without a row is known to OCPP but not supported by this station.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from evsim_locust.ocppj.v16 import messages as v16
from evsim_locust.station import availability as availability_module
from evsim_locust.station import configuring, remote_control, resetting, triggering
from evsim_locust.station.core import Core
from evsim_locust.station.replies import Reply


class Row(Struct, frozen=True):
    """`before_accepted`: may be done while the station is not accepted yet; `refusal`: what is answered otherwise."""

    handle: Callable[[Core, Any], Reply]
    refusal: Struct | None
    before_accepted: bool = False


def _clear_cache(core: Core, _request: v16.ClearCache) -> Reply:
    core.cache.clear()
    return Reply(v16.ClearCacheResponse(status="Accepted"))


def _data_transfer(_core: Core, _request: v16.DataTransfer) -> Reply:
    """Section 5.6: we implement no vendor's extension."""
    return Reply(v16.DataTransferResponse(status="UnknownVendorId"))


def _reset(core: Core, request: v16.Reset) -> Reply:
    if core.shutting_down:
        return Reply(v16.ResetResponse(status="Rejected"))
    answer = v16.ResetResponse(status="Accepted")
    return Reply(answer, lambda: resetting.begin(core, "HardReset" if request.type == "Hard" else "SoftReset"))


def _change_availability(core: Core, request: v16.ChangeAvailability) -> Reply:
    if not 0 <= request.connector_id < len(core.connectors):
        return Reply(v16.ChangeAvailabilityResponse(status="Rejected"))
    return Reply(
        v16.ChangeAvailabilityResponse(status=availability_module.change(core, request.connector_id, request.type))
    )


REQUESTS: dict[str, Row] = {
    "ChangeAvailability": Row(_change_availability, v16.ChangeAvailabilityResponse(status="Rejected")),
    "ChangeConfiguration": Row(
        configuring.change, v16.ChangeConfigurationResponse(status="Rejected"), before_accepted=True
    ),
    "ClearCache": Row(_clear_cache, v16.ClearCacheResponse(status="Rejected")),
    "DataTransfer": Row(_data_transfer, v16.DataTransferResponse(status="Rejected")),
    "GetConfiguration": Row(configuring.get, None, before_accepted=True),
    "RemoteStartTransaction": Row(remote_control.start, v16.RemoteStartTransactionResponse(status="Rejected")),
    "RemoteStopTransaction": Row(remote_control.stop, v16.RemoteStopTransactionResponse(status="Rejected")),
    "Reset": Row(_reset, v16.ResetResponse(status="Rejected"), before_accepted=True),
    "TriggerMessage": Row(triggering.trigger, v16.TriggerMessageResponse(status="Rejected"), before_accepted=True),
    "UnlockConnector": Row(remote_control.unlock, v16.UnlockConnectorResponse(status="UnlockFailed")),
}
