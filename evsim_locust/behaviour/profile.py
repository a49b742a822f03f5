"""A profile: how the drivers, cars and site of a station behave. Data only; a preset, not OCPP's ChargingProfile."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

import msgspec
from msgspec import Meta, Struct, ValidationError, structs

from evsim_locust.behaviour.errors import ProfileRefused, place_and_detail
from evsim_locust.behaviour.fields import (
    Amount,
    AmountRange,
    Count,
    CountRange,
    Hour,
    IdTag,
    Load,
    PositiveAmount,
    Priority,
    Probability,
)
from evsim_locust.behaviour.suggestion import suggestion

OnWait = Literal["stop", "suspend"]
Transactions = bool | Literal["manual"]
_RANGES: Final = ("idle_s", "dwell_min", "sample_energy_wh", "sample_interval_s", "samples_per_session")


class ProfileFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers are in the unit that ends the key; a pair is [from, to], drawn anew each time unless said otherwise."""

    transactions: Annotated[
        Transactions, Meta(description="true: sessions come by themselves; false: none; manual: only by actions")
    ] = True
    idle_s: Annotated[AmountRange, Meta(description="pause between two sessions, [from, to] in seconds")] = (
        30.0,
        120.0,
    )
    dwell_min: Annotated[AmountRange, Meta(description="how long the driver stays, [from, to] in minutes")] = (
        10.0,
        40.0,
    )
    sample_energy_wh: Annotated[
        AmountRange, Meta(description="energy in one sample interval, [from, to] in Wh; with the interval, the power")
    ] = (50.0, 150.0)
    sample_interval_s: Annotated[
        CountRange, Meta(description="time between meter samples, [from, to] in whole seconds, drawn once per station")
    ] = (10, 20)
    samples_per_session: Annotated[
        CountRange | None, Meta(description="end a session after [from, to] samples; absent or null: no such end")
    ] = None
    heartbeat_s: Annotated[
        Count, Meta(description="Heartbeat interval in whole seconds, until the central system gives its own")
    ] = 60
    id_tags: Annotated[
        tuple[IdTag, ...], Meta(min_length=1, max_length=10_000, description="id tags the drivers carry, one or more")
    ] = ("ABC123", "TAG001", "USER42")

    charge_if_price_below: Annotated[Amount, Meta(description="charge at this price or less, per kWh")] = 25.0
    max_energy_kwh: Annotated[PositiveAmount, Meta(description="most energy of one session, in kWh, above 0")] = 30.0
    allow_peak: Annotated[bool, Meta(description="charge at peak hours (true, at half power) or not (false)")] = True
    peak_hours: Annotated[frozenset[Hour], Meta(description="peak hours, a list of whole numbers 0 to 23")] = frozenset(
        range(8, 18)
    )
    policy_retry_s: Annotated[
        PositiveAmount, Meta(description="time until a refused session is tried again, in seconds, above 0")
    ] = 60.0
    on_wait: Annotated[
        OnWait, Meta(description="when the policy says wait in mid-session: stop it, or suspend it (SuspendedEVSE)")
    ] = "stop"
    priority: Annotated[Priority, Meta(description="told when a session queues for a free charging slot")] = 0
    max_carbon_gco2_kwh: Annotated[
        Amount | None, Meta(description="wait above this carbon intensity, gCO2/kWh; absent or null: never")
    ] = None
    max_grid_load: Annotated[
        Load | None, Meta(description="ramp down above this grid load, 0 to 1; absent or null: never")
    ] = None

    offline_probability: Annotated[
        Probability, Meta(description="chance from 0 to 1 of losing the connection before a session")
    ] = 0.0
    offline_s: Annotated[Amount, Meta(description="how long the connection stays lost, in seconds")] = 30.0


class Profile(ProfileFields, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A checked profile, from a file or made in code; raises ProfileRefused."""

    def __post_init__(self) -> None:
        checked = _convert(structs.asdict(self))
        for name in self.__struct_fields__:  # code may give a list or an int where we keep a tuple or a float
            structs.force_setattr(self, name, getattr(checked, name))
        for name in _RANGES:
            pair = getattr(self, name)
            if pair is not None and pair[0] > pair[1]:
                raise ProfileRefused(name, f"[from, to] with from above to: [{pair[0]:g}, {pair[1]:g}]")

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Self:
        """The profile with these values, the others being the defaults."""
        for key in values:
            if key not in cls.__struct_fields__:
                raise ProfileRefused(str(key), f"no such key; {suggestion(str(key), cls.__struct_fields__, 'keys')}")
        return cls(**structs.asdict(_convert(values)))

    @cached_property
    def policy(self) -> dict[str, Any]:
        """The profile as the policy reads it, made once; not to be changed."""
        limits = {"max_carbon_gco2_kwh": self.max_carbon_gco2_kwh, "max_grid_load": self.max_grid_load}
        return {
            "max_energy_kwh": self.max_energy_kwh,
            "charge_if_price_below": self.charge_if_price_below,
            "allow_peak_hours": self.allow_peak,
            "peak_hours": self.peak_hours,
            "priority": self.priority,
        } | {key: limit for key, limit in limits.items() if limit is not None}


def _convert(values: Mapping[str, object]) -> ProfileFields:
    try:
        return msgspec.convert(values, ProfileFields)
    except ValidationError as error:
        place, detail = place_and_detail(error)
        key = place.partition("[")[0]
        raise ProfileRefused(place, f"{detail} ({key}: {_DESCRIPTIONS.get(key, 'a key of a profile')})") from None


_DESCRIPTIONS: Final[dict[str, str]] = {
    name: field["description"]
    for name, field in msgspec.json.schema(ProfileFields)["$defs"]["ProfileFields"]["properties"].items()
}
