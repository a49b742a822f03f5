"""The central system's answer to each CALL of a station (OCPP 1.6, section 4, and the security white paper)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from msgspec import Struct, UnsetType

from csms.settings import Settings
from csms.stations import Connector, Station
from csms.tags import Tags
from csms.transactions import Book
from evsim_locust.ocppj import timestamps
from evsim_locust.ocppj.errors import ErrorCode, PayloadRefused
from evsim_locust.ocppj.v16 import messages as v16

_INT32 = 2**31 - 1
_EXACT = 2**53  # what every reader of JSON can hold exactly (RFC 8259, section 6)


class Records(Struct, frozen=True):
    """What the answers are made from."""

    settings: Settings
    tags: Tags
    book: Book


Answer = Callable[[Records, Station, Any, float], v16.Payload]
"""From a request, received at `now` (seconds since the epoch), to its answer; raises `PayloadRefused`."""


def _boot_notification(records: Records, station: Station, request: v16.BootNotification, now: float) -> v16.Payload:
    settings = records.settings
    station.boot_status = settings.boot_status
    station.vendor, station.model = request.charge_point_vendor, request.charge_point_model
    station.serial_number = _or_none(request.charge_point_serial_number)
    station.firmware_version = _or_none(request.firmware_version)
    return v16.BootNotificationResponse(
        status=settings.boot_status, current_time=_stamp(int(now * 1000)), interval=settings.heartbeat_interval_s
    )


def _heartbeat(_records: Records, _station: Station, _request: v16.Heartbeat, now: float) -> v16.Payload:
    return v16.HeartbeatResponse(current_time=_stamp(int(now * 1000)))


def _status_notification(
    _records: Records, station: Station, request: v16.StatusNotification, _now: float
) -> v16.Payload:
    number = request.connector_id
    _check_range("connectorId", number, 0, _INT32)
    at = None if isinstance(request.timestamp, UnsetType) else _utc(request.timestamp)
    station.connectors[number] = Connector(number, request.status, request.error_code, at)
    return v16.StatusNotificationResponse()


def _authorize(records: Records, _station: Station, request: v16.Authorize, now: float) -> v16.Payload:
    return v16.AuthorizeResponse(id_tag_info=records.tags.judge(request.id_tag, now))


def _start_transaction(records: Records, station: Station, request: v16.StartTransaction, now: float) -> v16.Payload:
    _check_range("connectorId", request.connector_id, 1, _INT32)
    _check_range("meterStart", request.meter_start, -_EXACT, _EXACT)
    started = records.book.start(station.station_id, request, _utc(request.timestamp))
    for finding in started.findings:
        station.count(finding)
    # Section 4.8: the station may have started on its own word, so even a refused tag's transaction gets an id.
    info = records.tags.judge(request.id_tag, now, started.in_use)
    return v16.StartTransactionResponse(id_tag_info=info, transaction_id=started.transaction_id)


def _stop_transaction(records: Records, station: Station, request: v16.StopTransaction, now: float) -> v16.Payload:
    _check_range("meterStop", request.meter_stop, -_EXACT, _EXACT)
    for data in () if isinstance(request.transaction_data, UnsetType) else request.transaction_data:
        _check_time(data.timestamp)
    for finding in records.book.stop(station.station_id, request, _utc(request.timestamp)):
        station.count(finding)
    if isinstance(request.id_tag, UnsetType):
        return v16.StopTransactionResponse()
    return v16.StopTransactionResponse(id_tag_info=records.tags.judge(request.id_tag, now))


def _meter_values(_records: Records, _station: Station, request: v16.MeterValues, _now: float) -> v16.Payload:
    _check_range("connectorId", request.connector_id, 0, _INT32)
    for value in request.meter_value:
        _check_time(value.timestamp)
    return v16.MeterValuesResponse()


def _data_transfer(_records: Records, _station: Station, _request: v16.DataTransfer, _now: float) -> v16.Payload:
    return v16.DataTransferResponse(status="UnknownVendorId")  # section 4.3: no vendor's data is known here


def _diagnostics_status(
    _records: Records, station: Station, request: v16.DiagnosticsStatusNotification, _now: float
) -> v16.Payload:
    station.diagnostics_status = request.status
    return v16.DiagnosticsStatusNotificationResponse()


def _firmware_status(
    _records: Records, station: Station, request: v16.FirmwareStatusNotification, _now: float
) -> v16.Payload:
    station.firmware_status = request.status
    return v16.FirmwareStatusNotificationResponse()


def _signed_firmware_status(
    _records: Records, station: Station, request: v16.SignedFirmwareStatusNotification, _now: float
) -> v16.Payload:
    station.firmware_status = request.status
    return v16.SignedFirmwareStatusNotificationResponse()


def _log_status(_records: Records, station: Station, request: v16.LogStatusNotification, _now: float) -> v16.Payload:
    station.log_status = request.status
    return v16.LogStatusNotificationResponse()


def _security_event(
    _records: Records, _station: Station, request: v16.SecurityEventNotification, _now: float
) -> v16.Payload:
    _check_time(request.timestamp)
    return v16.SecurityEventNotificationResponse()


def _sign_certificate(_records: Records, _station: Station, _request: v16.SignCertificate, _now: float) -> v16.Payload:
    return v16.SignCertificateResponse(status="Rejected")  # this central system has no authority to sign with


ANSWERS: Mapping[str, Answer] = MappingProxyType(
    {
        "Authorize": _authorize,
        "BootNotification": _boot_notification,
        "DataTransfer": _data_transfer,
        "DiagnosticsStatusNotification": _diagnostics_status,
        "FirmwareStatusNotification": _firmware_status,
        "Heartbeat": _heartbeat,
        "LogStatusNotification": _log_status,
        "MeterValues": _meter_values,
        "SecurityEventNotification": _security_event,
        "SignCertificate": _sign_certificate,
        "SignedFirmwareStatusNotification": _signed_firmware_status,
        "StartTransaction": _start_transaction,
        "StatusNotification": _status_notification,
        "StopTransaction": _stop_transaction,
    }
)
"""Every action that a station may send; the others are the central system's own."""


@lru_cache(maxsize=1)
def _stamp(now_ms: int) -> str:
    """The current time as a text; many stations ask within one millisecond."""
    return timestamps.write(now_ms / 1000)


def _or_none(text: str | UnsetType) -> str | None:
    return None if isinstance(text, UnsetType) else text


def _check_range(name: str, number: int, lowest: int, highest: int) -> None:
    """The schemas bound no integer, so this does (section 6: connectorId > 0, or >= 0)."""
    if not lowest <= number <= highest:
        raise PayloadRefused(
            ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, f"{name} {number} is not between {lowest} and {highest}"
        )


def _utc(text: str) -> str:
    """The moment in the one form that is kept, so that equal moments are equal texts."""
    try:
        return timestamps.write(timestamps.read(text).timestamp())
    except (ValueError, OverflowError) as error:
        raise _no_time(error) from error


def _check_time(text: str) -> None:
    """Refuse what is no date-time."""
    try:
        timestamps.read(text)
    except ValueError as error:
        raise _no_time(error) from error


def _no_time(error: Exception) -> PayloadRefused:
    return PayloadRefused(ErrorCode.TYPE_CONSTRAINT_VIOLATION, f"timestamp: {error}")
