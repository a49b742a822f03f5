"""The world around the stations: the price of energy, the hour, the state of the grid."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct, ValidationError, structs

from evsim_locust.behaviour.errors import SettingRefused, place_and_detail
from evsim_locust.behaviour.fields import Amount, PositiveAmount
from evsim_locust.behaviour.profile import Profile
from evsim_locust.behaviour.suggestion import suggestion

_MINUTE_S: Final = 60.0


class Conditions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may change while a run goes on; what is None the policy is not told of. `changed` checks."""

    price: PositiveAmount = 20.0  # per kWh
    demand_response: bool | None = None
    grid_load: Amount | None = None  # 1 is full load
    carbon_intensity: Amount | None = None  # gCO2/kWh
    charging_slots_free: Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)] | None = None

    def changed(self, **values: object) -> Conditions:
        """These conditions with some values changed, all of them or none; raises SettingRefused naming the value."""
        for key in values:
            if key not in self.__struct_fields__:
                raise SettingRefused(f"no condition {key!r}; {suggestion(key, self.__struct_fields__, 'conditions')}")
        try:
            return msgspec.convert({**structs.asdict(self), **values}, Conditions)
        except ValidationError as error:
            raise SettingRefused(": ".join(place_and_detail(error))) from None


class Environment:
    """What all stations of a process share.

    `timezone` None is the machine's own; `peak_hours` None leaves them to the profiles. Only `conditions` change.
    """

    __slots__ = ("_conditions", "_env", "_hour_from", "_overridden", "currency", "peak_hours", "timezone")

    def __init__(
        self,
        conditions: Conditions | None = None,
        currency: str = "₹",
        timezone: ZoneInfo | None = None,
        peak_hours: Set[int] | None = None,
    ) -> None:
        self.currency: Final = currency
        self.timezone: Final = timezone
        self.peak_hours: Final = None if peak_hours is None else frozenset(peak_hours)
        self._hour_from = float("inf")  # the minute for which the hour is known begins here
        self._env: dict[str, Any] = {"hour": 0, "currency": currency}
        self._overridden: dict[int, tuple[Profile, dict[str, Any]]] = {}
        self.conditions = Conditions() if conditions is None else conditions

    @property
    def conditions(self) -> Conditions:
        """What holds now; assign others to change them for all stations, from their next decision on."""
        return self._conditions

    @conditions.setter
    def conditions(self, conditions: Conditions) -> None:
        self._conditions = conditions = conditions.changed()  # checked, also when made in code
        told = {"current_price": conditions.price}
        for key in ("demand_response", "grid_load", "carbon_intensity", "charging_slots_free"):
            value = getattr(conditions, key)
            if value is not None:
                told[key] = value
        self._env = {"hour": self._env["hour"], "currency": self.currency, **told}

    @property
    def price(self) -> float:
        """The price per kWh."""
        return self._conditions.price

    def change(self, **values: object) -> None:
        """Change some conditions (`price=22.5, demand_response=True`), all of them or none; raises SettingRefused."""
        self.conditions = self._conditions.changed(**values)

    def hour(self, wall_s: float) -> int:
        """The hour of the day, 0 to 23, on the clock of `timezone` at `wall_s` seconds since the epoch."""
        if not self._hour_from <= wall_s < self._hour_from + _MINUTE_S:
            self._read_hour(wall_s)
        hour: int = self._env["hour"]
        return hour

    def policy_env(self, wall_s: float) -> dict[str, Any]:
        """The environment as the policy reads it; one dict for all, good until the next call, not to be changed."""
        if not self._hour_from <= wall_s < self._hour_from + _MINUTE_S:
            self._read_hour(wall_s)
        return self._env

    def peak_hours_of(self, profile: Profile) -> frozenset[int]:
        """The peak hours that hold for a profile."""
        return profile.peak_hours if self.peak_hours is None else self.peak_hours

    def rules_of(self, profile: Profile) -> dict[str, Any]:
        """The profile as the policy reads it, with the peak hours that hold; one dict for all, not to be changed."""
        if self.peak_hours is None:
            return profile.policy
        known = self._overridden.get(id(profile))
        if known is None:
            # The profile is kept with its dict, so that its id stays its own.
            known = self._overridden[id(profile)] = (profile, {**profile.policy, "peak_hours": self.peak_hours})
        return known[1]

    def _read_hour(self, wall_s: float) -> None:
        # Offsets from UTC are whole minutes and change at whole minutes, at 00:01 in some years and places; so what is
        # true for a minute of UTC holds in every zone, which an hour would not.
        self._env["hour"] = datetime.fromtimestamp(wall_s, self.timezone).hour
        self._hour_from = wall_s // _MINUTE_S * _MINUTE_S
