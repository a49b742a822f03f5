"""What the analysis reads of a run's configuration; anything may be missing there."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct


class ProfileLimits(Struct, frozen=True):
    """A profile's limits: kWh of one session, price per kWh, whether it charges at peak hours; None is not told."""

    max_energy_kwh: float | None = None
    charge_if_price_below: float | None = None
    allow_peak: bool | None = None


class RunConfig(Struct, frozen=True):
    """`peak_hours` None: not told; `timezone` None: the machine's own clock; `currency` goes before a price.

    Stations live `time_scale` times as fast as the clock.
    """

    profiles: dict[str, ProfileLimits] = {}
    peak_hours: frozenset[int] | None = None
    timezone: str | None = None
    currency: str = ""
    time_scale: float = 1.0

    def limits(self, profile: str) -> ProfileLimits:
        """A profile's limits, all None when it is not known."""
        return self.profiles.get(profile, _NO_LIMITS)


_NO_LIMITS = ProfileLimits()


def read_config(text: str) -> tuple[RunConfig, list[str]]:
    """The configuration and what is wrong with it; a field that cannot be read counts as not told."""
    try:
        found = msgspec.json.decode(text.encode("utf-8", "replace"))
    except msgspec.DecodeError:
        found = None
    if not isinstance(found, dict):
        return RunConfig(), ["The run's configuration cannot be read: caps, thresholds and peak hours are missing."]
    fields: dict[str, Any] = {}
    notes = []
    for field in msgspec.structs.fields(RunConfig):
        if field.name in found:
            try:
                fields[field.name] = msgspec.convert(found[field.name], field.type)
            except msgspec.ValidationError as error:
                notes.append(f"{field.name} in the run's configuration cannot be read: {error}.")
    return RunConfig(**fields), notes


def read_zone(config: RunConfig) -> tuple[tzinfo | None, str, list[str]]:
    """The clock of the peak hours (None: this machine's own), its name, and what is wrong with it."""
    if config.timezone is None:
        return None, "local time", []
    try:
        return ZoneInfo(config.timezone), config.timezone, []
    except (KeyError, ValueError, OSError):  # unknown, no key at all, a folder of the database
        wrong = f"The time zone {config.timezone[:40]!r} is not known here: hours are those of this machine."
        return None, "local time", [wrong]
