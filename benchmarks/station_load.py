"""The product's own stations in the measuring frame: real `StationUser`s, driven by commands instead of drivers."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import ClassVar

from benchmarks.load import LocustLoad, Site
from benchmarks.programs.session import SAMPLES_PER_SESSION, heartbeats_before
from evsim_locust import StationUser
from evsim_locust.behaviour.script import NEVER, Script, Wait
from evsim_locust.behaviour.stage import Stage
from evsim_locust.ocppj.events import CallEnded
from evsim_locust.plugin.run import clock
from evsim_locust.station.commands import (
    Battery,
    Command,
    Configure,
    Meter,
    PlugIn,
    PlugOut,
    SampleMeter,
    StopCharging,
    Swipe,
)
from evsim_locust.station.events import MeterSampled

POWER_W = 7360.0
BATTERY = Battery(60_000.0, 12_000.0)


def _asleep(_stage: Stage, _connector_id: int) -> Script:
    """A driver who never comes: its script is there and costs what it costs, the commands come from outside."""
    yield Wait(NEVER)


class BenchStation(StationUser):
    """Acts when its last CALL has ended, if it was told to go."""

    script = staticmethod(_asleep)
    everyone: ClassVar[list[BenchStation]] = []
    lags_s: ClassVar[list[float]] = []

    def __init__(self, environment: object) -> None:
        super().__init__(environment)
        self.everyone.append(self)
        self._steps: Iterator[None] | None = None
        self._sampled_at = 0.0
        self._interval_s = 0

    @property
    def booted(self) -> bool:
        """Accepted, and every connector's status answered."""
        core = self.station
        return core is not None and core.ready and not any(c.unanswered or not c.reported for c in core.connectors)

    def publish(self, event: object) -> None:
        """Report as every station, then take the next step."""
        super().publish(event)
        if self._steps is not None and type(event) is CallEnded:
            next(self._steps)
        elif self._interval_s and type(event) is MeterSampled:
            now, due = clock(), self._sampled_at + self._interval_s
            if self._sampled_at:
                self.lags_s.append(max(0.0, now - due))
            self._sampled_at = now

    def go(self, number: int) -> None:
        """Sessions without end."""
        self._steps = self._sessions(number)
        next(self._steps)
        self._wake()

    def pace(self, interval_s: int) -> None:
        """One transaction, sampled by the station's own timer."""
        self._interval_s = interval_s
        self.command(PlugIn(1, BATTERY))
        self.command(Swipe("ABC123"))
        self.command(Meter(1, power_w=POWER_W))

    def _act(self, command: Command) -> None:
        assert self.station is not None
        self.station.command(command, clock())

    def _sessions(self, number: int) -> Iterator[None]:
        """What to do after each CALL of the session; where the station goes on by itself there is nothing to do.

        It acts in the station's own greenlet, as drivers do, who need not wake it.
        """
        command = self._act
        for _ in range(heartbeats_before(number) // 2):  # a StatusNotification each
            yield command(PlugIn(1))
            yield command(PlugOut(1))
        while True:
            yield command(PlugIn(1, BATTERY))  # StatusNotification
            yield command(Swipe("ABC123"))  # Authorize, StartTransaction
            yield
            yield command(Meter(1, power_w=POWER_W))  # before the StatusNotification's answer
            for _ in range(SAMPLES_PER_SESSION):
                yield command(SampleMeter(1))
            yield command(StopCharging(1))  # StopTransaction, StatusNotification
            yield
            yield command(PlugOut(1))


class StationLoad(LocustLoad):
    """`Load` over `BenchStation`s."""

    def __init__(self, site: Site, user_class: type[BenchStation] = BenchStation) -> None:
        super().__init__(user_class, site.base_url)
        self._site = site
        config = [f"MeterValueSampleInterval={site.sample_interval_s}"]
        self.environment.parsed_options = Namespace(connectors=site.connectors, station_config=config)

    def booted(self) -> int:
        """Stations with their boot and their statuses answered."""
        return sum(station.booted for station in BenchStation.everyone)

    def go(self) -> None:
        """All begin; periodic samples would come on top of the sessions' own."""
        for number, station in enumerate(BenchStation.everyone):
            station.command(Configure("MeterValueSampleInterval", "0"))
            station.go(number)

    def pace(self) -> None:
        """All begin a transaction."""
        for station in BenchStation.everyone:
            station.pace(self._site.sample_interval_s)

    def take_lags_s(self) -> list[float]:
        """How late the samples were."""
        lags, BenchStation.lags_s[:] = list(BenchStation.lags_s), []
        return lags


def make_load(site: Site) -> StationLoad:
    """The product's stations."""
    return StationLoad(site)
