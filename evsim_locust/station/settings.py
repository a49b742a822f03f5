"""What is the same for many stations, and what makes one of them itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct


class Draws(Protocol):
    """The randomness a station needs; `random.Random` has it."""

    def uniform(self, a: float, b: float, /) -> float:
        """A number between `a` and `b`."""


class Settings(Struct, frozen=True):
    """Shared by all stations of a run.

    `time_scale` makes energy, and the intervals of sampled meter values, pass that many times faster; everything
    that the protocol times stays real. `configuration` holds initial values of configuration keys, as text.
    """

    connectors: int = 1
    vendor: str = "EVSim"
    model: str = "PY-SIM"
    firmware_version: str = "1.0.0"
    call_timeout_s: float = 30.0
    time_scale: float = 1.0
    lockstep: bool = False
    boot_on_reconnect: bool = False
    configuration: Mapping[str, str] = {}


class Identity(Struct, frozen=True, gc=False):
    """One station's own: `message_prefix` must be new for each life of the station's process.

    `heartbeat_s` is used until the central system names an interval, `sample_s` is the initial
    MeterValueSampleInterval in seconds.
    """

    station_id: str
    message_prefix: str = ""
    heartbeat_s: int = 60
    sample_s: int = 15
