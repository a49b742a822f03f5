"""What the world does to a station. `connector_id` counts from 1."""

from __future__ import annotations

from msgspec import Struct

from evsim_locust.station.words import ErrorCode


class Battery(Struct, frozen=True, gc=False):
    """The vehicle's battery: what it holds when full and on arrival, in Wh."""

    capacity_wh: float
    charge_wh: float


class PlugIn(Struct, frozen=True):
    """A vehicle's cable is connected; without a `battery` there is no state of charge to report."""

    connector_id: int = 1
    battery: Battery | None = None


class PlugOut(Struct, frozen=True, gc=False):
    """The cable is taken out."""

    connector_id: int = 1


class Swipe(Struct, frozen=True, gc=False):
    """An id tag is held to the reader; the tag that started a transaction, or one of its group, stops it."""

    id_tag: str
    connector_id: int = 1


class SuspendEV(Struct, frozen=True, gc=False):
    """The vehicle stops drawing; the transaction goes on."""

    connector_id: int = 1


class ResumeEV(Struct, frozen=True, gc=False):
    """The vehicle draws again."""

    connector_id: int = 1


class SuspendEVSE(Struct, frozen=True, gc=False):
    """The station withholds energy; the transaction goes on."""

    connector_id: int = 1


class ResumeEVSE(Struct, frozen=True, gc=False):
    """The station offers energy again."""

    connector_id: int = 1


class StopCharging(Struct, frozen=True, gc=False):
    """The station ends the transaction on its own, reason `Other`."""

    connector_id: int = 1


class Meter(Struct, frozen=True, gc=False):
    """Set what the meter measures: the register's absolute value in Wh (never back) and the power drawn in W."""

    connector_id: int = 1
    energy_wh: float | None = None
    power_w: float | None = None


class SampleMeter(Struct, frozen=True, gc=False):
    """Send the meter's values now, as at a periodic sample; for scripts that keep their own time."""

    connector_id: int = 1


class RaiseFault(Struct, frozen=True, gc=False):
    """An error appears; connector 0 is the station itself."""

    error_code: ErrorCode
    connector_id: int = 1


class ClearFault(Struct, frozen=True, gc=False):
    """All errors of the connector are gone."""

    connector_id: int = 1


class Configure(Struct, frozen=True, gc=False):
    """Set a configuration key on the station itself, read-only ones too."""

    key: str
    value: str


class TransferData(Struct, frozen=True, gc=False):
    """Send a DataTransfer of a vendor's."""

    vendor_id: str
    message_id: str | None = None
    data: str | None = None


class Disconnect(Struct, frozen=True, gc=False):
    """Close the connection and stay offline until `Connect`."""


class Connect(Struct, frozen=True, gc=False):
    """End what `Disconnect` began."""


class ShutDown(Struct, frozen=True, gc=False):
    """The run is over: stop every transaction, wait for the answers at most `within_s` seconds, close."""

    within_s: float = 10.0


Command = (
    PlugIn
    | PlugOut
    | Swipe
    | SuspendEV
    | ResumeEV
    | SuspendEVSE
    | ResumeEVSE
    | StopCharging
    | Meter
    | SampleMeter
    | RaiseFault
    | ClearFault
    | Configure
    | TransferData
    | Disconnect
    | Connect
    | ShutDown
)


class CommandRefused(Exception):
    """The command is impossible now; the text says why."""


class KeyUnknown(CommandRefused):
    """The station has no such configuration key."""


class ValueRefused(CommandRefused):
    """The station can never take this value, whatever state it is in."""
