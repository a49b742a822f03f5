"""What a station tells of itself: frozen facts, in the order they happened."""

from __future__ import annotations

from msgspec import Struct

from evsim_locust.ocppj.events import CallEnded
from evsim_locust.ocppj.events import FrameIgnored as FrameIgnored
from evsim_locust.station.words import ErrorCode, Registration, Status, StopReason


class CallHandled(Struct, frozen=True, gc=False):
    """A CALL of the central system's was answered; `error` is the code of our CALLERROR."""

    action: str
    error: str | None
    description: str


class RegistrationChanged(Struct, frozen=True, gc=False):
    """The central system's word on a BootNotification."""

    status: Registration


class StatusChanged(Struct, frozen=True, gc=False):
    """What a connector shows to the world (connector 0: the station), faults included."""

    connector_id: int
    status: Status
    error_code: ErrorCode


class AuthorizationEnded(Struct, frozen=True, gc=False):
    """A presented tag was judged; `status` is the IdTagInfo's, or an error when nobody judged it."""

    connector_id: int
    id_tag: str
    status: str


class TransactionStarted(Struct, frozen=True, gc=False):
    """Energy may flow; `transaction_id` is None while the central system has not been asked."""

    connector_id: int
    id_tag: str
    transaction_id: int | None
    meter_start_wh: int


class MeterSampled(Struct, frozen=True, gc=False):
    """The meter was read during a transaction: energy of the transaction in Wh, power in W."""

    connector_id: int
    energy_wh: int
    power_w: float


class TransactionStopped(Struct, frozen=True, gc=False):
    """A transaction ended on the station; its StopTransaction may still be waiting to be sent.

    `served` is false when it ended before energy might flow, so that no `TransactionStarted` told of it.
    """

    connector_id: int
    id_tag: str
    transaction_id: int | None
    reason: StopReason
    energy_wh: int
    served: bool = True


class MessageDropped(Struct, frozen=True, gc=False):
    """A message that should have been delivered never will be; `why` is a short constant text."""

    action: str
    why: str


class ConfigurationChanged(Struct, frozen=True, gc=False):
    """A configuration key was set, by the central system or by hand."""

    key: str
    value: str


class LogLine(Struct, frozen=True, gc=False):
    """One line for the station's own log."""

    text: str


Event = (
    CallEnded
    | CallHandled
    | FrameIgnored
    | RegistrationChanged
    | StatusChanged
    | AuthorizationEnded
    | TransactionStarted
    | MeterSampled
    | TransactionStopped
    | MessageDropped
    | ConfigurationChanged
    | LogLine
)
