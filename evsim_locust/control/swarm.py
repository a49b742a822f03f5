"""What the REST API needs of the swarm, whatever runner is beneath it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from evsim_locust.behaviour.environment import Conditions
from evsim_locust.control.fleet import Fleet
from evsim_locust.control.series import Series


class Lines(Protocol):
    """A listener to one station's log, with a bounded queue: a slow one loses the oldest lines, nobody waits."""

    def get(self, timeout_s: float) -> str | None:
        """The next line; None when there was none for so long."""

    def close(self) -> None:
        """Listen no more."""


class PriceTerms(Struct, frozen=True):
    """What the run was started with: the sign that goes before prices, and the price per kWh."""

    currency: str
    initial_price: float


class Swarm(Protocol):
    """All methods raise `Refused` with the HTTP status and the reason; nothing has changed then."""

    @property
    def fleet(self) -> Fleet:
        """The rows of all stations and the totals, as new as they can be had without asking workers."""

    @property
    def series(self) -> Series:
        """How the run went lately, of the last run when none is on."""

    def price_terms(self) -> PriceTerms:
        """What the run was started with."""

    def profiles(self) -> Collection[str]:
        """The names of the profiles there are."""

    def conditions(self) -> Conditions:
        """The price and the environment that hold now."""

    def change(self, **values: object) -> Conditions:
        """Change some of them everywhere, all or none; raises `behaviour.errors.SettingRefused`."""

    def scale(self, count: int, profile: str, spawn_rate: float | None) -> None:
        """Begin to grow or shrink to `count` stations; `profile` (empty: the mix) is for those that are added."""

    def start(self, station_id: str, profile: str) -> None:
        """Start this one (empty profile: the mix); begins a run when none is on. 409: it runs, or a ramp is on."""

    def stop(self, station_id: str) -> None:
        """Stop this one. 404: unknown; 409: it does not run, or a ramp is on."""

    def look(self, station_id: str) -> Mapping[str, Any]:
        """What only its worker knows: `connectors`, `configuration`, `queue_length`, `connected`, `last_frames`,
        `actions`. 404: unknown; 504: its worker did not answer."""

    def lines(self, station_id: str, limit: int) -> Sequence[str]:
        """The last lines of its log, newest last. 404: unknown."""

    def act(self, station_id: str, action: str, parameters: Mapping[str, Any]) -> None:
        """Do something to it. 404: unknown station, action or key; 409: impossible now; 422: bad value."""

    def follow(self, station_id: str) -> Lines:
        """Every new line of its log from now on. 404: unknown."""

    def summary(self) -> Mapping[str, Any]:
        """The fields of `control.rest.summary.Summary`: state, elapsed seconds, stations by status, calls per second,
        failures, p95, generator health per worker."""
