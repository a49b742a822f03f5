"""The product's stations at a given rate of calls, with a history or without: they act in turns, not when answered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import ClassVar

import gevent

from benchmarks.load import Site
from benchmarks.programs.session import SAMPLES_PER_SESSION, STEPS
from benchmarks.station_load import BATTERY, POWER_W, BenchStation, StationLoad
from evsim_locust.ocppj.events import CallEnded
from evsim_locust.plugin import keeping
from evsim_locust.plugin.run import clock
from evsim_locust.station.commands import Meter, PlugIn, PlugOut, SampleMeter, StopCharging, Swipe

ACTS = 4 + SAMPLES_PER_SESSION  # of a session, which cause its eleven calls
_TICK_S = 0.005
_MOST_OWED_S = 0.1  # a machine that is too slow falls behind instead of being caught up with in bursts


class RatedStation(BenchStation):
    """Acts when its turn comes, unless answers to what it did last are missing."""

    latencies_s: ClassVar[list[float]] = []

    def __init__(self, environment: object) -> None:
        super().__init__(environment)
        self._acts: Iterator[int] = iter(())
        self.unanswered = 0

    def publish(self, event: object) -> None:
        """Report as every station, and note how long the call took."""
        super().publish(event)
        if type(event) is CallEnded:
            self.unanswered -= 1
            if event.latency_s is not None:
                self.latencies_s.append(event.latency_s)

    def go(self, number: int) -> None:
        """Be ready for the first turn; station k waits for k turns before its first session, modulo a session's."""
        self._acts, self.unanswered = self._sessions_by_turns(number % ACTS), 0

    def take_turn(self) -> bool:
        """Act; False when it had to be left out."""
        if self.unanswered > 0:
            return False
        self.unanswered = next(self._acts)
        return True

    def _sessions_by_turns(self, idle_turns: int) -> Iterator[int]:
        """Sessions without end; after each act, the number of calls that it causes."""
        command = self.command
        yield from [0] * idle_turns
        while True:
            command(PlugIn(1, BATTERY))
            yield 1
            command(Swipe("ABC123"))  # Authorize, StartTransaction, StatusNotification
            yield 3
            self._log("Charging started (price: ₹20.00, id_tag: ABC123)")
            command(Meter(1, power_w=POWER_W))
            for _ in range(SAMPLES_PER_SESSION):
                command(SampleMeter(1))
                yield 1
            self._log("Energy cap reached (4.0/4.0 kWh) — stopping")
            command(StopCharging(1))  # StopTransaction, StatusNotification
            yield 2
            command(PlugOut(1))
            yield 1

    def _log(self, text: str) -> None:
        """As drivers do: a history has their lines, too."""
        if self.station is not None:
            self.station.log(text)


class RatedLoad(StationLoad):
    """Adds turns to the stations of the frame; `history` is the value of --history."""

    def __init__(self, site: Site, history: str) -> None:
        super().__init__(site, RatedStation)
        options = self.environment.parsed_options
        assert options is not None
        options.history, options.metrics_port = history, "0"
        keeping.open_for(self.environment)
        self._acts_per_s = 0.0
        self._turns: gevent.Greenlet | None = None

    def act_at(self, calls_per_s: float) -> None:
        """From now on all stations together make so many calls a second; 0 ends it."""
        self._acts_per_s = calls_per_s * ACTS / len(STEPS)
        if self._turns is None and calls_per_s:
            self._turns = gevent.spawn(self._take_turns)
        elif self._turns is not None and not calls_per_s:
            self._turns.kill()
            self._turns = None

    def quiet(self) -> bool:
        """Whether all that was asked is answered."""
        return not any(station.unanswered > 0 for station in _everyone())

    def errors(self) -> dict[str, int]:
        """The turns' own, too."""
        broken = None if self._turns is None else self._turns.exception
        return super().errors() | ({} if broken is None else {f"turns: {broken!r}": 1})

    def take_latencies_s(self) -> list[float]:
        """How long each call took, since the last time this was asked."""
        found, RatedStation.latencies_s[:] = list(RatedStation.latencies_s), []
        return found

    def _take_turns(self) -> None:
        owed, last = 0.0, clock()
        for station in cycle(_everyone()):
            while owed < 1.0:
                gevent.sleep(_TICK_S)
                now = clock()
                owed = min(owed + (now - last) * self._acts_per_s, _MOST_OWED_S * self._acts_per_s)
                last = now
            owed -= 1.0
            station.take_turn()


def _everyone() -> list[RatedStation]:
    return [station for station in BenchStation.everyone if isinstance(station, RatedStation)]
