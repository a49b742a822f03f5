"""What is read from the database, in our units: seconds since the epoch, Wh."""

from __future__ import annotations

from typing import NamedTuple


class RunRow(NamedTuple):
    """A run; `stopped_s` is None for one that goes on or was killed."""

    run_id: str
    started_s: float
    stopped_s: float | None
    config_json: str


class SessionRow(NamedTuple):
    """A charging session."""

    profile: str
    start_s: float
    stop_s: float | None
    energy_wh: int
    price: float | None
    cost: float
    reason: str


class PriceRow(NamedTuple):
    """From `at_s` on the energy costs `price` per kWh."""

    at_s: float
    price: float


class DecisionRow(NamedTuple):
    """What the policy said in `lines` lines of the slot of time from `at_s` on: `kind` is one of `KINDS`."""

    at_s: float
    kind: str
    reason: str
    lines: int


KINDS = ("started", "waiting", "stopping")


class PresenceRow(NamedTuple):
    """A station was accepted by the central system, or shut down."""

    at_s: float
    station_id: str
    came: bool


class SampledRow(NamedTuple):
    """A station gave a meter sample in the slot of time that begins at `at_s`."""

    at_s: float
    station_id: str
