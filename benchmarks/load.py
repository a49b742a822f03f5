"""The seam between the measuring frame and the stations it measures inside a Locust process.

The frame (`programs/stations.py`) knows `Load` only. `benchmarks.station_load:make_load` gives the product's own;
`--load MODULE:FACTORY` measures another one in the same frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import locust
from locust.env import Environment

CALL_TYPE = "OCPP"  # the request type of a station's own CALLs in Locust's statistics
_USERS_PER_S = 2000


@dataclass(frozen=True)
class Site:
    """Where the stations connect to and how they are built; `sample_interval_s` is for `Load.pace`.

    The Heartbeat interval is the central system's: a day for `go`, 60 s for `pace`.
    """

    base_url: str
    connectors: int = 2
    sample_interval_s: int = 10


class Load(Protocol):
    """Stations inside one Locust process; every verb returns at once."""

    def start(self, stations: int) -> None:
        """Begin to ramp up; each station connects, boots, reports its status and then idles."""

    def booted(self) -> int:
        """How many stations have their BootNotification and first StatusNotifications answered."""

    def go(self) -> None:
        """From now on each station runs the sessions of `programs/session.py` as fast as answers come.

        Station number k sends `heartbeats_before(k)` Heartbeats first.
        """

    def pace(self) -> None:
        """From now on each station keeps one transaction open and samples it every `sample_interval_s`."""

    def calls(self) -> Mapping[str, int]:
        """Ended CALLs of the stations by action."""

    def errors(self) -> Mapping[str, int]:
        """How often each failure happened; empty when all went well."""

    def take_lags_s(self) -> Sequence[float]:
        """How late each scheduled act began, in seconds, since the last time this was asked."""

    def stop(self) -> None:
        """End the run."""


Factory = Callable[[Site], Load]


class LocustLoad:
    """What every `Load` on a Locust user class shares: a LocalRunner and Locust's own statistics.

    A subclass adds `booted`, `go`, `pace` and `take_lags_s`.
    """

    def __init__(self, user_class: type[locust.User], host: str) -> None:
        self.environment = Environment(user_classes=[user_class], events=locust.events, host=host)
        self.runner = self.environment.create_local_runner()

    def start(self, stations: int) -> None:
        """Ramp up at a rate that keeps the core busy."""
        self.runner.start(stations, spawn_rate=_USERS_PER_S)

    def calls(self) -> dict[str, int]:
        """From Locust's statistics."""
        entries = self.environment.stats.entries.values()
        return {entry.name: entry.num_requests for entry in entries if entry.method == CALL_TYPE}

    def errors(self) -> dict[str, int]:
        """Failures of all request types, and exceptions that users raised."""
        failures = self.environment.stats.errors.values()
        found = {f"{failure.method} {failure.name}: {failure.error}": failure.occurrences for failure in failures}
        return found | {entry["msg"]: entry["count"] for entry in self.runner.exceptions.values()}

    def stop(self) -> None:
        """Stop all users and the runner."""
        self.runner.quit()
