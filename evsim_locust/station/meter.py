"""The energy meter of one connector: power over time, in a register that never goes back."""

from __future__ import annotations

_SECONDS_PER_HOUR = 3600.0
_MOST_WH = 2**31 - 1  # section 3.14: integers of the wire have 31 bits; a full register stands still


class Meter:
    """Integrates the power that flows; told the time, it reads no clock.

    `time_scale` makes station time pass faster than `now`: the register grows that many times faster, the power
    stays what it is. `power_w` is what flows now, in W, to look at; `set_power` changes it.
    """

    __slots__ = ("_at", "_register_wh", "_wh_per_watt_second", "power_w")

    def __init__(self, now: float, time_scale: float = 1.0) -> None:
        self._at = now
        self._register_wh = 0.0
        self.power_w = 0.0
        self._wh_per_watt_second = time_scale / _SECONDS_PER_HOUR

    def read_wh(self, now: float) -> int:
        """The register at `now`, in whole Wh (the unit of meterStart and meterStop)."""
        if self.power_w:
            self._advance(now)
        return round(self._register_wh)

    def set_power(self, power_w: float, now: float) -> None:
        """From `now` on, `power_w` watts flow."""
        if not 0.0 <= power_w < float("inf"):
            raise ValueError(f"power must be a finite number of watts, 0 or more, not {power_w}")
        self._advance(now)
        self.power_w = power_w

    def set_register(self, energy_wh: float, now: float) -> None:
        """Put the register forward to `energy_wh`; raises ValueError for a step back."""
        self._advance(now)
        if not self._register_wh <= energy_wh <= _MOST_WH:
            raise ValueError(f"the register stands at {self._register_wh:.0f} Wh and cannot go to {energy_wh} Wh")
        self._register_wh = energy_wh

    def _advance(self, now: float) -> None:
        if now > self._at:
            energy_wh = self.power_w * (now - self._at) * self._wh_per_watt_second
            self._register_wh = min(self._register_wh + energy_wh, _MOST_WH)
            self._at = now
