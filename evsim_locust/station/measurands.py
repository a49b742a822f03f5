"""What can be measured (OCPP 1.6, section 7.31) and how each is written as a SampledValue.

All values of one sample come from the same register and power, so they agree with each other: current is power over
voltage on the phases of an AC station, the state of charge is what the battery held plus what was delivered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from evsim_locust.ocppj.v16.messages import MeterValue, SampledValue
from evsim_locust.station.commands import Battery

Context = Literal["Sample.Periodic", "Sample.Clock", "Trigger"]
VOLTAGE_V = 230.0
PHASES = 3
_VOLTAGE = f"{VOLTAGE_V:.1f}"  # writing a float takes longer than all the rest of a SampledValue


class Reading(Struct, frozen=True, gc=False):
    """The meter at one moment: register in Wh, power in W, energy of the transaction in Wh, the vehicle's battery."""

    register_wh: int
    power_w: float
    delivered_wh: int
    battery: Battery | None


def _energy(reading: Reading, context: Context) -> SampledValue:
    return SampledValue(
        value=str(reading.register_wh), context=context, measurand="Energy.Active.Import.Register", unit="Wh"
    )


def _power(reading: Reading, context: Context) -> SampledValue:
    return SampledValue(value=f"{reading.power_w:.1f}", context=context, measurand="Power.Active.Import", unit="W")


def _current(reading: Reading, context: Context) -> SampledValue:
    amperes = reading.power_w / (VOLTAGE_V * PHASES)
    return SampledValue(value=f"{amperes:.2f}", context=context, measurand="Current.Import", unit="A")


def _voltage(_reading: Reading, context: Context) -> SampledValue:
    return SampledValue(value=_VOLTAGE, context=context, measurand="Voltage", unit="V")


def _state_of_charge(reading: Reading, context: Context) -> SampledValue | None:
    battery = reading.battery
    if battery is None:
        return None
    percent = min(100.0, 100.0 * (battery.charge_wh + reading.delivered_wh) / battery.capacity_wh)
    return SampledValue(value=f"{percent:.1f}", context=context, measurand="SoC", unit="Percent", location="EV")


_WRITERS: dict[str, Callable[[Reading, Context], SampledValue | None]] = {
    "Energy.Active.Import.Register": _energy,
    "Power.Active.Import": _power,
    "Current.Import": _current,
    "Voltage": _voltage,
    "SoC": _state_of_charge,
}
MEASURANDS = frozenset(_WRITERS)


def meter_value(reading: Reading, measurands: tuple[str, ...], context: Context, timestamp: str) -> MeterValue | None:
    """One MeterValue; None when nothing asked for can be measured now (the schema wants at least one value)."""
    sampled = [value for name in measurands if (value := _WRITERS[name](reading, context)) is not None]
    return MeterValue(timestamp=timestamp, sampled_value=sampled) if sampled else None
